/* Who is marked as managed, and who is no longer disabled. */
#include "roles/diff/markers.h"

#include "roles/diff/marker_edit.h"

/*
 * Whether a declared role is the inventory's: dbsu and the system users are the cluster's. Who runs
 * pgcharter and is not a superuser cannot be disabled by it, and grants marks as a member with
 * ADMIN.
 */
static bool
is_markable(const Diff *diff, NameId role)
{
    const StateRole *state_role = access_state_role(diff->state, role);

    return state_role != NULL && !state_role->is_predefined &&
           !marks_is_own_role(diff->state, role) && role != diff->state->bootstrap_superuser &&
           role != names_find(diff->names, diff->context->users->dbsu) &&
           !scope_is_system_user(diff->scope, role) &&
           (role != diff->state->session_role || diff->state->session_role_is_superuser);
}

/*
 * Before 16 there is one row for a member, whoever granted it, and GRANT leaves it as it is: a mark
 * that does not count has to go before one is granted that does.
 */
static void
revoke_marks_that_do_not_count(Diff *diff, const NameIdVector *managed)
{
    const Marks *marks = &diff->scope->marks;
    NameIdVector replaced = { 0 };

    if (server_has(diff->state->major_version, SERVER_MEMBERSHIP_OPTIONS))
        return;
    for (size_t i = 0; i < managed->count; i++) {
        NameId role = managed->items[i];

        if (!marks_have(marks, marks->managed, role) &&
            access_state_memberships_of(diff->state, marks->managed, role) != NULL)
            name_id_vector_add(diff->arena, &replaced, role);
    }
    revoke_marker(diff, CHANGE_MARKER_REVOKE, marks->managed, &replaced);
}

/*
 * Roles that got their mark before the inventory had a name: from now on it is the named one, and
 * the other would make them an unnamed inventory's. Once, as an unnamed inventory may be there,
 * too.
 */
static void
revoke_unnamed_marks(Diff *diff, const NameIdVector *managed)
{
    const Marks *marks = &diff->scope->marks;
    NameIdVector renamed = { 0 };

    for (size_t i = 0; marks->has_name && i < managed->count; i++) {
        if (!marks_have(marks, marks->managed, managed->items[i]))
            name_id_vector_add(diff->arena, &renamed, managed->items[i]);
    }
    revoke_marker(diff, CHANGE_MARKER_REVOKE, marks->unnamed_managed, &renamed);
    revoke_marker(diff, CHANGE_MARKER_REVOKE, marks->unnamed_disabled, &renamed);
}

/* A role that only another inventory still declares: its marks of this one would outlive it. */
static void
give_up_roles_of_others(Diff *diff)
{
    const Marks *marks = &diff->scope->marks;
    NameIdVector given_up = { 0 };

    if (diff->context->mode == ACCESS_MODE_ADDITIVE || !diff->context->cluster->provision)
        return;
    LIST_FOREACH (const StateRole, role, &diff->state->roles) {
        if (scope_is_of_another(diff->scope, role->name) &&
            scope_speaks_of_role(diff->scope, role->name))
            name_id_vector_add(diff->arena, &given_up, role->name);
    }
    revoke_marker(diff, CHANGE_MARKER_REVOKE, marks->managed, &given_up);
    revoke_marker(diff, CHANGE_MARKER_REVOKE, marks->disabled, &given_up);
}

/*
 * Declared roles are marked as managed, only where things are taken away at all; one that is
 * declared again is no longer disabled in any mode, as its LOGIN has come back.
 */
void
diff_markers(Diff *diff)
{
    NameIdVector managed = { 0 };
    NameIdVector back = { 0 };

    LIST_FOREACH (const RoleDecl, decl, &diff->context->cluster->roles) {
        NameId name = names_intern(diff->names, decl->name);

        if (decl->absent || !is_markable(diff, name))
            continue;
        if (scope_manages_role(diff->scope, name))
            name_id_vector_add(diff->arena, &managed, name);
        name_id_vector_add(diff->arena, &back, name);
    }
    revoke_marks_that_do_not_count(diff, &managed);
    revoke_unnamed_marks(diff, &managed);
    grant_marker(diff, CHANGE_MARKER_GRANT, diff->scope->marks.managed, &managed);
    revoke_marker(diff, CHANGE_MARKER_REVOKE, diff->scope->marks.disabled, &back);
    give_up_roles_of_others(diff);
}
