/*
 * PruneRoles: the roles that a plan drops, and whose rights they and others have by memberships, as
 * the plan's steps leave them.
 */
#pragma once

#include "roles/change/change.h"
#include "roles/permission/inherited_roles.h"

typedef struct PruneRoles {
    AccessState *state;
    const List *drops;         /* Change: ROLE_DROP */
    InheritedRoles *inherited; /* without the memberships that steps have made to give nothing */
    GHashTable *demoted;       /* StateRole: a step has taken SUPERUSER from it */
} PruneRoles;

PruneRoles *prune_roles_new(AccessState *state, const List *drops);
void prune_roles_free(PruneRoles *roles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PruneRoles, prune_roles_free)

/* The change that drops the role; NULL where it stays. */
const Change *prune_roles_drop(const PruneRoles *roles, NameId role);
/* False for the number of a role that is gone. */
bool prune_roles_know(const PruneRoles *roles, NameId role);
