/* The queries of templates/catalog, each with the function that takes its rows. */
#include "provisioner/catalog/catalog.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "inventory/model/server_feature.h"
#include "provisioner/catalog/catalog_objects.h"
#include "provisioner/catalog/catalog_query.h"
#include "provisioner/findings.h"
#include "roles/findings.h"
#include "roles/password/password.h"
#include "roles/state/file_functions.h"

static const char default_acl_letters[] = {
    [DEFAULT_ACL_TABLES] = 'r', [DEFAULT_ACL_SEQUENCES] = 'S', [DEFAULT_ACL_FUNCTIONS] = 'f',
    [DEFAULT_ACL_TYPES] = 'T',  [DEFAULT_ACL_SCHEMAS] = 'n',   [DEFAULT_ACL_LARGE_OBJECTS] = 'L',
};

_Static_assert(G_N_ELEMENTS(default_acl_letters) == DEFAULT_ACL_TYPE_COUNT,
               "a letter for each type of default privilege");

static const char *const role_columns[] = {
    [ROLE_ATTRIBUTE_LOGIN] = "rolcanlogin",      [ROLE_ATTRIBUTE_SUPERUSER] = "rolsuper",
    [ROLE_ATTRIBUTE_CREATEDB] = "rolcreatedb",   [ROLE_ATTRIBUTE_CREATEROLE] = "rolcreaterole",
    [ROLE_ATTRIBUTE_INHERIT] = "rolinherit",     [ROLE_ATTRIBUTE_REPLICATION] = "rolreplication",
    [ROLE_ATTRIBUTE_BYPASSRLS] = "rolbypassrls",
};

_Static_assert(G_N_ELEMENTS(role_columns) == ROLE_ATTRIBUTE_COUNT, "a column for each attribute");

static NameId
name_at(AccessState *state, const PGresult *result, int row, const char *column)
{
    return names_intern(state->names, session_text(result, row, column));
}

/* The comment in column "description" on an object of that kind, whose name is in name_column. */
static const char *
comment_at(AccessState *state, const PGresult *result, int row, const char *noun,
           const char *name_column, Findings *notes)
{
    const char *comment = catalog_text(state->arena, result, row, "description");
    g_autofree char *what = NULL;

    if (answer_is_exact(comment))
        return comment;
    what =
        g_strdup_printf("the comment on %s \"%s\"", noun, session_text(result, row, name_column));
    catalog_note_text(what, notes);
    return NULL;
}

/* The ACL in column "acl". */
static Acl
acl_at(AccessState *state, const PGresult *result, int row, ObjectKind kind, NameId owner,
       const char *object, Findings *notes)
{
    return catalog_acl(state, session_text(result, row, "acl"), kind, owner, object, notes);
}

/* Some services keep pg_control_system() to themselves; all but the identifier is there then. */
static PGresult *
read_identity(Arena *arena, Session *session, GError **error)
{
    g_autoptr(GError) failure = NULL;
    PGresult *result = catalog_run(arena, session, "catalog/server.sql", NULL, &failure);

    if (result != NULL)
        return result;
    if (strcmp(session->last_error.sqlstate, SQLSTATE_INSUFFICIENT_PRIVILEGE) == 0)
        return catalog_run(arena, session, "catalog/server_without_identifier.sql", NULL, error);
    g_propagate_error(error, g_steal_pointer(&failure));
    return NULL;
}

/*
 * Whether the server is in recovery is asked again, although libpq was asked to find a writable
 * member: a conninfo of one's own may say otherwise. A server newer than we know is read like the
 * newest known one.
 */
bool
catalog_read_server(Arena *arena, Session *session, AccessState *state, ServerIdentity *ret_server,
                    GError **error)
{
    int number = PQserverVersion(session->connection);
    g_autoptr(PGresult) result = read_identity(arena, session, error);
    const char *iterations = NULL;
    const char *self_grant = NULL;

    if (result == NULL)
        return false;
    if (session_bool(result, 0, "in_recovery")) {
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                    "%s: no writable member: the server is a standby", session->label);
        return false;
    }
    *ret_server = (ServerIdentity){
        .version = catalog_text(state->arena, result, 0, "version"),
        .system_identifier = catalog_text(state->arena, result, 0, "system_identifier"),
        .started = catalog_text(state->arena, result, 0, "started"),
        .major_version = MIN(number / 10000, CATALOG_VERSION_MAX),
    };
    state->major_version = ret_server->major_version;
    state->session_role = name_at(state, result, 0, "session_role");
    state->session_role_is_superuser = session_bool(result, 0, "session_role_is_superuser");
    state->verifiers_known = session_bool(result, 0, "may_read_verifiers");
    state->bootstrap_superuser = name_at(state, result, 0, "bootstrap_superuser");
    state->used_password = PQconnectionUsedPassword(session->connection) == 1;
    self_grant = session_text(result, 0, "createrole_self_grant");
    state->self_grants_inherit = self_grant != NULL && strstr(self_grant, "inherit") != NULL;
    state->self_grants_set = self_grant != NULL && strstr(self_grant, "set") != NULL;
    iterations = session_text(result, 0, "scram_iterations");
    state->scram_iterations =
        iterations == NULL ? SCRAM_ITERATIONS_DEFAULT : (int)g_ascii_strtoll(iterations, NULL, 10);
    return true;
}

/*
 * VALID UNTIL is read as seconds, with infinity as a number: comparing texts would depend on
 * TimeZone and DateStyle.
 */
static bool
read_roles(Session *session, AccessState *state, Findings *notes, GError **error)
{
    const char *path =
        state->verifiers_known ? "catalog/roles.sql" : "catalog/roles_without_verifiers.sql";
    g_autoptr(PGresult) result = catalog_run(state->arena, session, path, NULL, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        const char *valid_until = session_text(result, row, "valid_until");
        StateRole *role = NULL;

        if (!catalog_take_name("role", NULL, session_text(result, row, "rolname"), notes))
            continue;
        role = access_state_add_role(state, name_at(state, result, row, "rolname"));

        for (unsigned i = 0; i < ROLE_ATTRIBUTE_COUNT; i++)
            role->attributes[i] = session_bool(result, row, role_columns[i]);
        role->connection_limit = strtoll(session_text(result, row, "rolconnlimit"), NULL, 10);
        role->valid_until = valid_until == NULL ? (double)NAN : g_ascii_strtod(valid_until, NULL);
        role->verifier = catalog_text(state->arena, result, row, "rolpassword");
        role->comment = comment_at(state, result, row, "role", "rolname", notes);
        role->has_something = session_bool(result, row, "has_something");
    }
    return true;
}

/*
 * Before 16 pg_auth_members has no options, and one row for each pair instead of one for each
 * grantor.
 */
static const char *
memberships_path(int major_version)
{
    return server_has(major_version, SERVER_MEMBERSHIP_OPTIONS) ? "catalog/memberships.sql"
                                                                : "catalog/memberships_15.sql";
}

/* What a row says of a role or database whose name cannot be given back is left alone with it. */
static bool
names_are_exact(const PGresult *result, int row, const char *const *columns)
{
    for (; *columns != NULL; columns++) {
        if (!answer_is_exact(session_text(result, row, *columns)))
            return false;
    }
    return true;
}

static bool
read_memberships(Session *session, AccessState *state, GError **error)
{
    g_autoptr(PGresult) result =
        catalog_run(state->arena, session, memberships_path(state->major_version), NULL, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        StateMembership *membership = NULL;

        if (!names_are_exact(result, row,
                             (const char *const[]){ "role", "member", "grantor", NULL }))
            continue;
        membership = access_state_add_membership(state, name_at(state, result, row, "role"),
                                                 name_at(state, result, row, "member"),
                                                 name_at(state, result, row, "grantor"));

        membership->admin = session_bool(result, row, "admin_option");
        membership->inherit = session_bool(result, row, "inherit_option");
        membership->set = session_bool(result, row, "set_option");
    }
    return true;
}

/* Its value is not the declared one in any case; the other settings are read all the same. */
static void
note_inexact_setting(const PGresult *result, int row, const char *setting, Findings *notes)
{
    const char *role = session_text(result, row, "rolname");
    const char *database = session_text(result, row, "datname");
    g_autofree char *what =
        g_strdup_printf("the value of \"%.*s\" of %s \"%s\"", (int)strcspn(setting, "="), setting,
                        role != NULL ? "role" : "database", role != NULL ? role : database);

    catalog_note_text(what, notes);
}

/* pg_db_role_setting has an array of name=value; a value may contain further equals signs. */
static bool
read_settings(Session *session, AccessState *state, Findings *notes, GError **error)
{
    g_autoptr(PGresult) result =
        catalog_run(state->arena, session, "catalog/settings.sql", NULL, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        const char *setting = catalog_text(state->arena, result, row, "setting");
        const char *equals = strchr(setting, '=');

        if (equals == NULL ||
            !names_are_exact(result, row, (const char *const[]){ "rolname", "datname", NULL }))
            continue;
        if (!answer_is_exact(setting))
            note_inexact_setting(result, row, setting, notes);
        access_state_set_setting(
            state, name_at(state, result, row, "rolname"), name_at(state, result, row, "datname"),
            arena_strndup(state->arena, setting, (size_t)(equals - setting)), equals + 1);
    }
    return true;
}

/* Also those that do not accept connections: their ACL and owner can be changed from outside. */
static bool
read_databases(Session *session, AccessState *state, Findings *notes, GError **error)
{
    g_autoptr(PGresult) result =
        catalog_run(state->arena, session, "catalog/databases.sql", NULL, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        NameId name = name_at(state, result, row, "datname");
        NameId owner = name_at(state, result, row, "owner");
        StateDatabase *database = NULL;

        if (!catalog_take_name("database", NULL, session_text(result, row, "datname"), notes))
            continue;
        database = access_state_add_database(state, name, owner);
        database->recodes_names = session_bool(result, row, "recodes_names");
        database->acl_text = catalog_text(state->arena, result, row, "acl");
        database->acl = acl_at(state, result, row, OBJECT_KIND_DATABASE, owner,
                               names_text(state->names, name), notes);
        database->base = acl_copy(state->arena, &database->acl);
        database->allow_connections = session_bool(result, row, "allow_connections");
        database->is_template = session_bool(result, row, "datistemplate");
        database->connection_limit = strtoll(session_text(result, row, "datconnlimit"), NULL, 10);
        database->tablespace = catalog_text(state->arena, result, row, "spcname");
        database->comment = comment_at(state, result, row, "database", "datname", notes);
    }
    return true;
}

static const SqlValue *
timestamps_values(Arena *arena, const List *texts)
{
    SqlValue *values = ARENA_NEW_ARRAY(arena, SqlValue, 2);

    values[0] = (SqlValue){ "texts", catalog_literals(arena, texts) };
    return values;
}

/* One round trip for what does not depend on an answer: many servers are far away. */
void
catalog_ask_ahead(Arena *arena, Session *session, const Cluster *cluster, const List *texts)
{
    int major_version = PQserverVersion(session->connection) / 10000;
    List statements = { 0 };

    /* First: in a pipeline no transaction of another isolation level can follow a query. */
    list_add(arena, &statements, CATALOG_BEGIN);
    catalog_ask(arena, &statements, "catalog/server.sql", NULL);
    catalog_ask(arena, &statements, "catalog/roles.sql", NULL);
    catalog_ask(arena, &statements, memberships_path(major_version), NULL);
    catalog_ask(arena, &statements, "catalog/databases.sql", NULL);
    catalog_ask(arena, &statements, "catalog/settings.sql", NULL);
    catalog_ask_shared_objects(arena, cluster, major_version, &statements);
    list_add(arena, &statements, "COMMIT");
    if (texts->count > 0)
        catalog_ask(arena, &statements, "catalog/timestamps.sql", timestamps_values(arena, texts));
    session_ask_ahead(session, &statements);
}

/*
 * One snapshot for everything, or a role that is dropped in between would be missing in one list
 * and present in another.
 */
bool
catalog_read_cluster_wide(Session *session, AccessState *state, const Cluster *cluster,
                          CatalogScope scope, Findings *notes, GError **error)
{
    return session_execute(session, CATALOG_BEGIN, error) &&
           read_roles(session, state, notes, error) && read_memberships(session, state, error) &&
           read_databases(session, state, notes, error) &&
           read_settings(session, state, notes, error) &&
           catalog_read_shared_objects(session, state, cluster, scope, notes, error) &&
           session_execute(session, "COMMIT", error);
}

static bool
read_schemas(Session *session, AccessState *state, StateDatabase *database, Findings *notes,
             GError **error)
{
    g_autoptr(PGresult) result =
        catalog_run(state->arena, session, "catalog/schemas.sql", NULL, error);
    const char *place =
        arena_printf(state->arena, "database \"%s\"", names_text(state->names, database->name));

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        NameId name = name_at(state, result, row, "nspname");
        NameId owner = name_at(state, result, row, "owner");
        StateSchema *schema = NULL;

        if (!catalog_take_name("schema", place, names_text(state->names, name), notes))
            continue;
        schema = state_database_add_schema(state, database, name, owner,
                                           acl_at(state, result, row, OBJECT_KIND_SCHEMA, owner,
                                                  names_text(state->names, name), notes));
        schema->acl_text = catalog_text(state->arena, result, row, "acl");
        schema->flags = (session_bool(result, row, "is_member") ? OBJECT_GROUP_IS_MEMBER : 0u) |
                        (session_bool(result, row, "is_initial") ? OBJECT_GROUP_IS_INITIAL : 0u);
    }
    return true;
}

/* A letter that is unknown belongs to a newer server: its rows are left alone. */
static bool
read_default_acls(Session *session, AccessState *state, StateDatabase *database, Findings *notes,
                  GError **error)
{
    g_autoptr(PGresult) result =
        catalog_run(state->arena, session, "catalog/default_acls.sql", NULL, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        char letter = *session_text(result, row, "defaclobjtype");
        const char *found = memchr(default_acl_letters, letter, sizeof default_acl_letters);
        NameId creator = name_at(state, result, row, "creator");
        StateDefaultAcl *entry = NULL;

        if (found == NULL ||
            !names_are_exact(result, row, (const char *const[]){ "creator", "nspname", NULL }))
            continue;
        entry = state_database_default_acl(state, database, creator,
                                           name_at(state, result, row, "nspname"),
                                           (DefaultAclType)(found - default_acl_letters));
        entry->acl_text = catalog_text(state->arena, result, row, "acl");
        entry->acl = acl_at(state, result, row, object_kind_of_default(entry->type), creator,
                            "default privileges", notes);
        entry->base = acl_copy(state->arena, &entry->acl);
    }
    return true;
}

static const char *
file_functions_sql(Arena *arena)
{
    List names = { 0 };

    for (size_t i = 0; file_function_names[i] != NULL; i++)
        list_add(arena, &names, file_function_names[i]);
    return catalog_literals(arena, &names);
}

/*
 * to_regprocedure() gives NULL for a signature that this version does not have, so one list serves
 * all versions.
 */
static const SqlValue *
functions_values(Arena *arena, const Policy *policy)
{
    SqlValue *values = ARENA_NEW_ARRAY(arena, SqlValue, 3);
    g_autoptr(GString) signatures = g_string_new(NULL);

    LIST_FOREACH (const PolicyFunctions, functions, &policy->functions) {
        LIST_FOREACH (const char, signature, &functions->signatures) {
            if (signatures->len > 0)
                g_string_append(signatures, ", ");
            sql_append_literal(signatures, signature);
        }
    }
    values[0] = (SqlValue){ "signatures", arena_strdup(arena, signatures->str) };
    values[1] = (SqlValue){ "file_functions", file_functions_sql(arena) };
    return values;
}

static bool
read_functions(Session *session, AccessState *state, StateDatabase *database, const Policy *policy,
               Findings *notes, GError **error)
{
    g_autoptr(PGresult) result = catalog_run(state->arena, session, "catalog/functions.sql",
                                             functions_values(state->arena, policy), error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        StateFunction *function = ARENA_NEW(state->arena, StateFunction);

        function->signature = catalog_text(state->arena, result, row, "signature");
        function->owner = name_at(state, result, row, "owner");
        function->acl_text = catalog_text(state->arena, result, row, "acl");
        function->acl = acl_at(state, result, row, OBJECT_KIND_FUNCTION, function->owner,
                               function->signature, notes);
        function->base = acl_copy(state->arena, &function->acl);
        list_add(state->arena, &database->functions, function);
    }
    return true;
}

/*
 * Everything that does not depend on an answer goes out in one round trip. Names of objects depend
 * on the groups, so the transaction stays open for them.
 */
static void
ask_about_database(Arena *arena, Session *session, const Policy *policy, const ObjectNeeds *needs)
{
    List statements = { 0 };

    list_add(arena, &statements, CATALOG_BEGIN);
    catalog_ask(arena, &statements, "catalog/schemas.sql", NULL);
    catalog_ask(arena, &statements, "catalog/default_acls.sql", NULL);
    catalog_ask(arena, &statements, "catalog/event_triggers.sql", NULL);
    catalog_ask(arena, &statements, "catalog/functions.sql", functions_values(arena, policy));
    if (needs != NULL)
        catalog_ask_objects(arena, needs, &statements);
    if (needs == NULL ||
        (needs->by_name.count == 0 && needs->table_owners.count == 0 && !needs->everything))
        list_add(arena, &statements, "COMMIT");
    session_ask_ahead(session, &statements);
}

/*
 * They fire for every CREATE and GRANT of an apply, those of `login` for every session: with the
 * rights of a superuser mostly, who has to know before that.
 */
static bool
note_event_triggers(Session *session, AccessState *state, const StateDatabase *database,
                    Findings *notes, GError **error)
{
    g_autoptr(PGresult) result =
        catalog_run(state->arena, session, "catalog/event_triggers.sql", NULL, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++)
        findings_add(notes, &FINDING_EVENT_TRIGGER_UNTRUSTED, (SourcePos){ 0 },
                     "give the function to a superuser, or drop the event trigger; from PostgreSQL "
                     "17 on no session of pgcharter fires one",
                     "in database \"%s\", event trigger \"%s\" (%s) runs function %s.%s, which "
                     "role \"%s\" owns, with the rights of whoever fires it",
                     names_text(state->names, database->name), session_text(result, row, "evtname"),
                     session_text(result, row, "evtevent"), session_text(result, row, "nspname"),
                     session_text(result, row, "proname"), session_text(result, row, "owner"));
    return true;
}

bool
catalog_read_database(Session *session, AccessState *state, StateDatabase *database,
                      const Policy *policy, const ObjectNeeds *needs, Findings *notes,
                      GError **error)
{
    ask_about_database(state->arena, session, policy, needs);
    if (!session_execute(session, CATALOG_BEGIN, error) ||
        !read_schemas(session, state, database, notes, error) ||
        !read_default_acls(session, state, database, notes, error) ||
        !note_event_triggers(session, state, database, notes, error) ||
        !read_functions(session, state, database, policy, notes, error) ||
        (needs != NULL && !catalog_read_objects(session, state, database, needs, notes, error)) ||
        !session_execute(session, "COMMIT", error))
        return false;
    database->content_known = true;
    return true;
}

bool
catalog_read_time_zone(Session *session, AccessState *state, const char **ret_zone, GError **error)
{
    g_autoptr(PGresult) result =
        catalog_run(state->arena, session, "catalog/time_zone.sql", NULL, error);

    if (result == NULL)
        return false;
    *ret_zone = catalog_text(state->arena, result, 0, "time_zone");
    return true;
}

bool
catalog_read_closed_parameters(Session *session, AccessState *state, const List *names,
                               GError **error)
{
    const char *path = server_has(state->major_version, SERVER_PARAMETER_PRIVILEGES)
                           ? "catalog/closed_parameters.sql"
                           : "catalog/closed_parameters_14.sql";
    const char *literals = catalog_literals(state->arena, names);
    g_autoptr(PGresult) result = catalog_run(state->arena, session, path,
                                             (SqlValue[]){ { "names", literals }, { 0 } }, error);

    if (result == NULL)
        return false;
    state->closed_parameters = g_hash_table_new(g_str_hash, g_str_equal);
    for (int row = 0; row < PQntuples(result); row++)
        g_hash_table_add(state->closed_parameters,
                         (gpointer)catalog_text(state->arena, result, row, "name"));
    return true;
}

bool
catalog_read_timestamps(Arena *arena, Session *session, const List *texts, GHashTable *timestamps,
                        GError **error)
{
    g_autoptr(PGresult) result = NULL;

    if (texts->count == 0)
        return true;
    result = catalog_run(arena, session, "catalog/timestamps.sql", timestamps_values(arena, texts),
                         error);
    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        double *seconds = ARENA_NEW(arena, double);

        *seconds = g_ascii_strtod(session_text(result, row, "seconds"), NULL);
        g_hash_table_insert(timestamps, arena_strdup(arena, session_text(result, row, "text")),
                            seconds);
    }
    return true;
}
