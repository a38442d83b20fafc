/* Existing files as rule groups of an inventory: the whole text each time. */
#include <string.h>

#include "hba/import/import.h"
#include "hba/read/file.h"

typedef struct Fixture {
    Arena *arena;
    Findings *findings;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->arena = arena_new();
    fixture->findings = findings_new(fixture->arena);
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    findings_free(fixture->findings);
    arena_free(fixture->arena);
}

typedef struct NamedText {
    const char *name;
    const char *text;
} NamedText;

static const NamedText included[] = {
    { "/hba/more", "local more all peer\n" },
    { "/hba/names", "alice\nbob\n" },
};

static bool
read_table(void *data, const char *path, char **ret_bytes, size_t *ret_length, GError **error)
{
    const char *main_text = data;

    if (strcmp(path, "/hba/pg_hba.conf") == 0) {
        *ret_bytes = g_strdup(main_text);
        *ret_length = strlen(main_text);
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(included); i++) {
        if (strcmp(path, included[i].name) != 0)
            continue;
        *ret_bytes = g_strdup(included[i].text);
        *ret_length = strlen(included[i].text);
        return true;
    }
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no file \"%s\"", path);
    return false;
}

static char **
list_none(void *data, const char *path, GError **error)
{
    (void)data;
    (void)path;
    (void)error;
    return g_new0(char *, 1);
}

static const char *
imported(Fixture *fixture, HbaProgram program, const char *text)
{
    const HbaFileSource source = { .read = read_table, .list = list_none, .data = (gpointer)text };
    const HbaCheck check = { .arena = fixture->arena,
                             .findings = fixture->findings,
                             .program = program,
                             .version = program == HBA_PROGRAM_POSTGRESQL ? 18 : 118,
                             .server = "the server",
                             .enabled = true };
    g_autoptr(GString) out = g_string_new(NULL);
    List lines = { 0 };
    GError *error = NULL;

    hba_file_read_lines(&check, &source, "/hba/pg_hba.conf", &lines, &error);
    g_assert_no_error(error);
    g_assert_false(findings_has_errors(fixture->findings));
    hba_import_render(&check, &lines, out);
    return arena_strdup(fixture->arena, out->str);
}

#define HEAD "pg_default_hba_rules: [] # the file's own rules are all below\npg_hba_rules:"

static void
assert_import(Fixture *fixture, const char *text, const char *expected)
{
    g_autofree char *whole = g_strconcat(HEAD, expected, NULL);

    g_assert_cmpstr(imported(fixture, HBA_PROGRAM_POSTGRESQL, text), ==, whole);
}

static void
an_empty_file_is_an_empty_list(Fixture *fixture, const void *data)
{
    (void)data;
    assert_import(fixture, "", " []\n");
    assert_import(fixture, "# only a comment\n\n", " []\n");
}

static void
rules_that_an_alias_says_become_that_alias(Fixture *fixture, const void *data)
{
    (void)data;
    assert_import(fixture,
                  "# monitoring\n"
                  "host all mon 10.0.0.0/8 scram-sha-256\n"
                  "\n"
                  "local all postgres peer\n"
                  "\n"
                  "hostssl app,\"b c\" +ops 10.1.0.0 255.255.0.0 scram-sha-256\n",
                  "\n"
                  "  - title: monitoring\n"
                  "    user: mon\n"
                  "    db: all\n"
                  "    addr: '10.0.0.0/8'\n"
                  "    auth: sha\n"
                  "  - user: postgres\n"
                  "    db: all\n"
                  "    addr: local\n"
                  "    auth: peer\n"
                  "  - user: '+ops'\n"
                  "    db: 'app,\"b c\"'\n"
                  "    addr: '10.1.0.0 255.255.0.0'\n"
                  "    auth: ssl-sha\n");
}

static void
several_lines_of_one_alias_are_one_group(Fixture *fixture, const void *data)
{
    (void)data;
    assert_import(fixture,
                  "# everybody from this host [common]\n"
                  "local all all scram-sha-256\n"
                  "host all all 127.0.0.1/32 scram-sha-256\n"
                  "host all all ::1/128 scram-sha-256\n"
                  "# --------\n"
                  "# two lines\n"
                  "# of a title\n"
                  "host all all 0.0.0.0/0 scram-sha-256\n"
                  "host all all ::/0 scram-sha-256\n",
                  "\n"
                  "  - title: 'everybody from this host'\n"
                  "    user: all\n"
                  "    db: all\n"
                  "    addr: localhost\n"
                  "    auth: sha\n"
                  "  - title: 'two lines of a title'\n"
                  "    user: all\n"
                  "    db: all\n"
                  "    addr: world\n"
                  "    auth: sha\n");
}

static void
what_no_alias_says_stays_a_line(Fixture *fixture, const void *data)
{
    (void)data;
    assert_import(fixture,
                  "host all all 10.0.0.0/8 ldap ldapserver=x ldapsuffix='a\n"
                  "host all all 10.0.0.0/8 trust # until friday\n"
                  "hostnossl all all 10.0.0.0/8 reject\n"
                  "local a,b all trust\n"
                  "local {{x}} all trust\n",
                  "\n"
                  "  - rules:\n"
                  "      - 'host all all 10.0.0.0/8 ldap ldapserver=x ldapsuffix=''a'\n"
                  "      - 'host all all 10.0.0.0/8 trust # until friday'\n"
                  "      - 'hostnossl all all 10.0.0.0/8 reject'\n"
                  "      - 'local a,b all trust'\n"
                  "      - !unsafe 'local {{x}} all trust'\n");
}

static void
included_files_are_told_apart_and_names_are_written_out(Fixture *fixture, const void *data)
{
    (void)data;
    assert_import(fixture,
                  "local all @names trust\n"
                  "include more\n"
                  "local z all trust\n",
                  "\n"
                  "  # from /hba/pg_hba.conf\n"
                  "  - user: 'alice,bob'\n"
                  "    db: all\n"
                  "    addr: local\n"
                  "    auth: trust\n"
                  "  # from /hba/more\n"
                  "  - user: all\n"
                  "    db: more\n"
                  "    addr: local\n"
                  "    auth: peer\n"
                  "  # from /hba/pg_hba.conf\n"
                  "  - user: all\n"
                  "    db: z\n"
                  "    addr: local\n"
                  "    auth: trust\n");
}

static void
pgbouncers_rules_have_their_own_key(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(imported(fixture, HBA_PROGRAM_PGBOUNCER, "host all all 10.0.0.0/8 md5\n"), ==,
                    "pgb_default_hba_rules: [] # the file's own rules are all below\n"
                    "pgb_hba_rules:\n"
                    "  - user: all\n"
                    "    db: all\n"
                    "    addr: '10.0.0.0/8'\n"
                    "    auth: md5\n");
}

static void
bytes_that_no_inventory_holds_are_an_error(Fixture *fixture, const void *data)
{
    (void)data;
    imported(fixture, HBA_PROGRAM_POSTGRESQL, "local \"\xff\" all trust\n");
    g_assert_cmpuint(fixture->findings->counts[SEVERITY_ERROR], ==, 1);
    g_assert_cmpstr(((const Finding *)fixture->findings->items.items[0])->message, ==,
                    "this rule cannot be represented in an inventory");
}

static void
texts_are_quoted_as_they_need(Fixture *fixture, const void *data)
{
    const char *text = imported(fixture, HBA_PROGRAM_POSTGRESQL,
                                "# yes\n"
                                "local yes all trust\n\n"
                                "# it's 5 o'clock\n"
                                "local a all trust\n\n"
                                "# a \xe2\x80\xa8 separator \\ and \"quotes\" \xf0\x9f\x90\x98 "
                                "\xef\xbf\xbe\n"
                                "local b all trust\n");

    (void)data;
    g_assert_nonnull(strstr(text, "- title: 'yes'\n"));
    g_assert_nonnull(strstr(text, "db: 'yes'\n"));
    g_assert_nonnull(strstr(text, "- title: 'it''s 5 o''clock'\n"));
    g_assert_nonnull(strstr(text, "- title: \"a \\u2028 separator \\\\ and \\\"quotes\\\" "
                                  "\\U0001f418 \\ufffe\"\n"));
}

#define TEST(function)                                                                             \
    g_test_add("/hba/import/" #function, Fixture, NULL, setup, function, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(an_empty_file_is_an_empty_list);
    TEST(rules_that_an_alias_says_become_that_alias);
    TEST(several_lines_of_one_alias_are_one_group);
    TEST(what_no_alias_says_stays_a_line);
    TEST(included_files_are_told_apart_and_names_are_written_out);
    TEST(pgbouncers_rules_have_their_own_key);
    TEST(bytes_that_no_inventory_holds_are_an_error);
    TEST(texts_are_quoted_as_they_need);
    return g_test_run();
}
