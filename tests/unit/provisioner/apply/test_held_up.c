/* What runs although something else is held up. */
#include "provisioner/apply/held_up.h"

typedef struct Fixture {
    Arena *arena;
    HeldUp held;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->arena = arena_new();
    fixture->held = (HeldUp){ .arena = fixture->arena };
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    arena_free(fixture->arena);
}

static const Step *
step(Fixture *fixture, Stage stage, ChangeKind kind, const char *name, const char *database)
{
    Step *made = ARENA_NEW(fixture->arena, Step);
    Change *change = ARENA_NEW(fixture->arena, Change);

    *change = (Change){ .kind = kind };
    *made = (Step){
        .stage = stage, .phase = PHASE_LEAVE, .name = name, .database = database, .change = change
    };
    return made;
}

static void
hold(Fixture *fixture, const Step *one)
{
    held_up_add(&fixture->held, &one, 1, "somebody");
}

static bool
allows(Fixture *fixture, const Step *one)
{
    return held_up_allows(&fixture->held, &one, 1);
}

#define DISABLE(name)        step(fixture, STAGE_AFTER, CHANGE_ROLE_DISABLE, name, NULL)
#define SESSIONS(name)       step(fixture, STAGE_AFTER, CHANGE_ROLE_END_SESSIONS, name, NULL)
#define MARK()               step(fixture, STAGE_AFTER, CHANGE_REMOVED_MARKER_GRANT, "pgcharter_disabled", NULL)
#define GRANT_IN(database)   step(fixture, STAGE_DATABASE, CHANGE_GRANT, "t", database)
#define MOVE(name, database) step(fixture, STAGE_PRUNE, CHANGE_OWNED_MOVE, name, database)
#define DROP(name)           step(fixture, STAGE_PRUNE, CHANGE_ROLE_DROP, name, NULL)

static const Step *
revoke_membership(Fixture *fixture)
{
    Step *made = (Step *)step(fixture, STAGE_AFTER, CHANGE_MEMBERSHIP_REVOKE, "group", NULL);

    made->phase = PHASE_MEMBERSHIP_REVOKE;
    return made;
}

static void
nothing_held_up_allows_all(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_true(allows(fixture, GRANT_IN("app")));
    g_assert_true(allows(fixture, revoke_membership(fixture)));
    g_assert_true(allows(fixture, DROP("a")));
}

static void
what_comes_first_holds_up_all_but_who_leaves(Fixture *fixture, const void *data)
{
    (void)data;
    hold(fixture, step(fixture, STAGE_BEFORE, CHANGE_ROLE_CREATE, "new", NULL));
    g_assert_false(allows(fixture, step(fixture, STAGE_BEFORE, CHANGE_ROLE_CREATE, "b", NULL)));
    g_assert_false(allows(fixture, GRANT_IN("app")));
    g_assert_false(allows(fixture, MARK()));
    g_assert_false(allows(fixture, revoke_membership(fixture)));
    g_assert_false(allows(fixture, MOVE("a", "app")));
    g_assert_false(allows(fixture, DROP("a")));
    g_assert_true(allows(fixture, DISABLE("a")));
    g_assert_true(allows(fixture, SESSIONS("a")));
}

static void
a_database_holds_up_itself_and_what_is_taken_later(Fixture *fixture, const void *data)
{
    (void)data;
    hold(fixture, GRANT_IN("app"));
    g_assert_false(allows(fixture, GRANT_IN("app")));
    g_assert_true(allows(fixture, GRANT_IN("other")));
    g_assert_true(allows(fixture, DISABLE("a")));
    g_assert_true(allows(fixture, MARK()));
    g_assert_false(allows(fixture, revoke_membership(fixture)));
    g_assert_false(allows(
        fixture, step(fixture, STAGE_AFTER, CHANGE_DATABASE_REFUSE_CONNECTIONS, "app", NULL)));
    g_assert_false(allows(fixture, DROP("a")));
}

static void
a_database_that_is_not_made_holds_up_what_is_in_it(Fixture *fixture, const void *data)
{
    (void)data;
    hold(fixture, step(fixture, STAGE_ALONE, CHANGE_DATABASE_CREATE, "app", NULL));
    g_assert_false(allows(fixture, GRANT_IN("app")));
    g_assert_true(allows(fixture, GRANT_IN("other")));
}

static void
a_role_that_stays_is_not_dropped(Fixture *fixture, const void *data)
{
    (void)data;
    hold(fixture, DISABLE("a"));
    g_assert_true(allows(fixture, DISABLE("b")));
    g_assert_true(allows(fixture, revoke_membership(fixture)));
    g_assert_true(allows(fixture, MOVE("a", "app")));
    g_assert_false(allows(fixture, DROP("a")));
    g_assert_true(allows(fixture, DROP("b")));
}

static void
grants_that_are_not_renewed_are_not_dropped(Fixture *fixture, const void *data)
{
    (void)data;
    hold(fixture, MOVE("a", "app"));
    g_assert_false(allows(fixture, MOVE("b", "app")));
    g_assert_true(allows(fixture, MOVE("b", "other")));
    g_assert_false(allows(fixture, DROP("a")));
    g_assert_true(allows(fixture, DROP("b")));
    hold(fixture, MOVE("c", "postgres"));
    g_assert_false(allows(fixture, MOVE("b", "other")));
}

static void
what_a_kept_database_holds_keeps_roles(Fixture *fixture, const void *data)
{
    (void)data;
    hold(fixture, step(fixture, STAGE_PRUNE, CHANGE_DATABASE_DROP, "a", NULL));
    g_assert_true(allows(fixture, MOVE("a", "other")));
    g_assert_false(allows(fixture, DROP("b")));
}

static void
only_what_was_held_up_is_a_reason(Fixture *fixture, const void *data)
{
    const Step *left_out = GRANT_IN("app");

    (void)data;
    held_up_add(&fixture->held, &left_out, 1, NULL);
    g_assert_cmpuint(fixture->held.reasons.count, ==, 0);
    g_assert_false(allows(fixture, GRANT_IN("app")));
    hold(fixture, GRANT_IN("other"));
    g_assert_cmpuint(fixture->held.reasons.count, ==, 1);
}

static void
roles_are_disabled_and_dropped_one_by_one(Fixture *fixture, const void *data)
{
    const Step *together[] = { DISABLE("a"), DISABLE("b") };
    const Step *mixed[] = { DISABLE("a"), MARK() };

    (void)data;
    g_assert_true(held_up_is_divisible(together, 2));
    g_assert_false(held_up_is_divisible(mixed, 2));
}

#define ADD(name) g_test_add("/held_up/" #name, Fixture, NULL, setup, name, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(nothing_held_up_allows_all);
    ADD(what_comes_first_holds_up_all_but_who_leaves);
    ADD(a_database_holds_up_itself_and_what_is_taken_later);
    ADD(a_database_that_is_not_made_holds_up_what_is_in_it);
    ADD(a_role_that_stays_is_not_dropped);
    ADD(grants_that_are_not_renewed_are_not_dropped);
    ADD(what_a_kept_database_holds_keeps_roles);
    ADD(only_what_was_held_up_is_a_reason);
    ADD(roles_are_disabled_and_dropped_one_by_one);
    return g_test_run();
}
