/* What the preflight of a prune has to tell: what dropped roles own and hold, and who loses what.
 */
#pragma once

#include "provisioner/plan/prune.h"

/* counts: PruneCount, those of a role and database next to each other. drops: Change. */
void prune_note_counts(const PruneInput *input, const List *counts, const List *drops);
void prune_note_members(const PruneInput *input, const List *drops);
bool prune_note_prepared(const PruneInput *input, const char *roles, const List *drops,
                         GError **error);
/* Without a server: for each role, database and schema that is dropped, what was not looked at. */
void prune_note_unseen(const PruneInput *input, const List *changes);
