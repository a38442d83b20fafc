/* Notes on grants whose `future` part reaches more kinds than the grant itself. */
#pragma once

#include "roles/diff/diff_context.h"

/* After all grants of the database were applied; `grants`: GrantDecl, with profiles expanded. */
void diff_uncovered_views(Diff *diff, const StateDatabase *database, const List *grants);
