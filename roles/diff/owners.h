/* A phase of roles/diff/databases.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* `owners`: objects and schemas get the owner that is declared. */
void diff_owners(Diff *diff, const DatabaseWork *work);
