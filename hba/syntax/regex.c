/* Matching what hba/syntax/regex_syntax.h translated. */
#include "hba/syntax/regex.h"

#include <stdbool.h>

#include "hba/syntax/regex_syntax.h"

static HbaRegexResult
fail(HbaRegexResult result, const char *reason, const char **ret_reason)
{
    if (ret_reason != NULL)
        *ret_reason = reason;
    return result;
}

/*
 * The expression is translated and not given to PCRE as it is: the two differ in escapes, in what $
 * matches and in character classes, and a wrong answer here is a wrong statement about access.
 * G_REGEX_RAW, because expressions of HBA files are about bytes; G_REGEX_DOTALL, because a dot of
 * PostgreSQL's matches a newline too. When PCRE gives up, the answer is unknown and not no.
 */
HbaRegexResult
hba_regex_match(const char *pattern, const char *text, const char **ret_reason)
{
    g_autoptr(GString) perl = g_string_new(NULL);
    g_autoptr(GRegex) regex = NULL;
    g_autoptr(GError) error = NULL;
    const char *reason = NULL;
    HbaRegexResult syntax = hba_regex_translate(pattern, perl, &reason);
    bool matches = false;

    if (syntax != HBA_REGEX_MATCH)
        return fail(syntax, reason, ret_reason);
    regex = g_regex_new(perl->str, G_REGEX_RAW | G_REGEX_DOTALL, 0, NULL);
    if (regex == NULL)
        return fail(HBA_REGEX_UNSUPPORTED, "PCRE has no such expression", ret_reason);
    matches = g_regex_match_full(regex, text, -1, 0, 0, NULL, &error);
    if (error != NULL)
        return fail(HBA_REGEX_UNSUPPORTED, "matching it takes too long", ret_reason);
    return matches ? HBA_REGEX_MATCH : HBA_REGEX_NO_MATCH;
}
