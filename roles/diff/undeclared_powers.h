/* A phase of roles/diff/diff.c. */
#pragma once

#include "roles/diff/diff_context.h"

/*
 * A warning for each declared role that is more powerful than its entry says: SUPERUSER,
 * CREATEROLE, CREATEDB, REPLICATION, BYPASSRLS, or a member of a predefined role. What adopt and
 * strict take away has gone from the state already.
 */
void diff_undeclared_powers(Diff *diff);
