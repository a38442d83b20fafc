/* What the server has as texts, and how two of them differ. */
#include <math.h>

#include "provisioner/plan/facts.h"

typedef struct Fixture {
    Arena *arena;
    AccessState *state;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->arena = arena_new();
    fixture->state = access_state_new(fixture->arena);
    fixture->state->major_version = 18;
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    access_state_free(fixture->state);
    arena_free(fixture->arena);
}

static StateRole *
add_role(Fixture *fixture, const char *name)
{
    StateRole *role =
        access_state_add_role(fixture->state, names_intern(fixture->state->names, name));

    role->connection_limit = -1;
    role->valid_until = (double)NAN;
    return role;
}

static void
assert_differences(Fixture *fixture, Fact before, Fact after, const char *expected)
{
    const List sentences = fact_differences(fixture->arena, &before, &after);
    g_autoptr(GString) joined = g_string_new(NULL);

    LIST_FOREACH (const char, sentence, &sentences)
        g_string_append_printf(joined, "%s|", sentence);
    g_assert_cmpstr(joined->str, ==, expected);
}

static void
attributes_differ_one_by_one(Fixture *fixture, const void *data)
{
    (void)data;
    assert_differences(fixture, (Fact){ .state = "LOGIN, NOSUPERUSER, CONNECTION LIMIT -1" },
                       (Fact){ .state = "NOLOGIN, NOSUPERUSER, CONNECTION LIMIT 5" },
                       ": LOGIN -> NOLOGIN|: CONNECTION LIMIT -1 -> 5|");
    assert_differences(fixture, (Fact){ .state = "OWNER \"a b\"" },
                       (Fact){ .state = "OWNER \"a c\"" }, ": OWNER \"a b\" -> \"a c\"|");
    assert_differences(fixture, (Fact){ .state = "sha256:1" }, (Fact){ .state = "sha256:2" },
                       " was changed|");
    assert_differences(fixture, (Fact){ .state = "LOGIN" }, (Fact){ .state = "LOGIN" }, "");
}

static void
what_comes_and_goes_is_said(Fixture *fixture, const void *data)
{
    (void)data;
    assert_differences(fixture, (Fact){ 0 }, (Fact){ .state = "LOGIN" }, " exists now|");
    assert_differences(fixture, (Fact){ .state = "LOGIN" }, (Fact){ 0 }, " is gone|");
    assert_differences(fixture, (Fact){ 0 }, (Fact){ .state = "granted by \"boss\"" },
                       " exists now (granted by \"boss\")|");
    assert_differences(fixture, (Fact){ 0 }, (Fact){ 0 }, "");
}

static void
privileges_differ_by_grantee_and_grantor(Fixture *fixture, const void *data)
{
    (void)data;
    assert_differences(fixture, (Fact){ .acl = "{a=arwd/a,b=r/a,c=r*/a}" },
                       (Fact){ .acl = "{a=arwd/a,c=r/a,=r/a,\"\\\"judy x\\\"=rw*/a\"}" },
                       ": \"c\" no longer has the grant option for SELECT (granted by \"a\")|"
                       ": PUBLIC now has SELECT (granted by \"a\")|"
                       ": \"judy x\" now has SELECT, UPDATE (granted by \"a\")|"
                       ": \"judy x\" now has the grant option for UPDATE (granted by \"a\")|"
                       ": \"b\" no longer has SELECT (granted by \"a\")|");
    assert_differences(fixture, (Fact){ .acl = "{a=r/a,b=r/a}" }, (Fact){ .acl = "{b=r/a,a=r/a}" },
                       "");
}

static void
a_new_owner_is_told_once(Fixture *fixture, const void *data)
{
    (void)data;
    assert_differences(fixture,
                       (Fact){ .state = "OWNER \"o\"\"1\"",
                               .acl = "{\"\\\"o\\\"\\\"1\\\"=r/\\\"o\\\"\\\"1\\\"\"}" },
                       (Fact){ .state = "OWNER \"p\"", .acl = "{p=r/p}" },
                       ": OWNER \"o\"\"1\" -> \"p\"|");
}

static void
default_privileges_that_were_not_there_are_told_without_the_owners_own(Fixture *fixture,
                                                                       const void *data)
{
    (void)data;
    assert_differences(fixture, (Fact){ 0 }, (Fact){ .acl = "{o=r/o,b=r/o}" },
                       ": \"b\" now has SELECT (granted by \"o\")|");
    assert_differences(fixture, (Fact){ .acl = "{o=r/o,b=r/o}" }, (Fact){ 0 },
                       ": \"b\" no longer has SELECT (granted by \"o\")|");
}

static void
the_name_in_a_subject_is_found(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_cmpstr(fact_name(fixture->arena, "table \"s\".\"t \"\"1\""), ==, "\"s\".\"t \"\"1\"");
    g_assert_cmpstr(fact_name(fixture->arena, "membership of \"a\" in \"b\""), ==, "\"a\"");
    g_assert_null(fact_name(fixture->arena, "function pg_catalog.f()"));
}

static void
no_secret_is_kept(Fixture *fixture, const void *data)
{
    g_autoptr(Facts) facts = NULL;

    (void)data;
    add_role(fixture, "a")->verifier = "SCRAM-SHA-256$4096:salt$stored:server";
    add_role(fixture, "m")->verifier = "md50123456789abcdef0123456789abcdef";
    access_state_role(fixture->state, names_find(fixture->state->names, "a"))->comment = "secret";
    facts = facts_new(fixture->arena, fixture->state);
    g_assert_cmpstr(facts_find(facts, NULL, "role \"a\"")->state, ==,
                    "NOLOGIN, NOSUPERUSER, NOCREATEDB, NOCREATEROLE, INHERIT, NOREPLICATION, "
                    "NOBYPASSRLS, CONNECTION LIMIT -1, VALID UNTIL none");
    g_assert_true(
        g_str_has_prefix(facts_find(facts, NULL, "password of role \"a\"")->state, "sha256:"));
    g_assert_cmpstr(facts_find(facts, NULL, "password of role \"m\"")->state, ==,
                    "a password that is not a SCRAM verifier");
    g_assert_true(
        g_str_has_prefix(facts_find(facts, NULL, "comment on role \"a\"")->state, "sha256:"));
    g_assert_null(facts_find(facts, NULL, "role \"b\""));
    g_assert_null(facts_find(facts, "db", "role \"a\""));
}

static void
a_membership_by_two_grantors_is_one_fact(Fixture *fixture, const void *data)
{
    g_autoptr(Facts) facts = NULL;
    StateMembership *row = NULL;
    NameId a = add_role(fixture, "a")->name;
    NameId b = add_role(fixture, "b")->name;

    (void)data;
    row = access_state_add_membership(fixture->state, b, a, b);
    row->inherit = row->set = true;
    row = access_state_add_membership(fixture->state, b, a, a);
    row->admin = row->inherit = true;
    row->set = false;
    facts = facts_new(fixture->arena, fixture->state);
    g_assert_cmpstr(facts_find(facts, NULL, "membership of \"a\" in \"b\"")->state, ==,
                    "granted by \"b\"; granted by \"a\" with ADMIN without SET");
}

#define ADD(function) g_test_add("/facts/" #function, Fixture, NULL, setup, function, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(attributes_differ_one_by_one);
    ADD(what_comes_and_goes_is_said);
    ADD(privileges_differ_by_grantee_and_grantor);
    ADD(a_new_owner_is_told_once);
    ADD(default_privileges_that_were_not_there_are_told_without_the_owners_own);
    ADD(the_name_in_a_subject_is_found);
    ADD(no_secret_is_kept);
    ADD(a_membership_by_two_grantors_is_one_fact);
    return g_test_run();
}
