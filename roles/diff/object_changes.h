/* What differs in objects, as changes that name many of them at once. */
#pragma once

#include "roles/diff/diff_context.h"

/* The groups (ObjectGroup) that differ and whose objects' names are not known; of what is no
 * database's with NULL. */
List object_changes_unnamed(const Diff *diff, const StateDatabase *database);
/* Appends the changes of a database's objects, or of what belongs to no database (NULL): once the
 * phases are done. */
void object_changes_add(Diff *diff, StateDatabase *database, List *changes);
