/* Fragments of ALTER DEFAULT PRIVILEGES, applied to the rows of one creator. */
#include "roles/diff/default_privileges.h"

#include "inventory/model/server_feature.h"
#include "roles/diff/acl_edit.h"
#include "roles/diff/required_role.h"

/*
 * The row is made on demand, also for a REVOKE: a global row starts from the built-in default, so
 * revoking PUBLIC's EXECUTE stores something, while a row of a schema starts empty (aclchk.c
 * SetDefaultACL()).
 */
static void
apply_fragment_to_row(Diff *diff, StateDatabase *database, NameId creator, NameId schema,
                      const DefaultPrivilegeDecl *decl, PrivilegeSet privileges, Origin origin)
{
    StateDefaultAcl *row =
        state_database_default_acl(diff->state, database, creator, schema, decl->type);
    AclTarget target = acl_target_of_default(database, row);

    target.origin = origin;
    for (size_t i = 0; i < decl->grantees.count; i++) {
        const char *grantee = decl->grantees.items[i];
        AclEntry entry = { .grantee = NAME_PUBLIC, .privileges = privileges };

        if (grantee != NULL) {
            g_autofree char *purpose = g_strdup_printf("default privilege \"%s\"", decl->text);

            entry.grantee = required_role(diff, grantee, decl->pos, purpose);
        }
        if (entry.grantee == NAME_NONE)
            continue;
        if (!decl->is_revoke) {
            entry.grantable = decl->grant_option ? privileges : 0;
            acl_edit_grant(diff, &target, entry, decl->pos);
            continue;
        }
        if (decl->grant_option)
            entry = (AclEntry){ .grantee = entry.grantee, .grantable = privileges };
        acl_edit_revoke(diff, &target, entry, decl->pos);
    }
}

/* What the fragment's privileges are on this server; 0 (and a note) when it has none of them. */
static PrivilegeSet
privileges_of_fragment(Diff *diff, const DefaultPrivilegeDecl *decl)
{
    int version = diff->state->major_version;
    PrivilegeSet known = object_kind_all(object_kind_of_default(decl->type), version);
    PrivilegeSet wanted = decl->all_privileges ? known : decl->privileges;

    if (decl->type == DEFAULT_ACL_LARGE_OBJECTS &&
        !server_has(version, SERVER_LARGE_OBJECT_DEFAULTS))
        known = 0;
    if ((wanted & ~known) != 0)
        findings_add(diff->notes, &FINDING_FEATURE_UNSUPPORTED, decl->pos, NULL,
                     "\"%s\": privileges not supported by PostgreSQL %d are skipped", decl->text,
                     version);
    return wanted & known;
}

/*
 * A schema that does not exist is an error of the server, too; reporting it here keeps the
 * transaction of the whole database from failing on it. One that the session role may not make has
 * its note already.
 */
static void
apply_in_schema(Diff *diff, StateDatabase *database, NameId creator, const char *schema_name,
                const DefaultPrivilegeDecl *decl, PrivilegeSet privileges, Origin origin)
{
    NameId schema = names_intern(diff->names, schema_name);

    if (state_database_schema(database, schema) != NULL)
        apply_fragment_to_row(diff, database, creator, schema, decl, privileges, origin);
    else if (!skipped_has_schema(diff->skipped, schema))
        findings_add(diff->notes, &FINDING_SCHEMA_NOT_FOUND, decl->pos,
                     "create the schema first, or name one that every database has",
                     "\"%s\": database \"%s\" has no schema \"%s\"", decl->text,
                     names_text(diff->names, database->name), schema_name);
}

void
default_privileges_apply(Diff *diff, StateDatabase *database, const List *fragments,
                         DefaultPrivilegeReach reach, NameId creator, Origin origin)
{
    LIST_FOREACH (const DefaultPrivilegeDecl, decl, fragments) {
        bool in_schema = decl->schemas.count > 0;
        PrivilegeSet privileges = 0;

        if (in_schema != (reach == DEFAULT_PRIVILEGES_IN_SCHEMA))
            continue;
        privileges = privileges_of_fragment(diff, decl);
        if (privileges == 0)
            continue;
        if (!in_schema)
            apply_fragment_to_row(diff, database, creator, NAME_NONE, decl, privileges, origin);
        LIST_FOREACH (const char, schema_name, &decl->schemas)
            apply_in_schema(diff, database, creator, schema_name, decl, privileges, origin);
    }
}
