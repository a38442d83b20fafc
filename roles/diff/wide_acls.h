/* A phase of roles/diff/databases.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* Warns of ACLs with so many grantees that the server may refuse the row. */
void diff_wide_acls(Diff *diff, const DatabaseWork *work);
