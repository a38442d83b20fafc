/* One loop for help, statements and notes. */
#include "provisioner/output/wrap.h"

#include <stdbool.h>
#include <string.h>

size_t
wrap_columns(const char *text)
{
    size_t columns = 0;

    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);

        if (!g_unichar_iszerowidth(character))
            columns += g_unichar_iswide(character) ? 2 : 1;
    }
    return columns;
}

size_t
wrap_column_of(const GString *out)
{
    const char *newline = strrchr(out->str, '\n');

    return wrap_columns(newline == NULL ? out->str : newline + 1);
}

/* Words are not broken: an option, path or name in two parts could not be copied. */
void
wrap_words(GString *out, WrapStyle style, char *const *words)
{
    size_t column = wrap_column_of(out);

    for (char *const *word = words; *word != NULL; word++) {
        size_t columns = wrap_columns(*word);

        bool is_first = word == words && column <= style.indent;

        if (!is_first && column + (word == words ? 0 : 1) + columns > style.width) {
            g_string_append_printf(out, "\n%*s", (int)style.indent, "");
            column = style.indent;
        } else if (word != words) {
            g_string_append_c(out, ' ');
            column++;
        }
        g_string_append(out, *word);
        column += columns;
    }
}

void
wrap_text(GString *out, WrapStyle style, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    wrap_words(out, style, words);
}

/*
 * A line break inside quotes would belong to the name or literal. Doubled quotes need no care: the
 * second one opens what the first one closed.
 */
void
wrap_sql(GString *out, WrapStyle style, const char *sql)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    const char *word = sql;
    char quote = '\0';

    for (const char *at = sql; *at != '\0'; at++) {
        if (quote != '\0')
            quote = *at == quote ? '\0' : quote;
        else if (*at == '\'' || *at == '"')
            quote = *at;
        else if (*at == ' ') {
            g_ptr_array_add(words, g_strndup(word, (gsize)(at - word)));
            word = at + 1;
        }
    }
    g_ptr_array_add(words, g_strdup(word));
    g_ptr_array_add(words, NULL);
    wrap_words(out, style, (char *const *)words->pdata);
}
