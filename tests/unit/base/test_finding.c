/* Findings: collected once, ordered by place, shown without harm. */
#include "base/finding.h"

static const FindingKind kind_error = { "test-error", FINDING_COLUMN_ERROR, "an error" };
static const FindingKind kind_warning = { "test-warning", FINDING_COLUMN_WARNING, "a warning" };

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

static const char *
rendered(Fixture *fixture, size_t index)
{
    g_autoptr(GString) out = g_string_new(NULL);

    finding_render(fixture->findings->items.items[index], FINDING_PLAIN, out);
    return arena_strdup(fixture->arena, out->str);
}

static void
a_finding_shows_place_severity_id_and_hint(Fixture *fixture, const void *data)
{
    (void)data;
    findings_add(fixture->findings, &kind_error, (SourcePos){ "a.yml", 14, 5, ORIGIN_PERSON },
                 "did you mean \"superuser\"?", "unknown key \"%s\"", "supruser");
    g_assert_cmpstr(rendered(fixture, 0), ==,
                    "a.yml:14:5: error: unknown key \"supruser\" [test-error]\n"
                    "  hint: did you mean \"superuser\"?\n");
}

static void
the_same_finding_is_told_once(Fixture *fixture, const void *data)
{
    (void)data;
    for (int i = 0; i < 3; i++)
        findings_add(fixture->findings, &kind_error, (SourcePos){ "a.yml", 1, 1, ORIGIN_PERSON },
                     NULL, "same");
    g_assert_cmpuint(fixture->findings->items.count, ==, 1);
    g_assert_cmpuint(fixture->findings->counts[SEVERITY_ERROR], ==, 1);
}

static void
findings_are_ordered_by_place(Fixture *fixture, const void *data)
{
    (void)data;
    findings_add(fixture->findings, &kind_error, (SourcePos){ "b.yml", 1, 1, ORIGIN_PERSON }, NULL,
                 "third");
    findings_add(fixture->findings, &kind_error, (SourcePos){ "a.yml", 10, 1, ORIGIN_PERSON }, NULL,
                 "second");
    findings_add(fixture->findings, &kind_error, (SourcePos){ "a.yml", 9, 7, ORIGIN_PERSON }, NULL,
                 "first");
    findings_sort(fixture->findings);
    g_assert_cmpstr(((Finding *)fixture->findings->items.items[0])->message, ==, "first");
    g_assert_cmpstr(((Finding *)fixture->findings->items.items[1])->message, ==, "second");
    g_assert_cmpstr(((Finding *)fixture->findings->items.items[2])->message, ==, "third");
}

static void
strict_makes_warnings_errors(Fixture *fixture, const void *data)
{
    (void)data;
    findings_add(fixture->findings, &kind_warning, (SourcePos){ 0 }, NULL, "careful");
    g_assert_false(findings_has_errors(fixture->findings));
    findings_make_strict(fixture->findings);
    g_assert_true(findings_has_errors(fixture->findings));
    g_assert_cmpstr(rendered(fixture, 0), ==, "error: careful [test-warning]\n");
}

static void
control_characters_do_not_reach_the_terminal(Fixture *fixture, const void *data)
{
    (void)data;
    findings_add(fixture->findings, &kind_error, (SourcePos){ 0 }, NULL, "name \"%s\"",
                 "a\033[2Jb\nc");
    g_assert_cmpstr(rendered(fixture, 0), ==, "error: name \"a\\x1b[2Jb\\x0ac\" [test-error]\n");
}

static void
json_has_the_documented_members(Fixture *fixture, const void *data)
{
    g_autoptr(GString) out = g_string_new(NULL);
    JsonWriter json;

    (void)data;
    findings_add(fixture->findings, &kind_warning, (SourcePos){ "a\"b.yml", 2, 3, ORIGIN_PERSON },
                 NULL, "x");
    json_writer_init(&json, out);
    findings_write_json(fixture->findings, &json);
    g_assert_cmpstr(out->str, ==,
                    "{\n  \"diagnostics\": [\n    {\n      \"file\": \"a\\\"b.yml\",\n"
                    "      \"line\": 2,\n      \"column\": 3,\n      \"severity\": \"warning\",\n"
                    "      \"id\": \"test-warning\",\n      \"message\": \"x\",\n"
                    "      \"hint\": null\n    }\n  ],\n  \"summary\": {\n    \"errors\": 0,\n"
                    "    \"warnings\": 1,\n    \"infos\": 0\n  }\n}\n");
}

#define TEST(function) g_test_add("/finding/" #function, Fixture, NULL, setup, function, teardown)

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_finding_shows_place_severity_id_and_hint);
    TEST(the_same_finding_is_told_once);
    TEST(findings_are_ordered_by_place);
    TEST(strict_makes_warnings_errors);
    TEST(control_characters_do_not_reach_the_terminal);
    TEST(json_has_the_documented_members);
    return g_test_run();
}
