/* A phase of roles/diff/databases.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* What the default privileges say, for objects that their creators own already. */
void diff_existing(Diff *diff, const DatabaseWork *work);
