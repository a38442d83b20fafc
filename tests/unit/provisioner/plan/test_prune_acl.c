/* The statements that take dropped roles (lv, lw) out of one table's ACL, or a column's. */
#include "provisioner/plan/prune_acl.h"

typedef struct Fixture {
    Arena *arena;
    AccessState *state;
    List drops;
    List acls;
} Fixture;

static NameId
name(const Fixture *fixture, const char *text)
{
    return names_intern(fixture->state->names, text);
}

static void
setup(Fixture *fixture, const void *data)
{
    static const char *const roles[] = { "own", "lv", "lw", "x", "y", "z", "heir" };

    (void)data;
    fixture->arena = arena_new();
    fixture->state = access_state_new(fixture->arena);
    fixture->state->major_version = 18;
    for (size_t i = 0; i < G_N_ELEMENTS(roles); i++)
        access_state_add_role(fixture->state, name(fixture, roles[i]));
    for (size_t i = 1; i < 3; i++) {
        Change *drop = ARENA_NEW(fixture->arena, Change);

        *drop = (Change){ .kind = CHANGE_ROLE_DROP,
                          .name = name(fixture, roles[i]),
                          .role_drop = { .reassign_to = name(fixture, "heir") } };
        list_add(fixture->arena, &fixture->drops, drop);
    }
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    access_state_free(fixture->state);
    arena_free(fixture->arena);
}

static void
add_acl(Fixture *fixture, const char *column, const char *text)
{
    PruneAcl *acl = ARENA_NEW(fixture->arena, PruneAcl);

    *acl = (PruneAcl){ .kind = GRANT_KIND_TABLE,
                       .identity = { .schema = name(fixture, "s"), .name = "t" },
                       .column = column,
                       .owner = name(fixture, "own") };
    acl_parse(fixture->arena, fixture->state->names, text, &acl->acl);
    list_add(fixture->arena, &fixture->acls, acl);
}

static void
append_loans(GString *out, const List *loans)
{
    LIST_FOREACH (const PruneLoan, loan, loans)
        g_string_append_printf(out, "%s|", loan->statement);
}

/* All statements in their order, and the names of who is kept. */
static void
assert_steps(Fixture *fixture, const char *expected)
{
    g_autoptr(PruneRoles) roles = prune_roles_new(fixture->state, &fixture->drops);
    g_autoptr(GString) out = g_string_new(NULL);
    const Names *names = fixture->state->names;
    const List no_schemas = { 0 };
    PruneSteps steps = { 0 };

    prune_acl_steps(roles, &fixture->acls, &no_schemas, &steps);
    LIST_FOREACH (const char, grant, &steps.grants)
        g_string_append_printf(out, "%s|", grant);
    append_loans(out, &steps.leaves);
    LIST_FOREACH (const PruneRevoke, revoke, &steps.revokes)
        g_string_append_printf(out, "%s: %s|", names_text(names, revoke->grantor),
                               revoke->statement);
    append_loans(out, &steps.loans);
    LIST_FOREACH (const PruneKept, kept, &steps.kept)
        g_string_append_printf(out, "%s is kept by %s|", names_text(names, kept->role),
                               names_text(names, kept->grantor));
    g_assert_cmpstr(out->str, ==, expected);
}

static void
who_stays_gets_it_from_the_owner(Fixture *fixture, const void *data)
{
    (void)data;
    add_acl(fixture, NULL, "{own=rw/own,lv=r*w*/own,lw=r*/lv,x=rw*/lv,y=r/lw,y=r/own,=w/lv}");
    assert_steps(fixture, "GRANT SELECT ON TABLE \"s\".\"t\" TO \"x\"|"
                          "GRANT UPDATE ON TABLE \"s\".\"t\" TO \"x\" WITH GRANT OPTION|"
                          "GRANT UPDATE ON TABLE \"s\".\"t\" TO PUBLIC|");
}

static void
others_than_the_owner_revoke_themselves(Fixture *fixture, const void *data)
{
    (void)data;
    add_acl(fixture, NULL, "{own=r/own,z=r*/own,lv=r*/z,lw=r/lv,y=r/z}");
    assert_steps(fixture, "z: REVOKE SELECT ON TABLE \"s\".\"t\" FROM \"lv\" CASCADE|");
}

static void
a_column_needs_an_option_of_its_own(Fixture *fixture, const void *data)
{
    (void)data;
    add_acl(fixture, NULL, "{own=r/own,lv=r*/own,z=r*/own}");
    add_acl(fixture, "a", "{x=r/lv,lw=r/z}");
    assert_steps(fixture, "GRANT SELECT (\"a\") ON TABLE \"s\".\"t\" TO \"x\"|"
                          "z: REVOKE SELECT (\"a\") ON TABLE \"s\".\"t\" FROM \"lw\" CASCADE|"
                          "GRANT SELECT (\"a\") ON TABLE \"s\".\"t\" TO \"lv\" WITH GRANT OPTION|");
}

static void
an_option_by_membership_goes_first(Fixture *fixture, const void *data)
{
    StateMembership *row = access_state_add_membership(fixture->state, name(fixture, "z"),
                                                       name(fixture, "lv"), name(fixture, "own"));

    (void)data;
    row->inherit = true;
    add_acl(fixture, NULL, "{own=r/own,lv=r*/own,z=r*/own,x=r/lv}");
    assert_steps(fixture, "GRANT SELECT ON TABLE \"s\".\"t\" TO \"x\"|"
                          "REVOKE INHERIT OPTION FOR \"z\" FROM \"lv\" GRANTED BY \"own\"|");
}

static void
what_nobody_can_revoke_keeps_the_role(Fixture *fixture, const void *data)
{
    (void)data;
    access_state_role(fixture->state, name(fixture, "z"))->attributes[ROLE_ATTRIBUTE_SUPERUSER] =
        true;
    add_acl(fixture, NULL, "{own=r/own,lv=r*/z,lw=r/lv,lw=w/y,lw=d/16403}");
    assert_steps(fixture, "lv is kept by z|lw is kept by lv|lw is kept by y|lw is kept by 16403|");
}

static void
the_new_owner_stands_for_the_old_one(Fixture *fixture, const void *data)
{
    PruneAcl *acl = NULL;

    (void)data;
    add_acl(fixture, NULL, "{lw=r/lw,heir=r*/lw,lv=r*/heir,x=r/lv,y=r/lw}");
    acl = fixture->acls.items[0];
    acl->owner = name(fixture, "lw");
    assert_steps(fixture, "GRANT SELECT ON TABLE \"s\".\"t\" TO \"x\"|");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add("/" #function, Fixture, NULL, setup, function, teardown)
    TEST(who_stays_gets_it_from_the_owner);
    TEST(others_than_the_owner_revoke_themselves);
    TEST(a_column_needs_an_option_of_its_own);
    TEST(an_option_by_membership_goes_first);
    TEST(what_nobody_can_revoke_keeps_the_role);
    TEST(the_new_owner_stands_for_the_old_one);
#undef TEST
    return g_test_run();
}
