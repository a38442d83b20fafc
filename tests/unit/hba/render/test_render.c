/* The text of the files. */
#include "hba/render/useropts.h"
#include "tests/unit/hba/fixture.h"

#define PG HBA_PROGRAM_POSTGRESQL

static const char *
render(Fixture *fixture, HbaProgram program)
{
    g_autoptr(GString) text = g_string_new(NULL);
    GError *error = NULL;
    const HbaRules *rules = hba_expand(fixture->expander, &fixture->instance, program);

    g_assert_true(hba_render(fixture->renderer, &fixture->instance, program, rules, text, &error));
    g_assert_no_error(error);
    return arena_strdup(fixture->arena, text->str);
}

static void
a_file_begins_with_what_the_aliases_are(Fixture *fixture, const void *data)
{
    (void)data;
    add_alias(fixture, PG, "${dbsu}", NULL, "local", "os");
    add_alias(fixture, PG, "+dbrole_readonly", NULL, "intra", "ssl")->role =
        (OptText){ "offline", at(12) };
    add_raw(fixture, PG, "host all  all all reject # as written")->title = (OptText){ 0 };
    g_assert_cmpstr(
        render(fixture, PG), ==,
        "# pg_hba.conf of pg-test-1 (primary)\n"
        "#\n"
        "# Written by pgcharter from the inventory: what is edited here is lost when it is installed "
        "again.\n"
        "# The first line that matches a connection decides; a connection that none matches is "
        "refused.\n"
        "# Rules that are off for this instance stay as comments.\n"
        "#\n"
        "# addresses and users that rules can name:\n"
        "#   local       \"/var/run/postgresql\"\n"
        "#   admin       \"10.10.10.10\"\n"
        "#   infra       \"10.10.10.10\"\n"
        "#   cluster     \"10.10.10.11\", \"10.10.10.12\"\n"
        "#   intra       \"10.0.0.0/8\", \"192.168.0.0/16\"\n"
        "#   ${dbsu}     \"postgres\"\n"
        "#   ${repl}     \"replicator\"\n"
        "#   ${monitor}  \"dbuser_monitor\"\n"
        "#   ${admin}    \"dbuser_dba\"\n"
        "\n"
        "# a title [default]\n"
        "local    all              postgres                              ident\n"
        "\n"
        "# a title [offline] (off)\n"
        "#hostssl  all              +dbrole_readonly   10.0.0.0/8         scram-sha-256\n"
        "#hostssl  all              +dbrole_readonly   192.168.0.0/16     scram-sha-256\n"
        "\n"
        "# [default]\n"
        "host all  all all reject # as written\n");
}

static void
no_comment_can_swallow_or_start_a_line(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->instance.users.dbsu = "back\\";
    fixture->instance.admin_ip = "1\nhost all all all trust";
    add_alias(fixture, PG, "${dbsu}", NULL, "local", "trust");
    g_assert_cmpstr(rendered_rules(fixture, PG), ==, "local all \"back\\\" trust\n");
    g_assert_nonnull(strstr(render(fixture, PG), "#   ${dbsu}     \"back\\\"\n"));
    g_assert_nonnull(strstr(render(fixture, PG), "#   admin       \"?\"\n"));
}

static void
a_title_that_would_break_the_file_is_refused(Fixture *fixture, const void *data)
{
    (void)data;
    add_alias(fixture, PG, NULL, NULL, "local", NULL)->title =
        (OptText){ "x\nhost all all all trust", at(11) };
    add_alias(fixture, PG, NULL, NULL, "local", NULL)->title = (OptText){ "x\\", at(12) };
    g_assert_cmpstr(findings_of(fixture, PG), ==,
                    "a.yml:11:5: error: a title holds a newline or control character "
                    "[hba-control-character]\n"
                    "  hint: write one line per rule, without newlines and control characters\n"
                    "a.yml:12:5: error: a title ends with a backslash [hba-trailing-backslash]\n"
                    "  hint: PostgreSQL 14 and later would read the next line as its "
                    "continuation\n");
}

static void
long_lists_of_machines_are_wrapped(Fixture *fixture, const void *data)
{
    g_auto(GStrv) lines = NULL;

    (void)data;
    for (int i = 0; i < 3000; i++)
        list_add(fixture->arena, &fixture->instance.infra_addresses,
                 arena_printf(fixture->arena, "10.2.%d.%d", i / 250, i % 250));
    lines = g_strsplit(render(fixture, PG), "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        g_assert_cmpuint(strlen(*line), <, 120);
}

static void
instances_with_equal_facts_share_groups_and_others_do_not(Fixture *fixture, const void *data)
{
    Cluster other_cluster = { .name = "pg-other" };
    Instance other = { 0 };
    const HbaRules *first = NULL;
    const HbaRules *second = NULL;

    (void)data;
    add_alias(fixture, PG, NULL, NULL, "intra", NULL);
    add_alias(fixture, PG, NULL, NULL, "cluster", NULL);
    other = fixture->instance;
    other.name = "pg-other-1";
    other.cluster = &other_cluster;
    first = hba_expand(fixture->expander, &fixture->instance, PG);
    second = hba_expand(fixture->expander, &other, PG);
    g_assert_true(first->groups.items[0] == second->groups.items[0]);
    g_assert_false(first->groups.items[1] == second->groups.items[1]);
    other.version = 15;
    second = hba_expand(fixture->expander, &other, PG);
    g_assert_false(first->groups.items[0] == second->groups.items[0]);
}

static void
text_that_is_not_the_rules_does_not_verify(Fixture *fixture, const void *data)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        { "local all all trust\n", NULL },
        { "# x\n\nlocal  \"all\" all trust\n",
          "line 3 of the rendered HBA file is not the declared rule: nothing is written" },
        { "local all all md5\n",
          "line 1 of the rendered HBA file is not the declared rule: nothing is written" },
        { "local all all trust\nlocal all all trust\n",
          "line 2 of the rendered HBA file is not a declared rule: nothing is written" },
        { "#local all all trust\n",
          "line 1 of the rendered HBA file is the last, and a rule is missing: nothing is "
          "written" },
        { "local all all\n", "line 1 of the rendered HBA file is not a rule: nothing is written" },
    };

    const List *groups = NULL;

    (void)data;
    add_alias(fixture, PG, NULL, NULL, "local", "trust");
    groups = &hba_expand(fixture->expander, &fixture->instance, PG)->groups;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        bool ok = hba_render_verify(PG, 18, groups, cases[i].text, &error);

        g_assert_cmpint(ok, ==, cases[i].expected == NULL);
        g_assert_cmpstr(error == NULL ? NULL : error->message, ==, cases[i].expected);
    }
}

static RoleDecl *
add_pool_role(Fixture *fixture, const char *name, const char *pool_mode)
{
    RoleDecl *role = ARENA_NEW(fixture->arena, RoleDecl);

    role->name = name;
    role->pos = at(30);
    role->pool_mode.value = pool_mode;
    list_add(fixture->arena, &fixture->instance.pool_roles, role);
    return role;
}

static void
user_options_name_mode_and_limit(Fixture *fixture, const void *data)
{
    g_autoptr(GString) text = g_string_new(NULL);

    (void)data;
    add_pool_role(fixture, "a", "session")->pool_connection_limit =
        (OptInt){ .given = true, .value = 16 };
    add_pool_role(fixture, "b.c-d_1", "transaction");
    add_pool_role(fixture, "e", NULL)->pool_connection_limit =
        (OptInt){ .given = true, .value = -1 };
    add_pool_role(fixture, "gone", "session")->absent = true;
    hba_useropts_render(&fixture->instance, fixture->findings, text);
    g_assert_cmpstr(text->str, ==,
                    "; users of pg-test-1 with settings of their own: the [users] section of "
                    "pgbouncer.ini\n"
                    "a = pool_mode=session max_user_connections=16\n"
                    "b.c-d_1 = pool_mode=transaction\n"
                    "e = max_user_connections=-1\n");
    g_assert_cmpstr(found(fixture), ==, "");
}

static void
a_name_that_stops_pgbouncer_is_refused(Fixture *fixture, const void *data)
{
    g_autoptr(GString) text = g_string_new(NULL);

    (void)data;
    add_pool_role(fixture, "a b", "session");
    hba_useropts_render(&fixture->instance, fixture->findings, text);
    g_assert_cmpstr(found(fixture), ==,
                    "a.yml:30:5: error: PgBouncer cannot have settings for a user named \"a b\": "
                    "only letters, digits, _ . and - are allowed [hba-pgb-user-name]\n"
                    "  hint: leave pool_mode and pool_connlimit out, or rename the role\n");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST("render", a_file_begins_with_what_the_aliases_are);
    TEST("render", no_comment_can_swallow_or_start_a_line);
    TEST("render", a_title_that_would_break_the_file_is_refused);
    TEST("render", long_lists_of_machines_are_wrapped);
    TEST("render", instances_with_equal_facts_share_groups_and_others_do_not);
    TEST("render", text_that_is_not_the_rules_does_not_verify);
    TEST("render", user_options_name_mode_and_limit);
    TEST("render", a_name_that_stops_pgbouncer_is_refused);
    return g_test_run();
}
