/* Files and folders of this machine, as include lines name them. */
#include <glib/gstdio.h>
#include <string.h>

#include "hba/read/file.h"
#include "hba/syntax/rule_text.h"

typedef struct Fixture {
    Arena *arena;
    Findings *findings;
    char *folder;
} Fixture;

static void
write_file(const Fixture *fixture, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(fixture->folder, name, NULL);
    g_autoptr(GError) error = NULL;

    g_file_set_contents(path, text, -1, &error);
    g_assert_no_error(error);
}

static void
setup(Fixture *fixture, const void *data)
{
    g_autofree char *inner = NULL;

    (void)data;
    fixture->arena = arena_new();
    fixture->findings = findings_new(fixture->arena);
    fixture->folder = g_dir_make_tmp("pgcharter-hba-XXXXXX", NULL);
    inner = g_build_filename(fixture->folder, "more.d", NULL);
    g_mkdir(inner, 0700);
    write_file(fixture, "more.d/20.conf", "local b all trust\n");
    write_file(fixture, "more.d/10.conf", "local a all trust\n");
    write_file(fixture, "more.d/.hidden.conf", "local hidden all trust\n");
    write_file(fixture, "more.d/.conf", "local bare all trust\n");
    write_file(fixture, "more.d/30.off", "local off all trust\n");
}

static void
teardown(Fixture *fixture, const void *data)
{
    static const char *const names[] = {
        "more.d/20.conf",
        "more.d/10.conf",
        "more.d/.hidden.conf",
        "more.d/.conf",
        "more.d/30.off",
        "more.d",
        "main",
        "",
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(fixture->folder, names[i], NULL);

        g_remove(path);
    }
    g_free(fixture->folder);
    findings_free(fixture->findings);
    arena_free(fixture->arena);
}

static const char *
rules_of(Fixture *fixture, const char *text)
{
    g_autofree char *path = g_build_filename(fixture->folder, "main", NULL);
    g_autoptr(GString) out = g_string_new(NULL);
    const HbaCheck check = { .arena = fixture->arena,
                             .findings = fixture->findings,
                             .version = 17,
                             .server = "the server",
                             .enabled = true };
    List rules = { 0 };
    GError *error = NULL;

    write_file(fixture, "main", text);
    g_assert_true(hba_file_read(&check, &hba_file_source_local, path, &rules, &error));
    g_assert_no_error(error);
    LIST_FOREACH (const HbaRule, rule, &rules)
        g_string_append_printf(out, "%s\n", hba_rule_describe(fixture->arena, rule));
    return arena_strdup(fixture->arena, out->str);
}

static void
a_folder_gives_its_conf_files_in_the_order_of_their_names(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(rules_of(fixture, "include_dir more.d/\nlocal z all trust\n"), ==,
                    "local a all trust\nlocal b all trust\nlocal z all trust\n");
    g_assert_cmpuint(fixture->findings->items.count, ==, 0);
}

static void
a_file_is_found_by_its_whole_path(Fixture *fixture, const void *data)
{
    g_autofree char *text =
        g_strdup_printf("include %s/more.d/../more.d/10.conf\n", fixture->folder);

    (void)data;
    g_assert_cmpstr(rules_of(fixture, text), ==, "local a all trust\n");
}

static void
what_is_missing_is_an_error_unless_it_may_be(Fixture *fixture, const void *data)
{
    (void)data;
    rules_of(fixture, "include_if_exists nowhere\n");
    g_assert_cmpuint(fixture->findings->items.count, ==, 0);
    rules_of(fixture, "include nowhere\ninclude_dir no.d\n");
    g_assert_cmpuint(fixture->findings->counts[SEVERITY_ERROR], ==, 2);
}

static void
a_file_that_is_not_there_is_the_callers_error(Fixture *fixture, const void *data)
{
    const HbaCheck check = { .arena = fixture->arena, .findings = fixture->findings };
    g_autofree char *path = g_build_filename(fixture->folder, "nowhere", NULL);
    g_autoptr(GError) error = NULL;
    List rules = { 0 };

    (void)data;
    g_assert_false(hba_file_read(&check, &hba_file_source_local, path, &rules, &error));
    g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* ---- rules as texts for people ---- */

static void
a_secret_is_never_shown(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(
        rules_of(fixture, "host \"a b\",c +d 10.0.0.0 255.0.0.0 ldap ldapserver=x "
                          "ldapbasedn=\"o=x\" ldapbinddn=y ldapbindpasswd=hunter2\n"),
        ==,
        "host \"a b\",c +d 10.0.0.0 255.0.0.0 ldap ldapserver=x ldapbasedn=o=x ldapbinddn=y "
        "ldapbindpasswd=<secret>\n");
}

static void
a_rule_reads_back_as_it_is_written(Fixture *fixture, const void *data)
{
    static const char *const lines[] = {
        "host all all \"samehost\" trust",
        "host \"all\",\"+x\" \"a\"\"b\" example.org scram-sha-256",
        "hostssl all all 10.0.0.0/8 cert map=\"a b\"",
        "host all all 10.0.0.0/8 ldap ldapserver=x ldapprefix= ldapsuffix=y",
    };
    const HbaCheck check = { .arena = fixture->arena,
                             .findings = fixture->findings,
                             .version = 17,
                             .server = "the server",
                             .enabled = true };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        List first = { 0 };
        List again = { 0 };
        g_autoptr(GString) text = g_string_new(NULL);

        hba_file_parse(&check, &hba_file_source_local, "f", lines[i], strlen(lines[i]), &first);
        g_assert_cmpuint(first.count, ==, 1);
        hba_rule_render(first.items[0], text);
        hba_file_parse(&check, &hba_file_source_local, "f", text->str, text->len, &again);
        g_assert_cmpuint(again.count, ==, 1);
        g_assert_true(hba_rule_equal(first.items[0], again.items[0]));
    }
}

#define TEST(function) g_test_add("/hba/local/" #function, Fixture, NULL, setup, function, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_folder_gives_its_conf_files_in_the_order_of_their_names);
    TEST(a_file_is_found_by_its_whole_path);
    TEST(what_is_missing_is_an_error_unless_it_may_be);
    TEST(a_file_that_is_not_there_is_the_callers_error);
    TEST(a_secret_is_never_shown);
    TEST(a_rule_reads_back_as_it_is_written);
    return g_test_run();
}
