/* A phase of roles/diff/diff.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* Roles and what belongs to each: password, parameters, comment. */
void diff_roles(Diff *diff);
