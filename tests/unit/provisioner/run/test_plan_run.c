/* The engine without a command line: rounds in one process, offline. */
#include <string.h>

#include "inventory/load/inventory_load.h"
#include "provisioner/run/plan_run.h"

static const char *const paths[] = { "docs/examples/modern.yml", NULL };

/* What the callbacks were told. */
typedef struct Heard {
    GString *results;
    GString *diagnostics;
    unsigned failures;
    unsigned findings;
} Heard;

static void
hear_text(void *data, OutputStream stream, const char *text)
{
    Heard *heard = data;

    g_string_append(stream == OUTPUT_RESULT ? heard->results : heard->diagnostics, text);
}

static void
hear_failure(void *data, TargetRun *target, const GError *error)
{
    Heard *heard = data;

    heard->failures++;
    g_string_append(heard->diagnostics, error->message);
    (void)target;
}

static void
hear_findings(void *data, TargetRun *target, Findings *findings)
{
    Heard *heard = data;

    heard->findings += (unsigned)findings->items.count;
    (void)target;
}

static void
hear_plan(size_t at, void *data)
{
    TargetRun *target = data;

    g_assert_cmpuint(at, ==, 0);
    g_assert_nonnull(target[at].plan);
}

typedef struct Round {
    char *json;
    int code;
    Heard heard;
} Round;

static void
clear_round(Round *round)
{
    g_free(round->json);
    g_string_free(round->heard.results, TRUE);
    g_string_free(round->heard.diagnostics, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Round, clear_round)

/* One round from the file to the JSON of its plan; nothing of it is left afterwards. */
static Round
run_round(const char *const *inventory_paths, const RunOptions *options, char *const *nodes)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(Findings) findings = findings_new(arena);
    g_autoptr(GString) out = g_string_new(NULL);
    const InventoryOptions inventory_options = { .paths = inventory_paths };
    Round round = { .heard = { .results = g_string_new(NULL), .diagnostics = g_string_new(NULL) } };
    const RunEvents events = {
        .data = &round.heard,
        .sink = { .write = hear_text, .data = &round.heard },
        .failed = hear_failure,
        .found = hear_findings,
    };
    PlanRunInput input = { .arena = arena, .options = *options, .events = &events };
    g_autoptr(HbaRenderings) renderings = NULL;
    g_auto(PlanRun) run = { 0 };
    Plan plan = { 0 };

    renderings = hba_renderings_new(findings);
    input.renderings = renderings;
    input.inventory = inventory_load(arena, &inventory_options, findings);
    hba_renderings_check(renderings, input.inventory);
    g_assert_false(findings_has_errors(findings));
    LIST_FOREACH (const Cluster, cluster, &input.inventory->clusters) {
        if (nodes == NULL || g_strcmp0(nodes[0], cluster->name) == 0)
            list_add(arena, &input.clusters, cluster);
    }
    round.code = plan_run_begin(&run, &input);
    if (round.code != EXIT_CODE_DONE)
        return round;
    plan_run_all(&run, hear_plan, run.targets);
    list_add(arena, &plan.targets, run.targets[0].plan);
    plan_render_json(&plan, out);
    round.json = g_strdup(out->str);
    return round;
}

static const RunOptions offline = { .mode = RUN_MODE_OF_CLUSTER, .offline = true };

static void
two_rounds_of_one_process_are_equal(void)
{
    g_auto(Round) first = run_round(paths, &offline, NULL);
    g_auto(Round) second = run_round(paths, &offline, NULL);

    g_assert_cmpint(first.code, ==, EXIT_CODE_DONE);
    g_assert_cmpint(second.code, ==, EXIT_CODE_DONE);
    g_assert_nonnull(strstr(first.json, "CREATE ROLE"));
    g_assert_cmpstr(first.json, ==, second.json);
    g_assert_cmpuint(first.heard.failures, ==, 0);
}

static void
a_round_has_its_own_options(void)
{
    RunOptions options = offline;
    g_auto(Round) additive = run_round(paths, &options, NULL);

    options.mode = ACCESS_MODE_ADOPT;
    options.offline_version = 13;
    {
        g_auto(Round) adopt = run_round(paths, &options, NULL);

        g_assert_null(strstr(additive.json, "pgcharter_managed"));
        g_assert_nonnull(strstr(adopt.json, "pgcharter_managed"));
        g_assert_nonnull(strstr(adopt.json, "\"version\": \"13\""));
    }
}

static void
a_round_without_a_cluster_is_wrong_usage(void)
{
    char *const nowhere[] = { (char *)"pg-nowhere", NULL };
    g_auto(Round) round = run_round(paths, &offline, nowhere);

    g_assert_cmpint(round.code, ==, EXIT_CODE_USAGE);
    g_assert_cmpuint(round.heard.failures, ==, 1);
    g_assert_cmpstr(round.heard.diagnostics->str, ==,
                    "no cluster of the inventory matches -N, -R and -E");
}

static void
a_connection_for_nobody_is_wrong_usage(void)
{
    char *const conninfos[] = { (char *)"pg-nowhere=host=x", NULL };
    RunOptions options = offline;

    options.conninfos = conninfos;
    {
        g_auto(Round) round = run_round(paths, &options, NULL);

        g_assert_cmpint(round.code, ==, EXIT_CODE_USAGE);
        g_assert_nonnull(strstr(round.heard.diagnostics->str, "pg-nowhere"));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/plan-run/two-rounds", two_rounds_of_one_process_are_equal);
    g_test_add_func("/plan-run/options", a_round_has_its_own_options);
    g_test_add_func("/plan-run/no-cluster", a_round_without_a_cluster_is_wrong_usage);
    g_test_add_func("/plan-run/conninfo", a_connection_for_nobody_is_wrong_usage);
    return g_test_run();
}
