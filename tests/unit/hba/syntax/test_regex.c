/* Expressions that PostgreSQL refuses, and those whose meaning is not guessed at: with the reason.
 */
#include <glib.h>

#include "hba/syntax/regex.h"

typedef struct Refusal {
    const char *pattern;
    HbaRegexResult result;
    const char *reason;
} Refusal;

static const Refusal refusals[] = {
    { "a\\", HBA_REGEX_REFUSED, "a backslash at the end" },
    { "(a)\\1", HBA_REGEX_UNSUPPORTED, "a back reference or a character by its number" },
    { "\\x41", HBA_REGEX_UNSUPPORTED, "a back reference or a character by its number" },
    { "\\q", HBA_REGEX_REFUSED, "an unknown escape" },
    { "[a", HBA_REGEX_REFUSED, "unbalanced brackets" },
    { "[[:alpha", HBA_REGEX_REFUSED, "unbalanced brackets" },
    { "[[.a.]]", HBA_REGEX_UNSUPPORTED, "a collating element" },
    { "[[=a=]]", HBA_REGEX_UNSUPPORTED, "a collating element" },
    { "[[:<:]]a", HBA_REGEX_UNSUPPORTED, "a word boundary in brackets" },
    { "[a[:<:]]", HBA_REGEX_UNSUPPORTED, "a collating element" },
    { "[[:nothing:]]", HBA_REGEX_REFUSED, "an unknown character class" },
    { "[\\q]", HBA_REGEX_REFUSED, "an unknown escape" },
    { "[\\A]", HBA_REGEX_REFUSED, "a constraint in brackets" },
    { "[[:digit:]-z]", HBA_REGEX_UNSUPPORTED, "a range that begins with a class" },
    { "[a-[:digit:]]", HBA_REGEX_UNSUPPORTED, "a range that ends with a class" },
    { "[a-\\q]", HBA_REGEX_REFUSED, "an unknown escape" },
    { "[z-a]", HBA_REGEX_REFUSED, "a range that goes backwards" },
    { "[a-c-e]", HBA_REGEX_UNSUPPORTED, "a range after a range" },
    { "[a-", HBA_REGEX_REFUSED, "unbalanced brackets" },
};

static void
what_is_refused_says_why(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        const char *reason = NULL;
        HbaRegexResult result = hba_regex_match(refusals[i].pattern, "a", &reason);

        if (result != refusals[i].result || g_strcmp0(reason, refusals[i].reason) != 0)
            g_error("/%s gives %u (%s)", refusals[i].pattern, result, reason);
    }
}

typedef struct Match {
    const char *pattern;
    const char *text;
    HbaRegexResult result;
} Match;

static const Match matches[] = {
    { "^[[:digit:]x]+$", "12x", HBA_REGEX_MATCH },
    { "^[^a-c]$", "d", HBA_REGEX_MATCH },
    { "^[^a-c]$", "b", HBA_REGEX_NO_MATCH },
    { "^[]a]$", "]", HBA_REGEX_MATCH },
    { "^[a-]$", "-", HBA_REGEX_MATCH },
    { "^[\\d]$", "7", HBA_REGEX_MATCH },
    { "^[\\-a]$", "-", HBA_REGEX_MATCH },
    { "^\\.$", ".", HBA_REGEX_MATCH },
    { "^a\\d+$", "a12", HBA_REGEX_MATCH },
    { "^(a|b){2}$", "ab", HBA_REGEX_MATCH },
    { "^(a|b){2}$", "abc", HBA_REGEX_NO_MATCH },
    { "^a{1,2}?b*$", "aab", HBA_REGEX_MATCH },
};

static void
what_both_grammars_share_is_matched(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(matches); i++) {
        HbaRegexResult result = hba_regex_match(matches[i].pattern, matches[i].text, NULL);

        if (result != matches[i].result)
            g_error("/%s on %s gives %u", matches[i].pattern, matches[i].text, result);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hba/regex/refused", what_is_refused_says_why);
    g_test_add_func("/hba/regex/matched", what_both_grammars_share_is_matched);
    return g_test_run();
}
