/* Text from files and servers for a terminal: a hostile name must not be able to drive it. */
#pragma once

#include <glib.h>

/* Appends the text with control characters as \x1b and the like; newlines and tabs count as such.
 */
void printable_append(GString *out, const char *text);
