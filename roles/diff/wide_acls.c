/*
 * ACLs that outgrow their row: pg_class, pg_attribute and pg_largeobject_metadata have no TOAST, so
 * the whole row has to fit into a page, and the server refuses somewhere between 500 and 2,400
 * grantees, by version, compression and what else the row holds. Whoever comes near is warned
 * before the statement that fails.
 */
#include "roles/diff/wide_acls.h"

#define WIDE_ACL_GRANTEES 400

static size_t
count_grantees(const Acl *acl)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

    for (size_t i = 0; i < acl->count; i++)
        g_hash_table_add(seen, GUINT_TO_POINTER(acl->entries[i].grantee));
    return g_hash_table_size(seen);
}

/*
 * Whether the plan adds a grantee to an ACL that is, or gets, wide. Only a plan that makes an ACL
 * wider warns. One that is wide already works, and a note on every run would be ignored soon.
 */
static bool
gets_wide(const Acl *base, const Acl *acl)
{
    return acl->count >= WIDE_ACL_GRANTEES && acl->count > base->count &&
           count_grantees(acl) >= WIDE_ACL_GRANTEES && count_grantees(acl) > count_grantees(base);
}

static SourcePos
last_grant(const Diff *diff, const List *provenance)
{
    for (size_t i = provenance->count; i > 0; i--) {
        const AclDeclaration *reason = provenance->items[i - 1];

        if (!reason->absent)
            return reason->declared_at;
    }
    return diff->context->policy_pos;
}

static void
warn(Diff *diff, const Acl *acl, const List *provenance, const char *what)
{
    findings_add(diff->notes, &FINDING_ACL_TOO_WIDE, last_grant(diff, provenance),
                 "grant to a group role and make these roles its members",
                 "%s would have %zu entries in one ACL and may exceed the row size limit", what,
                 count_grantees(acl));
}

static bool
has_no_toast(GrantKind kind)
{
    return kind == GRANT_KIND_TABLE || kind == GRANT_KIND_VIEW || kind == GRANT_KIND_MATVIEW ||
           kind == GRANT_KIND_SEQUENCE || kind == GRANT_KIND_LARGE_OBJECT;
}

static void
warn_of_group(Diff *diff, const StateDatabase *database, const ObjectGroup *group)
{
    const char *kind = grant_kind_info(group->kind)->singular;
    const char *database_name = names_text(diff->names, database->name);
    const ObjectIdentity *first = group->is_named ? group->identities.items[0] : NULL;
    const char *what = NULL;

    if (group->schema == NAME_NONE)
        what = arena_printf(diff->arena, "%zu large objects of database \"%s\"", group->count,
                            database_name);
    else if (first != NULL && group->count == 1)
        what = arena_printf(diff->arena, "%s \"%s\".\"%s\" of database \"%s\"", kind,
                            names_text(diff->names, group->schema), first->name, database_name);
    else
        what =
            arena_printf(diff->arena, "%zu %ss in schema \"%s\" of database \"%s\"", group->count,
                         kind, names_text(diff->names, group->schema), database_name);
    warn(diff, &group->acl, &group->provenance, what);
}

void
diff_wide_acls(Diff *diff, const DatabaseWork *work)
{
    const StateDatabase *database = work->database;

    LIST_FOREACH (const ObjectGroup, group, &database->groups) {
        if (has_no_toast(group->kind) && gets_wide(&group->base, &group->acl))
            warn_of_group(diff, database, group);
    }
    LIST_FOREACH (const StateColumn, column, &database->columns) {
        if (gets_wide(&column->base, &column->acl))
            warn(diff, &column->acl, &column->provenance,
                 diff_describe_column(diff, database, column));
    }
}
