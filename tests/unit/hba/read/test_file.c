/* Existing files: joined lines, included files, files of names; each case was asked of a server. */
#include <string.h>

#include "hba/read/file.h"
#include "hba/syntax/rule_text.h"

typedef struct NamedText {
    const char *name;
    const char *text;
} NamedText;

#define TEN(line) line line line line line line line line line line

static const NamedText files[] = {
    { "/hba/names", "alice, \"b c\"\n# carol\n+ops\n" },
    { "/hba/sub/outer", "@inner zoe\n" },
    { "/hba/sub/inner", "yves \\\n xena\n" },
    { "/hba/nobody", "# nobody at all\n" },
    { "/hba/one", "10.0.0.0/8\n" },
    { "/hba/more.conf", "local b all trust\n" },
    { "/hba/names.inc", "include names\nlast\n" },
    { "/hba/loop", "include loop\n" },
    { "/hba/loops", TEN("include loops\n") },
    { "/hba/names_loop", TEN("@names_loop\n") },
    { "/hba/m1", TEN("include m2\n") },
    { "/hba/m2", TEN("include m3\n") },
    { "/hba/m3", TEN("include m4\n") },
    { "/hba/m4", TEN("include m5\n") },
    { "/hba/m5", TEN("include empty\n") },
    { "/hba/lists", "alice, \"b c\"\n@last" },
    { "/hba/last", "zoe\r\n" },
    { "/hba/empty", "" },
    { "/hba/blank", "alice\n\nbob\n" },
    { "/hba/two", "alice bob\n" },
    { "/hba/comma", "alice,\n" },
};

static bool
read_table(void *data, const char *path, char **ret_bytes, size_t *ret_length, GError **error)
{
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        if (strcmp(files[i].name, path) == 0) {
            *ret_bytes = g_strdup(files[i].text);
            *ret_length = strlen(files[i].text);
            return true;
        }
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

static const HbaFileSource source = { .read = read_table, .list = list_none };

/* `line: rule` for each rule, then the findings: `line severity id`. */
static char *
read_text(Arena *arena, HbaProgram program, int version, const char *text, size_t length)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(Findings) findings = findings_new(arena);
    const HbaCheck check = { .arena = arena,
                             .findings = findings,
                             .program = program,
                             .version = version,
                             .server = "the server",
                             .enabled = true };
    List rules = { 0 };

    hba_file_parse(&check, &source, "/hba/hba", text, length, &rules);
    LIST_FOREACH (const HbaRule, rule, &rules) {
        g_string_append_printf(out, "%u: ", rule->pos.line);
        hba_rule_render(rule, out);
        g_string_append_c(out, '\n');
    }
    LIST_FOREACH (const Finding, finding, &findings->items)
        g_string_append_printf(out, "%u %s %s\n", finding->pos.line,
                               severity_name(finding->severity), finding->kind->id);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

typedef struct Case {
    int version;
    const char *text;
    const char *expected;
} Case;

static const Case cases[] = {
    /* a rule stands where its first physical line is */
    { 14, "# a\nlocal \\\n all\\\r\n all trust\nlocal b b md5",
      "2: local all all trust\n"
      "5: local b b md5\n" },
    { 13, "local all all \\\ntrust\n",
      "1 error hba-method-unknown\n"
      "2 error hba-type-unknown\n" },
    { 14, "local all all \\\n\ntrust\n",
      "1 error hba-field-missing\n"
      "3 error hba-type-unknown\n" },
    { 14, "local all all trust \\", "1: local all all trust\n" },
    /* names come from files, with files inside of them; paths are beside the file that says them */
    { 13, "local all @names md5\n", "1: local all alice,\"b c\",+ops md5\n" },
    { 14, "local @/hba/sub/outer all md5\n", "1: local yves,xena,zoe all md5\n" },
    { 15, "local all @./x/../names md5\n", "1: local all alice,\"b c\",+ops md5\n" },
    { 16, "local all @names.inc md5\n", "1: local all alice,\"b c\",+ops,last md5\n" },
    { 15, "local all @names.inc md5\n", "1: local all include,names,last md5\n" },
    { 16, "local all \"@names\" md5\n", "1: local all \"@names\" md5\n" },
    { 18, "local all @missing md5\n", "1 error hba-include-unreadable\n" },
    /* a field that a file leaves empty is no field; a file may stand anywhere */
    { 18, "local @nobody all all md5\n", "1: local all all md5\n" },
    { 18, "local all @nobody md5\n", "1 error hba-field-missing\n" },
    { 18, "@nobody\n", "" },
    { 18, "host all all @one md5\n", "1: host all all 10.0.0.0/8 md5\n" },
    { 18, "host all all @names md5\n", "1 error hba-field-multiple\n" },
    /* include lines have two fields, and only the first word of each counts */
    { 16, "include more.conf\n", "1: local b all trust\n" },
    { 16, "include,x more.conf,y\n", "1: local b all trust\n" },
    { 16, "include more.conf y\n", "1 error hba-field-multiple\n" },
    { 16, "include missing\n", "1 error hba-include-unreadable\n" },
    { 16, "include_if_exists missing\n", "" },
    { 15, "include more.conf\n", "1 error hba-type-unsupported\n" },
    { 18, "include loop\n", "1 error hba-include-cycle\n" },
    /* ten at each of ten depths would be read until the end of time */
    { 18, "include loops\nlocal all all trust\n",
      "2: local all all trust\n"
      "1 error hba-include-cycle\n" },
    { 18, "local @names_loop all trust\n", "1 error hba-include-cycle\n" },
    { 18, "include m1\n", "10 error hba-include-cycle\n" },
    /* a quote that is not closed ends with the line */
    { 18, "local all all \"md5\n", "1: local all all md5\n1 warning hba-quote-open\n" },
    { 18, "local all \"all md5\n", "1 warning hba-quote-open\n1 error hba-field-missing\n" },
    /* the zone of an address is for link-local ones */
    { 18, "host all all fe80::1%lo/128 md5\n",
      "1: host all all fe80::1%lo/128 md5\n"
      "1 warning hba-address-ambiguous\n" },
    { 18, "host all all ::1%lo/128 md5\n", "1 error hba-address-invalid\n" },
    { 18, "host all all ::1%1/128 md5\n",
      "1: host all all ::1%1/128 md5\n"
      "1 warning hba-address-ambiguous\n" },
};

static const Case pgbouncer_cases[] = {
    { 118, "local all @lists md5\n", "1: local all alice,\"b c\",zoe md5\n" },
    { 118, "local all @empty md5\n", "1 error hba-pgb-names\n" },
    { 118, "local all @blank md5\n", "1 error hba-pgb-names\n" },
    { 118, "local all @two md5\n", "1 error hba-pgb-names\n" },
    { 118, "local all @comma md5\n", "1 error hba-pgb-names\n" },
    { 118, "local all @names md5\n", "1 error hba-pgb-names\n" },
    { 118, "local all all \\\nmd5\n", "1 error hba-method-unknown\n2 error hba-type-unknown\n" },
};

static void
assert_cases(HbaProgram program, const Case *table, size_t count)
{
    g_autoptr(Arena) arena = arena_new();

    for (size_t i = 0; i < count; i++) {
        g_autofree char *got =
            read_text(arena, program, table[i].version, table[i].text, strlen(table[i].text));

        if (strcmp(got, table[i].expected) != 0)
            g_error("version %d:\n%sexpected:\n%sgot:\n%s", table[i].version, table[i].text,
                    table[i].expected, got);
    }
}

static void
files_are_read_as_the_server_reads_them(void)
{
    assert_cases(HBA_PROGRAM_POSTGRESQL, cases, G_N_ELEMENTS(cases));
}

static void
files_are_read_as_pgbouncer_reads_them(void)
{
    assert_cases(HBA_PROGRAM_PGBOUNCER, pgbouncer_cases, G_N_ELEMENTS(pgbouncer_cases));
}

static void
a_zero_byte_ends_its_line(void)
{
    static const char text[] = "local a all trust\0 junk\nlocal b all\\\0 junk\n trust\n";
    g_autoptr(Arena) arena = arena_new();
    g_autofree char *got = read_text(arena, HBA_PROGRAM_POSTGRESQL, 14, text, sizeof text - 1);

    g_assert_cmpstr(got, ==, "1: local a all trust\n2: local b all trust\n");
}

static void
version_13_refuses_a_line_that_fills_its_buffer(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GString) text = g_string_new("local all all trust #");
    g_autofree char *fits = NULL;
    g_autofree char *full = NULL;
    g_autofree char *later = NULL;

    while (text->len < 20477)
        g_string_append_c(text, 'x');
    fits = read_text(arena, HBA_PROGRAM_POSTGRESQL, 13, text->str, text->len);
    g_assert_cmpstr(fits, ==, "1: local all all trust\n");
    g_string_append_c(text, 'x');
    full = read_text(arena, HBA_PROGRAM_POSTGRESQL, 13, text->str, text->len);
    g_assert_cmpstr(full, ==, "1 error hba-line-too-long\n");
    later = read_text(arena, HBA_PROGRAM_POSTGRESQL, 14, text->str, text->len);
    g_assert_cmpstr(later, ==, "1: local all all trust\n");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/file/files_are_read_as_the_server_reads_them",
                    files_are_read_as_the_server_reads_them);
    g_test_add_func("/file/files_are_read_as_pgbouncer_reads_them",
                    files_are_read_as_pgbouncer_reads_them);
    g_test_add_func("/file/a_zero_byte_ends_its_line", a_zero_byte_ends_its_line);
    g_test_add_func("/file/version_13_refuses_a_line_that_fills_its_buffer",
                    version_13_refuses_a_line_that_fills_its_buffer);
    return g_test_run();
}
