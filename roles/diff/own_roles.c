/* What gives away that somebody else made a role, or has changed it. */
#include "roles/diff/own_roles.h"

static bool
is_superuser(const Diff *diff, NameId name)
{
    const StateRole *role = access_state_role(diff->state, name);

    return role != NULL && role->attributes[ROLE_ATTRIBUTE_SUPERUSER];
}

/* CREATE ROLE gives ADMIN to a creator that is not a superuser from 16 on (user.c CreateRole()). */
static bool
may_administer(const Diff *diff, NameId role)
{
    return role == diff->state->session_role || is_superuser(diff, role);
}

static const char *
membership_fault(const Diff *diff, NameId name)
{
    LIST_FOREACH (const StateMembership, row, &diff->state->memberships) {
        if (row->member == name)
            return arena_printf(diff->arena, "it is a member of role \"%s\"",
                                names_text(diff->names, row->role));
        if (row->role == name && row->admin && !may_administer(diff, row->member))
            return arena_printf(diff->arena, "role \"%s\" has ADMIN on it",
                                names_text(diff->names, row->member));
    }
    return NULL;
}

const char *
own_role_fault(const Diff *diff, NameId name)
{
    const StateRole *role = access_state_role(diff->state, name);

    if (role == NULL)
        return NULL;
    for (RoleAttribute i = 0; i < ROLE_ATTRIBUTE_COUNT; i++) {
        if (i != ROLE_ATTRIBUTE_INHERIT && role->attributes[i])
            return arena_printf(diff->arena, "it has %s", role_attribute_keyword(i));
    }
    return membership_fault(diff, name);
}
