/* Views that a grant on tables leaves out, although its default privilege reaches later ones. */
#include "roles/diff/uncovered_views.h"

#include "roles/state/schema_pattern.h"

/*
 * ALTER DEFAULT PRIVILEGES ON TABLES holds for whatever GRANT ON TABLE takes, so for views,
 * materialized views and foreign tables as well (aclchk.c get_user_default_acl() is asked for
 * OBJECT_TABLE by all of them); foreign tables are tables here.
 */
static bool
reaches_later_views(const GrantDecl *grant)
{
    return grant->kind == GRANT_KIND_TABLE && !grant->absent &&
           (grant->future.count > 0 || grant->future_owners);
}

static bool
is_view_of(const Diff *diff, const GrantDecl *grant, const ObjectGroup *group)
{
    return (group->kind == GRANT_KIND_VIEW || group->kind == GRANT_KIND_MATVIEW) &&
           (group->flags & OBJECT_GROUP_IS_MEMBER) == 0 &&
           schema_matches_patterns(&grant->schemas, names_text(diff->names, group->schema));
}

/* Another entry, or PUBLIC's, may give the same on the views. */
static bool
lacks_privileges(const Diff *diff, const GrantDecl *grant, const ObjectGroup *group)
{
    PrivilegeSet known = object_kind_all(OBJECT_KIND_TABLE, diff->state->major_version);
    PrivilegeSet wanted = grant->all_privileges ? known : grant->privileges & known;
    PrivilegeSet of_public = acl_held_by(&group->acl, NAME_PUBLIC).privileges;

    LIST_FOREACH (const GrantText, grantee, &grant->to) {
        NameId id = grantee->text == NULL ? NAME_PUBLIC : names_find(diff->names, grantee->text);
        PrivilegeSet held = of_public | acl_held_by(&group->acl, id).privileges;

        if ((wanted & ~held) != 0)
            return true;
    }
    return false;
}

void
diff_uncovered_views(Diff *diff, const StateDatabase *database, const List *grants)
{
    LIST_FOREACH (const GrantDecl, grant, grants) {
        size_t count = 0;

        if (!reaches_later_views(grant))
            continue;
        LIST_FOREACH (const ObjectGroup, group, &database->groups) {
            if (is_view_of(diff, grant, group) && lacks_privileges(diff, grant, group))
                count += group->count;
        }
        if (count > 0)
            findings_add(diff->notes, &FINDING_VIEW_NOT_COVERED, grant->pos,
                         "kind: relations also covers existing views",
                         "grant on %s: \"future\" also reaches views created later, but %zu "
                         "existing %s in database \"%s\" %s left out",
                         grant_describe(diff->arena, grant), count, count == 1 ? "view" : "views",
                         names_text(diff->names, database->name), count == 1 ? "is" : "are");
    }
}
