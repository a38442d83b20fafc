/* The queries that prune asks, and the rows they give. */
#include "provisioner/catalog/prune_catalog.h"

#include <stdlib.h>
#include <string.h>

#include "inventory/model/server_feature.h"
#include "provisioner/server/answer.h"

static PGresult *
ask(Arena *arena, Session *session, const char *path, const char *roles, GError **error)
{
    return answer_ask(arena, session, path, (SqlValue[]){ { "roles", roles }, { 0 } }, error);
}

static NameId
name_at(AccessState *state, const PGresult *result, int row, const char *column)
{
    return names_intern(state->names, session_text(result, row, column));
}

static const char *
text_at(Arena *arena, const PGresult *result, int row, const char *column)
{
    const char *text = session_text(result, row, column);

    return text == NULL ? NULL : arena_strdup(arena, text);
}

/* Sessions are counted so that the plan can say whom it would disconnect. */
bool
prune_read_sessions(Session *session, AccessState *state, GError **error)
{
    g_autoptr(PGresult) result = ask(state->arena, session, "catalog/sessions.sql", NULL, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        StateRole *role = access_state_role(state, name_at(state, result, row, "usename"));

        if (role != NULL)
            role->sessions = (unsigned)strtoul(session_text(result, row, "sessions"), NULL, 10);
    }
    return true;
}

/* pg_shdepend is shared, so one query covers every database, also those that cannot be entered. */
bool
prune_read_counts(Session *session, AccessState *state, const char *roles, List *ret_counts,
                  GError **error)
{
    g_autoptr(PGresult) result =
        ask(state->arena, session, "catalog/owned_summary.sql", roles, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        PruneCount *count = ARENA_NEW(state->arena, PruneCount);

        *count = (PruneCount){
            .role = name_at(state, result, row, "rolname"),
            .database = name_at(state, result, row, "datname"),
            .object_class = text_at(state->arena, result, row, "class"),
            .dependency = *session_text(result, row, "deptype"),
            .count = text_at(state->arena, result, row, "objects"),
        };
        list_add(state->arena, ret_counts, count);
    }
    return true;
}

/*
 * ALTER names the kind: ALTER TABLE would do for most relations, but not for sequences of columns
 * and not in a message.
 */
static const char *
relation_word(char kind)
{
    switch (kind) {
    case 'v':
        return "VIEW";
    case 'm':
        return "MATERIALIZED VIEW";
    case 'f':
        return "FOREIGN TABLE";
    case 'S':
        return "SEQUENCE";
    case 'c':
        return "TYPE";
    default:
        return "TABLE";
    }
}

/*
 * With the number of locks that each needs: a table is locked with its indexes, its TOAST table and
 * its sequences.
 */
bool
prune_read_relations(Session *session, AccessState *state, const char *roles, List *ret_relations,
                     GError **error)
{
    g_autoptr(PGresult) result =
        ask(state->arena, session, "catalog/owned_relations.sql", roles, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        PruneRelation *relation = ARENA_NEW(state->arena, PruneRelation);

        *relation = (PruneRelation){
            .role = name_at(state, result, row, "rolname"),
            .kind = relation_word(*session_text(result, row, "relkind")),
            .schema = names_text(state->names, name_at(state, result, row, "nspname")),
            .name = text_at(state->arena, result, row, "relname"),
            .locks = (unsigned)strtoul(session_text(result, row, "locks"), NULL, 10),
        };
        list_add(state->arena, ret_relations, relation);
    }
    return true;
}

bool
prune_read_superuser_objects(Session *session, AccessState *state, const char *roles,
                             List *ret_objects, GError **error)
{
    g_autoptr(PGresult) result =
        ask(state->arena, session, "catalog/owned_by_superusers.sql", roles, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        PruneSuperuserObject *object = ARENA_NEW(state->arena, PruneSuperuserObject);

        *object = (PruneSuperuserObject){
            .role = name_at(state, result, row, "rolname"),
            .kind = text_at(state->arena, result, row, "kind"),
            .name = text_at(state->arena, result, row, "name"),
        };
        list_add(state->arena, ret_objects, object);
    }
    return true;
}

bool
prune_read_code(Session *session, AccessState *state, const char *roles, List *ret_code,
                GError **error)
{
    g_autoptr(PGresult) result = ask(state->arena, session, "catalog/owned_code.sql", roles, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        OwnedCode *code = ARENA_NEW(state->arena, OwnedCode);

        *code = (OwnedCode){
            .role = name_at(state, result, row, "rolname"),
            .schema = name_at(state, result, row, "nspname"),
            .relation = text_at(state->arena, result, row, "relname"),
            .words = text_at(state->arena, result, row, "words"),
        };
        list_add(state->arena, ret_code, code);
    }
    return true;
}

/* SELECT ("a"), UPDATE ("a"), or without a column SELECT, UPDATE. */
static const char *
privilege_words(Arena *arena, const char *privileges, const char *column)
{
    g_auto(GStrv) words = g_strsplit(privileges, ",", -1);
    g_autoptr(GString) out = g_string_new(NULL);

    for (char **word = words; *word != NULL; word++) {
        g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "", *word);
        if (column == NULL)
            continue;
        g_string_append(out, " (");
        sql_append_identifier(out, column);
        g_string_append_c(out, ')');
    }
    return arena_strdup(arena, out->str);
}

/*
 * The parts of a parameter's name are identifiers of their own: "myapp"."level". Names of
 * parameters are written without quotes where they can be: GRANT ... ON PARAMETER takes dotted
 * names as two identifiers.
 */
static void
append_parameter(GString *out, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, ".", -1);

    for (char **part = parts; *part != NULL; part++) {
        if (part != parts)
            g_string_append_c(out, '.');
        sql_append_identifier(out, *part);
    }
}

static const char *
object_words(Arena *arena, const char *kind, const char *schema, const char *name)
{
    g_autoptr(GString) out = g_string_new(NULL);

    /* A routine's signature comes quoted from the server, a large object's name is a number. */
    if ((strcmp(kind, "ROUTINE") == 0 || strcmp(kind, "LARGE OBJECT") == 0) &&
        sql_is_signature(name))
        return arena_strdup(arena, name);
    if (schema != NULL) {
        sql_append_identifier(out, schema);
        g_string_append_c(out, '.');
    }
    if (strcmp(kind, "PARAMETER") == 0)
        append_parameter(out, name);
    else
        sql_append_identifier(out, name);
    return arena_strdup(arena, out->str);
}

/*
 * DROP OWNED removes what the role granted to others, so the owner
 * grants the same again first.
 */
static const char *
grant_statement(Arena *arena, const PGresult *result, int row)
{
    const char *kind = session_text(result, row, "kind");
    const char *grantee = session_text(result, row, "grantee");
    bool is_revoke = session_text(result, row, "grantor") != NULL;
    const char *name = grantee == NULL ? "PUBLIC" : sql_identifier(arena, grantee);
    const SqlValue values[] = {
        { "privileges", privilege_words(arena, session_text(result, row, "privileges"),
                                        session_text(result, row, "attname")) },
        { "kind", kind },
        { "objects", object_words(arena, kind, session_text(result, row, "nspname"),
                                  session_text(result, row, "name")) },
        /* What hangs on it has been granted again by then. */
        { "grantees", is_revoke ? arena_printf(arena, "%s CASCADE", name) : name },
        { "grant_option", session_bool(result, row, "is_grantable") ? "WITH GRANT OPTION" : NULL },
        { "option_for", NULL },
        { 0 },
    };

    return sql_render(arena, is_revoke ? "statement/revoke.sql" : "statement/grant.sql", values);
}

bool
prune_read_grants(Session *session, AccessState *state, const char *roles, PruneGrantScope scope,
                  List *ret_grants, List *ret_revokes, GError **error)
{
    const char *path = scope == PRUNE_GRANTS_HERE ? "catalog/granted_on.sql"
                       : server_has(state->major_version, SERVER_PARAMETER_PRIVILEGES)
                           ? "catalog/granted_on_shared.sql"
                           : "catalog/granted_on_shared_14.sql";
    g_autoptr(PGresult) result = ask(state->arena, session, path, roles, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        const char *statement = grant_statement(state->arena, result, row);
        PruneRevoke *revoke = NULL;

        if (session_text(result, row, "grantor") == NULL) {
            list_add(state->arena, ret_grants, statement);
            continue;
        }
        revoke = ARENA_NEW(state->arena, PruneRevoke);
        *revoke = (PruneRevoke){
            .role = name_at(state, result, row, "grantee"),
            .grantor = name_at(state, result, row, "grantor"),
            .closed_schema = name_at(state, result, row, "closed_schema"),
            .statement = statement,
        };
        list_add(state->arena, ret_revokes, revoke);
    }
    return true;
}

/*
 * Half of the lock table: the other half is for everybody else. Its size is
 * max_locks_per_transaction times the sum of connections and prepared transactions
 * (storage/lmgr/lock.c).
 */
bool
prune_read_lock_budget(Session *session, Arena *arena, unsigned *ret_locks, GError **error)
{
    g_autoptr(PGresult) result = ask(arena, session, "catalog/lock_table.sql", NULL, error);
    guint64 locks = 0;

    if (result == NULL)
        return false;
    locks = g_ascii_strtoull(session_text(result, 0, "locks"), NULL, 10);
    *ret_locks = (unsigned)MIN(locks / 2, (guint64)G_MAXUINT / 2);
    return true;
}
