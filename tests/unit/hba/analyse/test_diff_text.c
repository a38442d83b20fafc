/* Two lists of rules, compared and put in words. */
#include <string.h>

#include "hba/analyse/diff_text.h"
#include "hba/read/file.h"

typedef struct Fixture {
    Arena *arena;
    Names *names;
    List entries;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    memset(fixture, 0, sizeof *fixture);
    fixture->arena = arena_new();
    fixture->names = names_new(fixture->arena);
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    names_free(fixture->names);
    arena_free(fixture->arena);
}

static List
parse(Fixture *fixture, const char *path, const char *text)
{
    g_autoptr(Findings) findings = findings_new(fixture->arena);
    const HbaCheck check = { .arena = fixture->arena,
                             .findings = findings,
                             .version = 17,
                             .server = "the server",
                             .enabled = true };
    List rules = { 0 };

    hba_file_parse(&check, &hba_file_source_local, path, text, strlen(text), &rules);
    g_assert_false(findings_has_errors(findings));
    return rules;
}

static void
compare(Fixture *fixture, const char *before, const char *after)
{
    List old_rules = parse(fixture, "old", before);
    List new_rules = parse(fixture, "new", after);
    RegionContext region =
        region_context(fixture->arena, fixture->names, HBA_PROGRAM_POSTGRESQL, 17, NULL);

    fixture->entries = hba_diff(&region, &old_rules, &new_rules);
    region_context_clear(&region);
}

/* All lines as one text. */
static const char *
lines(Fixture *fixture, const char *before, const char *after)
{
    g_autoptr(GString) out = g_string_new(NULL);
    List found = { 0 };

    compare(fixture, before, after);
    found = hba_diff_lines(fixture->arena, fixture->names, &fixture->entries);
    LIST_FOREACH (const char, line, &found)
        g_string_append_printf(out, "%s\n", line);
    return arena_strdup(fixture->arena, out->str);
}

static void
order_and_spelling_are_no_change(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(lines(fixture, "host app bob 10.0.0.0/8 md5\nlocal all all ident\n",
                          "local all all peer\nhost  \"app\" bob 10.0.0.0 255.0.0.0 md5\n"),
                    ==, "");
    g_assert_cmpstr(lines(fixture, "host all all all reject\n", ""), ==, "");
}

static void
each_change_is_a_line(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(lines(fixture, "local all bob peer\nhost app bob 10.0.0.0/8 md5\n",
                          "hostssl app bob 10.0.0.0/8 md5\nlocal all bob trust\n"
                          "host app carol 192.168.0.0/16 md5\n"),
                    ==,
                    "~ method  local  database all  user bob: trust (new:2), was peer (old:1)\n"
                    "- refused hostnossl  database app  user bob  from 10.0.0.0/8: no rule, "
                    "was md5 (old:2)\n"
                    "+ allowed host  database app  user carol  from 192.168.0.0/16: "
                    "md5 (new:3), was no rule\n");
}

static void
boxes_that_differ_in_one_thing_are_joined(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(
        lines(fixture, "",
              "hostssl app bob 10.0.0.0/9 md5\n"
              "hostssl app bob 10.128.0.0/9 md5\n"
              "hostssl app carol 10.0.0.0/8 md5\n"),
        ==,
        "+ allowed hostssl  database app  user bob, carol  from 10.0.0.0/8: md5 (new:1), "
        "was no rule\n");
    g_assert_cmpstr(lines(fixture, "", "local app bob md5\nlocal crm bob md5\n"), ==,
                    "+ allowed local  database app, crm  user bob: md5 (new:1), was no rule\n");
}

static void
programs_get_the_same(Fixture *fixture, const void *data)
{
    g_autoptr(GString) out = g_string_new(NULL);
    JsonWriter json;

    (void)data;
    compare(fixture, "hostssl app bob 10.0.0.0/8 md5\n", "");
    json_writer_init_line(&json, out);
    json_begin_object(&json, NULL);
    hba_diff_write_json(&json, fixture->arena, fixture->names, &fixture->entries);
    json_end_object(&json);
    g_assert_cmpstr(
        g_strstrip(out->str), ==,
        "{\"changes\": [{\"change\": \"refused\", \"type\": \"hostssl\", \"database\": "
        "\"app\", \"user\": \"bob\", \"address\": \"10.0.0.0/8\", \"before\": "
        "{\"method\": \"md5\", \"file\": \"old\", \"line\": 1}, \"after\": {\"method\": "
        "\"reject\", \"file\": null, \"line\": null}}]}");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/diff/order and spelling are no change", Fixture, NULL, setup,
               order_and_spelling_are_no_change, teardown);
    g_test_add("/diff/each change is a line", Fixture, NULL, setup, each_change_is_a_line,
               teardown);
    g_test_add("/diff/boxes that differ in one thing are joined", Fixture, NULL, setup,
               boxes_that_differ_in_one_thing_are_joined, teardown);
    g_test_add("/diff/programs get the same", Fixture, NULL, setup, programs_get_the_same,
               teardown);
    return g_test_run();
}
