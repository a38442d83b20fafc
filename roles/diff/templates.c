/* Default privileges, schemas, and what the policy gives in template1 and postgres. */
#include "inventory/model/server_feature.h"
#include "roles/diff/diff_context.h"

AclTarget
walk_database_target(StateDatabase *database)
{
    return (AclTarget){
        .acl = &database->acl,
        .base = &database->base,
        .grant_kind = CHANGE_GRANT,
        .revoke_kind = CHANGE_HARDENING,
        .database = database->name,
        .object_kind = OBJECT_KIND_DATABASE,
        .name = database->name,
        .owner = database->owner,
        .wishes = &database->wishes,
    };
}

AclTarget
walk_schema_target(const StateDatabase *database, StateSchema *schema)
{
    return (AclTarget){
        .acl = &schema->acl,
        .base = &schema->base,
        .grant_kind = CHANGE_GRANT,
        .revoke_kind = CHANGE_HARDENING,
        .database = database->name,
        .object_kind = OBJECT_KIND_SCHEMA,
        .name = schema->name,
        .owner = schema->owner,
        .wishes = &schema->wishes,
    };
}

AclTarget
walk_default_target(const StateDatabase *database, StateDefaultAcl *row)
{
    return (AclTarget){
        .acl = &row->acl,
        .base = &row->base,
        .grant_kind = row->schema == NAME_NONE ? CHANGE_DEFAULT_GRANT : CHANGE_SCHEMA_DEFAULT_GRANT,
        .revoke_kind =
            row->schema == NAME_NONE ? CHANGE_DEFAULT_REVOKE : CHANGE_SCHEMA_DEFAULT_REVOKE,
        .database = database->name,
        .owner = row->creator,
        .schema = row->schema,
        .default_type = row->type,
        .wishes = &row->wishes,
    };
}

/* A REVOKE in a schema cannot take what the creator's global default gives: nothing is stored. */
static void
warn_revoke_without_effect(Walk *walk, const StateDatabase *database,
                           const DefaultPrivilegeDecl *decl, const StateDefaultAcl *row,
                           const AclEntry *entry)
{
    AclEntry here = acl_held_by(&row->acl, entry->grantee);
    AclEntry global = { 0 };

    if (row->schema == NAME_NONE || (here.privileges & entry->privileges) != 0)
        return;
    LIST_FOREACH (const StateDefaultAcl, other, &database->default_acls) {
        if (other->creator == row->creator && other->schema == NAME_NONE &&
            other->type == row->type)
            global = acl_held_by(&other->acl, entry->grantee);
    }
    if ((global.privileges & entry->privileges) != 0)
        findings_add(walk->input->notes, &FINDING_DEFAULT_REVOKE_INEFFECTIVE, decl->pos,
                     "revoke it globally, without IN SCHEMA, and grant it in the other schemas",
                     "\"%s\" changes nothing: the privilege comes from the global default of the "
                     "creator \"%s\"",
                     decl->text, names_text(walk->names, row->creator));
}

static void
apply_fragment_to_row(Walk *walk, StateDatabase *database, NameId creator, NameId schema,
                      const DefaultPrivilegeDecl *decl, PrivilegeSet privileges)
{
    StateDefaultAcl *row =
        state_database_default_acl(walk->state, database, creator, schema, decl->type);
    AclTarget target = walk_default_target(database, row);

    for (size_t i = 0; i < decl->grantees.count; i++) {
        const char *grantee = decl->grantees.items[i];
        AclEntry entry = { .grantee = NAME_PUBLIC, .privileges = privileges };

        if (grantee != NULL) {
            g_autofree char *purpose = g_strdup_printf("default privilege \"%s\"", decl->text);

            entry.grantee = walk_require_role(walk, grantee, decl->pos, purpose);
        }
        if (entry.grantee == NAME_NONE)
            continue;
        if (!decl->is_revoke) {
            entry.grantable = decl->grant_option ? privileges : 0;
            walk_grant(walk, &target, entry, decl->pos);
            continue;
        }
        warn_revoke_without_effect(walk, database, decl, row, &entry);
        if (decl->grant_option)
            entry = (AclEntry){ .grantee = entry.grantee, .grantable = privileges };
        walk_revoke(walk, &target, entry, decl->pos);
    }
}

/* What the fragment's privileges are on this server; 0 (and a note) when it has none of them. */
static PrivilegeSet
privileges_of_fragment(Walk *walk, const DefaultPrivilegeDecl *decl)
{
    int version = walk->state->major_version;
    PrivilegeSet known = object_kind_all(object_kind_of_default(decl->type), version);
    PrivilegeSet wanted = decl->all_privileges ? known : decl->privileges;

    if (decl->type == DEFAULT_ACL_LARGE_OBJECTS &&
        !server_has(version, SERVER_LARGE_OBJECT_DEFAULTS))
        known = 0;
    if ((wanted & ~known) != 0)
        findings_add(walk->input->notes, &FINDING_FEATURE_UNSUPPORTED, decl->pos, NULL,
                     "\"%s\": what PostgreSQL %d does not have of it is left out", decl->text,
                     version);
    return wanted & known;
}

void
walk_default_privileges(Walk *walk, StateDatabase *database, const List *fragments, NameId creator)
{
    LIST_FOREACH (const DefaultPrivilegeDecl, decl, fragments) {
        PrivilegeSet privileges = privileges_of_fragment(walk, decl);

        if (privileges == 0)
            continue;
        if (decl->schemas.count == 0)
            apply_fragment_to_row(walk, database, creator, NAME_NONE, decl, privileges);
        LIST_FOREACH (const char, schema_name, &decl->schemas) {
            NameId schema = names_intern(walk->names, schema_name);

            if (state_database_schema(database, schema) == NULL)
                findings_add(walk->input->notes, &FINDING_SCHEMA_NOT_FOUND, decl->pos,
                             "create the schema first, or name one that every database has",
                             "\"%s\": database \"%s\" has no schema \"%s\"", decl->text,
                             names_text(walk->names, database->name), schema_name);
            else
                apply_fragment_to_row(walk, database, creator, schema, decl, privileges);
        }
    }
}

/* NULL where it is left out. */
static StateSchema *
create_schema(Walk *walk, StateDatabase *database, NameId name, NameId owner, SourcePos because)
{
    Acl acl =
        state_database_creation_acl(walk->state, database, owner, NAME_NONE, DEFAULT_ACL_SCHEMAS);
    Change change = { .kind = CHANGE_SCHEMA_CREATE,
                      .declared_at = because,
                      .database = database->name,
                      .name = name,
                      .owner = { owner } };

    if (!walk_may(walk, &change, NULL))
        return NULL;
    walk_add(walk, &change);
    return state_database_add_schema(walk->state, database, name, owner, acl);
}

static void
converge_schema_owner(Walk *walk, StateDatabase *database, StateSchema *schema, NameId owner,
                      const SchemaDecl *decl)
{
    if (schema->owner == owner)
        return;
    if (walk_manages_database(walk, database->name))
        walk_change_schema_owner(walk, database, schema, owner, decl->owner.pos);
    else
        findings_add(walk->input->notes, &FINDING_SCHEMA_OWNER_KEPT, decl->owner.pos,
                     "adopt sets it, and so does an entry of owners",
                     "schema \"%s\" of database \"%s\" belongs to \"%s\" and stays so", decl->name,
                     names_text(walk->names, database->name),
                     names_text(walk->names, schema->owner));
}

/* A new schema belongs to who is named, else to dbsu; an existing one keeps its owner in additive.
 */
void
walk_schemas(Walk *walk, StateDatabase *database, const List *schemas)
{
    LIST_FOREACH (const SchemaDecl, decl, schemas) {
        NameId name = names_intern(walk->names, decl->name);
        NameId owner = walk->creator;
        bool exists = state_database_schema(database, name) != NULL;

        if (decl->absent) {
            if (exists)
                walk_absent_schema(walk, decl, database);
            continue;
        }
        if (decl->owner.value != NULL) {
            g_autofree char *purpose = g_strdup_printf("owner of schema \"%s\"", decl->name);

            owner = walk_require_role(walk, decl->owner.value, decl->owner.pos, purpose);
        }
        if (!exists && owner != NAME_NONE)
            create_schema(walk, database, name, owner, decl->pos);
        else if (owner != NAME_NONE && decl->owner.value != NULL)
            converge_schema_owner(walk, database, state_database_schema(database, name), owner,
                                  decl);
    }
}

static void
grant_function(Walk *walk, StateDatabase *database, const char *signature, const AclEntry *entry,
               SourcePos because)
{
    StateFunction *function = state_database_function(database, signature);
    AclTarget target = { .grant_kind = CHANGE_GRANT,
                         .revoke_kind = CHANGE_REVOKE,
                         .database = database->name,
                         .object_kind = OBJECT_KIND_FUNCTION };

    /* A signature that this version of the server does not have is for another one. */
    if (function == NULL)
        return;
    target.acl = &function->acl;
    target.base = &function->base;
    target.signature = function->signature;
    target.owner = function->owner;
    walk_grant(walk, &target, *entry, because);
}

/* Backup and failover tools that log in as the replication user call functions of pg_catalog. */
static void
grant_functions(Walk *walk, StateDatabase *database, const PolicyFunctions *functions)
{
    StateSchema *catalog = state_database_schema(database, names_intern(walk->names, "pg_catalog"));
    AclEntry entry = {
        .grantee = walk_policy_role(walk, functions->role, "what the replication user may run"),
        .privileges = PRIVILEGE_BIT(PRIVILEGE_USAGE),
    };

    if (entry.grantee == NAME_NONE)
        return;
    if (catalog != NULL) {
        AclTarget target = walk_schema_target(database, catalog);

        walk_grant(walk, &target, entry, functions->pos);
    }
    entry.privileges = PRIVILEGE_BIT(PRIVILEGE_EXECUTE);
    LIST_FOREACH (const char, signature, &functions->signatures)
        grant_function(walk, database, signature, &entry, functions->pos);
}

static void
walk_policy_schema(Walk *walk, StateDatabase *database, const PolicySchema *wanted)
{
    NameId name = names_intern(walk->names, wanted->name);
    StateSchema *schema = state_database_schema(database, name);
    g_autofree char *purpose = g_strdup_printf("USAGE on schema \"%s\"", wanted->name);
    AclTarget target;

    if (schema == NULL)
        schema = create_schema(walk, database, name, walk->creator, wanted->pos);
    if (schema == NULL)
        return;
    target = walk_schema_target(database, schema);
    LIST_FOREACH (const PolicyRole, role, &wanted->usage) {
        AclEntry entry = { .grantee = walk_policy_role(walk, role, purpose),
                           .privileges = PRIVILEGE_BIT(PRIVILEGE_USAGE) };

        if (entry.grantee != NAME_NONE)
            walk_grant(walk, &target, entry, role->pos);
    }
}

static void
harden_template(Walk *walk, StateDatabase *database)
{
    StateSchema *public = state_database_schema(database, names_intern(walk->names, "public"));
    AclTarget target;

    if (public == NULL || (walk->policy->flags & POLICY_CLOSES_PUBLIC) == 0)
        return;
    target = walk_schema_target(database, public);
    walk_revoke(walk, &target,
                (AclEntry){ .grantee = NAME_PUBLIC, .privileges = PRIVILEGE_BIT(PRIVILEGE_CREATE) },
                walk->policy->create_for_pos);
}

/* All creators are looked for before anything is granted, so that the notes stand together. */
static void
walk_creators(Walk *walk, StateDatabase *database)
{
    g_autofree NameId *creators = g_new0(NameId, walk->policy->creators.count);
    size_t count = 0;

    LIST_FOREACH (const PolicyRole, role, &walk->policy->creators) {
        g_autofree char *purpose = role->name != NULL
                                       ? g_strdup_printf("default privileges of %s", role->name)
                                       : g_strdup("default privileges of the admin user");

        creators[count++] = walk_policy_role_is_dbsu(role) ? walk->default_creator
                                                           : walk_policy_role(walk, role, purpose);
    }
    for (size_t i = 0; i < count; i++) {
        if (creators[i] != NAME_NONE)
            walk_default_privileges(walk, database, &walk->cluster->default_privileges,
                                    creators[i]);
    }
}

void
walk_template(Walk *walk, StateDatabase *database)
{
    walk->by_default = true;
    walk_creators(walk, database);
    walk_schemas(walk, database, &walk->cluster->default_schemas);
    harden_template(walk, database);
    LIST_FOREACH (const PolicyFunctions, functions, &walk->policy->functions)
        grant_functions(walk, database, functions);
    LIST_FOREACH (const PolicySchema, schema, &walk->policy->schemas)
        walk_policy_schema(walk, database, schema);
    walk->by_default = false;
    if (walk->cluster->default_extensions.count > 0) {
        const ExtensionDecl *first = walk->cluster->default_extensions.items[0];

        findings_add(walk->input->notes, &FINDING_EXTENSION_UNMANAGED, first->pos, NULL,
                     "extensions are not managed: %zu in pg_default_extensions are left to you",
                     walk->cluster->default_extensions.count);
    }
}
