/*
 * Reading one raw line into an HbaRule, as parse_hba_line() of PostgreSQL or parse_line() of
 * PgBouncer does, with everything that is wrong reported. What a server would use silently but
 * differently from how it looks is a warning.
 */
#pragma once

#include "hba/check.h"
#include "hba/tokens.h"

/* NULL after an error. A line of nothing but a comment gives a rule with is_comment set. */
HbaRule *hba_line_parse(const HbaCheck *check, SourcePos pos, const char *text);
/* What a line of the server's would include: two fields, the first of them an include word, and
   whatever follows a comma does not count. NULL for any other line. */
const char *hba_line_include(const HbaCheck *check, const HbaLine *line);
