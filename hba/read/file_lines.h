/*
 * HbaFileLines: the lines of an HBA file or a file of names as the program joins them: from
 * PostgreSQL 14 on a backslash at the end of a line continues it on the next one.
 *
 *     HbaFileLines lines = hba_file_lines_begin(check, bytes, length);
 *
 *     while (hba_file_lines_next(&lines, text))
 *         parse(text->str, lines.first);
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hba/syntax/check_context.h"

typedef struct HbaFileLines {
    uint32_t first; /* the physical line that the joined one begins on, from 1 */
    uint32_t count; /* physical lines read so far */
    bool joins;
    const char *at;
    const char *end;
} HbaFileLines;

/* bytes must live as long as the iteration. */
HbaFileLines hba_file_lines_begin(const HbaCheck *check, const char *bytes, size_t length);
/* Sets text to the next line without its end; false when there is none. */
bool hba_file_lines_next(HbaFileLines *lines, GString *text);
