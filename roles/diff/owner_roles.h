/* A phase of roles/diff/diff.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* The session role becomes a member of the roles that are to own what is created. */
void diff_owner_roles(Diff *diff);
