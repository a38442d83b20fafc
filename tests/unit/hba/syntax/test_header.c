/* The head of a rendered file, and who is recognised by it. */
#include "hba/syntax/header.h"
#include "tests/unit/hba/fixture.h"

static void
a_rendered_file_is_known_by_its_head(Fixture *fixture, const void *data)
{
    g_autoptr(GString) out = g_string_new(NULL);
    HbaHeaders *headers = hba_headers_new();

    (void)data;
    hba_headers_append(headers, &fixture->instance, HBA_PROGRAM_POSTGRESQL, out);
    g_assert_true(hba_header_is_in(out->str));
    hba_headers_free(headers);
}

static void
another_file_is_not(Fixture *fixture, const void *data)
{
    static const char *const files[] = {
        "",
        "local all all trust\n",
        "# pg_hba.conf of pg-test-1",
        "# pg_hba.conf of pg-test-1, by hand\nlocal all all peer\n",
        ("# PostgreSQL Client Authentication Configuration File\n#\n"
         "# Written by pgcharter from the inventory\n"),
    };

    (void)fixture;
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        g_assert_false(hba_header_is_in(files[i]));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/header/a rendered file is known by its head", Fixture, NULL, setup,
               a_rendered_file_is_known_by_its_head, teardown);
    g_test_add("/header/another file is not", Fixture, NULL, setup, another_file_is_not, teardown);
    return g_test_run();
}
