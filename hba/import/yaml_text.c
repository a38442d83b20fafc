/* Plain where it cannot be anything but a text, single quotes, or double quotes with escapes. */
#include "hba/import/yaml_text.h"

#include <stdbool.h>
#include <string.h>

/* YAML 1.1 reads these as truth values or null. */
static const char *const special_words[] = { "y",   "n",    "yes",   "no",   "on",
                                             "off", "true", "false", "null", NULL };

/*
 * A text that begins with a digit may be a number, a date or a time for YAML 1.1, so only letters
 * begin a plain one.
 */
static bool
is_plain(const char *text)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);

    if (!g_ascii_isalpha(text[0]) || g_strv_contains(special_words, lower))
        return false;
    for (const char *at = text; *at != '\0'; at++) {
        if (!g_ascii_isalnum(*at) && strchr("_-", *at) == NULL)
            return false;
    }
    return true;
}

/* Whether single quotes hold it: no control character, and nothing that YAML takes for a line's end
 * or a mark of byte order. */
static bool
is_printable(const char *text)
{
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff ||
            c >= 0xfffe)
            return false;
    }
    return true;
}

static void
append_escaped(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if (c == '"' || c == '\\')
            g_string_append_printf(out, "\\%c", (char)c);
        else if (c < 0x20 || (c >= 0x7f && c <= 0xffff))
            g_string_append_printf(out, "\\u%04x", c);
        else if (c > 0xffff)
            g_string_append_printf(out, "\\U%08x", c);
        else
            g_string_append_c(out, (char)c);
    }
    g_string_append_c(out, '"');
}

void
hba_yaml_text_append(GString *out, const char *text)
{
    if (strstr(text, "{{") != NULL || strstr(text, "{%") != NULL || strstr(text, "{#") != NULL)
        g_string_append(out, "!unsafe ");
    if (is_plain(text)) {
        g_string_append(out, text);
    } else if (is_printable(text)) {
        g_auto(GStrv) parts = g_strsplit(text, "'", -1);
        g_autofree char *doubled = g_strjoinv("''", parts);

        g_string_append_printf(out, "'%s'", doubled);
    } else {
        append_escaped(out, text);
    }
}
