/* A phase of roles/diff/diff.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* Declared roles are marked as managed; one that is declared again is no longer disabled. */
void diff_markers(Diff *diff);
