/*
 * Reading one raw line into an HbaRule, as parse_hba_line() of PostgreSQL or parse_line() of
 * PgBouncer does, with everything that is wrong reported. What a server would use silently but
 * differently from how it looks is a warning.
 */
#pragma once

#include "hba/syntax/check_context.h"

/* NULL after an error. A line of nothing but a comment gives a rule with is_comment set. */
HbaRule *hba_line_parse(const HbaCheck *check, SourcePos pos, const char *text);
