/* A rule in one line. */
#include "hba/rule_text.h"

#include "hba/tokens.h"

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

void
hba_rule_render(const HbaRule *rule, GString *out)
{
    g_string_append(out, hba_types[rule->type].keyword);
    append_names(&rule->databases, out);
    append_names(&rule->users, out);
    if (rule->address.text != NULL)
        g_string_append_printf(out, " %s", rule->address.text);
    if (rule->address.mask_text != NULL)
        g_string_append_printf(out, " %s", rule->address.mask_text);
    g_string_append_printf(out, " %s", hba_methods[rule->method].keyword);
    LIST_FOREACH (const HbaOption, option, &rule->options)
        g_string_append_printf(out, " %s=%s", hba_options[option->name].keyword, option->value);
}
