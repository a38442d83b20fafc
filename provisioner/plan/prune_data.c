/* Whether what is dropped is empty. */
#include <string.h>

#include "provisioner/findings.h"
#include "provisioner/plan/guards.h"
#include "provisioner/plan/prune.h"
#include "provisioner/server/answer.h"

typedef struct Look {
    const PruneInput *input;
    Session *own; /* in another database than postgres */
} Look;

/*
 * One connection is kept, to the database looked at last: sessions are a limited resource of the
 * server.
 */
static Session *
session_in(Look *look, const char *database, GError **error)
{
    if (strcmp(PQdb(look->input->session->connection), database) == 0)
        return look->input->session;
    if (look->own == NULL || strcmp(PQdb(look->own->connection), database) != 0) {
        g_clear_pointer(&look->own, session_close);
        look->own = session_open(look->input->connection, database, error);
    }
    return look->own;
}

/* The plan goes on: it shows what it would drop, and apply refuses it. */
static void
refuse(const Look *look, const char *what)
{
    guards_refuse(look->input->arena, look->input->plan, &FINDING_DATA_LOSS, "--allow-data-loss",
                  what);
}

/* A database that nobody may look into counts as one with data. */
static bool
check_database(Look *look, const Change *change, GError **error)
{
    const AccessState *state = look->input->state;
    const char *name = names_text(state->names, change->name);
    const StateDatabase *database = access_state_database(state, change->name);
    g_autoptr(PGresult) result = NULL;
    Session *session = NULL;

    if (look->input->allow_data_loss)
        return true;
    if (!database->allow_connections) {
        refuse(look, arena_printf(look->input->arena,
                                  "database \"%s\" does not accept connections, so it may hold "
                                  "data",
                                  name));
        return true;
    }
    session = session_in(look, name, error);
    if (session == NULL)
        return false;
    result = answer_ask(look->input->arena, session, "catalog/database_content.sql", NULL, error);
    if (result == NULL)
        return false;
    if (strcmp(session_text(result, 0, "tables"), "0") != 0 ||
        strcmp(session_text(result, 0, "large_objects"), "0") != 0)
        refuse(look, arena_printf(look->input->arena,
                                  "database \"%s\" holds data (tables: %s, large objects: %s)",
                                  name, session_text(result, 0, "tables"),
                                  session_text(result, 0, "large_objects")));
    return true;
}

/* A schema that a new database gets from its template cannot be looked at yet, and is dropped only
 * if it is empty then. */
static bool
is_new_database(const List *changes, NameId database)
{
    LIST_FOREACH (const Change, change, changes) {
        if (change->kind == CHANGE_DATABASE_CREATE && change->name == database)
            return true;
    }
    return false;
}

/*
 * DROP SCHEMA fails on a schema that is not empty unless CASCADE is named. The plan shows that
 * word; it is run only when the user has allowed the loss.
 */
static bool
check_schema(Look *look, Change *change, GError **error)
{
    const Names *names = look->input->state->names;
    SchemaDropChange *drop = change_edit_schema_drop(change);
    const char *schema = names_text(names, change->name);
    const char *database = names_text(names, change->database);
    Session *session = session_in(look, database, error);
    g_autoptr(PGresult) result = NULL;
    const char *objects = NULL;

    if (session == NULL)
        return false;
    result = answer_ask(look->input->arena, session, "catalog/schema_content.sql",
                        (SqlValue[]){ { "schema", schema }, { 0 } }, error);
    if (result == NULL)
        return false;
    objects = session_text(result, 0, "objects");
    drop->cascade = strcmp(objects, "0") != 0;
    if (drop->cascade && !look->input->allow_data_loss)
        refuse(look, arena_printf(look->input->arena,
                                  "schema \"%s\" of database \"%s\" is not empty (objects: %s)",
                                  schema, database, objects));
    return true;
}

/*
 * Before anything runs: data that is found in the last database must not leave the first ones
 * dropped.
 */
bool
prune_check_data(const PruneInput *input, const List *changes, GError **error)
{
    Look look = { .input = input };
    bool ok = true;

    LIST_FOREACH (Change, change, changes) {
        if (change->kind == CHANGE_DATABASE_DROP)
            ok = check_database(&look, change, error);
        else if (change->kind == CHANGE_SCHEMA_DROP && !is_new_database(changes, change->database))
            ok = check_schema(&look, change, error);
        if (!ok)
            break;
    }
    g_clear_pointer(&look.own, session_close);
    return ok;
}
