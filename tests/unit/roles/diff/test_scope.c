/* Whom a plan may take something from, by mode, declaration and pg_managed. */
#include "roles/diff/scope.h"

typedef struct Fixture {
    Arena *arena;
    AccessState *state;
    Policy policy;
    Instance primary;
    Cluster cluster;
    RoleDecl declared;
    DatabaseDecl database;
} Fixture;

static NameId
id_of(const Fixture *fixture, const char *name)
{
    return names_intern(fixture->state->names, name);
}

static void
setup(Fixture *fixture, const void *data)
{
    const char *const names[] = { "postgres", "alice", "stranger", "replicator", "pg_monitor" };

    (void)data;
    *fixture = (Fixture){ .arena = arena_new() };
    fixture->state = access_state_new(fixture->arena);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        access_state_add_role(fixture->state, id_of(fixture, names[i]));
    access_state_role(fixture->state, id_of(fixture, "pg_monitor"))->is_predefined = true;
    access_state_role(fixture->state, id_of(fixture, "postgres"))
        ->attributes[ROLE_ATTRIBUTE_SUPERUSER] = true;
    fixture->state->bootstrap_superuser = fixture->state->session_role = id_of(fixture, "postgres");
    fixture->primary.users = (SystemUsers){ .dbsu = "postgres", .replication = "replicator" };
    fixture->primary.policy = &fixture->policy;
    fixture->cluster.primary = &fixture->primary;
    fixture->cluster.provision = true;
    fixture->declared.name = "alice";
    fixture->database = (DatabaseDecl){ .name = "app", .owner = { .value = "alice" } };
    list_add(fixture->arena, &fixture->cluster.roles, &fixture->declared);
    list_add(fixture->arena, &fixture->cluster.databases, &fixture->database);
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    access_state_free(fixture->state);
    arena_free(fixture->arena);
}

static bool
manages(const Fixture *fixture, const char *role, AccessMode mode)
{
    g_autoptr(Scope) scope = scope_new(fixture->state, &fixture->cluster, mode);

    return scope_manages_role(scope, id_of(fixture, role));
}

static void
additive_manages_nobody(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_false(manages(fixture, "alice", ACCESS_MODE_ADDITIVE));
    g_assert_false(manages(fixture, "stranger", ACCESS_MODE_ADDITIVE));
}

static void
adopt_manages_the_declared_only(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_true(manages(fixture, "alice", ACCESS_MODE_ADOPT));
    g_assert_false(manages(fixture, "stranger", ACCESS_MODE_ADOPT));
}

static void
strict_manages_all_but_the_protected_and_the_systems(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_true(manages(fixture, "stranger", ACCESS_MODE_STRICT));
    g_assert_false(manages(fixture, "postgres", ACCESS_MODE_STRICT));
    g_assert_false(manages(fixture, "pg_monitor", ACCESS_MODE_STRICT));
    g_assert_false(manages(fixture, "replicator", ACCESS_MODE_STRICT));
}

static void
strict_without_provision_manages_the_declared_only(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->cluster.provision = false;
    g_assert_true(manages(fixture, "alice", ACCESS_MODE_STRICT));
    g_assert_false(manages(fixture, "stranger", ACCESS_MODE_STRICT));
}

static void
pg_managed_narrows_every_mode(Fixture *fixture, const void *data)
{
    (void)data;
    list_add(fixture->arena, &fixture->cluster.managed_roles, "al*");
    g_assert_true(manages(fixture, "alice", ACCESS_MODE_STRICT));
    g_assert_false(manages(fixture, "stranger", ACCESS_MODE_STRICT));
}

static void
a_departed_role_keeps_what_it_holds(Fixture *fixture, const void *data)
{
    g_autoptr(Scope) scope = scope_new(fixture->state, &fixture->cluster, ACCESS_MODE_STRICT);
    DepartedRole departed = { .role = id_of(fixture, "stranger") };

    (void)data;
    scope_add_departed(scope, &departed);
    g_assert_false(scope_manages_role(scope, departed.role));
    g_assert_true(scope_departed(scope, departed.role) == &departed);
    g_assert_null(scope_departed(scope, id_of(fixture, "alice")));
}

static void
a_role_that_is_only_a_number_is_not_managed(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_false(manages(fixture, "16384", ACCESS_MODE_STRICT));
}

static void
only_declared_databases_are_managed(Fixture *fixture, const void *data)
{
    g_autoptr(Scope) scope = scope_new(fixture->state, &fixture->cluster, ACCESS_MODE_STRICT);

    (void)data;
    g_assert_true(scope_manages_database(scope, id_of(fixture, "app")));
    g_assert_false(scope_manages_database(scope, id_of(fixture, "other")));
    g_assert_false(scope_manages_database_in(scope, id_of(fixture, "app"), ACCESS_MODE_ADDITIVE));
}

static void
owners_and_the_policys_roles_are_creators(Fixture *fixture, const void *data)
{
    g_autoptr(Scope) scope = scope_new(fixture->state, &fixture->cluster, ACCESS_MODE_ADOPT);
    const PolicyRole dbsu = { .user = SYSTEM_USER_DBSU };

    (void)data;
    list_add(fixture->arena, &fixture->policy.creators, &dbsu);
    scope_choose_creators(scope, true);
    g_assert_true(scope_is_creator(scope, id_of(fixture, "alice")));
    g_assert_false(scope_is_policy_creator(scope, id_of(fixture, "alice")));
    g_assert_true(scope_is_policy_creator(scope, id_of(fixture, "postgres")));
    g_assert_false(scope_is_creator(scope, id_of(fixture, "stranger")));
}

static void
without_dbsus_role_the_session_role_creates(Fixture *fixture, const void *data)
{
    g_autoptr(Scope) scope = NULL;

    (void)data;
    fixture->state->session_role = id_of(fixture, "alice");
    scope = scope_new(fixture->state, &fixture->cluster, ACCESS_MODE_ADOPT);
    scope_choose_creators(scope, false);
    g_assert_cmpuint(scope->creator, ==, id_of(fixture, "alice"));
    g_assert_cmpuint(scope->default_creator, ==, id_of(fixture, "postgres"));
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add("/scope/" #function, Fixture, NULL, setup, function, teardown)
    TEST(additive_manages_nobody);
    TEST(adopt_manages_the_declared_only);
    TEST(strict_manages_all_but_the_protected_and_the_systems);
    TEST(strict_without_provision_manages_the_declared_only);
    TEST(pg_managed_narrows_every_mode);
    TEST(a_departed_role_keeps_what_it_holds);
    TEST(a_role_that_is_only_a_number_is_not_managed);
    TEST(only_declared_databases_are_managed);
    TEST(owners_and_the_policys_roles_are_creators);
    TEST(without_dbsus_role_the_session_role_creates);
    return g_test_run();
}
