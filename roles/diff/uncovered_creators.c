/* Who makes tables that no default privilege covers. */
#include "roles/diff/uncovered_creators.h"

/* Upper bound on creators that get a note of their own. */
#define CREATORS_NAMED_MAX 20

/*
 * A row with an empty ACL counts as none. SetDefaultACL() in aclchk.c stores one where all built-in
 * privileges were revoked globally, and it gives nobody anything.
 */
static bool
has_default(const StateDatabase *database, const ObjectGroup *group)
{
    DefaultAclType type = object_group_default_type(group->kind);

    LIST_FOREACH (const StateDefaultAcl, row, &database->default_acls) {
        if (row->creator == group->owner && row->type == type && row->acl.count > 0 &&
            (row->schema == NAME_NONE || row->schema == group->schema))
            return true;
    }
    return false;
}

typedef struct Uncovered {
    NameId owner;
    NameId schema;
    size_t count;
} Uncovered;

static int
compare_uncovered(const void *a, const void *b)
{
    const Uncovered *left = a;
    const Uncovered *right = b;

    return left->count == right->count ? 0 : left->count > right->count ? -1 : 1;
}

static List
gather_uncovered(Diff *diff, const StateDatabase *database)
{
    List found = { 0 };

    LIST_FOREACH (const ObjectGroup, group, &database->groups) {
        Uncovered *item = NULL;

        if (group->kind != GRANT_KIND_TABLE || (group->flags & OBJECT_GROUP_IS_MEMBER) != 0 ||
            !scope_is_ordinary_schema(diff->scope, group->schema) ||
            (group->owner == diff->state->bootstrap_superuser &&
             !scope_is_creator(diff->scope, group->owner)) ||
            has_default(database, group))
            continue;
        LIST_FOREACH (Uncovered, known, &found) {
            if (known->owner == group->owner && known->schema == group->schema)
                item = known;
        }
        if (item == NULL) {
            item = ARENA_NEW(diff->arena, Uncovered);
            *item = (Uncovered){ .owner = group->owner, .schema = group->schema };
            list_add(diff->arena, &found, item);
        }
        item->count += group->count;
    }
    list_sort(&found, compare_uncovered);
    return found;
}

/*
 * pg_default_acl applies by the role that runs CREATE, never by membership, which is the usual
 * surprise: a member of dbrole_admin that creates a table as itself gets none of dbrole_admin's
 * defaults.
 */
void
diff_uncovered_creators(Diff *diff, const DatabaseWork *work)
{
    List found = { 0 };

    if (diff->context->cluster->default_privileges.count == 0)
        return;
    found = gather_uncovered(diff, work->database);
    for (size_t i = 0; i < found.count && i < CREATORS_NAMED_MAX; i++) {
        const Uncovered *item = found.items[i];

        findings_add(
            diff->notes, &FINDING_CREATOR_NOT_COVERED, work->decl->pos,
            "have it SET ROLE dbrole_admin first, or use \"future\"",
            "role \"%s\" created %zu %s in schema \"%s\" of database \"%s\" that no default "
            "privilege covers",
            names_text(diff->names, item->owner), item->count,
            item->count == 1 ? "table" : "tables", names_text(diff->names, item->schema),
            work->decl->name);
    }
    if (found.count > CREATORS_NAMED_MAX)
        findings_add(diff->notes, &FINDING_CREATOR_NOT_COVERED, work->decl->pos, NULL,
                     "and %zu more creators in database \"%s\"", found.count - CREATORS_NAMED_MAX,
                     work->decl->name);
}
