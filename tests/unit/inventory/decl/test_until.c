/* When entries end, by a clock that the test sets. */
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "../fixture.h"
#include "inventory/model/grant.h"

/* 2026-11-28 12:00:00+00 */
#define NOW ((int64_t)1795867200)

static const Inventory *
load_at_noon(Fixture *fixture, const char *yaml)
{
    InventoryText text = { .file = "a.yml", .bytes = yaml, .length = strlen(yaml) };
    InventoryOptions options = { .text = &text, .now = NOW };

    fixture->inventory = inventory_load(fixture->arena, &options, fixture->findings);
    return fixture->inventory;
}

static void
assert_state(Fixture *fixture, const char *text, UntilState state)
{
    g_autofree char *yaml = g_strdup_printf(
        INSTANCE("  pg_users: [{name: x, roles: [{name: g, until: '%s'}]}, {name: g}]\n"), text);
    const MembershipDecl *membership = NULL;

    load_at_noon(fixture, yaml);
    g_assert_cmpstr(said(fixture), ==, "");
    membership = find_role(fixture, "x")->memberships.items[0];
    g_assert_cmpint(membership->until.state, ==, state);
    g_assert_true(membership->absent == (state == UNTIL_PASSED));
    g_assert_cmpstr(membership->until.text, ==, text);
}

/* A date is its midnight, in this machine's time zone where it names none. */
static void
a_date_has_passed_is_soon_or_is_later(Fixture *fixture, const void *data)
{
    static const struct {
        const char *text;
        UntilState state;
    } cases[] = {
        { "2026-11-28", UNTIL_PASSED },
        { "2026-11-29", UNTIL_SOON },
        { "2026-12-05", UNTIL_SOON },
        { "2026-12-06", UNTIL_LATER },
        { "2026-11-28 12:00:00Z", UNTIL_PASSED },
        { "2026-11-28 12:00:01+00", UNTIL_SOON },
        { "2026-11-28 13:00+01:00", UNTIL_PASSED },
        { "2026-11-28T13:30+0130", UNTIL_PASSED },
        { "2026-11-28 13:31 +0130", UNTIL_SOON },
        { "2026-11-28 07:00-05", UNTIL_PASSED },
        { "2026-11-28 07:01-5", UNTIL_SOON },
        { "2026-11-28 24:00:00", UNTIL_SOON },
        { "2026-11-28 11:59:60", UNTIL_PASSED },
        { "2026-11-28 12:59 Europe/Berlin", UNTIL_PASSED },
        { "2026-11-28 13:01 Europe/Berlin", UNTIL_SOON },
        { "infinity", UNTIL_LATER },
        { "-infinity", UNTIL_PASSED },
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].text);
        assert_state(fixture, cases[i].text, cases[i].state);
    }
}

static void
roles_and_grants_end_too(Fixture *fixture, const void *data)
{
    const Cluster *cluster = NULL;
    const GrantDecl *grant = NULL;

    (void)data;
    load_at_noon(
        fixture,
        INSTANCE("  pg_users: [{name: x, until: 2026-01-01}, {name: y, until: 2027-01-01}]\n"
                 "  pg_privilege_profiles: {p: [{kind: schema, privileges: [USAGE]}]}\n"
                 "  pg_grants:\n"
                 "    - {to: y, kind: tables, schema: s, privileges: [SELECT], until: "
                 "2026-01-01}\n"
                 "    - {to: y, kind: tables, schema: s, privileges: [SELECT]}\n"
                 "    - {to: y, profile: p, schema: s, expire_at: 2026-01-01}\n"));
    g_assert_cmpstr(said(fixture), ==, "");
    cluster = only_cluster(fixture);
    g_assert_true(find_role(fixture, "x")->absent);
    g_assert_false(find_role(fixture, "y")->absent);
    grant = cluster->cluster_grants.items[0];
    g_assert_true(grant->absent);
    grant = cluster->cluster_grants.items[1];
    g_assert_false(grant->absent);
    {
        List expanded = { 0 };

        grant_expand(fixture->arena, cluster->cluster_grants.items[2], &cluster->profiles,
                     &expanded);
        grant = expanded.items[0];
        g_assert_true(grant->absent);
        g_assert_cmpint(grant->until.state, ==, UNTIL_PASSED);
    }
}

static void
what_is_no_date_or_said_twice_is_told(Fixture *fixture, const void *data)
{
    (void)data;
    load_at_noon(fixture,
                 INSTANCE("  pg_users:\n"
                          "    - {name: a, until: tomorrow}\n"
                          "    - {name: b, until: 2026-02-30}\n"
                          "    - {name: c, until: 2026-12-01 12:00 Mars/Olympus}\n"
                          "    - {name: d, until: 2026-12-01, state: absent}\n"
                          "    - name: e\n"
                          "      roles: [{name: a, until: 2026-12-01, expire_at: 2026-12-02}]\n"));
    g_assert_cmpstr(
        said(fixture), ==,
        "a.yml:5:24: error: \"until\" of role \"a\" is not a date, timestamp or infinity: "
        "\"tomorrow\" [expiry-invalid]\n"
        "a.yml:6:24: error: \"until\" of role \"b\" is not a date, timestamp or infinity: "
        "\"2026-02-30\" [expiry-invalid]\n"
        "a.yml:7:24: error: \"until\" of role \"c\" has a time zone that this machine does not know: "
        "\"Mars/Olympus\" [expiry-invalid]\n"
        "a.yml:8:24: error: role \"d\" is absent, so it cannot end at a date [key-conflicting]\n"
        "a.yml:10:55: error: a membership of role \"e\" says twice when it ends "
        "[key-conflicting]\n");
}

int
main(int argc, char *argv[])
{
    g_setenv("TZ", "UTC", TRUE);
    g_test_init(&argc, &argv, NULL);
    TEST("/until/dates", a_date_has_passed_is_soon_or_is_later);
    TEST("/until/roles-and-grants", roles_and_grants_end_too);
    TEST("/until/wrong", what_is_no_date_or_said_twice_is_told);
    return g_test_run();
}
