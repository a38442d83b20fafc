/* Escaping of control characters, those of C1 in UTF-8 included, and of bidirectional marks. */
#include "base/printable.h"

/* First and last of each range. */
static const uint32_t hidden[][2] = {
    { 0x00, 0x1f },
    { 0x7f, 0x9f }, /* DEL, and C1, which some terminals execute like escape sequences */
    { 0x61c, 0x61c },
    { 0x200e, 0x200f },
    { 0x2028, 0x2029 }, /* line and paragraph separator */
    /* Unicode's UAX #9, section 2: explicit directional formatting. A statement under review could
       be shown in another order than it is run in. */
    { 0x202a, 0x202e },
    { 0x2066, 0x2069 },
};

bool
printable_is_hidden(uint32_t character)
{
    for (size_t i = 0; i < G_N_ELEMENTS(hidden); i++) {
        if (character >= hidden[i][0] && character <= hidden[i][1])
            return true;
    }
    return false;
}

/* A server with the encoding SQL_ASCII may send any bytes, and so may the command line. */
void
printable_append(GString *out, const char *text)
{
    for (const char *at = text; *at != '\0';) {
        gunichar character = g_utf8_get_char_validated(at, -1);
        bool is_valid = character != (gunichar)-1 && character != (gunichar)-2;
        const char *next = is_valid ? g_utf8_next_char(at) : at + 1;

        if (!is_valid)
            g_string_append_printf(out, "\\x%02x", (unsigned char)*at);
        else if (!printable_is_hidden(character))
            g_string_append_len(out, at, next - at);
        else
            g_string_append_printf(out, character < 0x100 ? "\\x%02x" : "\\u%04x", character);
        at = next;
    }
}

char *
printable_new(const char *text)
{
    GString *out = g_string_new(NULL);

    printable_append(out, text);
    return g_string_free(out, FALSE);
}
