/* Text from files and servers for a terminal: a hostile name must not be able to drive it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Whether a terminal would act on the character instead of showing it: control characters, line
 * separators, and the marks that turn the direction of the text around them.
 */
bool printable_is_hidden(uint32_t character);
/*
 * Appends the text with such characters, and bytes that are not UTF-8, as \x1b or \u202e; newlines
 * and tabs count as control characters.
 */
void printable_append(GString *out, const char *text);
/* The same as a text of its own; free with g_free(). */
char *printable_new(const char *text);
