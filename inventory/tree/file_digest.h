/*
 * FileDigest: what was read of one file or policy, as a sum over its bytes, so that a later run can
 * tell whether it reads the same inventory and, if not, which file differs. Where the inventory
 * lies plays no part: files of a folder count by their names below it, a file that was named by its
 * content only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/list.h"

typedef struct FileDigest {
    const char *name; /* for people: below the folder, or without one */
    bool is_named;    /* the name plays no part: -i FILE, pg_policy: FILE */
    const char *sha256;
} FileDigest;

typedef enum FileDigestKind {
    FILE_DIGEST_NAMED,
    FILE_DIGEST_OF_FOLDER,
} FileDigestKind;

/* Adds the sum of the bytes to the list. */
void file_digests_add(Arena *arena, List *digests, FileDigestKind kind, const char *name,
                      const char *bytes, size_t length);
/* One sum over the whole list. */
const char *file_digests_sum(Arena *arena, const List *digests);
/* Which files differ between two lists, in words, as in `"a.yml" is new`: const char. */
List file_digests_differ(Arena *arena, const List *before, const List *now);
