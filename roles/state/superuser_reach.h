/* Whose code a superuser would run: a role that is one, or that may become one. */
#pragma once

#include "roles/state/access_state.h"

/*
 * Whether the role is a superuser or a member, directly or not, of one: what it owns may end up
 * with all rights (ALTER ... OWNER TO a superuser needs no more than the membership). INHERIT and
 * SET play no part, as who may grant a membership may grant it with them.
 */
bool role_reaches_superuser(const AccessState *state, NameId role);
