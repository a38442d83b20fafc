/* A phase of roles/diff/diff.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* Departed roles are disabled, with --prune dropped. */
void diff_removal(Diff *diff);
