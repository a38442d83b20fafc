/* A phase of roles/diff/databases.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* `grants`, and those of pg_grants that reach the database. */
void diff_grants(Diff *diff, const DatabaseWork *work);
