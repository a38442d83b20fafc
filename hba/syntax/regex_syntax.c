/* From the left to the right, with what a quantifier may repeat as the only state. */
#include "hba/syntax/regex_syntax.h"

#include <stdbool.h>
#include <string.h>

/* DUPMAX of regguts.h */
#define BOUND_MAX 255

typedef enum Before {
    BEFORE_NOTHING, /* the begin of a branch */
    BEFORE_ATOM,
    BEFORE_QUANTIFIER,
    BEFORE_CONSTRAINT,
} Before;

typedef struct Translation {
    const char *at;
    GString *out;
    Before before;
    GString *open; /* the parentheses around: '(' or, of a lookaround, '=' */
    HbaRegexResult result;
    const char *reason;
} Translation;

typedef struct Escape {
    char letter;
    Before is;           /* atom or constraint */
    const char *perl;    /* outside brackets */
    const char *in_list; /* inside; NULL: refused there */
} Escape;

/*
 * The escapes of the manual's "Regular Expression Escapes" in PCRE's terms. A table is needed
 * because some letters mean something else there: \B is a backslash in PostgreSQL, \m and \M are
 * the two ends of a word, and PCRE's \Z also matches before a last newline.
 */
static const Escape escapes[] = {
    { 'd', BEFORE_ATOM, "[0-9]", "0-9" },
    { 'w', BEFORE_ATOM, "[A-Za-z0-9_]", "A-Za-z0-9_" },
    { 's', BEFORE_ATOM, "[ \\t\\n\\r\\f\\x0b]", " \\t\\n\\r\\f\\x0b" },
    { 'D', BEFORE_ATOM, "[^0-9]", "\\x00-/:-\\xff" },
    { 'W', BEFORE_ATOM, "[^A-Za-z0-9_]", "\\x00-/:-@[-^`{-\\xff" },
    { 'S', BEFORE_ATOM, "[^ \\t\\n\\r\\f\\x0b]", "\\x00-\\x08\\x0e-\\x1f!-\\xff" },
    { 'a', BEFORE_ATOM, "\\x07", "\\x07" },
    { 'b', BEFORE_ATOM, "\\x08", "\\x08" },
    { 'B', BEFORE_ATOM, "\\\\", "\\\\" },
    { 'e', BEFORE_ATOM, "\\x1b", "\\x1b" },
    { 'f', BEFORE_ATOM, "\\x0c", "\\x0c" },
    { 'n', BEFORE_ATOM, "\\x0a", "\\x0a" },
    { 'r', BEFORE_ATOM, "\\x0d", "\\x0d" },
    { 't', BEFORE_ATOM, "\\x09", "\\x09" },
    { 'v', BEFORE_ATOM, "\\x0b", "\\x0b" },
    { 'A', BEFORE_CONSTRAINT, "\\A", NULL },
    { 'Z', BEFORE_CONSTRAINT, "\\z", NULL },
    { 'm', BEFORE_CONSTRAINT, "(?<![A-Za-z0-9_])(?=[A-Za-z0-9_])", NULL },
    { 'M', BEFORE_CONSTRAINT, "(?<=[A-Za-z0-9_])(?![A-Za-z0-9_])", NULL },
    { 'y', BEFORE_CONSTRAINT, "\\b", NULL },
    { 'Y', BEFORE_CONSTRAINT, "\\B", NULL },
};

static const struct {
    const char *name;
    const char *perl;
    /* In the C collation, which regcomp_auth_token() compiles with (C_COLLATION_OID): ASCII only.
     */
} classes[] = {
    { "alnum", "A-Za-z0-9" },    { "alpha", "A-Za-z" },
    { "blank", " \\t" },         { "cntrl", "\\x00-\\x1f\\x7f" },
    { "digit", "0-9" },          { "graph", "!-~" },
    { "lower", "a-z" },          { "print", " -~" },
    { "punct", "!-/:-@[-`{-~" }, { "space", " \\t\\n\\r\\f\\x0b" },
    { "upper", "A-Z" },          { "xdigit", "0-9A-Fa-f" },
    { "word", "A-Za-z0-9_" },
};

static bool
stop(Translation *translation, HbaRegexResult result, const char *reason)
{
    translation->result = result;
    translation->reason = reason;
    return false;
}

static const Escape *
find_escape(char letter)
{
    for (size_t i = 0; i < G_N_ELEMENTS(escapes); i++) {
        if (escapes[i].letter == letter)
            return &escapes[i];
    }
    return NULL;
}

/*
 * As a number unless it is a letter or digit, so that PCRE cannot give the byte a meaning that
 * PostgreSQL does not.
 */
static void
append_byte(GString *out, char byte)
{
    if (g_ascii_isalnum(byte))
        g_string_append_c(out, byte);
    else
        g_string_append_printf(out, "\\x%02x", (unsigned char)byte);
}

/*
 * What follows a backslash and is neither in the table nor a plain character. Back references and
 * characters by number are legal but not translated, so their meaning counts as unknown. Every
 * other letter is an error of PostgreSQL's lexer (REG_EESCAPE).
 */
static bool
stop_at_escape(Translation *translation, char letter)
{
    if (letter == '\0')
        return stop(translation, HBA_REGEX_REFUSED, "a backslash at the end");
    if (g_ascii_isdigit(letter) || strchr("cuUx", letter) != NULL)
        return stop(translation, HBA_REGEX_UNSUPPORTED,
                    "a back reference or a character by its number");
    return stop(translation, HBA_REGEX_REFUSED, "an unknown escape");
}

static bool
take_escape(Translation *translation)
{
    char letter = translation->at[1];
    const Escape *escape = find_escape(letter);

    if (escape == NULL && (letter == '\0' || g_ascii_isalnum(letter)))
        return stop_at_escape(translation, letter);
    translation->at += 2;
    translation->before = escape == NULL ? BEFORE_ATOM : escape->is;
    if (escape == NULL)
        append_byte(translation->out, letter);
    else
        g_string_append(translation->out, escape->perl);
    return true;
}

/*
 * [:class:] and the like, after the bracket that opened the list. Collating elements are legal and
 * not translated. [:<:] and [:>:] are word boundaries that only look like classes.
 */
static bool
take_class(Translation *translation)
{
    const char *name = translation->at + 2;
    const char close[] = { translation->at[1], ']', '\0' };
    const char *end = strstr(name, close);

    if (end == NULL)
        return stop(translation, HBA_REGEX_REFUSED, "unbalanced brackets");
    if (translation->at[1] != ':' || *name == '<' || *name == '>')
        return stop(translation, HBA_REGEX_UNSUPPORTED, "a collating element");
    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++) {
        if (strlen(classes[i].name) == (size_t)(end - name) &&
            strncmp(classes[i].name, name, (size_t)(end - name)) == 0) {
            g_string_append(translation->out, classes[i].perl);
            translation->at = end + 2;
            return true;
        }
    }
    return stop(translation, HBA_REGEX_REFUSED, "an unknown character class");
}

/*
 * One character of a list, as it is or escaped; -1 for a class, -2 after stop(). PostgreSQL refuses
 * an escape that is a constraint inside brackets: it matches no character.
 */
static int
take_list_item(Translation *translation)
{
    const char *at = translation->at;
    const Escape *escape = NULL;
    char literal = *at;

    if (*at == '[' && (at[1] == ':' || at[1] == '.' || at[1] == '='))
        return take_class(translation) ? -1 : -2;
    translation->at++;
    if (*at == '\\') {
        literal = at[1];
        escape = find_escape(literal);
        if (escape == NULL && (literal == '\0' || g_ascii_isalnum(literal)))
            return stop_at_escape(translation, literal) ? -1 : -2;
        if (escape != NULL && escape->in_list == NULL)
            return stop(translation, HBA_REGEX_REFUSED, "a constraint in brackets") ? -1 : -2;
        translation->at++;
    }
    if (escape != NULL) {
        g_string_append(translation->out, escape->in_list);
        return -1;
    }
    append_byte(translation->out, literal);
    return (unsigned char)literal;
}

/*
 * After an item: the end of a range that it begins, if it does. Only ranges between plain bytes are
 * translated. One that runs backwards is an error (REG_ERANGE).
 */
static bool
take_range(Translation *translation, int first)
{
    int last = 0;

    if (translation->at[0] != '-' || translation->at[1] == ']')
        return true;
    if (first < 0)
        return stop(translation, HBA_REGEX_UNSUPPORTED, "a range that begins with a class");
    translation->at++;
    g_string_append_c(translation->out, '-');
    if (*translation->at == '\0')
        return stop(translation, HBA_REGEX_REFUSED, "unbalanced brackets");
    last = take_list_item(translation);
    if (last == -2)
        return false;
    if (last == -1)
        return stop(translation, HBA_REGEX_UNSUPPORTED, "a range that ends with a class");
    if (last < first)
        return stop(translation, HBA_REGEX_REFUSED, "a range that goes backwards");
    if (translation->at[0] == '-' && translation->at[1] != ']')
        return stop(translation, HBA_REGEX_UNSUPPORTED, "a range after a range");
    return true;
}

/*
 * Directly after [ or [^ a closing bracket is an ordinary character (manual, "Bracket
 * Expressions"), which is what `first` allows.
 */
static bool
take_brackets(Translation *translation)
{
    bool first = true;

    if (g_str_has_prefix(translation->at, "[[:<:]]") ||
        g_str_has_prefix(translation->at, "[[:>:]]"))
        return stop(translation, HBA_REGEX_UNSUPPORTED, "a word boundary in brackets");
    g_string_append_c(translation->out, *translation->at++);
    if (*translation->at == '^')
        g_string_append_c(translation->out, *translation->at++);
    for (; *translation->at != ']' || first; first = false) {
        int item = 0;

        if (*translation->at == '\0')
            return stop(translation, HBA_REGEX_REFUSED, "unbalanced brackets");
        item = take_list_item(translation);
        if (item == -2 || !take_range(translation, item))
            return false;
    }
    g_string_append_c(translation->out, *translation->at++);
    translation->before = BEFORE_ATOM;
    return true;
}

/*
 * Lookaround is spelled alike in both languages. It is remembered in `open`, since PostgreSQL
 * treats it as a constraint that cannot be repeated.
 */
static bool
open_group(Translation *translation)
{
    static const char *const looks[] = { "(?=", "(?!", "(?<=", "(?<!" };
    const char *at = translation->at;
    size_t length = 1;
    char kind = '(';

    if (g_str_has_prefix(at, "(?#"))
        return stop(translation, HBA_REGEX_UNSUPPORTED, "a comment");
    if (at[1] == '?') {
        length = at[2] == ':' ? 3 : 0;
        for (size_t i = 0; i < G_N_ELEMENTS(looks); i++) {
            if (g_str_has_prefix(at, looks[i])) {
                length = strlen(looks[i]);
                kind = '=';
            }
        }
        if (length == 0)
            return stop(translation, HBA_REGEX_REFUSED, "an unknown kind of group");
    }
    g_string_append_len(translation->out, at, (gssize)length);
    g_string_append_c(translation->open, kind);
    translation->at += length;
    translation->before = BEFORE_NOTHING;
    return true;
}

static bool
close_group(Translation *translation)
{
    GString *open = translation->open;

    if (open->len == 0)
        return stop(translation, HBA_REGEX_REFUSED, "unbalanced parentheses");
    translation->before = open->str[open->len - 1] == '=' ? BEFORE_CONSTRAINT : BEFORE_ATOM;
    g_string_truncate(open, open->len - 1);
    g_string_append_c(translation->out, *translation->at++);
    return true;
}

/*
 * {m}, {m,} or {m,n} An open upper end passes the comparison as the largest bound; the text is
 * copied as it is.
 */
static bool
take_bound(Translation *translation)
{
    const char *at = translation->at;
    char *end = NULL;
    guint64 low = g_ascii_strtoull(at + 1, &end, 10);
    guint64 high = low;

    if (*end == ',') {
        high = g_ascii_isdigit(end[1]) ? g_ascii_strtoull(end + 1, &end, 10) : BOUND_MAX;
        end += *end == ',';
    }
    if (*end != '}' || low > BOUND_MAX || high > BOUND_MAX || low > high)
        return stop(translation, HBA_REGEX_REFUSED, "an invalid repetition count");
    g_string_append_len(translation->out, at, end + 1 - at);
    translation->at = end + 1;
    return true;
}

/*
 * A quantifier cannot follow another one, a constraint or the begin of a branch (manual, "Regular
 * Expression Details"). Whether it is greedy makes no difference, because only the existence of a
 * match counts.
 */
static bool
take_quantifier(Translation *translation)
{
    if (translation->before != BEFORE_ATOM)
        return stop(translation, HBA_REGEX_REFUSED, "a quantifier with nothing to repeat");
    if (*translation->at == '{') {
        if (!take_bound(translation))
            return false;
    } else {
        g_string_append_c(translation->out, *translation->at++);
    }
    if (*translation->at == '?')
        g_string_append_c(translation->out, *translation->at++);
    translation->before = BEFORE_QUANTIFIER;
    return true;
}

/*
 * Without embedded options ^ and $ are the ends of the whole text, hence \A and \z: PCRE's own $
 * also matches before a last newline.
 */
static bool
take_other(Translation *translation)
{
    char byte = *translation->at++;

    translation->before = byte == '|'                  ? BEFORE_NOTHING
                          : byte == '^' || byte == '$' ? BEFORE_CONSTRAINT
                                                       : BEFORE_ATOM;
    if (byte == '^')
        g_string_append(translation->out, "\\A");
    else if (byte == '$')
        g_string_append(translation->out, "\\z");
    else if (byte == '|' || byte == '.')
        g_string_append_c(translation->out, byte);
    else
        append_byte(translation->out, byte);
    return true;
}

/* A brace opens a bound only before a digit; before anything else it is an ordinary character. */
static bool
take_one(Translation *translation)
{
    switch (*translation->at) {
    case '\\':
        return take_escape(translation);
    case '[':
        return take_brackets(translation);
    case '(':
        return open_group(translation);
    case ')':
        return close_group(translation);
    case '*':
    case '+':
    case '?':
        return take_quantifier(translation);
    case '{':
        return g_ascii_isdigit(translation->at[1]) ? take_quantifier(translation)
                                                   : take_other(translation);
    default:
        return take_other(translation);
    }
}

/*
 * Directors and embedded options (manual, "Regular Expression Metasyntax") change how everything
 * after them is read, so they are not translated.
 */
HbaRegexResult
hba_regex_translate(const char *pattern, GString *perl, const char **ret_reason)
{
    g_autoptr(GString) open = g_string_new(NULL);
    Translation translation = { .at = pattern, .out = perl, .open = open };
    bool ok = true;

    if (g_str_has_prefix(pattern, "***") ||
        (g_str_has_prefix(pattern, "(?") && g_ascii_isalpha(pattern[2])))
        ok = stop(&translation, HBA_REGEX_UNSUPPORTED, "a director or embedded options");
    while (ok && *translation.at != '\0')
        ok = take_one(&translation);
    if (ok && open->len > 0)
        ok = stop(&translation, HBA_REGEX_REFUSED, "unbalanced parentheses");
    if (!ok)
        *ret_reason = translation.reason;
    return ok ? HBA_REGEX_MATCH : translation.result;
}
