/* The two marker roles: who is pgcharter's, and whom it has disabled. */
#include "roles/diff/diff_context.h"

static const char managed_comment[] = "roles that pgcharter manages; it looks after the members";
static const char disabled_comment[] =
    "roles that pgcharter disabled because they left; --prune drops them";

bool
walk_is_marked(const Walk *walk, NameId marker, NameId role)
{
    return access_state_memberships_of(walk->state, marker, role) != NULL;
}

/* The marker as it has to be: there, without LOGIN, telling what it is for. */
static void
ensure_marker(Walk *walk, NameId marker)
{
    StateRole *role = access_state_role(walk->state, marker);
    Change change = { .kind = CHANGE_ROLE_ALTER, .declared_at = walk->mode_pos, .name = marker };

    if (role != NULL && !role->attributes[ROLE_ATTRIBUTE_LOGIN])
        return;
    change.role.attribute_changes[ROLE_ATTRIBUTE_LOGIN] = true;
    if (role != NULL) {
        role->attributes[ROLE_ATTRIBUTE_LOGIN] = false;
        walk_add(walk, &change);
        return;
    }
    role = access_state_add_role(walk->state, marker);
    role->comment = marker == walk->managed_marker ? managed_comment : disabled_comment;
    change.kind = CHANGE_ROLE_CREATE;
    walk_add(walk, &change);
    walk_add(walk, &(Change){ .kind = CHANGE_ROLE_COMMENT,
                              .declared_at = walk->mode_pos,
                              .name = marker,
                              .comment = { role->comment } });
}

/* One statement for many members: a change grows until it has so many. */
#define MEMBERS_PER_STATEMENT 1000

static void
add_member(Walk *walk, List *changes, const Change *change, NameId member)
{
    Change *last = NULL;

    LIST_FOREACH (Change, item, changes) {
        if (item->marker.grantor == change->marker.grantor &&
            item->marker.members.count < MEMBERS_PER_STATEMENT)
            last = item;
    }
    if (last == NULL) {
        last = ARENA_NEW(walk->arena, Change);
        *last = *change;
        list_add(walk->arena, changes, last);
    }
    list_add(walk->arena, &change_edit_marker(last)->members, GUINT_TO_POINTER(member));
}

static void
add_changes(Walk *walk, const List *changes)
{
    LIST_FOREACH (const Change, change, changes)
        walk_add(walk, change);
}

void
walk_mark(Walk *walk, ChangeKind kind, NameId marker, const List *members)
{
    Change change = { .kind = kind, .declared_at = walk->mode_pos, .name = marker };
    List changes = { 0 };

    for (size_t i = 0; i < members->count; i++) {
        NameId member = GPOINTER_TO_UINT(members->items[i]);

        if (walk_is_marked(walk, marker, member))
            continue;
        if (changes.count == 0)
            ensure_marker(walk, marker);
        access_state_add_membership(walk->state, marker, member, walk->state->bootstrap_superuser);
        add_member(walk, &changes, &change, member);
    }
    add_changes(walk, &changes);
}

void
walk_unmark(Walk *walk, ChangeKind kind, NameId marker, const List *members)
{
    const int grantor_since = 16;
    List changes = { 0 };

    for (size_t i = 0; i < members->count; i++) {
        NameId member = GPOINTER_TO_UINT(members->items[i]);
        const List *rows = access_state_memberships_of(walk->state, marker, member);

        while (rows != NULL && rows->count > 0) {
            const StateMembership *row = rows->items[0];
            Change change = { .kind = kind, .declared_at = walk->mode_pos, .name = marker };

            if (walk->state->major_version >= grantor_since)
                change.marker.grantor = row->grantor;
            add_member(walk, &changes, &change, member);
            access_state_remove_membership(walk->state, row);
        }
    }
    add_changes(walk, &changes);
}

/* Whether a declared role is the inventory's: dbsu and the system users are the cluster's. */
static bool
is_markable(const Walk *walk, NameId role)
{
    const StateRole *state_role = access_state_role(walk->state, role);

    return state_role != NULL && !state_role->is_predefined && role != walk->managed_marker &&
           role != walk->disabled_marker && role != walk->state->bootstrap_superuser &&
           role != names_find(walk->names, walk->users->dbsu) && !walk_is_system_user(walk, role);
}

/*
 * Declared roles are marked as managed, only where things are taken away at all; one that is
 * declared again is no longer disabled in any mode, as its LOGIN has come back.
 */
void
walk_declared_marks(Walk *walk)
{
    List managed = { 0 };
    List back = { 0 };

    LIST_FOREACH (const RoleDecl, decl, &walk->cluster->roles) {
        NameId name = names_intern(walk->names, decl->name);

        if (decl->absent || !is_markable(walk, name))
            continue;
        if (walk_manages_role(walk, name))
            list_add(walk->arena, &managed, GUINT_TO_POINTER(name));
        list_add(walk->arena, &back, GUINT_TO_POINTER(name));
    }
    walk_mark(walk, CHANGE_MARKER_GRANT, walk->managed_marker, &managed);
    walk_unmark(walk, CHANGE_MARKER_REVOKE, walk->disabled_marker, &back);
}
