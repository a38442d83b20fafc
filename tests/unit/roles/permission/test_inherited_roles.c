/* Whose privileges a role has without SET ROLE. */
#include "roles/permission/inherited_roles.h"

typedef struct Fixture {
    Arena *arena;
    AccessState *state;
} Fixture;

static NameId
id_of(const Fixture *fixture, const char *name)
{
    return names_intern(fixture->state->names, name);
}

static StateMembership *
add_membership(const Fixture *fixture, const char *role, const char *member)
{
    StateMembership *row = access_state_add_membership(
        fixture->state, id_of(fixture, role), id_of(fixture, member), id_of(fixture, "postgres"));

    row->inherit = row->set = true;
    return row;
}

/* near is a member of far; alice of near, of other, and of hidden without INHERIT. */
static void
setup(Fixture *fixture, const void *data)
{
    const char *const names[] = { "near", "far", "other", "hidden", "alice" };

    *fixture = (Fixture){ .arena = arena_new() };
    fixture->state = access_state_new(fixture->arena);
    fixture->state->major_version = GPOINTER_TO_INT(data);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        access_state_add_role(fixture->state, id_of(fixture, names[i]))
            ->attributes[ROLE_ATTRIBUTE_INHERIT] = true;
    add_membership(fixture, "far", "near");
    add_membership(fixture, "near", "alice");
    add_membership(fixture, "other", "alice");
    add_membership(fixture, "hidden", "alice")->inherit = false;
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    access_state_free(fixture->state);
    arena_free(fixture->arena);
}

static void
assert_inherits(const Fixture *fixture, const char *const *expected, size_t count)
{
    g_autoptr(InheritedRoles) inherited = inherited_roles_new(fixture->arena, fixture->state);
    const NameIdVector *roles = inherited_roles_of(inherited, id_of(fixture, "alice"));

    g_assert_cmpuint(roles->count, ==, count);
    for (size_t i = 0; i < count; i++)
        g_assert_cmpstr(names_text(fixture->state->names, roles->items[i]), ==, expected[i]);
}

static void
itself_and_near_roles_come_first(Fixture *fixture, const void *data)
{
    const char *const expected[] = { "alice", "near", "other", "far" };

    (void)data;
    assert_inherits(fixture, expected, G_N_ELEMENTS(expected));
}

static void
before_16_the_members_attribute_decides(Fixture *fixture, const void *data)
{
    const char *const all[] = { "alice", "near", "other", "hidden", "far" };

    (void)data;
    assert_inherits(fixture, all, G_N_ELEMENTS(all));
    access_state_role(fixture->state, id_of(fixture, "alice"))->attributes[ROLE_ATTRIBUTE_INHERIT] =
        false;
    assert_inherits(fixture, all, 1);
}

/* No server lets one arise, but a state file may hold it. */
static void
a_circle_of_memberships_ends(Fixture *fixture, const void *data)
{
    const char *const expected[] = { "alice", "near", "other", "far" };

    (void)data;
    add_membership(fixture, "alice", "far");
    assert_inherits(fixture, expected, G_N_ELEMENTS(expected));
}

static void
who_is_included(Fixture *fixture, const void *data)
{
    g_autoptr(InheritedRoles) inherited = inherited_roles_new(fixture->arena, fixture->state);

    (void)data;
    g_assert_true(
        inherited_roles_include(inherited, id_of(fixture, "alice"), id_of(fixture, "far")));
    g_assert_false(
        inherited_roles_include(inherited, id_of(fixture, "alice"), id_of(fixture, "hidden")));
    g_assert_false(
        inherited_roles_include(inherited, id_of(fixture, "far"), id_of(fixture, "near")));
}

static void
a_membership_that_is_left_gives_nothing(Fixture *fixture, const void *data)
{
    g_autoptr(InheritedRoles) inherited = inherited_roles_new(fixture->arena, fixture->state);
    NameId alice = id_of(fixture, "alice");
    const List rows = list_duplicate(fixture->arena, inherited_roles_rows(inherited, alice));

    (void)data;
    g_assert_true(inherited_roles_include(inherited, alice, id_of(fixture, "far")));
    LIST_FOREACH (const StateMembership, row, &rows)
        inherited_roles_leave(inherited, row);
    g_assert_cmpuint(rows.count, >, 0);
    g_assert_cmpuint(inherited_roles_rows(inherited, alice)->count, ==, 0);
    g_assert_false(inherited_roles_include(inherited, alice, id_of(fixture, "far")));
    g_assert_true(inherited_roles_include(inherited, alice, alice));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function, version)                                                                    \
    g_test_add("/inherited_roles/" #function, Fixture, GINT_TO_POINTER(version), setup, function,  \
               teardown)
    TEST(itself_and_near_roles_come_first, 16);
    TEST(before_16_the_members_attribute_decides, 15);
    TEST(a_circle_of_memberships_ends, 16);
    TEST(who_is_included, 16);
    TEST(a_membership_that_is_left_gives_nothing, 16);
    return g_test_run();
}
