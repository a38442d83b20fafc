/* A phase of roles/diff/databases.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* `grants`, and those of pg_grants that reach the database. */
void diff_grants(Diff *diff, const DatabaseWork *work);
/*
 * Those of pg_grants that reach no declared database: on tablespaces and parameters, which belong to
 * none, and a note on the others. Once, after all databases.
 */
void diff_grants_of_no_database(Diff *diff);
