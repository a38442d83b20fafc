/* A phase of roles/diff/databases.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* Removes what no declaration gives; additive notes it. */
void diff_undeclared_privileges(Diff *diff, const DatabaseWork *work);
/* The same of tablespaces and parameters, when all databases have been looked at. */
void diff_undeclared_shared_privileges(Diff *diff);
