/* A phase of roles/diff/diff.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* `parameters_in`: what roles have set in one database; an error where the database is not there. */
void diff_database_parameters(Diff *diff);
