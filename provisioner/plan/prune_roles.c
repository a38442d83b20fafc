/* Who goes, and who is there. */
#include "provisioner/plan/prune_roles.h"

PruneRoles *
prune_roles_new(AccessState *state, const List *drops)
{
    PruneRoles *roles = g_new(PruneRoles, 1);

    *roles = (PruneRoles){
        .state = state,
        .drops = drops,
        .inherited = inherited_roles_new(state->arena, state),
        .demoted = g_hash_table_new(NULL, NULL),
    };
    return roles;
}

void
prune_roles_free(PruneRoles *roles)
{
    inherited_roles_free(roles->inherited);
    g_hash_table_unref(roles->demoted);
    g_free(roles);
}

const Change *
prune_roles_drop(const PruneRoles *roles, NameId role)
{
    LIST_FOREACH (const Change, drop, roles->drops) {
        if (drop->name == role)
            return drop;
    }
    return NULL;
}

bool
prune_roles_know(const PruneRoles *roles, NameId role)
{
    return role == NAME_PUBLIC || access_state_role(roles->state, role) != NULL;
}
