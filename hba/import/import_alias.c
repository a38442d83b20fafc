/* A guess by the looks of the rules, believed when its expansion gives them back. */
#include "hba/import/import_alias.h"

#include <string.h>

#include "hba/expand/alias.h"
#include "hba/syntax/tokens.h"

static const struct {
    const char *word;
    HbaMethod method[HBA_PROGRAM_COUNT];
    HbaType type;
} auth_words[] = {

#define HBA_AUTH_ALIAS(word, method, pgbouncer_method, type)                                       \
    { word, { method, pgbouncer_method }, type },
#include "hba/expand/auth_alias.def"
#undef HBA_AUTH_ALIAS
};

/*
 * The words for methods are about network types; a local line is expressed by addr: local, with the
 * words of `host`.
 */
static const char *
guess_auth(const HbaCheck *check, const HbaRule *rule)
{
    HbaType type = rule->type == HBA_TYPE_LOCAL ? HBA_TYPE_HOST : rule->type;

    for (size_t i = 0; i < G_N_ELEMENTS(auth_words); i++) {
        if (auth_words[i].method[check->program] == rule->method && auth_words[i].type == type)
            return auth_words[i].word;
    }
    return NULL;
}

/*
 * By the number of lines alone: world expands to two and localhost to three. A wrong guess does no
 * harm, because gives_rules() compares the expansion.
 */
static const char *
guess_address(Arena *arena, const List *rules)
{
    const HbaRule *first = rules->items[0];

    switch (rules->count) {
    case 1:
        if (first->type == HBA_TYPE_LOCAL)
            return "local";
        return first->address.mask_text == NULL
                   ? first->address.text
                   : arena_printf(arena, "%s %s", first->address.text, first->address.mask_text);
    case 2:
        return "world";
    case 3:
        return "localhost";
    default:
        return NULL;
    }
}

static const char *
names_text(Arena *arena, const List *names)
{
    g_autoptr(GString) text = g_string_new(NULL);

    LIST_FOREACH (const HbaToken, name, names) {
        if (text->len > 0)
            g_string_append_c(text, ',');
        hba_token_render(name, text);
    }
    return arena_strdup(arena, text->str);
}

static HbaField
text_field(const char *text)
{
    return (HbaField){ .given = true, .text = text };
}

/*
 * Whether the words expand to these very rules, without a finding. The expansion itself is the
 * judge, so that import and expansion cannot drift apart.
 */
static bool
gives_rules(const HbaCheck *check, const HbaAliasWords *words, const List *rules)
{
    g_autoptr(Findings) findings = findings_new(check->arena);
    const Instance instance = { .version = check->version };
    const HbaRuleDecl decl = { .user = text_field(words->user),
                               .db = text_field(words->db),
                               .addr = text_field(words->addr),
                               .auth = text_field(words->auth) };
    HbaCheck judge = *check;
    HbaGroup group = { 0 };
    bool same = false;

    judge.findings = findings;
    judge.is_file = false;
    judge.load_names = NULL;
    same = hba_alias_expand(&judge, &instance, &decl, &group) && findings->items.count == 0 &&
           group.rules.count == rules->count;
    for (size_t i = 0; same && i < rules->count; i++)
        same = hba_rule_equal(group.rules.items[i], rules->items[i]);
    return same;
}

bool
hba_alias_find(const HbaCheck *check, const List *rules, HbaAliasWords *ret_words)
{
    const HbaRule *first = rules->items[0];
    HbaAliasWords words = { .user = names_text(check->arena, &first->users),
                            .db = names_text(check->arena, &first->databases),
                            .addr = guess_address(check->arena, rules),
                            .auth = guess_auth(check, first) };

    /* Words that only this instance would have, or none at all. */
    if (words.addr == NULL || words.auth == NULL || strstr(words.user, "${") != NULL ||
        !g_utf8_validate(words.user, -1, NULL) || !g_utf8_validate(words.db, -1, NULL) ||
        !gives_rules(check, &words, rules))
        return false;
    *ret_words = words;
    return true;
}
