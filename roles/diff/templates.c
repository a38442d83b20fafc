/* What the policy gives in template1 and postgres, and so in every database made of them. */
#include "roles/diff/templates.h"

#include <string.h>

#include "roles/diff/acl_edit.h"
#include "roles/diff/default_privileges.h"
#include "roles/diff/hardening.h"
#include "roles/diff/required_role.h"
#include "roles/diff/schema_edit.h"

/*
 * EXECUTE on functions of pg_catalog is per database, since pg_proc is; template1 passes it on to
 * new databases only.
 */
static void
grant_function(Diff *diff, StateDatabase *database, const char *signature, const AclEntry *entry,
               SourcePos declared_at)
{
    StateFunction *function = state_database_function(database, signature);
    AclTarget target;

    /* A signature that this version of the server does not have is for another one. */
    if (function == NULL)
        return;
    target = acl_target_of_function(database, function);
    acl_edit_grant(diff, &target, *entry, declared_at);
}

/* Backup and failover tools that log in as the replication user call functions of pg_catalog. */
static void
grant_functions(Diff *diff, StateDatabase *database, const PolicyFunctions *functions)
{
    StateSchema *catalog = state_database_schema(database, names_intern(diff->names, "pg_catalog"));
    AclEntry entry = {
        .grantee = required_policy_role(diff, functions->role, "EXECUTE for the replication user"),
        .privileges = PRIVILEGE_BIT(PRIVILEGE_USAGE),
    };

    if (entry.grantee == NAME_NONE)
        return;
    if (catalog != NULL) {
        AclTarget target = acl_target_of_schema(database, catalog);

        acl_edit_grant(diff, &target, entry, functions->pos);
    }
    entry.privileges = PRIVILEGE_BIT(PRIVILEGE_EXECUTE);
    LIST_FOREACH (const char, signature, &functions->signatures)
        grant_function(diff, database, signature, &entry, functions->pos);
}

static void
apply_policy_schema(Diff *diff, StateDatabase *database, const PolicySchema *wanted)
{
    NameId name = names_intern(diff->names, wanted->name);
    StateSchema *schema = state_database_schema(database, name);
    g_autofree char *purpose = g_strdup_printf("USAGE on schema \"%s\"", wanted->name);
    AclTarget target;

    if (schema == NULL)
        schema = schema_edit_create(diff, database, name, diff->scope->creator, wanted->pos);
    if (schema == NULL)
        return;
    target = acl_target_of_schema(database, schema);
    LIST_FOREACH (const PolicyRole, role, &wanted->usage) {
        AclEntry entry = { .grantee = required_policy_role(diff, role, purpose),
                           .privileges = PRIVILEGE_BIT(PRIVILEGE_USAGE) };

        if (entry.grantee != NAME_NONE)
            acl_edit_grant(diff, &target, entry, role->pos);
    }
}

static void
harden_template(Diff *diff, StateDatabase *database)
{
    StateSchema *public = state_database_schema(database, names_intern(diff->names, "public"));
    g_autofree char *what = NULL;
    AclTarget target;

    if (public == NULL || (diff->context->policy->flags & POLICY_CLOSES_PUBLIC) == 0)
        return;
    target = acl_target_of_schema(database, public);
    what = g_strdup_printf("schema \"public\" of database \"%s\"",
                           names_text(diff->names, database->name));
    if (!hardening_may_take(diff, &target, what, false, diff->context->policy->create_for_pos))
        return;
    acl_edit_revoke(
        diff, &target,
        (AclEntry){ .grantee = NAME_PUBLIC, .privileges = PRIVILEGE_BIT(PRIVILEGE_CREATE) },
        diff->context->policy->create_for_pos);
}

/* All creators are looked for before anything is granted, so that the notes stand together. */
static NameIdVector
find_creators(Diff *diff)
{
    NameIdVector creators = { 0 };

    LIST_FOREACH (const PolicyRole, role, &diff->context->policy->creators) {
        g_autofree char *purpose = role->name != NULL
                                       ? g_strdup_printf("default privileges of %s", role->name)
                                       : g_strdup("default privileges of the admin user");
        NameId creator = scope_policy_role_is_dbsu(role)
                             ? diff->scope->default_creator
                             : required_policy_role(diff, role, purpose);

        if (creator != NAME_NONE)
            name_id_vector_add(diff->arena, &creators, creator);
    }
    return creators;
}

static void
apply_to_creators(Diff *diff, StateDatabase *database, const NameIdVector *creators,
                  DefaultPrivilegeReach reach)
{
    for (size_t i = 0; i < creators->count; i++)
        default_privileges_apply(diff, database, &diff->context->cluster->default_privileges, reach,
                                 creators->items[i], ORIGIN_POLICY);
}

static void
apply_policy(Diff *diff, StateDatabase *database)
{
    const NameIdVector creators = find_creators(diff);

    apply_to_creators(diff, database, &creators, DEFAULT_PRIVILEGES_GLOBAL);
    schema_edit_declared(diff, database, &diff->context->cluster->default_schemas, ORIGIN_POLICY);
    harden_template(diff, database);
    LIST_FOREACH (const PolicyFunctions, functions, &diff->context->policy->functions)
        grant_functions(diff, database, functions);
    LIST_FOREACH (const PolicySchema, schema, &diff->context->policy->schemas)
        apply_policy_schema(diff, database, schema);
    apply_to_creators(diff, database, &creators, DEFAULT_PRIVILEGES_IN_SCHEMA);
    if (diff->context->cluster->default_extensions.count > 0) {
        const ExtensionDecl *first = diff->context->cluster->default_extensions.items[0];

        findings_add(diff->notes, &FINDING_EXTENSION_UNMANAGED, first->pos, NULL,
                     "extensions are not managed (%zu declared in pg_default_extensions)",
                     diff->context->cluster->default_extensions.count);
    }
}

static void
apply_to_templates(Diff *diff)
{
    const char *const names[] = { "template1", "postgres" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        StateDatabase *database =
            access_state_database(diff->state, names_intern(diff->names, names[i]));

        if (database != NULL && database->content_known)
            apply_policy(diff, database);
        else if (database != NULL && !database->allow_connections &&
                 diff->context->cluster->default_privileges.count > 0)
            findings_add(diff->notes, &FINDING_DATABASE_CLOSED, diff->context->policy_pos, NULL,
                         "database \"%s\" does not accept connections: its default privileges "
                         "cannot be planned",
                         names[i]);
    }
}

/*
 * On Citus the primary database exists before anything else and is provisioned like template1. A
 * missing one gets all that from template1, so only one that is there is treated by itself.
 */
void
diff_templates(Diff *diff)
{
    const char *name = diff->context->cluster->primary_db;
    StateDatabase *database = NULL;

    apply_to_templates(diff);
    if (name == NULL || strcmp(name, "postgres") == 0)
        return;
    database = access_state_database(diff->state, names_intern(diff->names, name));
    if (database != NULL && database->content_known)
        apply_policy(diff, database);
}
