/* A server that nobody has touched, made up from tables. */
#include "roles/state/initdb_state.h"

#include <string.h>

#include "inventory/model/server_feature.h"
#include "roles/password/password.h"

typedef struct InitdbRole {
    const char *name;
    int since;
} InitdbRole;

static const InitdbRole initdb_roles[] = {
#define PREDEFINED_ROLE(name, since) { name, since },
#include "inventory/model/predefined_role.def"
#undef PREDEFINED_ROLE
};

/* What pg_monitor is a member of. */
static const char *const monitor_groups[] = { "pg_read_all_settings", "pg_read_all_stats",
                                              "pg_stat_scan_tables" };

typedef struct InitdbFunction {
    const char *signature;
    int last_version; /* 0: still there */
    bool public_may_run;
} InitdbFunction;

static const InitdbFunction initdb_functions[] = {
#define INITDB_FUNCTION(signature, last_version, public_by_default)                                \
    { signature, last_version, public_by_default },
#include "roles/state/initdb_function.def"
#undef INITDB_FUNCTION
};

static void
add_roles(AccessState *state)
{
    StateRole *dbsu = access_state_add_role(state, state->bootstrap_superuser);
    NameId monitor = NAME_NONE;

    for (unsigned i = 0; i < ROLE_ATTRIBUTE_COUNT; i++)
        dbsu->attributes[i] = true;
    for (size_t i = 0; i < G_N_ELEMENTS(initdb_roles); i++) {
        if (state->major_version >= initdb_roles[i].since)
            access_state_add_role(state, names_intern(state->names, initdb_roles[i].name));
    }
    monitor = names_intern(state->names, "pg_monitor");
    for (size_t i = 0; i < G_N_ELEMENTS(monitor_groups); i++)
        access_state_add_membership(state, names_intern(state->names, monitor_groups[i]), monitor,
                                    state->bootstrap_superuser);
}

/*
 * USAGE for PUBLIC on pg_catalog and information_schema is what initdb grants (initdb.c
 * setup_privileges(), information_schema.sql).
 */
static void
add_schema(AccessState *state, StateDatabase *database, const char *name, NameId owner,
           PrivilegeSet to_public)
{
    Acl acl = acl_default(state->arena, OBJECT_KIND_SCHEMA, owner, state->major_version);

    acl_grant(state->arena, &acl,
              &(AclEntry){ .grantee = NAME_PUBLIC, .grantor = owner, .privileges = to_public });
    state_database_add_schema(state, database, names_intern(state->names, name), owner, acl);
}

static void
add_content(AccessState *state, StateDatabase *database)
{
    const PrivilegeSet usage = PRIVILEGE_BIT(PRIVILEGE_USAGE);
    NameId dbsu = state->bootstrap_superuser;
    bool closed = server_has(state->major_version, SERVER_CLOSED_PUBLIC_SCHEMA);

    add_schema(state, database, "pg_catalog", dbsu, usage);
    add_schema(state, database, "information_schema", dbsu, usage);
    add_schema(state, database, "public",
               closed ? names_intern(state->names, "pg_database_owner") : dbsu,
               closed ? usage : usage | PRIVILEGE_BIT(PRIVILEGE_CREATE));
    for (size_t i = 0; i < G_N_ELEMENTS(initdb_functions); i++) {
        const InitdbFunction *row = &initdb_functions[i];
        StateFunction *function = NULL;

        if (row->last_version != 0 && state->major_version > row->last_version)
            continue;
        function = ARENA_NEW(state->arena, StateFunction);
        function->signature = row->signature;
        function->owner = dbsu;
        function->acl = acl_default(state->arena, OBJECT_KIND_FUNCTION, dbsu, state->major_version);
        if (!row->public_may_run)
            acl_revoke(&function->acl,
                       &(AclEntry){ .grantee = NAME_PUBLIC,
                                    .grantor = dbsu,
                                    .privileges = PRIVILEGE_BIT(PRIVILEGE_EXECUTE) });
        function->base = acl_copy(state->arena, &function->acl);
        list_add(state->arena, &database->functions, function);
    }
    database->content_known = true;
}

static StateDatabase *
add_database(AccessState *state, const char *name, const char *comment)
{
    StateDatabase *database = access_state_add_database(state, names_intern(state->names, name),
                                                        state->bootstrap_superuser);

    database->comment = comment;
    database->objects_unknown = true;
    return database;
}

static void
make_template(AccessState *state, StateDatabase *database)
{
    database->is_template = true;
    /* initdb takes TEMPORARY on the templates from PUBLIC. */
    acl_revoke(&database->acl, &(AclEntry){ .grantee = NAME_PUBLIC,
                                            .grantor = state->bootstrap_superuser,
                                            .privileges = PRIVILEGE_BIT(PRIVILEGE_TEMPORARY) });
    database->base = acl_copy(state->arena, &database->acl);
}

/*
 * Only what a plan asks about: roles, databases and the schemas with their ACLs. Objects of the
 * system are not listed.
 */
void
initdb_state(AccessState *state, int major_version, const char *dbsu)
{
    StateDatabase *database = NULL;

    state->major_version = major_version;
    state->bootstrap_superuser = names_intern(state->names, dbsu);
    state->session_role = state->bootstrap_superuser;
    state->session_role_is_superuser = true;
    state->verifiers_known = true;
    state->scram_iterations = SCRAM_ITERATIONS_DEFAULT;
    add_roles(state);
    database = add_database(state, "template1", "default template for new databases");
    make_template(state, database);
    add_content(state, database);
    database = add_database(state, "template0", "unmodifiable empty database");
    make_template(state, database);
    database->allow_connections = false;
    database = add_database(state, "postgres", "default administrative connection database");
    add_content(state, database);
}
