/* The four answers of the gate, by who asks and what the session role can give itself. */
#include "roles/diff/permission_gate.h"

typedef struct Fixture {
    Arena *arena;
    AccessState *state;
    NameId deploy;
    NameId app;
} Fixture;

static const SourcePos person = { .file = "a.yml", .line = 1 };
static const SourcePos policy = { .file = "policy:x", .line = 1, .origin = ORIGIN_POLICY };

static void
setup(Fixture *fixture, const void *data)
{
    fixture->arena = arena_new();
    fixture->state = access_state_new(fixture->arena);
    fixture->state->major_version = GPOINTER_TO_INT(data);
    fixture->deploy = names_intern(fixture->state->names, "deploy");
    fixture->app = names_intern(fixture->state->names, "app");
    access_state_add_role(fixture->state, fixture->deploy);
    access_state_add_role(fixture->state, fixture->app);
    access_state_role(fixture->state, fixture->deploy)->attributes[ROLE_ATTRIBUTE_INHERIT] = true;
    fixture->state->session_role = fixture->deploy;
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    access_state_free(fixture->state);
    arena_free(fixture->arena);
}

static Decision
ask(const Fixture *fixture, SourcePos declared_at)
{
    g_autoptr(PermissionGate) gate = permission_gate_new(fixture->state, NAME_NONE);
    Acl acl = { 0 };
    const AuthorityObject object = { .acl = &acl, .owner = fixture->app };
    const Change grant = { .kind = CHANGE_GRANT,
                           .declared_at = declared_at,
                           .acl = { .privileges = PRIVILEGE_BIT(PRIVILEGE_USAGE) } };

    return permission_gate_ask(gate, &grant, &object);
}

static void
make_admin_of_app(const Fixture *fixture)
{
    StateMembership *row =
        access_state_add_membership(fixture->state, fixture->app, fixture->deploy, NAME_NONE);

    row->admin = true;
    row->inherit = row->set = false;
}

static void
a_superuser_is_always_allowed(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->state->session_role_is_superuser = true;
    g_assert_cmpint(ask(fixture, person).answer, ==, PERMISSION_YES);
    g_assert_cmpint(ask(fixture, policy).answer, ==, PERMISSION_YES);
}

static void
a_person_is_refused_with_the_reason(Fixture *fixture, const void *data)
{
    const Decision decision = ask(fixture, person);

    (void)data;
    g_assert_cmpint(decision.answer, ==, PERMISSION_REFUSED);
    g_assert_cmpstr(decision.refusal->lacks, ==,
                    "the object belongs to role \"app\", whose privileges role \"deploy\" does not "
                    "have");
}

static void
the_policy_is_skipped(Fixture *fixture, const void *data)
{
    const Decision decision = ask(fixture, policy);

    (void)data;
    g_assert_cmpint(decision.answer, ==, PERMISSION_SKIPPED);
    g_assert_nonnull(decision.refusal);
}

static void
a_membership_that_it_may_grant_itself_is_needed(Fixture *fixture, const void *data)
{
    Decision decision;
    const Change *needed = NULL;

    (void)data;
    access_state_role(fixture->state, fixture->deploy)->attributes[ROLE_ATTRIBUTE_CREATEROLE] =
        true;
    decision = ask(fixture, person);
    g_assert_cmpint(decision.answer, ==, PERMISSION_NEEDS);
    g_assert_cmpuint(decision.needs.count, ==, 1);
    needed = decision.needs.items[0];
    g_assert_cmpint(needed->kind, ==, CHANGE_MEMBERSHIP_GRANT);
    g_assert_cmpuint(needed->name, ==, fixture->deploy);
    g_assert_false(change_membership(needed)->options[MEMBERSHIP_OPTION_SET].given);
}

static void
the_policy_never_makes_it_a_member(Fixture *fixture, const void *data)
{
    (void)data;
    access_state_role(fixture->state, fixture->deploy)->attributes[ROLE_ATTRIBUTE_CREATEROLE] =
        true;
    g_assert_cmpint(ask(fixture, policy).answer, ==, PERMISSION_SKIPPED);
}

static void
from_16_on_the_membership_names_its_options(Fixture *fixture, const void *data)
{
    g_autoptr(PermissionGate) gate = permission_gate_new(fixture->state, NAME_NONE);
    const Change change = permission_gate_membership(gate, fixture->app, person);
    const OptBool *options = change_membership(&change)->options;

    (void)data;
    g_assert_true(options[MEMBERSHIP_OPTION_INHERIT].given);
    g_assert_true(options[MEMBERSHIP_OPTION_INHERIT].value);
    g_assert_true(options[MEMBERSHIP_OPTION_SET].value);
    g_assert_false(options[MEMBERSHIP_OPTION_ADMIN].given);
}

static void
a_membership_that_came_counts(Fixture *fixture, const void *data)
{
    g_autoptr(PermissionGate) gate = permission_gate_new(fixture->state, NAME_NONE);
    Acl acl = { 0 };
    const AuthorityObject object = { .acl = &acl, .owner = fixture->app };
    const Change grant = { .kind = CHANGE_GRANT,
                           .declared_at = person,
                           .acl = { .privileges = PRIVILEGE_BIT(PRIVILEGE_USAGE) } };

    (void)data;
    g_assert_cmpint(permission_gate_ask(gate, &grant, &object).answer, ==, PERMISSION_REFUSED);
    make_admin_of_app(fixture);
    permission_gate_add(gate, fixture->state->memberships.items[0]);
    g_assert_cmpint(permission_gate_ask(gate, &grant, &object).answer, ==, PERMISSION_YES);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function, version)                                                                    \
    g_test_add("/permission_gate/" #function, Fixture, GINT_TO_POINTER(version), setup, function,  \
               teardown)
    TEST(a_superuser_is_always_allowed, 15);
    TEST(a_person_is_refused_with_the_reason, 15);
    TEST(the_policy_is_skipped, 15);
    TEST(a_membership_that_it_may_grant_itself_is_needed, 15);
    TEST(the_policy_never_makes_it_a_member, 15);
    TEST(from_16_on_the_membership_names_its_options, 16);
    TEST(a_membership_that_came_counts, 15);
    return g_test_run();
}
