/* Judging users and databases. */
#include "hba/check/check_names.h"

#include <string.h>

#include "hba/syntax/regex_syntax.h"
#include "hba/syntax/tokens.h"
#include "inventory/model/server_feature.h"

/* MAX_TOKEN of hba.c up to 15. */
#define WORD_BYTES_15  10239
#define NAME_BYTES_MAX 63

/*
 * What we cannot judge PCRE may: an expression that it cannot compile is rarely one there. An
 * expression that does not compile makes parse_hba_line() fail, and then the server refuses the
 * whole file. Where the translation is sure this is an error; where only PCRE objects it is a
 * warning.
 */
static bool
check_regex(const HbaCheck *check, SourcePos pos, const HbaToken *token)
{
    g_autoptr(GString) perl = g_string_new(NULL);
    g_autoptr(GRegex) regex = NULL;
    const char *reason = NULL;

    switch (hba_regex_translate(token->text + 1, perl, &reason)) {
    case HBA_REGEX_REFUSED:
        findings_add(check->findings, &FINDING_HBA_REGEX_INVALID, pos,
                     hba_check_hint(check, NULL,
                                    arena_printf(check->arena, "invalid regular expression \"%s\"",
                                                 token->text + 1)),
                     "\"%s\" is not a valid regular expression: it has %s", token->text, reason);
        return false;
    case HBA_REGEX_UNSUPPORTED:
        regex = g_regex_new(token->text + 1, G_REGEX_RAW, 0, NULL);
        break;
    case HBA_REGEX_MATCH:
    case HBA_REGEX_NO_MATCH:
        return true;
    }
    if (regex == NULL)
        findings_add(check->findings, &FINDING_HBA_REGEX_DOUBTFUL, pos,
                     "PostgreSQL refuses the whole file for a broken expression",
                     "\"%s\" is probably not a valid regular expression", token->text);
    return true;
}

/*
 * The slash changed its meaning in 16: before, /name was a plain name; since then "/name" in quotes
 * is an expression as well, because regcomp_auth_token() does not look at quotes. Both may surprise
 * the author.
 */
static bool
check_slash(const HbaCheck *check, SourcePos pos, const HbaToken *token)
{
    if (token->text[0] != '/' || check->program != HBA_PROGRAM_POSTGRESQL)
        return true;
    if (token->kind == HBA_TOKEN_REGEX && token->quoted)
        findings_add(check->findings, &FINDING_HBA_REGEX_QUOTED, pos,
                     "for the plain name write an expression between /^ and $",
                     "\"%s\" is a regular expression: quotes do not make it a name", token->text);
    if (token->kind == HBA_TOKEN_NAME && !token->quoted)
        findings_add(check->findings, &FINDING_HBA_REGEX_UNSUPPORTED, pos,
                     "put it in quotes if the name is meant",
                     "\"%s\" is a plain name before PostgreSQL 16 and matches only itself",
                     token->text);
    return token->kind != HBA_TOKEN_REGEX || check_regex(check, pos, token);
}

/*
 * parse_names() of PgBouncer gives up at +role, and then the line is skipped. It reads the column
 * of users with is_db set, so the words for databases are keywords there too. In quotes they are
 * plain names, hence the hint.
 */
static bool
check_pgbouncer_name(const HbaCheck *check, SourcePos pos, const HbaToken *token, bool is_user)
{
    const char *rule = hba_check_rule_name(check);
    bool replication = strcmp(token->text, "replication") == 0;

    if (token->kind == HBA_TOKEN_ROLE) {
        hba_check_add_pgbouncer(check, &FINDING_HBA_PGB_GROUP, pos,
                                "name the users, or leave the group to PostgreSQL's own rules",
                                "%s skips %s: it has no groups such as \"%s\"", check->server, rule,
                                token->text);
        return false;
    }
    if (!token->quoted && token->text[0] == '/') {
        hba_check_add_pgbouncer(check, &FINDING_HBA_PGB_REGEX, pos, "name the users and databases",
                                "%s never matches %s: \"%s\" is a plain name to it", check->server,
                                rule, token->text);
        return false;
    }
    if (token->kind == HBA_TOKEN_FILE && strpbrk(token->text, " \t,#\"") != NULL) {
        hba_check_add_pgbouncer(check, &FINDING_HBA_PGB_QUOTING, pos, "rename the file",
                                "%s skips %s: it cannot read the file name \"%s\"", check->server,
                                rule, token->text + 1);
        return false;
    }
    if (token->kind == HBA_TOKEN_KEYWORD && strcmp(token->text, "all") != 0 &&
        (is_user || strcmp(token->text, "sameuser") != 0) &&
        (is_user || !replication || check->version < 123)) {
        hba_check_add_pgbouncer(
            check, &FINDING_HBA_PGB_WORD, pos,
            arena_printf(check->arena, "write \"%s\" in quotes if it is a name", token->text),
            "%s skips or misreads %s: \"%s\" is not a %s to it", check->server, rule, token->text,
            is_user ? "user" : "database");
        return false;
    }
    return true;
}

/*
 * NAMEDATALEN - 1 bytes: PostgreSQL cuts longer names when an object is created, so that no role or
 * database has one.
 */
static bool
check_name(const HbaCheck *check, const HbaRule *rule, const HbaToken *token, bool is_user)
{
    SourcePos pos = is_user ? rule->user_pos : rule->database_pos;
    size_t length = strlen(token->text);

    if (length > WORD_BYTES_15 && check->program == HBA_PROGRAM_POSTGRESQL &&
        !server_has(check->version, SERVER_HBA_LONG_WORDS)) {
        findings_add(check->findings, &FINDING_HBA_LINE_TOO_LONG, pos,
                     hba_check_hint(check, NULL, "authentication file token too long"),
                     "a word is longer than %s reads", check->server);
        return false;
    }
    if (token->kind == HBA_TOKEN_NAME && (length == 0 || length > NAME_BYTES_MAX))
        findings_add(check->findings, &FINDING_HBA_NAME_UNMATCHABLE, pos, NULL,
                     "%s \"%s\" matches nothing: a name has 1 to %d bytes",
                     is_user ? "user" : "database", token->text, NAME_BYTES_MAX);
    if (!check_slash(check, pos, token))
        return false;
    if (check->program == HBA_PROGRAM_PGBOUNCER)
        return check_pgbouncer_name(check, pos, token, is_user) || !check->enabled;
    return true;
}

bool
hba_check_names(const HbaCheck *check, const HbaRule *rule)
{
    bool ok = true;

    LIST_FOREACH (const HbaToken, database, &rule->databases)
        ok = check_name(check, rule, database, false) && ok;
    LIST_FOREACH (const HbaToken, user, &rule->users)
        ok = check_name(check, rule, user, true) && ok;
    return ok;
}
