/*
 * Regular expressions of HBA files, as PostgreSQL 16 on reads them: its advanced regular
 * expressions (manual 9.7.3), in the C collation. The postmaster has no encoding when it reads the
 * file, so that they are about bytes: a dot does not match a letter with an accent.
 */
#pragma once

#include "base/arena.h"

typedef enum HbaRegexResult {
    HBA_REGEX_MATCH,
    HBA_REGEX_NO_MATCH,
    HBA_REGEX_REFUSED,     /* PostgreSQL refuses the expression */
    HBA_REGEX_UNSUPPORTED, /* PostgreSQL may take it, but this program does not know what it means
                            */
} HbaRegexResult;

/* pattern is without the slash. *ret_reason (may be NULL) says why for the last two. */
HbaRegexResult hba_regex_match(const char *pattern, const char *text, const char **ret_reason);
