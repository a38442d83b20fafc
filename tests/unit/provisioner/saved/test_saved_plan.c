/* A saved plan: written, read, damaged in every byte, compared. */
#include <string.h>

#include "provisioner/saved/saved_plan.h"

static Cluster cluster = { .name = "pg-test" };
static Instance instance = { .name = "pg-test-1", .cluster = &cluster };

typedef struct Fixture {
    Arena *arena;
    TargetPlan target;
    Plan plan;
    GString *text;
} Fixture;

static void
add_step(Fixture *fixture, const char *sql, const char *rests_on)
{
    Step *step = ARENA_NEW(fixture->arena, Step);
    ShownStatement *shown = ARENA_NEW(fixture->arena, ShownStatement);

    shown->text = sql;
    *step = (Step){
        .seq = (unsigned)fixture->target.steps.count + 1,
        .phase = PHASE_ROLE,
        .kind = "role",
        .name = "a",
        .connect = "postgres",
        .difference = rests_on == NULL ? NULL : "NOLOGIN -> LOGIN",
        .transactional = true,
        .transaction = 1,
        .rests_on = rests_on,
    };
    list_add(fixture->arena, &step->statements, sql);
    list_add(fixture->arena, &step->shown, shown);
    step->shown_briefly = step->shown;
    list_add(fixture->arena, &fixture->target.steps, step);
}

static void
setup(Fixture *fixture, const void *data)
{
    SavedPlan origin = { .mode = "additive" };
    const SavedOption option = { .name = "hba", .value = true };

    (void)data;
    fixture->arena = arena_new();
    fixture->text = g_string_new(NULL);
    fixture->target = (TargetPlan){
        .cluster = &cluster,
        .instance = "pg-test-1",
        .server = { .version = "18.4", .system_identifier = "7574" },
        .set_role = "postgres",
        .notes = findings_new(fixture->arena),
    };
    list_add(fixture->arena, &fixture->target.instances, &instance);
    add_step(fixture, "CREATE ROLE \"a\"", NULL);
    add_step(fixture, "ALTER ROLE \"a\" LOGIN", "NOLOGIN");
    list_add(fixture->arena, &fixture->plan.targets, &fixture->target);
    list_add(fixture->arena, &origin.options, &option);
    file_digests_add(fixture->arena, &origin.files, FILE_DIGEST_NAMED, "a.yml", "x", 1);
    saved_plan_render(fixture->arena, &fixture->plan, &origin, fixture->text);
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    findings_free(fixture->target.notes);
    g_string_free(fixture->text, TRUE);
    arena_free(fixture->arena);
}

static const SavedPlan *
parse(Fixture *fixture, const char *bytes, size_t length, Findings *findings)
{
    g_autoptr(GString) copy = g_string_new_len(bytes, (gssize)length);

    return saved_plan_parse(fixture->arena, "p.json", copy, SAVED_PLAN_TO_APPLY, findings);
}

static const SavedPlan *
parse_whole(Fixture *fixture)
{
    g_autoptr(Findings) findings = findings_new(fixture->arena);
    const SavedPlan *saved = parse(fixture, fixture->text->str, fixture->text->len, findings);

    g_assert_cmpuint(findings->items.count, ==, 0);
    g_assert_nonnull(saved);
    return saved;
}

static void
what_is_written_is_read(Fixture *fixture, const void *data)
{
    const SavedPlan *saved = parse_whole(fixture);
    const TargetPlan *target = saved_plan_target(saved, "pg-test");
    const Instance *read = target->instances.items[0];
    const SavedOption *option = saved->options.items[0];
    const FileDigest *file = saved->files.items[0];
    const Step *step = target->steps.items[1];

    (void)data;
    g_assert_cmpstr(saved->mode, ==, "additive");
    g_assert_cmpstr(option->name, ==, "hba");
    g_assert_true(option->value);
    g_assert_cmpstr(file->name, ==, "a.yml");
    g_assert_true(file->is_named);
    g_assert_cmpstr(target->server.system_identifier, ==, "7574");
    g_assert_cmpstr(target->set_role, ==, "postgres");
    g_assert_cmpstr(read->name, ==, "pg-test-1");
    g_assert_cmpuint(target->steps.count, ==, 2);
    g_assert_cmpstr(step->statements.items[0], ==, "ALTER ROLE \"a\" LOGIN");
    g_assert_cmpstr(step->difference, ==, "NOLOGIN -> LOGIN");
    g_assert_cmpstr(step->rests_on, ==, "NOLOGIN");
    g_assert_null(saved_plan_compare(fixture->arena, saved, &fixture->target).message);
    g_assert_null(saved_plan_target(saved, "pg-other"));
}

static void
every_byte_counts(Fixture *fixture, const void *data)
{
    GString *text = fixture->text;

    (void)data;
    for (size_t at = 0; at < text->len; at++) {
        g_autoptr(Findings) changed = findings_new(fixture->arena);
        g_autoptr(Findings) cut = findings_new(fixture->arena);
        g_autofree char *start = g_strndup(text->str, at);

        text->str[at] ^= 1;
        g_assert_null(parse(fixture, text->str, text->len, changed));
        text->str[at] ^= 1;
        g_assert_cmpuint(changed->items.count, ==, 1);
        g_assert_null(parse(fixture, start, at, cut));
        g_assert_cmpuint(cut->items.count, ==, 1);
    }
}

static void
other_steps_are_named(Fixture *fixture, const void *data)
{
    const SavedPlan *saved = parse_whole(fixture);
    SavedDifference difference;

    (void)data;
    fixture->target.steps.count--;
    add_step(fixture, "ALTER ROLE \"a\" NOLOGIN", "LOGIN");
    difference = saved_plan_compare(fixture->arena, saved, &fixture->target);
    g_assert_cmpstr(difference.message, ==, "cluster \"pg-test\" now needs different steps");
    g_assert_cmpuint(difference.details.count, ==, 2);
    g_assert_cmpstr(difference.details.items[0], ==, "no longer needed: ALTER ROLE \"a\" LOGIN");
    g_assert_cmpstr(difference.details.items[1], ==, "needed now: ALTER ROLE \"a\" NOLOGIN");
}

static void
another_basis_is_told(Fixture *fixture, const void *data)
{
    const SavedPlan *saved = parse_whole(fixture);
    SavedDifference difference;

    (void)data;
    fixture->target.steps.count--;
    add_step(fixture, "ALTER ROLE \"a\" LOGIN", "NOLOGIN SUPERUSER");
    difference = saved_plan_compare(fixture->arena, saved, &fixture->target);
    g_assert_cmpstr(
        difference.message, ==,
        "on cluster \"pg-test\" the server state that the plan was based on has changed");
    g_assert_cmpuint(difference.details.count, ==, 1);
    g_assert_cmpstr(difference.details.items[0], ==,
                    "precondition changed: ALTER ROLE \"a\" LOGIN (then: NOLOGIN; now: NOLOGIN "
                    "SUPERUSER)");
}

static void
another_order_or_role_or_server_differs(Fixture *fixture, const void *data)
{
    const SavedPlan *saved = parse_whole(fixture);
    List *steps = &fixture->target.steps;
    void *first = steps->items[0];

    (void)data;
    steps->items[0] = steps->items[1];
    steps->items[1] = first;
    g_assert_cmpstr(saved_plan_compare(fixture->arena, saved, &fixture->target).message, ==,
                    "cluster \"pg-test\" now needs its steps in a different order");
    steps->items[1] = steps->items[0];
    steps->items[0] = first;
    fixture->target.set_role = NULL;
    g_assert_cmpstr(saved_plan_compare(fixture->arena, saved, &fixture->target).message, ==,
                    "on cluster \"pg-test\" its statements were to run as \"postgres\", not as "
                    "who connects");
    fixture->target.server.system_identifier = "7575";
    g_assert_cmpstr(saved_plan_compare(fixture->arena, saved, &fixture->target).message, ==,
                    "it was made for a different server: its system identifier for cluster "
                    "\"pg-test\" is 7574, and that of this server is 7575");
}

static void
of_many_steps_a_few_are_named(Fixture *fixture, const void *data)
{
    const SavedPlan *saved = parse_whole(fixture);
    SavedDifference difference;

    (void)data;
    for (int i = 0; i < 14; i++)
        add_step(fixture, "SELECT 1", NULL);
    difference = saved_plan_compare(fixture->arena, saved, &fixture->target);
    g_assert_cmpuint(difference.details.count, ==, 11);
    g_assert_cmpstr(difference.details.items[10], ==, "and 4 more");
}

#define ADD(name, function)                                                                        \
    g_test_add("/saved_plan/" name, Fixture, NULL, setup, function, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("what is written is read", what_is_written_is_read);
    ADD("every byte counts", every_byte_counts);
    ADD("other steps are named", other_steps_are_named);
    ADD("another basis is told", another_basis_is_told);
    ADD("another order, role or server differs", another_order_or_role_or_server_differs);
    ADD("of many steps a few are named", of_many_steps_a_few_are_named);
    return g_test_run();
}
