/*
 * PruneRoles: the roles that a plan drops, and whose rights they and others have by memberships, as
 * the plan's steps leave them.
 */
#pragma once

#include "roles/change/change.h"
#include "roles/state/access_state.h"

typedef struct PruneRoles {
    AccessState *state;
    const List *drops;     /* Change: ROLE_DROP */
    GHashTable *by_member; /* NameId -> List of StateMembership */
    GHashTable *left; /* StateMembership that a step has made to give nothing, and StateRole that is
                         no superuser now */
} PruneRoles;

PruneRoles *prune_roles_new(AccessState *state, const List *drops);
void prune_roles_free(PruneRoles *roles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PruneRoles, prune_roles_free)

/* The change that drops the role; NULL where it stays. */
const Change *prune_roles_drop(const PruneRoles *roles, NameId role);
/* False for the number of a role that is gone. */
bool prune_roles_know(const PruneRoles *roles, NameId role);
/* StateMembership of the member. */
const List *prune_roles_memberships(const PruneRoles *roles, NameId member);
/* Whether the membership still gives its member the rights of the role. */
bool prune_roles_gives(const PruneRoles *roles, const StateMembership *row);
/* Whose rights the role has without SET ROLE, itself included (NameId). */
GHashTable *prune_roles_rights(const PruneRoles *roles, NameId role);
bool prune_roles_has_rights_of(const PruneRoles *roles, NameId role, NameId other);
