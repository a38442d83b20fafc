/* A phase of roles/diff/diff.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* Declared memberships and their options. */
void diff_memberships(Diff *diff);
