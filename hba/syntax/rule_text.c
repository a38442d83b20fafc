/* A rule in one line. */
#include "hba/syntax/rule_text.h"

#include "hba/syntax/tokens.h"

static void
append_names(const List *names, GString *out)
{
    const char *separator = " ";

    LIST_FOREACH (const HbaToken, name, names) {
        g_string_append(out, separator);
        hba_token_render(name, out);
        separator = ",";
    }
}

static void
append_address(const HbaAddress *address, GString *out)
{
    g_string_append_c(out, ' ');
    /* Only quotes keep a host of such a name from being the keyword. */
    if (address->kind == HBA_ADDRESS_HOST_NAME && hba_address_is_keyword(address->text))
        g_string_append_printf(out, "\"%s\"", address->text);
    else
        hba_word_render(address->text, out);
    if (address->mask_text != NULL) {
        g_string_append_c(out, ' ');
        hba_word_render(address->mask_text, out);
    }
}

typedef enum OptionSecrets {
    OPTION_SECRETS_SHOWN,
    OPTION_SECRETS_HIDDEN,
} OptionSecrets;

/*
 * The options whose values are passwords: the bind password of LDAP and the shared secrets of
 * RADIUS. They must not appear in a message, a log or a plan.
 */
static bool
is_secret(HbaOptionName name)
{
    return name == HBA_OPTION_LDAPBINDPASSWD || name == HBA_OPTION_RADIUSSECRETS;
}

static void
render(const HbaRule *rule, OptionSecrets secrets, GString *out)
{
    g_string_append(out, hba_types[rule->type].keyword);
    append_names(&rule->databases, out);
    append_names(&rule->users, out);
    if (rule->address.text != NULL)
        append_address(&rule->address, out);
    g_string_append_printf(out, " %s", hba_methods[rule->method].keyword);
    if (secrets == OPTION_SECRETS_HIDDEN) {
        LIST_FOREACH (const HbaOption, option, &rule->options)
            g_string_append_printf(out, " %s=%s", hba_options[option->name].keyword,
                                   is_secret(option->name) ? "<secret>" : option->value);
        return;
    }
    LIST_FOREACH (const HbaOption, option, &rule->options) {
        g_string_append_printf(out, " %s=", hba_options[option->name].keyword);
        /*
         * A pair of quotes after the = would make two words of one for PgBouncer
         * (HBA_LINE_QUOTE_IN_WORD).
         */
        if (*option->value != '\0')
            hba_word_render(option->value, out);
    }
}

void
hba_rule_render(const HbaRule *rule, GString *out)
{
    render(rule, OPTION_SECRETS_SHOWN, out);
}

/*
 * The author's own line is preferred, because that is what can be found in the file. It is rendered
 * again only where it contains a secret.
 */
const char *
hba_rule_describe(Arena *arena, const HbaRule *rule)
{
    g_autoptr(GString) out = g_string_new(NULL);
    bool has_secret = false;

    LIST_FOREACH (const HbaOption, option, &rule->options)
        has_secret = has_secret || is_secret(option->name);
    if (rule->raw != NULL && !has_secret)
        return rule->raw;
    render(rule, OPTION_SECRETS_HIDDEN, out);
    return arena_strdup(arena, out->str);
}

const char *
hba_option_describe(Arena *arena, const HbaOption *option)
{
    return arena_printf(arena, "%s=%s", hba_options[option->name].keyword,
                        is_secret(option->name) ? "<secret>" : option->value);
}

void
hba_rule_write_place(JsonWriter *json, const HbaRule *rule)
{
    json_write_string(json, "file", rule == NULL ? NULL : rule->pos.file);
    if (rule == NULL)
        json_write_null(json, "line");
    else
        json_write_int(json, "line", rule->pos.line);
}
