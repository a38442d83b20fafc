/* Notes on grant and owner entries that match nothing. */
#pragma once

#include "roles/diff/diff_context.h"

/* `used`: for each of decl->names whether an object had it; `matched`: how many objects the entry
 * means in that database. */
void report_missing(Diff *diff, const StateDatabase *database, const GrantDecl *decl,
                    const bool *used, size_t matched);
