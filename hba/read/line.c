/* From the words of a line to a rule. */
#include "hba/read/line.h"

#include <string.h>

#include "base/suggest.h"
#include "hba/check/check.h"
#include "hba/check/options.h"
#include "hba/read/line_words.h"
#include "hba/syntax/tokens.h"
#include "inventory/model/server_feature.h"

/* MAX_LINE of hba.c, with the newline and the zero byte at the end. */
#define LINE_BUFFER_13 ((size_t)20480)

/* Where in the line the reader stands. */
typedef struct Reader {
    const HbaCheck *check;
    SourcePos pos;
    HbaLine line;
    size_t next; /* field */
} Reader;

static const List *
next_field(Reader *reader, const char *what, const char *says)
{
    if (reader->next < reader->line.fields.count)
        return reader->line.fields.items[reader->next++];
    findings_add(reader->check->findings, &FINDING_HBA_FIELD_MISSING, reader->pos,
                 hba_check_hint(reader->check, NULL, says), "the line ends before the %s", what);
    return NULL;
}

/*
 * A field of exactly one word; NULL otherwise. PostgreSQL expands an @file in any field. Without
 * the file nobody can tell what the line means, so it is refused here.
 */
static const HbaToken *
next_word(Reader *reader, const char *what, const char *says_missing, const char *says_many)
{
    const HbaCheck *check = reader->check;
    const List *field = next_field(reader, what, says_missing);
    const HbaToken *token = NULL;

    if (field == NULL)
        return NULL;
    token = field->items[0];
    if (field->count > 1) {
        findings_add(check->findings, &FINDING_HBA_FIELD_MULTIPLE, reader->pos,
                     hba_check_hint(check, "write a line for each", says_many),
                     "the %s \"%s,...\" is a list", what, token->text);
        return NULL;
    }
    if (hba_token_classify(check->program, check->version, HBA_FIELD_OTHER, token) ==
        HBA_TOKEN_FILE) {
        findings_add(check->findings, &FINDING_HBA_NAMES_FILE_MISPLACED, reader->pos,
                     "only users and databases may come from a file",
                     "the %s \"%s\" is in a file that cannot be checked", what, token->text);
        return NULL;
    }
    if (check->program == HBA_PROGRAM_PGBOUNCER && token->quoted) {
        findings_add(check->findings, &FINDING_HBA_PGB_QUOTING, reader->pos, "remove the quotes",
                     "%s skips a line with quotes around the %s \"%s\"", check->server, what,
                     token->text);
        return NULL;
    }
    return token;
}

/*
 * Classification comes after expansion: a word out of an @file is a keyword, +role or expression
 * like any other.
 */
static bool
read_names(Reader *reader, const char *what, const char *says, HbaFieldKind kind, List *ret_names)
{
    const HbaCheck *check = reader->check;
    const List *field = next_field(reader, what, says);

    if (field == NULL)
        return false;
    field = hba_field_expand(check, reader->pos, field);
    if (field == NULL)
        return false;
    LIST_FOREACH (const HbaToken, token, field) {
        HbaToken *name = ARENA_NEW(check->arena, HbaToken);

        *name = *token;
        name->kind = hba_token_classify(check->program, check->version, kind, token);
        list_add(check->arena, ret_names, name);
    }
    return true;
}

/*
 * Only whether the word exists. Whether this program and version know it is left to
 * hba_check_rule(), which judges rules made from aliases too.
 */
static bool
read_type(Reader *reader, HbaRule *rule)
{
    const HbaCheck *check = reader->check;
    const HbaToken *token =
        next_word(reader, "connection type", NULL, "multiple values specified for connection type");
    const char *nearest = NULL;
    size_t index = 0;

    if (token == NULL)
        return false;
    index = hba_word_index(hba_type_words, token->text);
    rule->type = (HbaType)index;
    if (hba_type_words[index] != NULL)
        return true;
    nearest = suggest_nearest(token->text, hba_type_words);
    findings_add(check->findings, &FINDING_HBA_TYPE_UNKNOWN, reader->pos,
                 hba_check_hint(
                     check,
                     nearest == NULL ? "a raw line begins with local, host, hostssl, hostnossl, "
                                       "hostgssenc or hostnogssenc"
                                     : arena_printf(check->arena, "did you mean \"%s\"?", nearest),
                     arena_printf(check->arena, "invalid connection type \"%s\"", token->text)),
                 "connection type \"%s\" does not exist", token->text);
    return false;
}

/*
 * The hints quote parse_hba_line(). Where it appends the text of gai_strerror(), which depends on
 * the platform, the quotation ends before that.
 */
static bool
add_address_problem(const Reader *reader, const HbaAddress *address, HbaAddressProblem problem)
{
    static const struct {
        const char *before;
        const char *after;
    } messages[] = {
        [HBA_ADDRESS_NO_MASK] = { "address ", " has no mask" },
        [HBA_ADDRESS_BAD_PREFIX] = { "address ", " has an invalid mask" },
        [HBA_ADDRESS_BAD_MASK] = { "address ", " is followed by an invalid mask" },
        [HBA_ADDRESS_OTHER_FAMILY] = { "address ", " has a mask of the other family" },
        [HBA_ADDRESS_NAME_WITH_PREFIX] = { "", " is not an IP address: only those have a mask" },
        [HBA_ADDRESS_NEEDLESS_MASK] = { "address ", " has a second mask" },
    };

    const HbaCheck *check = reader->check;
    g_autofree char *says = NULL;
    const char *hint = NULL;

    switch (problem) {
    case HBA_ADDRESS_NO_MASK:
        hint = arena_printf(check->arena, "write \"%s/%d\" for that one host", address->text,
                            address->is_v6 ? 128 : 32);
        says = g_strdup("end-of-line before netmask specification, or invalid IP mask");
        break;
    case HBA_ADDRESS_BAD_PREFIX:
        says = g_strdup_printf("invalid CIDR mask in address \"%s\"", address->text);
        break;
    case HBA_ADDRESS_BAD_MASK:
        says = g_strdup_printf("invalid IP mask \"%s\"", address->mask_text);
        break;
    case HBA_ADDRESS_OTHER_FAMILY:
        says = g_strdup("IP address and mask do not match");
        break;
    case HBA_ADDRESS_NAME_WITH_PREFIX:
        says = g_strdup_printf("specifying both host name and CIDR mask is invalid: \"%s\"",
                               address->text);
        break;
    default:
        break;
    }
    findings_add(check->findings,
                 problem == HBA_ADDRESS_NO_MASK ? &FINDING_HBA_MASK_MISSING
                                                : &FINDING_HBA_ADDRESS_INVALID,
                 reader->pos, hba_check_hint(check, hint, says), "%s\"%s\"%s",
                 messages[problem].before, address->text, messages[problem].after);
    return false;
}

/*
 * Parsed twice where a mask follows: only after the first time it is known that the address is a
 * number without a slash.
 */
static bool
read_address(Reader *reader, HbaRule *rule)
{
    const HbaCheck *check = reader->check;
    const HbaToken *token =
        next_word(reader, "address", "end-of-line before IP address specification",
                  "multiple values specified for host address");
    const HbaToken *mask = NULL;
    HbaAddressProblem problem = HBA_ADDRESS_FINE;

    if (token == NULL)
        return false;
    problem = hba_address_parse(check->arena, token->text, token->quoted, NULL, &rule->address);
    if (problem != HBA_ADDRESS_NO_MASK)
        return problem == HBA_ADDRESS_FINE || add_address_problem(reader, &rule->address, problem);
    /* A mask in a field of its own; the method in its place means that there is none. */
    if (reader->next >= reader->line.fields.count)
        return add_address_problem(reader, &rule->address, problem);
    mask = next_word(reader, "mask", NULL, "multiple values specified for netmask");
    if (mask == NULL)
        return false;
    problem =
        hba_address_parse(check->arena, token->text, token->quoted, mask->text, &rule->address);
    if (problem == HBA_ADDRESS_BAD_MASK &&
        hba_method_words[hba_word_index(hba_method_words, mask->text)] != NULL)
        problem = HBA_ADDRESS_NO_MASK;
    return problem == HBA_ADDRESS_FINE || add_address_problem(reader, &rule->address, problem);
}

static bool
read_method(Reader *reader, HbaRule *rule)
{
    const HbaCheck *check = reader->check;
    const HbaToken *token = next_word(reader, "method", "end-of-line before authentication method",
                                      "multiple values specified for authentication type");
    const char *nearest = NULL;
    size_t index = 0;

    if (token == NULL)
        return false;
    index = hba_word_index(hba_method_words, token->text);
    rule->method = (HbaMethod)index;
    if (hba_method_words[index] != NULL)
        return true;
    nearest = suggest_nearest(token->text, hba_method_words);
    findings_add(
        check->findings, &FINDING_HBA_METHOD_UNKNOWN, reader->pos,
        hba_check_hint(
            check,
            nearest == NULL ? NULL : arena_printf(check->arena, "did you mean \"%s\"?", nearest),
            arena_printf(check->arena, "invalid authentication method \"%s\"", token->text)),
        "method \"%s\" does not exist", token->text);
    return false;
}

/*
 * A comma joins options into one field, and parse_hba_line() walks over all tokens of every
 * remaining field.
 */
static bool
read_options(Reader *reader, HbaRule *rule)
{
    bool ok = true;

    for (; reader->next < reader->line.fields.count; reader->next++) {
        LIST_FOREACH (const HbaToken, token,
                      (const List *)reader->line.fields.items[reader->next]) {
            HbaOption *option = ARENA_NEW(reader->check->arena, HbaOption);

            ok = hba_option_parse(reader->check, reader->pos, token->text, option) && ok;
            list_add(reader->check->arena, &rule->options, option);
        }
    }
    return ok;
}

/*
 * tokenize_auth_file() takes a line for an include only when it has exactly two fields. Any other
 * reaches parse_hba_line(), which knows no such connection type.
 */
static bool
add_include_problem(const Reader *reader, const HbaRule *rule)
{
    const HbaCheck *check = reader->check;

    if (!hba_check_rule(check, rule))
        return false;
    findings_add(
        check->findings, &FINDING_HBA_FIELD_MULTIPLE, reader->pos,
        hba_check_hint(check, "put a name with blanks in quotes", "invalid connection type"),
        "an include line takes one file");
    return false;
}

/*
 * next_token() of PostgreSQL ends an open quote with the line; the one of PgBouncer fails
 * (TOK_FAIL), and the line is skipped.
 */
static bool
check_words(const Reader *reader)
{
    const HbaCheck *check = reader->check;

    switch (reader->line.problem) {
    case HBA_LINE_UNTERMINATED_QUOTE:
        if (check->program == HBA_PROGRAM_POSTGRESQL) {
            findings_add(check->findings, &FINDING_HBA_QUOTE_OPEN, reader->pos,
                         "a quote in a name is written as two",
                         "a double quote is not closed: %s reads all that follows as one word",
                         check->server);
            return true;
        }
        findings_add(check->findings, &FINDING_HBA_QUOTE_UNTERMINATED, reader->pos,
                     "a quote in a name is written as two", "a double quote is not closed");
        return false;
    case HBA_LINE_MISPLACED_COMMA:
        findings_add(check->findings, &FINDING_HBA_ITEM_EMPTY, reader->pos, NULL,
                     "%s skips a line with a comma that has no name on both sides", check->server);
        return false;
    case HBA_LINE_QUOTE_IN_WORD:
        findings_add(check->findings, &FINDING_HBA_PGB_QUOTING, reader->pos,
                     "put the whole name in quotes",
                     "%s skips a line with quotes in the middle of a word", check->server);
        return false;
    case HBA_LINE_FINE:
        break;
    }
    return true;
}

/*
 * In the order of parse_hba_line(), so that the first problem reported is the one that the server
 * reports.
 */
static bool
read_rule(Reader *reader, HbaRule *rule)
{
    rule->include = hba_line_include(reader->check, &reader->line);
    if (rule->include != NULL) {
        const HbaToken *word = ((const List *)reader->line.fields.items[0])->items[0];

        rule->type = (HbaType)hba_word_index(hba_type_words, word->text);
        return true;
    }
    if (!read_type(reader, rule))
        return false;
    if (hba_types[rule->type].kind == HBA_LINE_INCLUDE &&
        reader->check->program == HBA_PROGRAM_POSTGRESQL)
        return add_include_problem(reader, rule);
    if (hba_types[rule->type].since[reader->check->program] == HBA_NEVER)
        return hba_check_rule(reader->check, rule) && false;
    return read_names(reader, "database", "end-of-line before database specification",
                      HBA_FIELD_DATABASE, &rule->databases) &&
           read_names(reader, "user", "end-of-line before role specification", HBA_FIELD_USER,
                      &rule->users) &&
           (hba_types[rule->type].kind == HBA_LINE_LOCAL || read_address(reader, rule)) &&
           read_method(reader, rule) && read_options(reader, rule);
}

/* Without its newline; the rest of a line that is too long would be read as one of its own. */
static bool
fits_buffer(const HbaCheck *check, SourcePos pos, const char *text)
{
    if (!check->is_file || check->program != HBA_PROGRAM_POSTGRESQL ||
        server_has(check->version, SERVER_HBA_LONG_LINES) || strlen(text) < LINE_BUFFER_13 - 2)
        return true;
    findings_add(
        check->findings, &FINDING_HBA_LINE_TOO_LONG, pos,
        hba_check_hint(check, "split it into several lines", "authentication file line too long"),
        "the line is longer than %s reads", check->server);
    return false;
}

/*
 * Text from an inventory becomes part of a file that is written, so it is checked before it is
 * read. A line of an existing file may contain whatever its server accepts.
 */
HbaRule *
hba_line_parse(const HbaCheck *check, SourcePos pos, const char *text)
{
    Reader reader = { .check = check, .pos = pos };
    HbaRule *rule = NULL;

    if (!check->is_file && !hba_check_text(check, pos, "a raw line", text, HBA_TEXT_TABS_ALLOWED))
        return NULL;
    if (!fits_buffer(check, pos, text))
        return NULL;
    rule = ARENA_NEW(check->arena, HbaRule);
    rule->pos = rule->database_pos = rule->user_pos = rule->address_pos = pos;
    rule->raw = arena_strdup(check->arena, text);
    reader.line = hba_tokenize(check->arena, check->program, text);
    if (!check_words(&reader) || !hba_line_expand(check, pos, &reader.line))
        return NULL;
    rule->is_comment = reader.line.fields.count == 0;
    if (rule->is_comment)
        return rule;
    return read_rule(&reader, rule) && hba_check_rule(check, rule) ? rule : NULL;
}
