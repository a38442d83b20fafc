/* Whose mark a role has, and which marks count. */
#include "roles/state/marks.h"

typedef struct Fixture {
    Arena *arena;
    AccessState *state;
    Instance primary;
    Cluster cluster;
} Fixture;

static NameId
id_of(const Fixture *fixture, const char *name)
{
    return names_intern(fixture->state->names, name);
}

static void
setup(Fixture *fixture, const void *data)
{
    const char *const names[] = { "postgres",
                                  "dba",
                                  "deploy",
                                  "helpdesk",
                                  "alice",
                                  "pgcharter_managed",
                                  "pgcharter_managed_a",
                                  "pgcharter_managed_b" };

    (void)data;
    *fixture = (Fixture){ .arena = arena_new() };
    fixture->state = access_state_new(fixture->arena);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        access_state_add_role(fixture->state, id_of(fixture, names[i]));
    fixture->state->bootstrap_superuser = id_of(fixture, "postgres");
    fixture->state->session_role = id_of(fixture, "deploy");
    fixture->primary.users = (SystemUsers){ .dbsu = "dba" };
    fixture->cluster.primary = &fixture->primary;
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    access_state_free(fixture->state);
    arena_free(fixture->arena);
}

static void
grant(Fixture *fixture, const char *marker, const char *grantor)
{
    access_state_add_membership(fixture->state, id_of(fixture, marker), id_of(fixture, "alice"),
                                grantor == NULL ? NAME_NONE : id_of(fixture, grantor));
}

static bool
alice_is_managed(const Fixture *fixture)
{
    const Marks marks = marks_read(fixture->state, &fixture->cluster);

    return marks_have(&marks, marks.managed, id_of(fixture, "alice"));
}

static void
a_mark_of_dbsu_or_the_session_role_counts(Fixture *fixture, const void *data)
{
    const char *const grantors[] = { "dba", "deploy", "postgres" };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(grantors); i++) {
        teardown(fixture, NULL);
        setup(fixture, NULL);
        grant(fixture, "pgcharter_managed", grantors[i]);
        g_assert_true(alice_is_managed(fixture));
    }
}

static void
a_mark_of_somebody_else_or_nobody_does_not(Fixture *fixture, const void *data)
{
    (void)data;
    grant(fixture, "pgcharter_managed", "helpdesk");
    grant(fixture, "pgcharter_managed", NULL);
    g_assert_false(alice_is_managed(fixture));
    grant(fixture, "pgcharter_managed", "dba");
    g_assert_true(alice_is_managed(fixture));
}

static void
an_inventory_with_a_name_has_markers_of_its_own(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->cluster.inventory_name = "a";
    grant(fixture, "pgcharter_managed", "dba");
    grant(fixture, "pgcharter_managed_b", "dba");
    g_assert_false(alice_is_managed(fixture));
    grant(fixture, "pgcharter_managed_a", "dba");
    g_assert_true(alice_is_managed(fixture));
}

static void
only_named_inventories_are_others(Fixture *fixture, const void *data)
{
    Marks marks;

    (void)data;
    fixture->cluster.inventory_name = "a";
    grant(fixture, "pgcharter_managed", "dba");
    grant(fixture, "pgcharter_managed_a", "dba");
    grant(fixture, "pgcharter_managed_b", "helpdesk");
    marks = marks_read(fixture->state, &fixture->cluster);
    g_assert_cmpuint(marks_of_another(&marks, id_of(fixture, "alice")), ==, NAME_NONE);
    grant(fixture, "pgcharter_managed_b", "dba");
    g_assert_cmpuint(marks_of_another(&marks, id_of(fixture, "alice")), ==,
                     id_of(fixture, "pgcharter_managed_b"));
}

static void
an_inventory_that_got_a_name_knows_whom_it_had_disabled(Fixture *fixture, const void *data)
{
    Marks marks;

    (void)data;
    grant(fixture, "pgcharter_disabled", "dba");
    fixture->cluster.inventory_name = "a";
    marks = marks_read(fixture->state, &fixture->cluster);
    g_assert_true(marks_is_disabled(&marks, id_of(fixture, "alice")));
    g_assert_false(marks_have(&marks, marks.disabled, id_of(fixture, "alice")));
}

static void
own_roles_are_known_by_their_names(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_true(marks_is_own_role(fixture->state, id_of(fixture, "pgcharter_managed_b")));
    g_assert_true(marks_is_own_role(fixture->state, id_of(fixture, "pgcharter_orphans")));
    g_assert_false(marks_is_own_role(fixture->state, id_of(fixture, "pgcharter")));
    g_assert_false(marks_is_own_role(fixture->state, id_of(fixture, "pgcharter_managedx")));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add("/marks/" #function, Fixture, NULL, setup, function, teardown)
    TEST(a_mark_of_dbsu_or_the_session_role_counts);
    TEST(a_mark_of_somebody_else_or_nobody_does_not);
    TEST(an_inventory_with_a_name_has_markers_of_its_own);
    TEST(only_named_inventories_are_others);
    TEST(an_inventory_that_got_a_name_knows_whom_it_had_disabled);
    TEST(own_roles_are_known_by_their_names);
    return g_test_run();
}
