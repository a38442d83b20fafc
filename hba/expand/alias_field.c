/* Reading `user` and `db`. */
#include "hba/expand/alias_field.h"

#include <stddef.h>
#include <string.h>

#include "hba/check/check.h"

#define NAME_BYTES_MAX 63

/* The variables that a message asks for where a rule names a system user that is not there. */
static const char *const user_variables[] = {
    [SYSTEM_USER_DBSU] = "pg_dbsu",
    [SYSTEM_USER_REPLICATION] = "pg_replication_username",
    [SYSTEM_USER_MONITOR] = "pg_monitor_username",
    [SYSTEM_USER_ADMIN] = "pg_admin_username",
};

_Static_assert(G_N_ELEMENTS(user_variables) == SYSTEM_USER_COUNT, "a variable for each user");

static const char *
key_of(HbaFieldKind kind)
{
    return kind == HBA_FIELD_USER ? "user" : "db";
}

/*
 * A key without a value is most often one that was forgotten. Taking it for the default would turn
 * it into `all`.
 */
static bool
check_null(const HbaCheck *check, const HbaField *field, const char *key)
{
    if (!field->given || field->text != NULL || field->is_list)
        return true;
    findings_add(check->findings, &FINDING_HBA_VALUE_NULL, field->pos,
                 "leave it out for the default", "\"%s\" of %s is null", key,
                 hba_check_rule_name(check));
    return false;
}

bool
hba_alias_check_text(const HbaCheck *check, const HbaField *field, const char *key)
{
    if (field->is_list) {
        findings_add(check->findings, &FINDING_HBA_VALUE_TYPE_INVALID, field->pos,
                     "write a rule for each", "\"%s\" of %s is a list", key,
                     hba_check_rule_name(check));
        return false;
    }
    return check_null(check, field, key) &&
           (field->text == NULL || hba_check_text(check, field->pos, key, field->text, 0));
}

/*
 * Items of a YAML list are names whatever they look like, never keywords, +roles or expressions. An
 * empty list is refused because it could mean everybody as well as nobody.
 */
static bool
read_list(const HbaCheck *check, const HbaField *field, HbaFieldKind kind, List *ret_tokens)
{
    bool ok = field->names.count > 0;

    if (!ok)
        findings_add(check->findings, &FINDING_HBA_LIST_EMPTY, field->pos,
                     "leave the key out for everyone", "\"%s\" of %s is an empty list",
                     key_of(kind), hba_check_rule_name(check));
    LIST_FOREACH (const HbaText, name, &field->names) {
        size_t length = strlen(name->text);

        if (hba_has_control_character(name->text, "")) {
            findings_add(check->findings, &FINDING_HBA_CONTROL_CHARACTER, name->pos, NULL,
                         "a name in \"%s\" holds a newline or control character", key_of(kind));
            ok = false;
        } else if (length == 0 || length > NAME_BYTES_MAX) {
            findings_add(check->findings, &FINDING_HBA_NAME_INVALID, name->pos, NULL,
                         "name \"%s\" is not 1 to %d bytes long", name->text, NAME_BYTES_MAX);
            ok = false;
        } else {
            list_add(check->arena, ret_tokens,
                     hba_token_from_name(check->arena, check->program, check->version, name->text));
        }
    }
    return ok;
}

/*
 * What would end or split the field in the file: FINDING and hint, or NULL. A doubled quote toggles
 * twice and so changes nothing.
 */
static const FindingKind *
find_field_problem(const char *text, const char **ret_hint)
{
    bool in_quote = false;
    bool item_empty = true;

    *ret_hint = "put a name with such characters in quotes, or write a YAML list of names";
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"') {
            in_quote = !in_quote;
            item_empty = false;
        } else if (in_quote) {
            continue;
        } else if (*at == ' ') {
            return &FINDING_HBA_BLANK_IN_FIELD;
        } else if (*at == '#') {
            return &FINDING_HBA_COMMENT_IN_FIELD;
        } else if (*at == ',') {
            if (item_empty)
                return &FINDING_HBA_ITEM_EMPTY;
            item_empty = true;
        } else {
            item_empty = false;
        }
    }
    if (in_quote) {
        *ret_hint = "a quote in a name is written as two";
        return &FINDING_HBA_QUOTE_UNTERMINATED;
    }
    return item_empty ? &FINDING_HBA_ITEM_EMPTY : NULL;
}

static bool
add_field_problem(const HbaCheck *check, const HbaField *field, HbaFieldKind kind,
                  const FindingKind *problem, const char *hint)
{
    static const struct {
        const FindingKind *kind;
        const char *what;
    } words[] = {
        { &FINDING_HBA_BLANK_IN_FIELD, "a blank outside quotes" },
        { &FINDING_HBA_COMMENT_IN_FIELD, "a # outside quotes, which starts a comment" },
        { &FINDING_HBA_ITEM_EMPTY, "a comma without a name on both sides" },
        { &FINDING_HBA_QUOTE_UNTERMINATED, "a double quote that is not closed" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (words[i].kind == problem)
            findings_add(check->findings, problem, field->pos, hint, "\"%s\" is \"%s\": %s",
                         key_of(kind), field->text, words[i].what);
    }
    return false;
}

/*
 * After find_field_problem() a text is one field for PostgreSQL. PgBouncer's tokenizer may still
 * split it where a quote is in the middle of a word.
 */
static bool
read_tokens(const HbaCheck *check, const HbaField *field, HbaFieldKind kind, List *ret_tokens)
{
    const char *hint = NULL;
    const FindingKind *problem = find_field_problem(field->text, &hint);
    HbaLine line;

    if (problem != NULL)
        return add_field_problem(check, field, kind, problem, hint);
    line = hba_tokenize(check->arena, check->program, field->text);
    if (line.problem != HBA_LINE_FINE || line.fields.count != 1) {
        findings_add(check->findings, &FINDING_HBA_PGB_QUOTING, field->pos,
                     "put the whole name in quotes",
                     "%s skips %s: \"%s\" has quotes in the middle of a name", check->server,
                     hba_check_rule_name(check), field->text);
        return false;
    }
    LIST_FOREACH (const HbaToken, word, (const List *)line.fields.items[0]) {
        HbaToken *token = ARENA_NEW(check->arena, HbaToken);

        *token = *word;
        token->kind = hba_token_classify(check->program, check->version, kind, word);
        list_add(check->arena, ret_tokens, token);
    }
    return true;
}

/*
 * An unset user is an error and the rule is not left out: a reject rule that is missing opens
 * access.
 */
static bool
read_user_alias(const HbaCheck *check, const Instance *instance, const HbaField *field,
                SystemUser user, List *ret_tokens)
{
    const char *name = system_user_name(&instance->users, user);

    if (name == NULL) {
        findings_add(
            check->findings, &FINDING_HBA_SYSTEM_USER_UNSET, field->pos,
            arena_printf(check->arena, "set %s, or name the user itself", user_variables[user]),
            "\"%s\" of %s means nobody: %s is not set", field->text, hba_check_rule_name(check),
            user_variables[user]);
        return false;
    }
    list_add(check->arena, ret_tokens,
             hba_token_from_name(check->arena, check->program, check->version, name));
    return true;
}

/* The default of both keys is `all`, which goes through the same reader as a text of the user's. */
bool
hba_alias_read_field(const HbaCheck *check, const Instance *instance, const HbaField *field,
                     HbaFieldKind kind, List *ret_tokens)
{
    const HbaField all = { .pos = field->pos, .text = "all" };
    SystemUser user = SYSTEM_USER_COUNT;

    if (!check_null(check, field, key_of(kind)))
        return false;
    if (field->is_list)
        return read_list(check, field, kind, ret_tokens);
    if (field->text == NULL || *field->text == '\0')
        return read_tokens(check, &all, kind, ret_tokens);
    if (!hba_check_text(check, field->pos, key_of(kind), field->text, 0))
        return false;
    user = system_user_from_word(field->text);
    if (kind == HBA_FIELD_USER && user < SYSTEM_USER_COUNT)
        return read_user_alias(check, instance, field, user, ret_tokens);
    if (strstr(field->text, "${") != NULL)
        findings_add(check->findings, &FINDING_HBA_USER_ALIAS, field->pos,
                     "${dbsu}, ${repl}, ${monitor} and ${admin} count as the whole text of user",
                     "\"%s\" in \"%s\" is not an alias and is used literally", field->text,
                     key_of(kind));
    if (kind == HBA_FIELD_DATABASE && check->program == HBA_PROGRAM_PGBOUNCER &&
        strcmp(field->text, "replication") == 0) {
        findings_add(check->findings, &FINDING_HBA_PGB_REPLICATION, field->pos,
                     "replication does not go through PgBouncer: leave the rule to PostgreSQL",
                     "db \"replication\" has no meaning in a rule for PgBouncer");
        return false;
    }
    return read_tokens(check, field, kind, ret_tokens);
}
