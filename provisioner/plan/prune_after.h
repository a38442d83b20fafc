/*
 * PruneAfter: what the other steps of a plan leave of what --prune reads on the server. Its steps
 * run last, so they have to start from there.
 */
#pragma once

#include "provisioner/catalog/prune_catalog.h"
#include "roles/state/access_state.h"

typedef struct PruneAfter PruneAfter;

/* database NAME_NONE: shared objects. `changes` are the plan's others (Change), `state` is as
 * diff_finish() left it. */
PruneAfter *prune_after_new(const AccessState *state, NameId database, const List *changes);
void prune_after_free(PruneAfter *after);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PruneAfter, prune_after_free)

/* Moves the ACL and its owner to where they are then; false: there will be no such object. */
bool prune_after_acl(const PruneAfter *after, PruneAcl *acl);
/* Who owns the relation then, which belongs to its role now; NAME_NONE: there will be none. */
NameId prune_after_owner(const PruneAfter *after, const PruneRelation *relation);
