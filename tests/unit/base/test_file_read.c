/* A file is read whole or not at all. */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file_read.h"

static void
all_bytes_are_read_and_end_in_nul(void)
{
    g_autofree char *folder = g_dir_make_tmp("pgcharter-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(folder, "file", NULL);
    g_autofree char *whole = g_malloc0(300000);
    g_autofree char *bytes = NULL;
    size_t length = 0;

    memset(whole, 'x', 300000);
    g_assert_true(g_file_set_contents(path, whole, 300000, NULL));
    g_assert_true(file_read(path, 300000, &bytes, &length, NULL));
    g_assert_cmpuint(length, ==, 300000);
    g_assert_cmpint(memcmp(bytes, whole, length), ==, 0);
    g_assert_cmpint(bytes[length], ==, '\0');
    g_assert_cmpint(g_unlink(path), ==, 0);
    g_assert_cmpint(g_rmdir(folder), ==, 0);
}

/* It says that it has no bytes, and has no end. */
static void
a_device_is_read_up_to_the_limit(void)
{
    g_autoptr(GError) error = NULL;
    char *bytes = NULL;
    size_t length = 0;

    g_assert_false(file_read("/dev/zero", 1000000, &bytes, &length, &error));
    g_assert_cmpint(errno, ==, EFBIG);
    g_assert_cmpstr(error->message, ==, "\"/dev/zero\": too large, at most 1000000 bytes are read");
    g_assert_null(bytes);
}

static void
a_pipe_is_read_to_its_end(void)
{
    g_autofree char *path = NULL;
    g_autofree char *bytes = NULL;
    size_t length = 0;
    int ends[2];

    g_assert_cmpint(pipe(ends), ==, 0);
    path = g_strdup_printf("/dev/fd/%d", ends[0]);
    g_assert_cmpint(write(ends[1], "all:\n", 5), ==, 5);
    close(ends[1]);
    g_assert_true(file_read(path, 10, &bytes, &length, NULL));
    g_assert_cmpstr(bytes, ==, "all:\n");
    close(ends[0]);
}

static void
a_file_that_is_not_there_is_told_by_errno(void)
{
    g_autoptr(GError) error = NULL;
    char *bytes = NULL;
    size_t length = 0;

    g_assert_false(file_read("/nowhere/x", 10, &bytes, &length, &error));
    g_assert_cmpint(errno, ==, ENOENT);
    g_assert_true(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
    g_assert_cmpstr(error->message, ==, "\"/nowhere/x\": No such file or directory");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add_func("/file_read/" #function, function)
    TEST(all_bytes_are_read_and_end_in_nul);
    TEST(a_device_is_read_up_to_the_limit);
    TEST(a_pipe_is_read_to_its_end);
    TEST(a_file_that_is_not_there_is_told_by_errno);
    return g_test_run();
}
