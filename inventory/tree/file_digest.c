/* Sums over bytes. */
#include "inventory/tree/file_digest.h"

#include <string.h>

/*
 * A saved plan is refused when the inventory has changed since. A digest says that without keeping
 * the bytes, which may contain passwords.
 */
void
file_digests_add(Arena *arena, List *digests, FileDigestKind kind, const char *name,
                 const char *bytes, size_t length)
{
    g_autofree char *sum =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, length);
    FileDigest *digest = ARENA_NEW(arena, FileDigest);

    *digest = (FileDigest){
        .name = arena_strdup(arena, name),
        .is_named = kind == FILE_DIGEST_NAMED,
        .sha256 = arena_strdup(arena, sum),
    };
    list_add(arena, digests, digest);
}

/* The order counts, because a later file overrides an earlier one. */
const char *
file_digests_sum(Arena *arena, const List *digests)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

    LIST_FOREACH (const FileDigest, digest, digests) {
        /* The NUL ends the name, so that no two lists run together to the same bytes. */
        if (!digest->is_named)
            g_checksum_update(sum, (const guchar *)digest->name, (gssize)strlen(digest->name));
        g_checksum_update(sum, (const guchar *)"", 1);
        g_checksum_update(sum, (const guchar *)digest->sha256, -1);
    }
    return arena_strdup(arena, g_checksum_get_string(sum));
}

static const FileDigest *
find(const List *digests, const char *name)
{
    LIST_FOREACH (const FileDigest, digest, digests) {
        if (strcmp(digest->name, name) == 0)
            return digest;
    }
    return NULL;
}

static void
add_words(Arena *arena, List *words, const char *name, const char *what)
{
    list_add(arena, words, arena_printf(arena, "\"%s\" %s", name, what));
}

/*
 * Names the files that differ, so that a reviewer knows where to look; a sum alone would only say
 * no.
 */
List
file_digests_differ(Arena *arena, const List *before, const List *now)
{
    List words = { 0 };

    LIST_FOREACH (const FileDigest, old, before) {
        const FileDigest *same = find(now, old->name);

        if (same == NULL)
            add_words(arena, &words, old->name, "is gone");
        else if (strcmp(same->sha256, old->sha256) != 0)
            add_words(arena, &words, old->name, "has changed");
    }
    LIST_FOREACH (const FileDigest, new, now) {
        if (find(before, new->name) == NULL)
            add_words(arena, &words, new->name, "is new");
    }
    if (words.count == 0)
        list_add(arena, &words, "its files are the same, in another order");
    return words;
}
