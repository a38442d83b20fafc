/* Filling psql variables into the statements of templates/. */
#include "provisioner/server/sql_text.h"

#include <stdbool.h>
#include <string.h>

#include "base/doubled_quotes.h"
#include "base/printable.h"
#include "templates.h"

/* The character at `at`, and where the next one begins; 0 for a byte that is not UTF-8. */
static uint32_t
character_at(const char *at, const char **ret_next)
{
    gunichar character = g_utf8_get_char_validated(at, -1);
    bool is_valid = character != (gunichar)-1 && character != (gunichar)-2;

    *ret_next = is_valid ? g_utf8_next_char(at) : at + 1;
    return is_valid ? character : 0;
}

/* Whether a terminal would act on a character; a line break is only a line break to it. */
static bool
has_hidden(const char *text, bool lines_are_hidden)
{
    const char *next = NULL;

    for (const char *at = text; *at != '\0'; at = next) {
        uint32_t character = character_at(at, &next);

        if (character != 0 && printable_is_hidden(character) &&
            (lines_are_hidden || (character != '\n' && character != '\t')))
            return true;
    }
    return false;
}

/* `escape` stands before the digits of a code point; all hidden ones have four. */
static void
append_escaped(GString *out, const char *text, char quote, const char *escape)
{
    const char *next = NULL;

    g_string_append_c(out, quote);
    for (const char *at = text; *at != '\0'; at = next) {
        uint32_t character = character_at(at, &next);

        if (character != 0 && printable_is_hidden(character)) {
            g_string_append_printf(out, "%s%04x", escape, character);
            continue;
        }
        if (*at == quote || *at == '\\')
            g_string_append_c(out, *at);
        g_string_append_len(out, at, next - at);
    }
    g_string_append_c(out, quote);
}

/*
 * Always quoted, also where a plain word would do: the result does not depend on a list of
 * keywords, which differs between versions. A server's names may hold anything: with a line break a
 * script would have a line that psql takes for a command of its own.
 */
void
sql_append_identifier(GString *out, const char *name)
{
    if (!has_hidden(name, true)) {
        doubled_quotes_append(out, name, '"');
        return;
    }
    g_string_append(out, "U&");
    append_escaped(out, name, '"', "\\");
}

/*
 * standard_conforming_strings is on in every session of ours and in the scripts we write, but psql
 * believes what the server says of it. E'' does not depend on it (manual, section 4.1.2.2).
 */
void
sql_append_literal(GString *out, const char *text)
{
    if (strchr(text, '\\') == NULL && !has_hidden(text, false)) {
        doubled_quotes_append(out, text, '\'');
        return;
    }
    g_string_append_c(out, 'E');
    append_escaped(out, text, '\'', "\\u");
}

/* Quotes are balanced, and outside of them nothing ends a statement or a line. */
bool
sql_is_signature(const char *text)
{
    bool is_quoted = false;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && !g_ascii_isalnum(*at) && (unsigned char)*at < 0x80 &&
                 strchr("_$.,()[] ", *at) == NULL)
            return false;
    }
    return !is_quoted;
}

char *
sql_identifier(Arena *arena, const char *name)
{
    g_autoptr(GString) out = g_string_new(NULL);

    sql_append_identifier(out, name);
    return arena_strdup(arena, out->str);
}

char *
sql_literal(Arena *arena, const char *text)
{
    g_autoptr(GString) out = g_string_new(NULL);

    sql_append_literal(out, text);
    return arena_strdup(arena, out->str);
}

/* A variable without a value is an error of the program, found by the first test that runs it. */
static const char *
value_of(const SqlValue *values, const char *name, size_t length)
{
    for (; values->name != NULL; values++) {
        if (strlen(values->name) == length && strncmp(values->name, name, length) == 0)
            return values->text;
    }
    g_error("a statement has no value for its variable %.*s", (int)length, name);
}

/* Names of variables are lower case, so that a time such as 12:34 or a cast is not one. */
static size_t
variable_length(const char *text)
{
    size_t length = 0;

    while (g_ascii_islower(text[length]) || text[length] == '_')
        length++;
    return length;
}

/* Handles the variable at `at` (after the colon); gives what follows it. */
static const char *
append_variable(GString *out, const char *at, const SqlValue *values)
{
    char quote = *at == '"' || *at == '\'' ? *at : '\0';
    const char *name = quote != '\0' ? at + 1 : at;
    size_t length = variable_length(name);
    const char *text = value_of(values, name, length);

    if (quote == '"')
        sql_append_identifier(out, text);
    else if (quote == '\'')
        sql_append_literal(out, text);
    else if (text != NULL && *text != '\0')
        g_string_append(out, text);
    else if (out->len > 0 && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
    return name + length + (quote != '\0' ? 1 : 0);
}

static bool
is_variable(const char *start, const char *colon)
{
    char next = colon[1] == '"' || colon[1] == '\'' ? colon[2] : colon[1];

    /* :: is a cast, and so is what follows it */
    return g_ascii_islower(next) && (colon == start || colon[-1] != ':');
}

/* Comments at the head of a template are for its reader; the server's log does not need them. */
static const char *
statement_of(const char *path)
{
    const char *text = template_text(path);

    g_assert(text != NULL);
    while (g_str_has_prefix(text, "--"))
        text = strchr(text, '\n') + 1;
    return text;
}

/* libpq's extended protocol takes exactly one statement; the semicolon is for psql. */
static void
strip_end(GString *out)
{
    g_strchomp(out->str);
    out->len = strlen(out->str);
    if (out->len > 0 && out->str[out->len - 1] == ';')
        g_string_truncate(out, out->len - 1);
}

/* Fills in from `at` to the end, or to the variable `open`; gives what follows it, NULL at the end.
 */
static const char *
fill(GString *out, const char *at, const SqlValue *values, const char *open)
{
    const char *start = at;

    while (*at != '\0') {
        if (*at != ':' || !is_variable(start, at)) {
            g_string_append_c(out, *at++);
            continue;
        }
        if (open != NULL && variable_length(at + 1) == strlen(open) &&
            g_str_has_prefix(at + 1, open))
            return at + 1 + strlen(open);
        at = append_variable(out, at + 1, values);
    }
    return NULL;
}

char *
sql_render(Arena *arena, const char *path, const SqlValue *values)
{
    g_autoptr(GString) out = g_string_new(NULL);

    fill(out, statement_of(path), values, NULL);
    strip_end(out);
    return arena_strdup(arena, out->str);
}

SqlHalves
sql_render_around(Arena *arena, const char *path, const SqlValue *values, const char *open)
{
    g_autoptr(GString) before = g_string_new(NULL);
    g_autoptr(GString) after = g_string_new(NULL);
    const char *rest = fill(before, statement_of(path), values, open);

    g_assert(rest != NULL);
    fill(after, rest, values, NULL);
    strip_end(after);
    return (SqlHalves){ .before = arena_strdup(arena, before->str),
                        .after = arena_strdup(arena, after->str) };
}
