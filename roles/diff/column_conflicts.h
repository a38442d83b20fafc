/* A grant on a table and, for the same grantee, an absence on one of its columns. */
#pragma once

#include "roles/diff/diff_context.h"

/* Reports them as grant-conflicting-objects; after the grants of the database. */
void diff_column_conflicts(Diff *diff, const StateDatabase *database);
/* Whether the entry that declares a column absent has been reported so. */
bool column_conflict_is_reported(const Diff *diff, const AclDeclaration *absent);
