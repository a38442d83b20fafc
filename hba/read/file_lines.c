/* Joining lines, after tokenize_auth_file() of hba.c. */
#include "hba/read/file_lines.h"

#include <string.h>

#include "inventory/model/server_feature.h"

HbaFileLines
hba_file_lines_begin(const HbaCheck *check, const char *bytes, size_t length)
{
    return (HbaFileLines){ .joins = check->program == HBA_PROGRAM_POSTGRESQL &&
                                    server_has(check->version, SERVER_HBA_CONTINUATION),
                           .at = bytes,
                           .end = bytes + length };
}

/* pg_strip_crlf() measures with strlen(): a line ends at its first zero byte too. */
static size_t
plain_length(const char *text, size_t length)
{
    const char *zero = memchr(text, '\0', length);

    if (zero != NULL)
        length = (size_t)(zero - text);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    return length;
}

/*
 * Appends one physical line; whether the next one continues it. The backslash has to come from this
 * line: tokenize_auth_file() remembers where it found the last one (last_backslash_buflen), so that
 * two backslashes before an empty line do not continue it twice.
 */
static bool
append_line(HbaFileLines *lines, GString *text)
{
    const char *newline = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
    size_t size = (size_t)((newline == NULL ? lines->end : newline + 1) - lines->at);
    size_t plain = plain_length(lines->at, size);

    g_string_append_len(text, lines->at, (gssize)plain);
    lines->count++;
    lines->at += size;
    if (!lines->joins || plain == 0 || text->str[text->len - 1] != '\\')
        return false;
    g_string_truncate(text, text->len - 1);
    return true;
}

/*
 * `count` advances over continued lines, so that `first` is the line number that an editor shows.
 */
bool
hba_file_lines_next(HbaFileLines *lines, GString *text)
{
    bool continues = true;

    if (lines->at >= lines->end)
        return false;
    lines->first = lines->count + 1;
    g_string_truncate(text, 0);
    while (continues && lines->at < lines->end)
        continues = append_line(lines, text);
    return true;
}
