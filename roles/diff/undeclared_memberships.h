/* A phase of roles/diff/diff.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* Memberships and settings that declared roles (in strict: others, too) have beyond their entries:
 * removed, in additive noted. */
void diff_undeclared_memberships(Diff *diff);
