/* Files that are whole or not there. */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

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
    g_autofree char *expected = NULL;
    g_autoptr(GError) error = NULL;
    struct stat status;

    g_assert_true(durable_file_write(path, "old", 3, 0640, NULL));
    g_assert_cmpint(symlink("real", link_path), ==, 0);
    g_assert_true(durable_file_replace(link_path, getuid(), "new", 3, NULL));
    g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "new");
    g_assert_true(g_file_test(link_path, G_FILE_TEST_IS_SYMLINK));
    g_assert_cmpint(stat(path, &status), ==, 0);
    g_assert_cmpuint(status.st_mode & 0777, ==, 0640);
    g_assert_false(durable_file_replace(link_path, getuid() + 1, "other", 5, &error));
    expected = g_strdup_printf("\"%s\" belongs to user %u and not to user %u: it is not replaced",
                               path, (unsigned)getuid(), (unsigned)getuid() + 1);
    g_assert_cmpstr(error->message, ==, expected);
    g_assert_cmpint(g_unlink(link_path), ==, 0);
    g_assert_false(durable_file_replace(link_path, getuid(), "new", 3, NULL));
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void
output_goes_behind_a_link_and_into_a_device(void)
{
    g_autofree char *folder = g_dir_make_tmp("pgcharter-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "real", NULL);
    g_autofree char *link_path = g_build_filename(folder, "link", NULL);
    g_autofree char *device = g_build_filename(folder, "null", NULL);
    g_autofree char *content = NULL;
    struct stat status;

    g_assert_cmpint(symlink("real", link_path), ==, 0);
    g_assert_cmpint(symlink("/dev/null", device), ==, 0);
    g_assert_true(durable_file_write_output(link_path, "new", 3, 0600, NULL));
    g_assert_true(g_file_test(link_path, G_FILE_TEST_IS_SYMLINK));
    g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    g_assert_cmpstr(content, ==, "new");
    g_assert_true(durable_file_write_output(device, "new", 3, 0600, NULL));
    g_assert_cmpint(stat("/dev/null", &status), ==, 0);
    g_assert_true(S_ISCHR(status.st_mode));
    g_assert_true(g_file_test(device, G_FILE_TEST_IS_SYMLINK));
    g_assert_cmpint(g_unlink(device), ==, 0);
    g_assert_cmpint(g_unlink(link_path), ==, 0);
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

/* A name as a killed process would leave it, an hour ago. */
static char *
leave(const char *folder, const char *name)
{
    const struct utimbuf hour_ago = { .actime = time(NULL) - 3600, .modtime = time(NULL) - 3600 };
    char *path = g_build_filename(folder, name, NULL);

    g_assert_true(g_file_set_contents(path, "cut off", -1, NULL));
    g_assert_cmpint(utime(path, &hour_ago), ==, 0);
    return path;
}

/* The largest process id of Linux is 4194304. */
static void
what_killed_processes_left_is_swept(void)
{
    g_autofree char *folder = g_dir_make_tmp("pgcharter-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "plan.json", NULL);
    g_autofree char *running = g_strdup_printf("plan.json.%ld.tmp", (long)getppid());
    g_autofree char *of_nobody = leave(folder, "plan.json.999999999.tmp");
    g_autofree char *of_another = leave(folder, "other.json.999999999.tmp");
    g_autofree char *of_somebody = leave(folder, running);
    g_autofree char *of_no_process = leave(folder, "plan.json.x.tmp");

    g_assert_true(durable_file_write(path, "new", 3, 0600, NULL));
    g_assert_false(g_file_test(of_nobody, G_FILE_TEST_EXISTS));
    g_assert_cmpint(g_unlink(of_another), ==, 0);
    g_assert_cmpint(g_unlink(of_somebody), ==, 0);
    g_assert_cmpint(g_unlink(of_no_process), ==, 0);
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
    g_test_add_func("/durable_file/output_goes_behind_a_link_and_into_a_device",
                    output_goes_behind_a_link_and_into_a_device);
    g_test_add_func("/durable_file/what_killed_processes_left_is_swept",
                    what_killed_processes_left_is_swept);
    g_test_add_func("/durable_file/a_kept_file_is_written_once_with_the_mode_of_the_other",
                    a_kept_file_is_written_once_with_the_mode_of_the_other);
    return g_test_run();
}
