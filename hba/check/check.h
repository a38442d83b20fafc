/* Judging rules, the same for raw lines and alias rules. */
#pragma once

#include "hba/syntax/check_context.h"

/*
 * Judges one parsed line: versions, the method against the type, addresses, names, and all that
 * PgBouncer would skip or never match. False when something was an error.
 */
bool hba_check_rule(const HbaCheck *check, const HbaRule *rule);

/* Text that goes into the file as it is: a title or a raw line. tabs: whether they may be in it. */
typedef enum HbaTextFlags {
    HBA_TEXT_TABS_ALLOWED = 1 << 0,
} HbaTextFlags;

bool hba_check_text(const HbaCheck *check, SourcePos pos, const char *what, const char *text,
                    unsigned flags);
