/* Phases that only note: what more people may do than an inventory says, in every mode. */
#pragma once

#include "roles/diff/diff_context.h"

/* What PUBLIC may create or write in a database, and who may read the server's files there. */
void diff_open_privileges(Diff *diff, const DatabaseWork *work);
/* Who has SET or ALTER SYSTEM on parameters (from PostgreSQL 15 on). */
void diff_open_parameters(Diff *diff);
