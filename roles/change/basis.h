/*
 * Basis: what on the server each change starts from, as text: the role as it was, the ACL, the old
 * owner. A saved plan keeps it, so that one whose statements are still the same is refused all the
 * same when what they were reviewed against is another now.
 *
 *     basis = basis_new(state);        before the walk moves the state
 *     ...                              the walk gives changes of privileges theirs by
 * basis_of_acl() basis_fill(basis, &changes);     gives the others theirs
 *
 * A setting or comment may hold anything, so it stands as a digest; of a password there is only the
 * kind and what its server tells everybody who asks to log in.
 */
#pragma once

#include "roles/change/change.h"
#include "roles/state/access_state.h"

typedef struct Basis Basis;

/* Texts go into the state's arena. */
Basis *basis_new(const AccessState *state);
void basis_free(Basis *basis);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Basis, basis_free)

/* Nothing is added to a change that makes what was not there. */
void basis_fill(const Basis *basis, const List *changes);
/* As the server prints it, but in an order of its own. */
const char *basis_of_acl(Arena *arena, const Names *names, const Acl *acl);
