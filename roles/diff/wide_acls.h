/* A phase of roles/diff/databases.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* Warns of ACLs that may outgrow the row size limit of their catalog. */
void diff_wide_acls(Diff *diff, const DatabaseWork *work);
