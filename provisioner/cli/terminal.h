/* What is known about the terminal that a stream is connected to. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * The columns of a line: $COLUMNS where it is a number, else the terminal's, else 80. At least 20:
 * a text in fewer columns cannot be read.
 */
size_t terminal_width(FILE *stream);
/*
 * Prints the question on the terminal, wherever stdout and stderr go, and reads the answer from
 * stdin. Anything but y or yes is a no, including the end of the input.
 */
bool terminal_ask(const char *question);
