/* Telling the shared subset apart, translating the class escapes, and matching with regcomp(). */
#include "hba/regex.h"

#include <regex.h>
#include <stdbool.h>
#include <string.h>

typedef struct ClassEscape {
    char letter;
    const char *alone;   /* what it stands for outside brackets */
    const char *in_list; /* ... inside; NULL: refused there by PostgreSQL */
} ClassEscape;

/* In the C collation \w and \d know ASCII only. */
static const ClassEscape class_escapes[] = {
    { 'd', "[0-9]", "0-9" },
    { 'w', "[A-Za-z0-9_]", "A-Za-z0-9_" },
    { 's', "[ \t\n\r\f\v]", " \t\n\r\f\v" },
    { 'D', "[^0-9]", NULL },
    { 'W', "[^A-Za-z0-9_]", NULL },
    { 'S', "[^ \t\n\r\f\v]", NULL },
};

static const ClassEscape *
find_class(char letter)
{
    for (size_t i = 0; i < G_N_ELEMENTS(class_escapes); i++) {
        if (class_escapes[i].letter == letter)
            return &class_escapes[i];
    }
    return NULL;
}

/* A bracket expression from its [ on; gives what follows it, NULL when it is not closed or not
 * shared. */
static const char *
copy_brackets(const char *at, GString *out, const char **reason)
{

    g_string_append_c(out, *at++);
    if (*at == '^')
        g_string_append_c(out, *at++);
    if (*at == ']')
        g_string_append_c(out, *at++);
    for (; *at != '\0' && *at != ']'; at++) {
        if (*at == '[' && (at[1] == ':' || at[1] == '.' || at[1] == '=')) {
            const char close[] = { at[1], ']', '\0' };
            const char *end = strstr(at + 2, close);

            if (at[1] != ':' || end == NULL) {
                *reason = "collating elements in brackets";
                return NULL;
            }
            g_string_append_len(out, at, end + 2 - at);
            at = end + 1;
        } else if (*at == '\\') {
            const ClassEscape *escape = find_class(at[1]);

            if (g_ascii_isalnum(at[1]) && (escape == NULL || escape->in_list == NULL)) {
                *reason = "an escape inside brackets";
                return NULL;
            }
            /* In POSIX a backslash in brackets is itself; what it escapes stands there alone. */
            if (escape != NULL)
                g_string_append(out, escape->in_list);
            else if (at[1] == ']' || at[1] == '^' || at[1] == '-' || at[1] == '\\') {
                *reason = "an escaped bracket, caret, minus or backslash inside brackets";
                return NULL;
            } else
                g_string_append_c(out, at[1]);
            at++;
        } else {
            g_string_append_c(out, *at);
        }
    }
    if (*at != ']') {
        *reason = "brackets [] not balanced";
        return NULL;
    }
    g_string_append_c(out, ']');
    return at + 1;
}

static bool
copy_escape(const char **at, GString *out, const char **reason)
{
    char letter = (*at)[1];
    const ClassEscape *escape = find_class(letter);

    if (letter == '\0') {
        *reason = "a backslash at the end";
        return false;
    }
    if (escape != NULL) {
        g_string_append(out, escape->alone);
    } else if (g_ascii_isalnum(letter)) {
        *reason = "an escape other than \\d \\w \\s \\D \\W \\S";
        return false;
    } else {
        /* POSIX knows the escape of its own special characters only. */
        if (strchr(".[\\*^$+?{}|()", letter) != NULL)
            g_string_append_c(out, '\\');
        g_string_append_c(out, letter);
    }
    *at += 2;
    return true;
}

static bool
is_quantifier(char byte)
{
    return byte == '*' || byte == '+' || byte == '?' || byte == '{';
}

/* The POSIX form of a pattern; NULL with a reason where the two languages part. */
static char *
to_posix(const char *pattern, const char **reason)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const char *at = pattern;

    if (g_str_has_prefix(pattern, "***") || g_str_has_prefix(pattern, "(?")) {
        *reason = "a director or embedded options";
        return NULL;
    }
    while (*at != '\0') {
        if (*at == '\\') {
            if (!copy_escape(&at, out, reason))
                return NULL;
        } else if (*at == '[') {
            at = copy_brackets(at, out, reason);
            if (at == NULL)
                return NULL;
        } else if (*at == '(' && at[1] == '?') {
            *reason = "a lookaround or a group that captures nothing";
            return NULL;
        } else {
            bool quantifier = is_quantifier(*at);
            bool follows =
                out->len > 0 && at > pattern && at[-1] != '(' && at[-1] != '|' && at[-1] != '^';

            if (quantifier && !follows) {
                *reason = "a quantifier that follows nothing";
                return NULL;
            }
            if (quantifier && *at == '{' && !g_ascii_isdigit(at[1])) {
                *reason = "a brace that opens no bound";
                return NULL;
            }
            g_string_append_c(out, *at++);
            if (quantifier && at[-1] == '{') {
                const char *end = strchr(at, '}');

                if (end == NULL) {
                    *reason = "a bound that is not closed";
                    return NULL;
                }
                g_string_append_len(out, at, end + 1 - at);
                at = end + 1;
            }
            if (quantifier && is_quantifier(*at)) {
                *reason = "a quantifier behind a quantifier, such as the non-greedy ones";
                return NULL;
            }
        }
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

HbaRegexResult
hba_regex_match(Arena *arena, const char *pattern, const char *text, const char **ret_reason)
{
    const char *reason = NULL;
    g_autofree char *posix = to_posix(pattern, &reason);
    regex_t compiled;
    int status = 0;

    if (posix == NULL) {
        if (ret_reason != NULL)
            *ret_reason = reason;
        return HBA_REGEX_UNSUPPORTED;
    }
    status = regcomp(&compiled, posix, REG_EXTENDED | REG_NOSUB);
    if (status != 0) {
        char message[128];

        regerror(status, &compiled, message, sizeof message);
        if (ret_reason != NULL)
            *ret_reason = arena_strdup(arena, message);
        return HBA_REGEX_REFUSED;
    }
    status = regexec(&compiled, text, 0, NULL, 0);
    regfree(&compiled);
    return status == 0 ? HBA_REGEX_MATCH : HBA_REGEX_NO_MATCH;
}
