/* Who is marked as managed, and who is no longer disabled. */
#include "roles/diff/markers.h"

#include "roles/diff/marker_edit.h"

/* Whether a declared role is the inventory's: dbsu and the system users are the cluster's. */
static bool
is_markable(const Diff *diff, NameId role)
{
    const StateRole *state_role = access_state_role(diff->state, role);

    return state_role != NULL && !state_role->is_predefined &&
           role != diff->context->managed_marker && role != diff->context->disabled_marker &&
           role != diff->state->bootstrap_superuser &&
           role != names_find(diff->names, diff->context->users->dbsu) &&
           !scope_is_system_user(diff->scope, role);
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
    grant_marker(diff, CHANGE_MARKER_GRANT, diff->context->managed_marker, &managed);
    revoke_marker(diff, CHANGE_MARKER_REVOKE, diff->context->disabled_marker, &back);
}
