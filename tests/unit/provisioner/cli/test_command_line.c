/* The command line, read by its tables. */
#include <string.h>

#include "provisioner/cli/command_line.h"

typedef struct Parsed {
    Arena *arena;
    CommandLine line;
    CommandLineError error;
    bool ok;
} Parsed;

static void
clear(Parsed *parsed)
{
    arena_free(parsed->arena);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Parsed, clear)

/* Words are parted by single blanks. */
static Parsed
parse(const char *text)
{
    Parsed parsed = { .arena = arena_new() };
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    parsed.ok = command_line_parse(parsed.arena, (int)g_strv_length(words), words, &parsed.line,
                                   &parsed.error);
    return parsed;
}

static void
assert_refused(const char *text, const char *message, const char *hint)
{
    g_auto(Parsed) parsed = parse(text);

    g_assert_false(parsed.ok);
    g_assert_cmpstr(parsed.error.message, ==, message);
    g_assert_cmpstr(parsed.error.hint, ==, hint);
}

static void
assert_command(const char *text, CommandId id)
{
    g_auto(Parsed) parsed = parse(text);

    g_assert_true(parsed.ok);
    g_assert_cmpint(command_id(parsed.line.command), ==, id);
}

static void
options_stand_before_or_after_the_command(void)
{
    static const char *const lines[] = {
        "pgcharter -i a.yml --format json plan -N x*",
        "pgcharter plan -ia.yml --format=json --node x*",
        "pgcharter -N x* plan --inventory=a.yml --format json",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_auto(Parsed) parsed = parse(lines[i]);

        g_assert_true(parsed.ok);
        g_assert_cmpint(command_id(parsed.line.command), ==, COMMAND_PLAN);
        g_assert_cmpstr(parsed.line.options.inventories[0], ==, "a.yml");
        g_assert_cmpstr(parsed.line.options.nodes[0], ==, "x*");
        g_assert_cmpint(parsed.line.options.plan_format, ==, 1);
        g_assert_cmpint(parsed.line.argc, ==, 0);
    }
}

static void
a_value_is_never_the_command(void)
{
    assert_command("pgcharter -i plan validate", COMMAND_VALIDATE);
    assert_command("pgcharter -vi plan validate", COMMAND_VALIDATE);
    assert_command("pgcharter -iN validate", COMMAND_VALIDATE);
    assert_command("pgcharter --user plan hba --database apply test --local", COMMAND_HBA_TEST);
}

static void
a_list_keeps_its_order_and_a_text_its_last_value(void)
{
    g_auto(Parsed) parsed = parse("pgcharter -N a --log x plan -N b --log y -vv -q");

    g_assert_true(parsed.ok);
    g_assert_cmpuint(g_strv_length(parsed.line.options.nodes), ==, 2);
    g_assert_cmpstr(parsed.line.options.nodes[0], ==, "a");
    g_assert_cmpstr(parsed.line.options.nodes[1], ==, "b");
    g_assert_cmpstr(parsed.line.options.log, ==, "y");
    g_assert_cmpint(parsed.line.options.verbose, ==, 2);
    g_assert_cmpint(parsed.line.options.quiet, ==, 1);
}

static void
what_is_not_given_is_told_apart(void)
{
    g_auto(Parsed) parsed = parse("pgcharter apply --wait 0");

    g_assert_true(parsed.ok);
    g_assert_cmpint(parsed.line.options.wait_seconds, ==, 0);
    g_assert_cmpint(parsed.line.options.jobs, ==, OPTION_NOT_GIVEN);
    g_assert_cmpint(parsed.line.options.mode, ==, OPTION_NOT_GIVEN);
    g_assert_null(parsed.line.options.nodes);
    g_assert_null(parsed.line.options.log);
    g_assert_false(parsed.line.options.yes);
}

static void
a_value_may_be_left_out_where_the_row_says_so(void)
{
    g_auto(Parsed) physical = parse("pgcharter hba test --replication --local");
    g_auto(Parsed) logical = parse("pgcharter hba test --replication=database --local");

    g_assert_cmpint(physical.line.options.replication, ==, 0);
    g_assert_cmpint(logical.line.options.replication, ==, 1);
    g_assert_true(logical.line.options.local);
}

static void
arguments_may_look_like_options_after_two_dashes(void)
{
    g_auto(Parsed) parsed = parse("pgcharter apply --yes -- --odd.plan");

    g_assert_true(parsed.ok);
    g_assert_cmpint(parsed.line.argc, ==, 1);
    g_assert_cmpstr(parsed.line.argv[0], ==, "--odd.plan");
}

static void
an_unknown_command_is_told_with_what_was_meant(void)
{
    assert_refused("pgcharter palnn", "unknown command \"palnn\"", "did you mean \"plan\"?");
    assert_refused("pgcharter frobnicate", "unknown command \"frobnicate\"",
                   "pgcharter help lists the commands");
    assert_refused("pgcharter hba tets", "unknown command \"hba tets\"", "did you mean \"test\"?");
    assert_refused("pgcharter hba frobnicate", "unknown command \"hba frobnicate\"",
                   "pgcharter help hba lists the commands");
    assert_refused("pgcharter hba", "hba needs a command: lint, test, diff, install or import",
                   "pgcharter help hba describes them");
    assert_refused("pgcharter -v", "no command is given", "pgcharter help lists the commands");
}

static void
an_unknown_option_is_told_with_what_was_meant(void)
{
    assert_refused("pgcharter plan --fromat json", "plan has no option --fromat",
                   "did you mean \"--format\"?");
    assert_refused("pgcharter apply --witnesses", "apply has no option --witnesses",
                   "--witnesses is an option of \"hba lint\"");
    assert_refused("pgcharter plan --zzzzzz", "plan has no option --zzzzzz",
                   "pgcharter help plan lists the options");
    assert_refused("pgcharter -vZ plan", "plan has no option -Z",
                   "pgcharter help plan lists the options");
}

static void
a_word_is_one_of_those_that_the_option_takes(void)
{
    assert_refused("pgcharter plan --format jsn",
                   "--format takes text, json, sql or markdown, not \"jsn\"",
                   "did you mean \"json\"?");
    assert_refused("pgcharter validate --format sql",
                   "--format takes text, json, sarif or github, not \"sql\"",
                   "pgcharter help validate lists the options");
    assert_refused("pgcharter apply --mode strct --yes",
                   "--mode takes additive, adopt or strict, not \"strct\"",
                   "did you mean \"strict\"?");
    assert_refused("pgcharter render hbba",
                   "render takes hba, pgbouncer, useropts, userlist or all, not \"hbba\"",
                   "did you mean \"hba\"?");
}

static void
a_number_has_its_range(void)
{
    static const char *const values[] = { "0", "-1", "many", "1.5", "99999999999", "" };

    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        g_autofree char *line = g_strdup_printf("pgcharter plan --jobs=%s", values[i]);
        g_autofree char *message =
            g_strdup_printf("--jobs takes a number of at least 1, not \"%s\"", values[i]);

        assert_refused(line, message, "pgcharter help plan lists the options");
    }
    assert_refused("pgcharter plan --offline --pg-version 12",
                   "--pg-version takes a number from 13 to 18, not \"12\"",
                   "pgcharter help plan lists the options");
}

static void
the_number_of_arguments_is_the_rows(void)
{
    assert_refused("pgcharter validate x", "validate takes no arguments",
                   "pgcharter help validate lists the options");
    assert_refused("pgcharter render",
                   "render needs WHAT: hba, pgbouncer, useropts, userlist or all",
                   "pgcharter help render lists the options");
    assert_refused("pgcharter apply a b", "apply takes [FILE] and nothing more",
                   "pgcharter help apply lists the options");
    assert_refused("pgcharter plan --conninfo oops", "--conninfo takes NAME=CONNINFO",
                   "pgcharter help plan lists the options");
}

static void
help_needs_nothing_else(void)
{
    g_auto(Parsed) of_render = parse("pgcharter render --help");
    g_auto(Parsed) of_group = parse("pgcharter hba -h");
    g_auto(Parsed) of_all = parse("pgcharter --help");

    g_assert_true(of_render.ok && of_group.ok && of_all.ok);
    g_assert_cmpint(command_id(of_render.line.command), ==, COMMAND_RENDER);
    g_assert_cmpint(command_id(of_group.line.command), ==, COMMAND_HBA);
    g_assert_cmpint(command_id(of_all.line.command), ==, COMMAND_HELP);
    assert_command("pgcharter --version", COMMAND_VERSION);
}

/* The first pass does not know the command yet, and has to know what a value is. */
static void
rows_of_one_name_agree_on_taking_a_value(void)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const OptionRow *row = &option_rows[i];

        g_assert_cmpint(row->kind == OPTION_WORD, ==, row->words != NULL);
        g_assert_cmpint(option_takes_value(row) || row->value_is_optional, ==,
                        row->metavar != NULL);
        for (size_t j = 0; j < i; j++) {
            const OptionRow *other = &option_rows[j];
            bool same_letter = row->letter != '\0' && row->letter == other->letter;

            if (strcmp(row->name, other->name) != 0 && !same_letter)
                continue;
            g_assert_cmpint(option_takes_value(row), ==, option_takes_value(other));
            g_assert_cmpuint(row->commands & other->commands, ==, 0);
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/command-line/before-or-after", options_stand_before_or_after_the_command);
    g_test_add_func("/command-line/values", a_value_is_never_the_command);
    g_test_add_func("/command-line/lists", a_list_keeps_its_order_and_a_text_its_last_value);
    g_test_add_func("/command-line/not-given", what_is_not_given_is_told_apart);
    g_test_add_func("/command-line/optional-value", a_value_may_be_left_out_where_the_row_says_so);
    g_test_add_func("/command-line/two-dashes", arguments_may_look_like_options_after_two_dashes);
    g_test_add_func("/command-line/unknown-command",
                    an_unknown_command_is_told_with_what_was_meant);
    g_test_add_func("/command-line/unknown-option", an_unknown_option_is_told_with_what_was_meant);
    g_test_add_func("/command-line/words", a_word_is_one_of_those_that_the_option_takes);
    g_test_add_func("/command-line/numbers", a_number_has_its_range);
    g_test_add_func("/command-line/arguments", the_number_of_arguments_is_the_rows);
    g_test_add_func("/command-line/help", help_needs_nothing_else);
    g_test_add_func("/command-line/rows", rows_of_one_name_agree_on_taking_a_value);
    return g_test_run();
}
