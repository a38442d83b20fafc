/* Selectors that match nothing, and what is said then. */
#include <glib.h>
#include <string.h>

#include "inventory/load/inventory_load.h"
#include "provisioner/run/selection.h"

typedef struct Fixture {
    Arena *arena;
    Findings *findings;
    const Inventory *inventory;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    static const char yaml[] =
        "all:\n"
        " children:\n"
        "  pg-shop:\n"
        "   hosts: {10.0.0.1: {pg_seq: 1, pg_role: primary}, 10.0.0.2: {pg_seq: 2, pg_role: replica}}\n"
        "   vars: {pg_cluster: pg-shop, pg_env: prod/shop, pg_users: [{name: clerk}]}\n"
        "  pg-meta:\n"
        "   hosts: {10.0.0.3: {pg_seq: 1, pg_role: primary}}\n"
        "   vars: {pg_cluster: pg-meta}\n"
        " vars: {pg_policy: none}\n";
    const InventoryText text = { .file = "a.yml", .bytes = yaml, .length = strlen(yaml) };
    const InventoryOptions options = { .text = &text };

    (void)data;
    fixture->arena = arena_new();
    fixture->findings = findings_new(fixture->arena);
    fixture->inventory = inventory_load(fixture->arena, &options, fixture->findings);
    g_assert_false(findings_has_errors(fixture->findings));
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    findings_free(fixture->findings);
    arena_free(fixture->arena);
}

static void
assert_problem(const Fixture *fixture, Selection selection, const char *problem, const char *hint)
{
    const char *found_hint = NULL;

    g_assert_cmpstr(selection_problem(&selection, fixture->arena, fixture->inventory, &found_hint),
                    ==, problem);
    if (problem != NULL)
        g_assert_cmpstr(found_hint, ==, hint);
}

static void
what_matches_is_no_problem(Fixture *fixture, const void *data)
{
    g_auto(GStrv) nodes = g_strsplit("pg-shop 10.0.0.3 pg-shop-2 pg-*", " ", -1);
    g_auto(GStrv) roles = g_strsplit("cl?rk", " ", -1);
    g_auto(GStrv) envs = g_strsplit("prod prod/shop", " ", -1);

    (void)data;
    assert_problem(fixture, (Selection){ 0 }, NULL, NULL);
    assert_problem(fixture, (Selection){ .nodes = nodes, .roles = roles, .envs = envs }, NULL,
                   NULL);
}

static void
each_value_has_to_match(Fixture *fixture, const void *data)
{
    g_auto(GStrv) typo = g_strsplit("pg-shop pg-sohp", " ", -1);
    g_auto(GStrv) glob = g_strsplit("db-*", " ", -1);
    g_auto(GStrv) role = g_strsplit("clerc", " ", -1);
    g_auto(GStrv) env = g_strsplit("production", " ", -1);

    (void)data;
    assert_problem(fixture, (Selection){ .nodes = typo },
                   "-N \"pg-sohp\" matches no instance, cluster or host of the inventory",
                   "did you mean \"pg-shop\"?");
    assert_problem(
        fixture, (Selection){ .nodes = glob },
        "-N \"db-*\" matches no instance, cluster or host of the inventory",
        "there are pg-shop, pg-meta, pg-shop-1, pg-shop-2, pg-meta-1, 10.0.0.1, 10.0.0.2, "
        "10.0.0.3");
    assert_problem(fixture, (Selection){ .roles = role },
                   "-R \"clerc\" matches no role of the inventory", "did you mean \"clerk\"?");
    assert_problem(fixture, (Selection){ .envs = env },
                   "-E \"production\" matches no pg_env of the inventory", "there are prod/shop");
}

static void
all_together_have_to_match(Fixture *fixture, const void *data)
{
    g_auto(GStrv) nodes = g_strsplit("pg-meta", " ", -1);
    g_auto(GStrv) roles = g_strsplit("clerk", " ", -1);

    (void)data;
    assert_problem(fixture, (Selection){ .nodes = nodes, .roles = roles },
                   "no instance matches -N, -R and -E together",
                   "an instance has to match one value of each");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(path, function) g_test_add(path, Fixture, NULL, setup, function, teardown)
    TEST("/selection/matches", what_matches_is_no_problem);
    TEST("/selection/each", each_value_has_to_match);
    TEST("/selection/together", all_together_have_to_match);
    return g_test_run();
}
