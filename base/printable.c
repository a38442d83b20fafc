/* Escaping of control characters, those of C1 in UTF-8 included. */
#include "base/printable.h"

/*
 * The C1 controls are two bytes in UTF-8, and some terminals execute them like the escape sequences
 * that they abbreviate.
 */
void
printable_append(GString *out, const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (*at < 0x20 || *at == 0x7f) {
            g_string_append_printf(out, "\\x%02x", *at);
        } else if (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) {
            g_string_append_printf(out, "\\x%02x", at[1]);
            at++;
        } else {
            g_string_append_c(out, (char)*at);
        }
    }
}
