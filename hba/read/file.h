/*
 * Reading an existing HBA file: lines continued with a backslash (14 on), included files and
 * folders (16 on), names in @files, and every line parsed. As the server does, all broken lines are
 * reported and then the file is refused as a whole.
 */
#pragma once

#include <stdbool.h>

#include "hba/syntax/check_context.h"

/* Where bytes come from: a file system, or a server that reads its own files. */
typedef struct HbaFileSource {
    /* The bytes, freed with g_free. G_FILE_ERROR_NOENT for a file that does not exist. */
    bool (*read)(void *data, const char *path, char **ret_bytes, size_t *ret_length,
                 GError **error);
    /* The names in a folder, NULL-terminated, freed with g_strfreev. */
    char **(*list)(void *data, const char *path, GError **error);
    void *data;
} HbaFileSource;

/* Reads files of this machine. */
extern const HbaFileSource hba_file_source_local;

/*
 * The rules (HbaRule, no comments, no include lines) in the order in which the server tries them;
 * what they include takes its place. pos of a rule is the first physical line of its own file.
 * Errors are findings of the check; then the rules that could be read are still given, for reports
 * only. FALSE when the file itself cannot be read.
 */
bool hba_file_read(const HbaCheck *check, const HbaFileSource *source, const char *path,
                   List *ret_rules, GError **error);
/* The same with what is not a rule: comments (is_comment, `raw` has the text), and include lines in
   front of what they include. */
bool hba_file_read_lines(const HbaCheck *check, const HbaFileSource *source, const char *path,
                         List *ret_lines, GError **error);
/* The rules alone, for bytes at hand; path names them and is where includes start from. */
void hba_file_parse(const HbaCheck *check, const HbaFileSource *source, const char *path,
                    const char *bytes, size_t length, List *ret_rules);
