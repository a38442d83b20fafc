/* The two marker roles and their members. */
#include "roles/diff/marker_edit.h"

#include "roles/diff/membership_edit.h"

static const char managed_comment[] = "roles managed by pgcharter; do not change the members";
static const char disabled_comment[] =
    "roles disabled by pgcharter because they are no longer declared; --prune drops them";

/* The marker as it has to be: there, without LOGIN, telling what it is for. One that is there was
 * looked at before (own_roles.c). */
static void
ensure_marker(Diff *diff, NameId marker)
{
    StateRole *role = access_state_role(diff->state, marker);
    Change change = { .kind = CHANGE_ROLE_CREATE,
                      .declared_at = diff->context->mode_pos,
                      .name = marker };

    if (role != NULL)
        return;
    change.role.attribute_changes[ROLE_ATTRIBUTE_LOGIN] = true;
    role = access_state_add_role(diff->state, marker);
    role->comment = marker == diff->scope->marks.managed ? managed_comment : disabled_comment;
    diff_request(diff, &change);
    membership_edit_creator(diff, marker);
    diff_request(diff, &(Change){ .kind = CHANGE_ROLE_COMMENT,
                                  .declared_at = diff->context->mode_pos,
                                  .name = marker,
                                  .comment = { role->comment } });
}

/* One statement for many members: upper bound on the members of one change. */
#define MEMBERS_PER_STATEMENT 1000

static void
add_member(Diff *diff, List *changes, const Change *change, NameId member)
{
    Change *last = NULL;

    LIST_FOREACH (Change, item, changes) {
        if (item->marker.grantor == change->marker.grantor &&
            item->marker.members.count < MEMBERS_PER_STATEMENT)
            last = item;
    }
    if (last == NULL) {
        last = ARENA_NEW(diff->arena, Change);
        *last = *change;
        list_add(diff->arena, changes, last);
    }
    name_id_vector_add(diff->arena, &change_edit_marker(last)->members, member);
}

static void
add_changes(Diff *diff, const List *changes)
{
    LIST_FOREACH (const Change, change, changes)
        diff_request(diff, change);
}

/*
 * Membership in a marker gives nothing, as the marker owns nothing and holds no privilege; and
 * pg_auth_members is readable by everybody, also by a session role that may read nothing else.
 */
void
grant_marker(Diff *diff, ChangeKind kind, NameId marker, const NameIdVector *members)
{
    Change change = { .kind = kind, .declared_at = diff->context->mode_pos, .name = marker };
    List changes = { 0 };

    for (size_t i = 0; i < members->count; i++) {
        NameId member = members->items[i];

        if (marks_have(&diff->scope->marks, marker, member))
            continue;
        if (changes.count == 0)
            ensure_marker(diff, marker);
        access_state_add_membership(diff->state, marker, member, diff->state->bootstrap_superuser);
        add_member(diff, &changes, &change, member);
    }
    add_changes(diff, &changes);
}

/*
 * Each grantor's row has to go by itself from 16 on; before, there is one row whoever granted it.
 */
void
revoke_marker(Diff *diff, ChangeKind kind, NameId marker, const NameIdVector *members)
{
    const int grantor_since = 16;
    List changes = { 0 };

    for (size_t i = 0; i < members->count; i++) {
        NameId member = members->items[i];
        const List *rows = access_state_memberships_of(diff->state, marker, member);

        for (size_t next = 0; rows != NULL && next < rows->count;) {
            const StateMembership *row = rows->items[next];
            Change change = { .kind = kind,
                              .declared_at = diff->context->mode_pos,
                              .name = marker };

            if (authority_is_creators_own(diff->state, row)) {
                next++;
                continue;
            }
            if (diff->state->major_version >= grantor_since)
                change.marker.grantor = row->grantor;
            add_member(diff, &changes, &change, member);
            access_state_remove_membership(diff->state, row);
        }
    }
    add_changes(diff, &changes);
}
