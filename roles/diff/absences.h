/*
 * What is declared absent and the grantee has all the same: by PUBLIC's entry, a role that it
 * inherits from, the whole table, a global default privilege, or because it is a superuser.
 */
#pragma once

#include "roles/diff/diff_context.h"

/* A note for each entry and grantee, of all databases. */
void diff_absences(Diff *diff);
