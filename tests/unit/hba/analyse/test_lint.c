/* What lint and diff say of small files; parse errors would be a mistake of the test. */
#include <string.h>

#include "hba/analyse/diff.h"
#include "hba/analyse/evaluate.h"
#include "hba/analyse/lint.h"
#include "hba/analyse/region_text.h"
#include "hba/read/file.h"

typedef struct Fixture {
    Arena *arena;
    Findings *findings;
    Names *names;
    HbaRoleSet *roles;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->arena = arena_new();
    fixture->findings = findings_new(fixture->arena);
    fixture->names = names_new(fixture->arena);
    fixture->roles = hba_role_set_new(fixture->arena);
    hba_role_set_add(fixture->roles, "alice");
    hba_role_set_add(fixture->roles, "bob");
    hba_role_set_grant(fixture->roles, "readers", "alice");
    hba_role_set_grant(fixture->roles, "readers", "bob");
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    hba_role_set_free(fixture->roles);
    names_free(fixture->names);
    findings_free(fixture->findings);
    arena_free(fixture->arena);
}

static List
parse(Fixture *fixture, const char *text)
{
    const HbaCheck check = { .arena = fixture->arena,
                             .findings = fixture->findings,
                             .version = 16,
                             .server = "the server",
                             .enabled = true };
    List rules = { 0 };

    hba_file_parse(&check, &hba_file_source_local, "f", text, strlen(text), &rules);
    g_assert_false(findings_has_errors(fixture->findings));
    return rules;
}

/* "3<1,2 5<4": rule on line 3 is hidden by those on lines 1 and 2 together, and so on. */
static const char *
hidden(Fixture *fixture, const char *text, const HbaRoleSet *roles)
{
    const HbaLint lint = {
        .arena = fixture->arena, .version = 16, .roles = roles, .findings = fixture->findings
    };
    List rules = parse(fixture, text);
    List results = hba_lint(&lint, fixture->names, &rules);
    g_autoptr(GString) out = g_string_new(NULL);

    LIST_FOREACH (const HbaLintRule, result, &results) {
        if (result->reach != HBA_HIDDEN)
            continue;
        g_string_append_printf(out, "%s%u<", out->len > 0 ? " " : "", result->rule->pos.line);
        for (size_t i = 0; i < result->hidden_by.count; i++)
            g_string_append_printf(out, "%s%u", i > 0 ? "," : "",
                                   ((const HbaRule *)result->hidden_by.items[i])->pos.line);
    }
    return arena_strdup(fixture->arena, out->str);
}

typedef struct HiddenCase {
    const char *rules;
    const char *hidden;
} HiddenCase;

static const HiddenCase hidden_cases[] = {
    /* two halves hide a whole, and only together */
    { "host all all 10.0.0.0/9 md5\nhost all all 10.128.0.0/9 trust\nhost all all 10.0.0.0/8 reject\n",
      "3<1,2" },
    { "host all all 10.0.0.0/9 md5\nhost all all 10.0.0.0/8 reject\n", "" },
    /* an exception before the rule is no harm */
    { "host all bob 10.0.0.0/8 reject\nhost all all 10.0.0.0/8 md5\n", "" },
    /* all does not cover replication, and physical replication has no database */
    { "host all all all md5\nhost replication all all trust\n", "" },
    { "host all,replication all all md5\nhost replication all all trust\n", "2<1" },
    /* with and without TLS make a whole */
    { "hostssl all all all md5\nhostnossl all all all trust\nhost all all 10.0.0.0/8 reject\n",
      "3<1,2" },
    { "hostssl all all all md5\nhost all all 10.0.0.0/8 reject\n", "" },
    { "hostgssenc all all all gss\nhostnogssenc all all all md5\nhost db alice 10.0.0.1/32 trust\n",
      "3<2,1" },
    /* both families, and what only a resolver knows */
    { "host all all 0.0.0.0/0 md5\nhost all all db.example.org trust\n", "" },
    { "host all all 0.0.0.0/0 md5\nhost all all ::/0 md5\nhost all all db.example.org trust\n",
      "3<1,2" },
    { "host all all samenet md5\nhost db bob samenet trust\n", "2<1" },
    { "host all all samenet md5\nhost db bob 10.0.0.0/8 trust\n", "" },
    /* known members of a group; one by one they make the group */
    { "host all +readers all md5\nhost all alice all trust\n", "2<1" },
    { "host all alice all md5\nhost all bob all md5\nhost all readers all md5\n"
      "host all +readers all trust\n",
      "4<1,2,3" },
    { "host all alice all md5\nhost all +readers all trust\n", "" },
    /* databases one by one do not make `all` */
    { "host a all all md5\nhost a,b all all trust\nhost b alice all trust\nhost all all all md5\n",
      "3<2" },
    { "host sameuser all all md5\nhost sameuser alice 10.0.0.0/8 trust\n", "2<1" },
    { "host sameuser all all md5\nhost app alice 10.0.0.0/8 trust\n", "" },
    { "host /^app all all md5\nhost /^app bob all trust\nhost /^apple bob all trust\n", "2<1" },
    { "local all all peer\nhost all all all md5\nlocal db bob trust\n", "3<1" },
};

static void
a_rule_is_hidden_by_what_comes_first(Fixture *fixture, const void *data)
{
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(hidden_cases); i++) {
        const char *got = hidden(fixture, hidden_cases[i].rules, fixture->roles);

        if (strcmp(got, hidden_cases[i].hidden) != 0 &&
            /* which of two names comes first is no matter */
            !(strlen(got) == strlen(hidden_cases[i].hidden) &&
              strcmp(hidden_cases[i].hidden, "3<2,1") == 0))
            g_error("%s: \"%s\" instead of \"%s\"", hidden_cases[i].rules, got,
                    hidden_cases[i].hidden);
    }
}

static void
without_roles_a_group_is_hidden_by_itself_and_all_only(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(hidden(fixture, "host all alice all md5\nhost all +readers all trust\n", NULL),
                    ==, "");
    g_assert_cmpstr(
        hidden(fixture, "host all +readers all md5\nhost db +readers all trust\n", NULL), ==,
        "2<1");
}

static const char *
difference(Fixture *fixture, const char *before, const char *after)
{
    List old_rules = parse(fixture, before);
    List new_rules = parse(fixture, after);
    RegionContext context =
        region_context(fixture->arena, fixture->names, HBA_PROGRAM_POSTGRESQL, 16, fixture->roles);
    List entries = hba_diff(&context, &old_rules, &new_rules);
    g_autoptr(GString) out = g_string_new(NULL);

    region_context_clear(&context);
    LIST_FOREACH (const HbaDiffEntry, entry, &entries)
        g_string_append_printf(out, "%s %s %s %s %s|", hba_diff_kind_name(entry->kind),
                               region_transports_text(fixture->arena, entry->box.transports),
                               region_databases_text(fixture->arena, fixture->names, &entry->box),
                               region_users_text(fixture->arena, fixture->names, &entry->box),
                               region_addresses_text(fixture->arena, fixture->names, &entry->box));
    return arena_strdup(fixture->arena, out->str);
}

static void
text_that_means_the_same_is_no_difference(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(difference(fixture, "host all all 10.0.0.0/8 md5\n",
                               "# halves\nhost  all  all  10.0.0.0  255.128.0.0  md5\n"
                               "host all \"bob\",all 10.128.0.0/9 md5\n"),
                    ==, "");
    g_assert_cmpstr(difference(fixture, "host all all 10.0.0.0/8 reject\n", "\n"), ==, "");
    g_assert_cmpstr(difference(fixture, "local all all peer\n", "local all all ident\n"), ==, "");
}

static void
a_difference_is_told_in_the_fewest_boxes(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(difference(fixture, "host all all 10.0.0.0/8 md5\n",
                               "host all bob 10.0.0.0/8 reject\nhost all all 10.0.0.0/9 trust\n"
                               "host all all 10.128.0.0/9 trust\n"),
                    ==, "refused host all bob 10.0.0.0/8|method host all all but bob 10.0.0.0/8|");
    g_assert_cmpstr(difference(fixture, "hostssl app alice 10.0.0.0/8 md5\n",
                               "host app alice 10.0.0.0/8 md5\n"),
                    ==, "allowed hostnossl app alice 10.0.0.0/8|");
}

#define TEST(function) g_test_add("/lint/" #function, Fixture, NULL, setup, function, teardown)

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST(a_rule_is_hidden_by_what_comes_first);
    TEST(without_roles_a_group_is_hidden_by_itself_and_all_only);
    TEST(text_that_means_the_same_is_no_difference);
    TEST(a_difference_is_told_in_the_fewest_boxes);
    return g_test_run();
}
