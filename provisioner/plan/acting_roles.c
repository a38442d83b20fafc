/* The session role's memberships, asked for SET ROLE. */
#include "provisioner/plan/acting_roles.h"

#include "roles/permission/authority.h"

struct ActingRoles {
    const AccessState *state;
    Authority authority;
};

ActingRoles *
acting_roles_new(const AccessState *state, NameId dbsu)
{
    ActingRoles *roles = g_new0(ActingRoles, 1);

    roles->state = state;
    authority_init(&roles->authority, state, dbsu);
    return roles;
}

void
acting_roles_free(ActingRoles *roles)
{
    if (roles == NULL)
        return;
    authority_clear(&roles->authority);
    g_free(roles);
}

/* A superuser's GRANT and REVOKE are the bootstrap superuser's from 16 on (check_role_grantor() in
 * user.c): a row of its own is changed and put back, and beside those of others it adds one. */
ActingJoin
acting_roles_join(const ActingRoles *roles, NameId role)
{
    const List *rows = NULL;

    if (roles == NULL || roles->state->session_role_is_superuser ||
        g_hash_table_contains(roles->authority.can_set, GUINT_TO_POINTER(role)))
        return ACTING_JOIN_NOT;
    rows = access_state_memberships_of(roles->state, role, roles->state->session_role);
    for (size_t i = 0; rows != NULL && i < rows->count; i++) {
        const StateMembership *row = rows->items[i];

        if (row->grantor == roles->state->bootstrap_superuser)
            return ACTING_JOIN_SET;
    }
    return ACTING_JOIN_MEMBER;
}
