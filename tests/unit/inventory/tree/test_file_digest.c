/* What makes an inventory another one. */
#include <string.h>

#include "inventory/tree/file_digest.h"

typedef struct File {
    FileDigestKind kind;
    const char *name;
    const char *bytes;
} File;

static List
digests_of(Arena *arena, const File *files, size_t count)
{
    List digests = { 0 };

    for (size_t i = 0; i < count; i++)
        file_digests_add(arena, &digests, files[i].kind, files[i].name, files[i].bytes,
                         strlen(files[i].bytes));
    return digests;
}

/* Whether the two files give the same sum, one after the other being always the same. */
static bool
same_sum(File a, File b)
{
    g_autoptr(Arena) arena = arena_new();
    const File last = { FILE_DIGEST_OF_FOLDER, "z.yml", "all: {}" };
    List left = digests_of(arena, (const File[]){ a, last }, 2);
    List right = digests_of(arena, (const File[]){ b, last }, 2);

    return strcmp(file_digests_sum(arena, &left), file_digests_sum(arena, &right)) == 0;
}

static void
bytes_count_and_the_name_of_a_named_file_does_not(void)
{
    const File named = { FILE_DIGEST_NAMED, "a.yml", "x" };
    const File of_folder = { FILE_DIGEST_OF_FOLDER, "a.yml", "x" };

    g_assert_true(same_sum(named, named));
    g_assert_true(same_sum(named, (File){ FILE_DIGEST_NAMED, "b.yml", "x" }));
    g_assert_false(same_sum(named, (File){ FILE_DIGEST_NAMED, "a.yml", "y" }));
    g_assert_true(same_sum(of_folder, of_folder));
    g_assert_false(same_sum(of_folder, (File){ FILE_DIGEST_OF_FOLDER, "b.yml", "x" }));
}

static void
each_file_that_differs_is_told(void)
{
    g_autoptr(Arena) arena = arena_new();
    const File before[] = { { FILE_DIGEST_OF_FOLDER, "a.yml", "1" },
                            { FILE_DIGEST_OF_FOLDER, "b.yml", "1" },
                            { FILE_DIGEST_OF_FOLDER, "c.yml", "1" } };
    const File now[] = { { FILE_DIGEST_OF_FOLDER, "a.yml", "1" },
                         { FILE_DIGEST_OF_FOLDER, "b.yml", "2" },
                         { FILE_DIGEST_OF_FOLDER, "d.yml", "1" } };
    List left = digests_of(arena, before, G_N_ELEMENTS(before));
    List right = digests_of(arena, now, G_N_ELEMENTS(now));
    List words = file_digests_differ(arena, &left, &right);

    g_assert_cmpuint(words.count, ==, 3);
    g_assert_cmpstr(words.items[0], ==, "\"b.yml\" has changed");
    g_assert_cmpstr(words.items[1], ==, "\"c.yml\" is gone");
    g_assert_cmpstr(words.items[2], ==, "\"d.yml\" is new");
}

static void
an_order_that_differs_is_told(void)
{
    g_autoptr(Arena) arena = arena_new();
    const File a = { FILE_DIGEST_NAMED, "a.yml", "1" };
    const File b = { FILE_DIGEST_NAMED, "b.yml", "2" };
    List left = digests_of(arena, (const File[]){ a, b }, 2);
    List right = digests_of(arena, (const File[]){ b, a }, 2);
    List words = file_digests_differ(arena, &left, &right);

    g_assert_cmpstr(file_digests_sum(arena, &left), !=, file_digests_sum(arena, &right));
    g_assert_cmpuint(words.count, ==, 1);
    g_assert_cmpstr(words.items[0], ==, "its files are the same, in another order");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/file_digest/bytes count and the name of a named file does not",
                    bytes_count_and_the_name_of_a_named_file_does_not);
    g_test_add_func("/file_digest/each file that differs is told", each_file_that_differs_is_told);
    g_test_add_func("/file_digest/an order that differs is told", an_order_that_differs_is_told);
    return g_test_run();
}
