/* A phase of roles/diff/databases.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* Names the roles whose tables no default privilege covers. */
void diff_uncovered_creators(Diff *diff, const DatabaseWork *work);
