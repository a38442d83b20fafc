/* A phase of roles/diff/diff.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* Each declared database, by the phases of databases.c. */
void diff_databases(Diff *diff);
