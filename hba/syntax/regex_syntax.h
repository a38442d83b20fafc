/*
 * The syntax of PostgreSQL's advanced regular expressions (regc_lex.c and regcomp.c), separated
 * into what it refuses, what this program knows how to say in PCRE's language, and the rest.
 */
#pragma once

#include "hba/syntax/regex.h"

/*
 * Appends the PCRE form of the pattern, for matching bytes with dots that match newlines.
 * HBA_REGEX_MATCH when it was translated, REFUSED or UNSUPPORTED with a reason otherwise.
 */
HbaRegexResult hba_regex_translate(const char *pattern, GString *perl, const char **ret_reason);
