/* Who is as good as a superuser when code belongs to them. */
#include "roles/state/superuser_reach.h"

typedef struct Fixture {
    Arena *arena;
    AccessState *state;
} Fixture;

static NameId
id_of(const Fixture *fixture, const char *name)
{
    return names_intern(fixture->state->names, name);
}

/* boss is a superuser; deputy is a member of boss, helper of deputy; alice and grp of nobody. */
static void
setup(Fixture *fixture, const void *data)
{
    const char *const names[] = { "boss", "deputy", "helper", "alice", "grp" };

    (void)data;
    *fixture = (Fixture){ .arena = arena_new() };
    fixture->state = access_state_new(fixture->arena);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        access_state_add_role(fixture->state, id_of(fixture, names[i]));
    access_state_role(fixture->state, id_of(fixture, "boss"))
        ->attributes[ROLE_ATTRIBUTE_SUPERUSER] = true;
    access_state_add_membership(fixture->state, id_of(fixture, "boss"), id_of(fixture, "deputy"),
                                id_of(fixture, "boss"));
    access_state_add_membership(fixture->state, id_of(fixture, "deputy"), id_of(fixture, "helper"),
                                id_of(fixture, "boss"));
    access_state_add_membership(fixture->state, id_of(fixture, "grp"), id_of(fixture, "alice"),
                                id_of(fixture, "boss"));
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    access_state_free(fixture->state);
    arena_free(fixture->arena);
}

static void
a_superuser_and_its_members_reach_one(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_true(role_reaches_superuser(fixture->state, id_of(fixture, "boss")));
    g_assert_true(role_reaches_superuser(fixture->state, id_of(fixture, "deputy")));
    g_assert_true(role_reaches_superuser(fixture->state, id_of(fixture, "helper")));
}

static void
others_do_not(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_false(role_reaches_superuser(fixture->state, id_of(fixture, "alice")));
    g_assert_false(role_reaches_superuser(fixture->state, id_of(fixture, "grp")));
    g_assert_false(role_reaches_superuser(fixture->state, id_of(fixture, "nobody")));
}

/* No server lets one arise, but a state file may hold it. */
static void
a_circle_of_memberships_ends(Fixture *fixture, const void *data)
{
    (void)data;
    access_state_add_membership(fixture->state, id_of(fixture, "alice"), id_of(fixture, "grp"),
                                id_of(fixture, "boss"));
    g_assert_false(role_reaches_superuser(fixture->state, id_of(fixture, "alice")));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function)                                                                             \
    g_test_add("/superuser_reach/" #function, Fixture, NULL, setup, function, teardown)
    TEST(a_superuser_and_its_members_reach_one);
    TEST(others_do_not);
    TEST(a_circle_of_memberships_ends);
    return g_test_run();
}
