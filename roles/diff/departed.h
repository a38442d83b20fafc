/* A phase of roles/diff/diff.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* Finds the roles that depart; before everything else, as whatever names one has to know. */
void diff_departed(Diff *diff);
