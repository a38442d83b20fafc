/*
 * Preconditions: what on the server each change starts from, as text: the role as it was, the ACL,
 * the old owner. A saved plan keeps them, so that a plan whose statements are still the same is
 * refused all the same when what they were reviewed against is different now.
 *
 *     preconditions = preconditions_new(state);       before the diff moves the state
 *     change->preconditions = precondition_of_acl();  changes of privileges, while it moves
 *     preconditions_fill(preconditions, &changes);    all others
 *
 * A setting or comment may hold anything, so it stands as a digest; of a password there is only the
 * kind and what its server sends to everybody who begins to log in.
 */
#pragma once

#include "roles/change/change.h"
#include "roles/state/access_state.h"

typedef struct Preconditions Preconditions;

/* Texts go into the state's arena. */
Preconditions *preconditions_new(const AccessState *state);
void preconditions_free(Preconditions *preconditions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Preconditions, preconditions_free)

/* Nothing is added to a change that makes what was not there. */
void preconditions_fill(const Preconditions *preconditions, const List *changes);
/* What may be kept of a password: see above. */
const char *precondition_of_password(Arena *arena, const char *verifier);
/* As the server prints it, but in an order of its own. */
const char *precondition_of_acl(Arena *arena, const Names *names, const Acl *acl);
