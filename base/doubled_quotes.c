/* Quoting by doubling. */
#include "base/doubled_quotes.h"

void
doubled_quotes_append(GString *out, const char *text, char quote)
{
    g_string_append_c(out, quote);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == quote)
            g_string_append_c(out, quote);
        g_string_append_c(out, *at);
    }
    g_string_append_c(out, quote);
}
