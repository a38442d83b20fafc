/*
 * ActingRoles: as whom a session may SET ROLE. SET ROLE asks the role that connected
 * (member_can_set_role() of GetSessionUserId(), check_role() in variable.c): one that works as dbsu
 * without being a superuser itself has to join a role first, and leaves it in the same transaction.
 */
#pragma once

#include "roles/state/access_state.h"

typedef enum ActingJoin {
    ACTING_JOIN_NOT,    /* it may SET ROLE as it is */
    ACTING_JOIN_MEMBER, /* it is made a member */
    ACTING_JOIN_SET,    /* it is a member without SET, by a row that a superuser would change */
} ActingJoin;

typedef struct ActingRoles ActingRoles;

/* For statements that run as dbsu; who connected as a superuser, or runs them itself, needs none.
 */
ActingRoles *acting_roles_new(const AccessState *state, NameId dbsu);
/* NULL is fine. */
void acting_roles_free(ActingRoles *roles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ActingRoles, acting_roles_free)

/* roles NULL: ACTING_JOIN_NOT. */
ActingJoin acting_roles_join(const ActingRoles *roles, NameId role);
