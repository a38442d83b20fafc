/* Splitting, classifying and quoting the words of HBA lines. */
#include "hba/syntax/tokens.h"

#include <string.h>

#include "base/doubled_quotes.h"
#include "inventory/model/server_feature.h"

const char *const hba_database_keywords[] = { "all",       "sameuser",    "samerole",
                                              "samegroup", "replication", NULL };

/* pg_isblank() of hba.c, which unlike isspace() does not count \v, \f and the newline. */
static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static HbaToken *
new_token(Arena *arena, const GString *text, bool quoted)
{
    HbaToken *token = ARENA_NEW(arena, HbaToken);

    token->text = arena_strndup(arena, text->str, text->len);
    token->quoted = quoted;
    return token;
}

/*
 * One word; false at the end of the line. The text pointer moves past it. As next_token() of hba.c
 * does it: leading commas are skipped, quotes may open in the middle of a word, two quotes inside
 * quotes are one, and a comma ends the word and joins the next one to the field. `quoted` tells
 * only that the word began with a quote, which is what hba.c calls initial_quote.
 */
static bool
read_postgresql_word(const char **text, GString *word, bool *ret_quoted, bool *ret_comma,
                     HbaLineProblem *problem)
{
    const char *at = *text;
    bool in_quote = false;
    bool saw_quote = false;

    g_string_truncate(word, 0);
    *ret_quoted = false;
    *ret_comma = false;
    while (is_blank(*at) || *at == ',')
        at++;
    for (; *at != '\0' && (in_quote || (!is_blank(*at) && *at != ',')); at++) {
        if (*at == '#' && !in_quote) {
            at += strlen(at);
            break;
        }
        if (*at != '"') {
            g_string_append_c(word, *at);
            continue;
        }
        saw_quote = true;
        *ret_quoted = *ret_quoted || word->len == 0;
        if (in_quote && at[1] == '"') {
            g_string_append_c(word, '"');
            at++;
        } else {
            in_quote = !in_quote;
        }
    }
    if (in_quote)
        *problem = HBA_LINE_UNTERMINATED_QUOTE;
    if (*at == ',') {
        *ret_comma = true;
        at++;
    }
    *text = at;
    return saw_quote || word->len > 0;
}

/*
 * next_field_expand() continues while a word ends in a comma. A comma at the end of the line does
 * no harm there, so it is not a problem here either.
 */
static void
tokenize_postgresql(Arena *arena, const char *text, GString *word, HbaLine *line)
{
    while (*text != '\0') {
        List *field = ARENA_NEW(arena, List);
        bool quoted = false;
        bool comma = true;

        while (comma && read_postgresql_word(&text, word, &quoted, &comma, &line->problem))
            list_add(arena, field, new_token(arena, word, quoted));
        if (field->count > 0)
            list_add(arena, &line->fields, field);
    }
}

/*
 * A bare word or a quoted name. next_token() of PgBouncer's hba.c: quotes count only at the begin
 * of a token, and isspace() separates tokens.
 */
static const char *
read_pgbouncer_word(const char *at, GString *word, bool *ret_quoted, HbaLineProblem *problem)
{
    g_string_truncate(word, 0);
    *ret_quoted = *at == '"';
    if (*ret_quoted) {
        for (at++; *at != '\0' && (*at != '"' || at[1] == '"'); at++) {
            g_string_append_c(word, *at);
            at += *at == '"';
        }
        if (*at == '\0') {
            *problem = HBA_LINE_UNTERMINATED_QUOTE;
            return at;
        }
        at++;
    } else {
        size_t length = strcspn(at, ",#\" \t\r\n\v\f");

        g_string_append_len(word, at, (gssize)length);
        at += length;
    }
    /* It would go on with a new word here, joined to nothing. */
    if (*at != '\0' && strchr(",# \t\r\n\v\f", *at) == NULL)
        *problem = HBA_LINE_QUOTE_IN_WORD;
    return at;
}

/*
 * PgBouncer has no fields: parse_names() takes names as long as commas follow. The fields are made
 * up from that, so that the reader of lines need not know which program it reads for.
 */
static void
tokenize_pgbouncer(Arena *arena, const char *at, GString *word, HbaLine *line)
{
    List *field = NULL;
    bool joined = false;

    while (*at != '\0' && *at != '#') {
        bool quoted = false;

        if (*at == ',') {
            if (field == NULL || joined)
                line->problem = HBA_LINE_MISPLACED_COMMA;
            joined = true;
            at++;
        } else if (strchr(" \t\r\n\v\f", *at) != NULL) {
            at++;
        } else {
            at = read_pgbouncer_word(at, word, &quoted, &line->problem);
            if (field == NULL || !joined) {
                field = ARENA_NEW(arena, List);
                list_add(arena, &line->fields, field);
            }
            list_add(arena, field, new_token(arena, word, quoted));
            joined = false;
        }
    }
    if (joined)
        line->problem = HBA_LINE_MISPLACED_COMMA;
}

HbaLine
hba_tokenize(Arena *arena, HbaProgram program, const char *text)
{
    g_autoptr(GString) word = g_string_sized_new(64);
    HbaLine line = { .problem = HBA_LINE_FINE };

    if (program == HBA_PROGRAM_POSTGRESQL)
        tokenize_postgresql(arena, text, word, &line);
    else
        tokenize_pgbouncer(arena, text, word, &line);
    return line;
}

/* parse_line() of PgBouncer passes is_db for both columns. */
static bool
is_keyword(HbaProgram program, HbaFieldKind field, const char *text)
{
    /* PgBouncer reads its users with the words of databases. */
    if (field == HBA_FIELD_OTHER)
        return false;
    if (field == HBA_FIELD_USER && program == HBA_PROGRAM_POSTGRESQL)
        return strcmp(text, "all") == 0;
    return hba_database_keywords[hba_word_index(hba_database_keywords, text)] != NULL;
}

/*
 * For everything but expressions the quotes decide: token_is_keyword() and the + in check_role()
 * apply only to words without them.
 */
HbaTokenKind
hba_token_classify(HbaProgram program, int version, HbaFieldKind field, const HbaToken *token)
{
    const char *text = token->text;

    /* regcomp_auth_token() does not look at the quotes. */
    if (text[0] == '/' && field != HBA_FIELD_OTHER && program == HBA_PROGRAM_POSTGRESQL &&
        server_has(version, SERVER_HBA_REGEX))
        return HBA_TOKEN_REGEX;
    if (token->quoted)
        return HBA_TOKEN_NAME;
    if (text[0] == '@' && (text[1] != '\0' || program == HBA_PROGRAM_PGBOUNCER))
        return HBA_TOKEN_FILE;
    if (text[0] == '+' && field == HBA_FIELD_USER)
        return HBA_TOKEN_ROLE;
    if (text[0] == '+' && field == HBA_FIELD_DATABASE && program == HBA_PROGRAM_PGBOUNCER)
        return HBA_TOKEN_ROLE;
    return is_keyword(program, field, text) ? HBA_TOKEN_KEYWORD : HBA_TOKEN_NAME;
}

/* next_field_expand() wants a character after the @, so a lone @ is a name. */
bool
hba_token_is_file(const HbaToken *token)
{
    return !token->quoted && token->text[0] == '@' && token->text[1] != '\0';
}

/* Quotes are enough for every other name: a quoted word is never a keyword, a +role or an @file. */
HbaToken *
hba_token_from_name(Arena *arena, HbaProgram program, int version, const char *name)
{
    HbaToken *token = ARENA_NEW(arena, HbaToken);
    g_autoptr(GString) regex = NULL;

    token->quoted = true;
    token->kind = HBA_TOKEN_NAME;
    token->text = arena_strdup(arena, name);
    token->kind = hba_token_classify(program, version, HBA_FIELD_USER, token);
    if (token->kind != HBA_TOKEN_REGEX)
        return token;
    /* Nothing keeps such a name from being an expression: write one that matches only the name. */
    regex = g_string_new("/^");
    for (const char *at = name; *at != '\0'; at++) {
        if ((*at & 0x80) == 0 && !g_ascii_isalnum(*at) && *at != '_')
            g_string_append_c(regex, '\\');
        g_string_append_c(regex, *at);
    }
    g_string_append_c(regex, '$');
    token->text = arena_strdup(arena, regex->str);
    token->quoted = false;
    return token;
}

/* What no tokenizer of the two gives a meaning to, in a word that is not a keyword. */
static bool
is_safe_bare(const char *text)
{
    if (!g_ascii_isalnum(text[0]) && text[0] != '_')
        return false;
    for (const char *at = text; *at != '\0'; at++) {
        if (!g_ascii_isalnum(*at) && strchr("_-.$", *at) == NULL)
            return false;
    }
    return hba_database_keywords[hba_word_index(hba_database_keywords, text)] == NULL;
}

void
hba_token_render(const HbaToken *token, GString *out)
{
    const char *text = token->text;

    if (token->kind == HBA_TOKEN_KEYWORD) {
        g_string_append(out, text);
        return;
    }
    if (token->kind != HBA_TOKEN_NAME) {
        /* The first character must come before the quotes to keep its meaning. */
        g_string_append_c(out, *text++);
        if (*text == '\0')
            return;
    }
    /* A path is safe with slashes in it, and PgBouncer could not read it in quotes. */
    if (is_safe_bare(text) ||
        (token->kind == HBA_TOKEN_FILE && strpbrk(text, " \t\r\n\v\f,#\"") == NULL))
        g_string_append(out, text);
    else
        doubled_quotes_append(out, text, '"');
}

/*
 * An @ would name a file, and a backslash as the last character of the line would continue it
 * (tokenize_auth_file(), 14 and later). Quotes take care of both.
 */
void
hba_word_render(const char *text, GString *out)
{
    size_t length = strlen(text);

    if (length == 0 || text[0] == '@' || text[length - 1] == '\\' ||
        strpbrk(text, " \t\r\n\v\f,#\"") != NULL)
        doubled_quotes_append(out, text, '"');
    else
        g_string_append(out, text);
}

/*
 * C1 controls are two bytes in UTF-8, 0xc2 and one from 0x80 to 0x9f. They count because terminals
 * obey them.
 */
bool
hba_has_control_character(const char *text, const char *allowed)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        bool control = *at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0);

        if (control && strchr(allowed, *at) == NULL)
            return true;
    }
    return false;
}
