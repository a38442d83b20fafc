/* Databases: created, owned, limited, who may connect, hardened; and what lies inside. */
#include <string.h>

#include "roles/diff/diff_context.h"

/* A text that is not given and '' mean the same for every option of a database. */
static const char *
given_text(const OptText *text)
{
    return text->value != NULL && *text->value != '\0' ? text->value : NULL;
}

static SourcePos
pos_or(SourcePos pos, SourcePos otherwise)
{
    return pos.file != NULL ? pos : otherwise;
}

/*
 * What template0 holds: a schema public as initdb leaves it. Nobody can connect there to look, and
 * a database made from it is the one that gets none of template1's privileges.
 */
static void
fill_like_template0(Walk *walk, StateDatabase *database)
{
    const int public_closed_since = 15;
    AccessState *state = walk->state;
    NameId dbsu = state->bootstrap_superuser;
    NameId public_owner = state->major_version >= public_closed_since
                              ? names_intern(walk->names, "pg_database_owner")
                              : dbsu;
    Acl public_acl =
        acl_default(walk->arena, OBJECT_KIND_SCHEMA, public_owner, state->major_version);
    Acl catalog_acl = acl_default(walk->arena, OBJECT_KIND_SCHEMA, dbsu, state->major_version);
    AclEntry to_public = { .grantee = NAME_PUBLIC,
                           .grantor = public_owner,
                           .privileges = PRIVILEGE_BIT(PRIVILEGE_USAGE) };

    if (state->major_version < public_closed_since)
        to_public.privileges |= PRIVILEGE_BIT(PRIVILEGE_CREATE);
    acl_grant(walk->arena, &public_acl, &to_public);
    to_public = (AclEntry){ .grantee = NAME_PUBLIC,
                            .grantor = dbsu,
                            .privileges = PRIVILEGE_BIT(PRIVILEGE_USAGE) };
    acl_grant(walk->arena, &catalog_acl, &to_public);
    state_database_add_schema(state, database, names_intern(walk->names, "public"), public_owner,
                              public_acl);
    state_database_add_schema(state, database, names_intern(walk->names, "pg_catalog"), dbsu,
                              catalog_acl);
    state_database_add_schema(state, database, names_intern(walk->names, "information_schema"),
                              dbsu, acl_copy(walk->arena, &catalog_acl));
    database->content_known = true;
}

static StateDatabase *
create_database(Walk *walk, const DatabaseDecl *decl, NameId owner)
{
    const char *template_name = given_text(&decl->template_name);
    NameId name = names_intern(walk->names, decl->name);
    const StateDatabase *template_database = NULL;
    StateDatabase *database = NULL;
    Change change = { .kind = CHANGE_DATABASE_CREATE,
                      .declared_at = decl->pos,
                      .database = NAME_NONE,
                      .name = name,
                      .database_create = { .decl = decl, .owner = owner } };

    if (template_name == NULL)
        template_name = "template1";
    template_database =
        access_state_database(walk->state, names_intern(walk->names, template_name));
    if (template_database == NULL) {
        findings_add(walk->input->notes, &FINDING_DATABASE_NOT_FOUND, decl->template_name.pos, NULL,
                     "database \"%s\": its template \"%s\" is neither declared before it nor on "
                     "the server",
                     decl->name, template_name);
        return NULL;
    }
    if (!walk_may(walk, &change, NULL))
        return NULL;
    walk_add(walk, &change);
    database =
        access_state_add_database(walk->state, name, owner != NAME_NONE ? owner : walk->creator);
    database->objects_unknown = true;
    database->is_template = decl->is_template.given && decl->is_template.value;
    if (given_text(&decl->tablespace) != NULL)
        database->tablespace = decl->tablespace.value;
    if (decl->connection_limit.given)
        database->connection_limit = decl->connection_limit.value;
    if (strcmp(template_name, "template0") == 0)
        fill_like_template0(walk, database);
    else
        state_database_copy_content(walk->state, database, template_database);
    return database;
}

static void
converge_owner(Walk *walk, const DatabaseDecl *decl, StateDatabase *database, NameId owner)
{
    AclTarget target;

    if (owner == NAME_NONE)
        return;
    if (database->owner != owner) {
        walk_add(walk, &(Change){ .kind = CHANGE_DATABASE_OWNER,
                                  .declared_at = decl->owner.pos,
                                  .database = database->name,
                                  .name = database->name,
                                  .owner = { owner } });
        acl_change_owner(&database->acl, database->owner, owner);
        acl_change_owner(&database->base, database->owner, owner);
        database->owner = owner;
    }
    target = walk_database_target(database);
    walk_grant(walk, &target,
               (AclEntry){ .grantee = owner,
                           .privileges =
                               object_kind_all(OBJECT_KIND_DATABASE, walk->state->major_version) },
               decl->owner.pos);
}

static void
converge_properties(Walk *walk, const DatabaseDecl *decl, StateDatabase *database)
{
    const char *wanted =
        decl->comment.value != NULL
            ? decl->comment.value
            : policy_comment(walk->arena, walk->policy->database_comment.value, decl->name);
    const char *comment = wanted != NULL && *wanted != '\0' ? wanted : NULL;

    if (decl->connection_limit.given &&
        database->connection_limit != decl->connection_limit.value) {
        database->connection_limit = decl->connection_limit.value;
        walk_add(walk, &(Change){ .kind = CHANGE_DATABASE_CONNECTION_LIMIT,
                                  .declared_at = decl->connection_limit.pos,
                                  .database = database->name,
                                  .name = database->name,
                                  .connection_limit = { database->connection_limit } });
    }
    if (decl->is_template.given && database->is_template != decl->is_template.value) {
        database->is_template = decl->is_template.value;
        walk_add(walk, &(Change){ .kind = CHANGE_DATABASE_IS_TEMPLATE,
                                  .declared_at = decl->is_template.pos,
                                  .database = database->name,
                                  .name = database->name,
                                  .is_template = { database->is_template } });
    }
    walk_parameters(walk, &decl->parameters, NAME_NONE, database->name);
    if (wanted != NULL && g_strcmp0(comment, database->comment) != 0) {
        database->comment = comment;
        walk->by_default = decl->comment.value == NULL;
        walk_add(walk, &(Change){ .kind = CHANGE_DATABASE_COMMENT,
                                  .declared_at = pos_or(decl->comment.pos, decl->pos),
                                  .database = database->name,
                                  .name = database->name,
                                  .comment = { comment } });
        walk->by_default = false;
    }
}

/* Who connects all the same is the policy's wish, whoever wrote revokeconn. */
static void
grant_connect(Walk *walk, const AclTarget *target, const PolicyRole *role, SourcePos because)
{
    const PrivilegeSet connect = PRIVILEGE_BIT(PRIVILEGE_CONNECT);
    NameId grantee = walk_policy_role(walk, role, "CONNECT for the system users");

    if (grantee != NAME_NONE)
        walk_grant(walk, target,
                   (AclEntry){ .grantee = grantee,
                               .privileges = connect,
                               .grantable = role->grantable ? connect : 0 },
                   because);
}

static void
converge_connect(Walk *walk, const DatabaseDecl *decl, StateDatabase *database, NameId owner)
{
    const PrivilegeSet connect = PRIVILEGE_BIT(PRIVILEGE_CONNECT);
    unsigned flags = walk->policy->flags;
    AclTarget target = walk_database_target(database);
    SourcePos because = pos_or(decl->revoke_connect.pos, decl->owner.pos);
    AclEntry to_public = { .grantee = NAME_PUBLIC, .privileges = connect };

    if (!decl->revoke_connect.given &&
        ((flags & POLICY_OWNER_REVOKES_CONNECT) == 0 || owner == NAME_NONE))
        return;
    if (decl->revoke_connect.given && !decl->revoke_connect.value) {
        walk_grant(walk, &target, to_public, because);
        return;
    }
    walk_revoke(walk, &target, to_public, because);
    LIST_FOREACH (const PolicyRole, role, &walk->policy->connect)
        grant_connect(walk, &target, role, because);
    if (owner != NAME_NONE)
        walk_grant(walk, &target,
                   (AclEntry){ .grantee = owner, .privileges = connect, .grantable = connect },
                   because);
}

/* By the policy CREATE is for its roles, the owner and superusers instead of everybody. */
static void
harden(Walk *walk, const AclTarget *target)
{
    const PrivilegeSet create = PRIVILEGE_BIT(PRIVILEGE_CREATE);

    if ((walk->policy->flags & POLICY_CLOSES_PUBLIC) == 0)
        return;
    walk_revoke(walk, target, (AclEntry){ .grantee = NAME_PUBLIC, .privileges = create },
                walk->policy->create_for_pos);
    LIST_FOREACH (const PolicyRole, role, &walk->policy->create_for) {
        g_autofree char *purpose =
            g_strdup_printf("CREATE for %s", policy_role_name(role, walk->users));
        NameId grantee = walk_policy_role(walk, role, purpose);

        if (grantee != NAME_NONE)
            walk_grant(walk, target, (AclEntry){ .grantee = grantee, .privileges = create },
                       role->pos);
    }
}

static void
harden_database(Walk *walk, StateDatabase *database)
{
    AclTarget target = walk_database_target(database);

    harden(walk, &target);
}

static void
harden_public(Walk *walk, const DatabaseDecl *decl, const StateDatabase *database)
{
    StateSchema *public = state_database_schema(database, names_intern(walk->names, "public"));
    AclTarget target;

    if (public == NULL && (walk->policy->flags & POLICY_CLOSES_PUBLIC) == 0)
        return;
    if (public == NULL) {
        findings_add(walk->input->notes, &FINDING_PUBLIC_SCHEMA_MISSING, decl->pos, NULL,
                     "database \"%s\" has no schema \"public\" to harden", decl->name);
        return;
    }
    target = walk_schema_target(database, public);
    harden(walk, &target);
}

static void
note_what_is_left(Walk *walk, const DatabaseDecl *decl, const StateDatabase *database)
{
    const char *tablespace = given_text(&decl->tablespace);

    if (tablespace != NULL && g_strcmp0(tablespace, database->tablespace) != 0)
        findings_add(walk->input->notes, &FINDING_TABLESPACE_DIFFERS, decl->tablespace.pos, NULL,
                     "database \"%s\" stays in tablespace \"%s\"", decl->name,
                     database->tablespace);
    if (decl->extensions.count > 0) {
        const ExtensionDecl *first = decl->extensions.items[0];

        findings_add(walk->input->notes, &FINDING_EXTENSION_UNMANAGED, first->pos, NULL,
                     "extensions are not managed: %zu of database \"%s\" are left to you",
                     decl->extensions.count, decl->name);
    }
    if (given_text(&decl->baseline) != NULL)
        findings_add(walk->input->notes, &FINDING_BASELINE_IGNORED, decl->baseline.pos, NULL,
                     "baseline \"%s\" of database \"%s\" is not run", decl->baseline.value,
                     decl->name);
}

static void
walk_connections_allowed(Walk *walk, const DatabaseDecl *decl, StateDatabase *database)
{
    bool wanted = decl->allow_connections.value;

    if (!decl->allow_connections.given || database->allow_connections == wanted)
        return;
    database->allow_connections = wanted;
    /* The server refuses this inside the database itself: it is done from another. */
    walk_add(walk, &(Change){ .kind = wanted ? CHANGE_DATABASE_ALLOW_CONNECTIONS
                                             : CHANGE_DATABASE_REFUSE_CONNECTIONS,
                              .declared_at = decl->allow_connections.pos,
                              .name = database->name });
}

/* What can be said of a database without entering it. */
static void
walk_from_outside(Walk *walk, const DatabaseDecl *decl, StateDatabase *database, NameId owner)
{
    walk->from_outside = true;
    converge_owner(walk, decl, database, owner);
    converge_properties(walk, decl, database);
    converge_connect(walk, decl, database, owner);
    harden_database(walk, database);
    walk->from_outside = false;
}

/* Adopt and strict: every creator that is declared, in every database that is. */
static void
walk_all_creators(Walk *walk, StateDatabase *database)
{
    LIST_FOREACH (const PolicyRole, role, &walk->policy->creators) {
        const char *name = policy_role_name(role, walk->users);
        NameId creator = walk_policy_role_is_dbsu(role) ? walk->creator
                         : name == NULL                 ? NAME_NONE
                                                        : names_find(walk->names, name);

        if (creator != NAME_NONE && access_state_role(walk->state, creator) != NULL)
            walk_default_privileges(walk, database, &walk->cluster->default_privileges, creator);
    }
    LIST_FOREACH (const DatabaseDecl, decl, &walk->cluster->databases) {
        const char *owner = given_text(&decl->owner);
        NameId creator = owner == NULL ? NAME_NONE : names_find(walk->names, owner);

        if (decl->state != DATABASE_ABSENT && creator != NAME_NONE &&
            access_state_role(walk->state, creator) != NULL)
            walk_default_privileges(walk, database, &walk->cluster->owner_default_privileges,
                                    creator);
    }
}

static void
walk_database(Walk *walk, const DatabaseDecl *decl)
{
    StateDatabase *database =
        access_state_database(walk->state, names_intern(walk->names, decl->name));
    NameId owner = NAME_NONE;

    if (decl->state == DATABASE_ABSENT) {
        if (database != NULL)
            walk_absent_database(walk, decl, database);
        return;
    }
    if (decl->state == DATABASE_RECREATE)
        findings_add(walk->input->notes, &FINDING_DATABASE_RECREATE_IGNORED, decl->pos,
                     "drop it by hand where that is wanted",
                     "database \"%s\" is created when missing and never dropped first", decl->name);
    if (given_text(&decl->owner) != NULL) {
        g_autofree char *purpose = g_strdup_printf("owner of database \"%s\"", decl->name);

        owner = walk_require_role(walk, decl->owner.value, decl->owner.pos, purpose);
        if (owner == NAME_NONE)
            return;
    }
    if (database == NULL)
        database = create_database(walk, decl, owner);
    if (database == NULL)
        return;
    if (!database->content_known) {
        walk_connections_allowed(walk, decl, database);
        walk_from_outside(walk, decl, database, owner);
        if (database->allow_connections)
            return;
        findings_add(walk->input->notes, &FINDING_DATABASE_CLOSED, decl->pos,
                     "with allowconn: true the next plan looks inside",
                     "database \"%s\" does not accept connections: what lies inside is left as "
                     "it is",
                     decl->name);
        return;
    }
    converge_owner(walk, decl, database, owner);
    converge_properties(walk, decl, database);
    converge_connect(walk, decl, database, owner);
    harden_database(walk, database);
    harden_public(walk, decl, database);
    if (owner != NAME_NONE)
        walk_default_privileges(walk, database, &walk->cluster->owner_default_privileges, owner);
    if (walk->input->mode != ACCESS_MODE_ADDITIVE)
        walk_all_creators(walk, database);
    walk_schemas(walk, database, &decl->schemas);
    walk_owners(walk, database, &decl->owners);
    /* Before what is taken on schemas: who revokes what it granted on has to look into them. */
    walk_mark_objects(walk, database);
    walk_grants(walk, database, &decl->grants);
    walk_existing_objects(walk, database);
    walk_undeclared(walk, decl, database);
    walk_note_creators(walk, decl, database);
    walk_note_wide_acls(walk, database);
    walk_connections_allowed(walk, decl, database);
    note_what_is_left(walk, decl, database);
}

/*
 * On Citus the primary database exists before anything else and is provisioned like template1. A
 * missing one gets all that from template1, so only one that is there needs a walk of its own.
 */
static void
walk_primary_database(Walk *walk)
{
    const char *name = walk->cluster->primary_db;
    StateDatabase *database = NULL;

    if (name == NULL || strcmp(name, "postgres") == 0)
        return;
    database = access_state_database(walk->state, names_intern(walk->names, name));
    if (database != NULL && database->content_known)
        walk_template(walk, database);
    if (database != NULL)
        return;
    LIST_FOREACH (const DatabaseDecl, decl, &walk->cluster->databases) {
        if (strcmp(decl->name, name) == 0)
            return;
    }
    {
        DatabaseDecl *decl = ARENA_NEW(walk->arena, DatabaseDecl);

        *decl = (DatabaseDecl){ .pos = walk->policy_pos, .name = name, .from_policy = true };
        create_database(walk, decl, NAME_NONE);
    }
}

void
walk_databases(Walk *walk)
{
    walk_primary_database(walk);
    LIST_FOREACH (const DatabaseDecl, decl, &walk->cluster->databases)
        walk_database(walk, decl);
}
