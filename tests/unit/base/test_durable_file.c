/* Files that are whole or not there. */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable_file.h"

static void
a_file_has_its_bytes_and_its_mode(void)
{
    g_autofree char *folder = g_dir_make_tmp("pgcharter-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "file", NULL);
    g_autofree char *content = NULL;
    struct stat status;

    g_assert_true(durable_file_write(path, "a\0b", 3, 0600, NULL));
    g_assert_true(durable_file_write(path, "second", 6, 0600, NULL));
    g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "second");
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 0777, ==, 0600);
    g_assert_cmpint(g_unlink(path), ==, 0);
    /* Nothing else was left in the folder. */
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void
a_failure_names_the_file_and_leaves_nothing(void)
{
    g_autofree char *folder = g_dir_make_tmp("pgcharter-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "sub", "file", NULL);
    g_autoptr(GError) error = NULL;

    g_assert_false(durable_file_write(path, "x", 1, 0600, &error));
    g_assert_nonnull(strstr(error->message, "No such file or directory"));
    g_assert_nonnull(strstr(error->message, path));
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void
a_replaced_file_keeps_its_link_and_mode(void)
{
    g_autofree char *folder = g_dir_make_tmp("pgcharter-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "real", NULL);
    g_autofree char *link_path = g_build_filename(folder, "link", NULL);
    g_autofree char *content = NULL;
    struct stat status;

    g_assert_true(durable_file_write(path, "old", 3, 0640, NULL));
    g_assert_cmpint(symlink("real", link_path), ==, 0);
    g_assert_true(durable_file_replace(link_path, "new", 3, NULL));
    g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "new");
    g_assert_true(g_file_test(link_path, G_FILE_TEST_IS_SYMLINK));
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 0777, ==, 0640);
    g_assert_cmpint(g_unlink(link_path), ==, 0);
    g_assert_false(durable_file_replace(link_path, "new", 3, NULL));
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void
a_kept_file_is_written_once_with_the_mode_of_the_other(void)
{
    g_autofree char *folder = g_dir_make_tmp("pgcharter-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "file", NULL);
    g_autofree char *kept = g_build_filename(folder, "kept", NULL);
    g_autofree char *content = NULL;
    struct stat status;

    g_assert_true(durable_file_write(path, "first", 5, 0640, NULL));
    g_assert_true(durable_file_keep(path, kept, "first", 5, NULL));
    g_assert_cmpint(stat(kept, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 0777, ==, 0640);
    g_assert_true(durable_file_keep(path, kept, "second", 6, NULL));
    g_assert_true(g_file_get_contents(kept, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "first");
    g_assert_cmpint(g_unlink(kept), ==, 0);
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_false(durable_file_keep(path, kept, "x", 1, NULL));
    /* No temporary is left in the folder. */
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/durable_file/a_file_has_its_bytes_and_its_mode",
                    a_file_has_its_bytes_and_its_mode);
    g_test_add_func("/durable_file/a_failure_names_the_file_and_leaves_nothing",
                    a_failure_names_the_file_and_leaves_nothing);
    g_test_add_func("/durable_file/a_replaced_file_keeps_its_link_and_mode",
                    a_replaced_file_keeps_its_link_and_mode);
    g_test_add_func("/durable_file/a_kept_file_is_written_once_with_the_mode_of_the_other",
                    a_kept_file_is_written_once_with_the_mode_of_the_other);
    return g_test_run();
}
