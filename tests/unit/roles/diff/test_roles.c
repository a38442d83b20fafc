/* Expiry in days: which dates a plan asks the server about. */
#include "roles/diff/roles.h"

typedef struct Fixture {
    Arena *arena;
    Cluster cluster;
    GDate today;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    *fixture = (Fixture){ .arena = arena_new() };
    g_date_clear(&fixture->today, 1);
    g_date_set_dmy(&fixture->today, 27, G_DATE_NOVEMBER, 2026);
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    arena_free(fixture->arena);
}

static RoleDecl *
add_role(Fixture *fixture)
{
    RoleDecl *role = ARENA_NEW(fixture->arena, RoleDecl);

    list_add(fixture->arena, &fixture->cluster.roles, role);
    return role;
}

static void
expires_in(Fixture *fixture, int64_t days)
{
    add_role(fixture)->expire_in = (OptInt){ .given = true, .value = days };
}

static void
assert_dates(Fixture *fixture, const char *const *expected)
{
    List dates = diff_timestamps(fixture->arena, &fixture->cluster, &fixture->today);

    g_assert_cmpuint(dates.count, ==, g_strv_length((char **)expected));
    for (size_t i = 0; i < dates.count; i++)
        g_assert_cmpstr(dates.items[i], ==, expected[i]);
}

static void
days_are_counted_from_today(Fixture *fixture, const void *data)
{
    (void)data;
    expires_in(fixture, 0);
    expires_in(fixture, 35);
    expires_in(fixture, -27);
    expires_in(fixture, 458);
    assert_dates(fixture, (const char *const[]){ "2026-11-27", "2027-01-01", "2026-10-31",
                                                 "2028-02-28", NULL });
}

static void
days_end_where_dates_do(Fixture *fixture, const void *data)
{
    (void)data;
    expires_in(fixture, INT32_MAX);
    expires_in(fixture, INT32_MIN);
    expires_in(fixture, -3650000);
    assert_dates(fixture, (const char *const[]){ "12020-04-07", "0001-01-01", NULL });
}

static void
each_text_is_asked_once(Fixture *fixture, const void *data)
{
    (void)data;
    add_role(fixture);
    add_role(fixture)->expire_at = (OptText){ .value = "2027-01-01" };
    add_role(fixture)->expire_at = (OptText){ .value = "infinity" };
    add_role(fixture)->expire_at = (OptText){ .value = "2027-01-01" };
    expires_in(fixture, 35);
    assert_dates(fixture, (const char *const[]){ "2027-01-01", "infinity", NULL });
}

#define ADD(test) g_test_add("/roles/" #test, Fixture, NULL, setup, test, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(days_are_counted_from_today);
    ADD(days_end_where_dates_do);
    ADD(each_text_is_asked_once);
    return g_test_run();
}
