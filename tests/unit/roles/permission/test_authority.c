/* What a role that is no superuser may do, version by version; servers confirm it in tests/server.
 */
#include <string.h>

#include "roles/permission/authority.h"

typedef struct Fixture {
    Arena *arena;
    AccessState *state;
    NameId deploy;
    NameId postgres;
    NameId app;
    NameId group;
} Fixture;

static NameId
add_role(Fixture *fixture, const char *name)
{
    NameId id = names_intern(fixture->state->names, name);

    access_state_add_role(fixture->state, id);
    return id;
}

static void
setup(Fixture *fixture, const void *data)
{
    fixture->arena = arena_new();
    fixture->state = access_state_new(fixture->arena);
    fixture->state->major_version = GPOINTER_TO_INT(data);
    fixture->postgres = add_role(fixture, "postgres");
    fixture->deploy = add_role(fixture, "deploy");
    fixture->app = add_role(fixture, "app");
    fixture->group = add_role(fixture, "group");
    fixture->state->bootstrap_superuser = fixture->postgres;
    fixture->state->session_role = fixture->deploy;
    access_state_role(fixture->state, fixture->postgres)->attributes[ROLE_ATTRIBUTE_SUPERUSER] =
        true;
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    access_state_free(fixture->state);
    arena_free(fixture->arena);
}

static void
set_attribute(const Fixture *fixture, NameId role, RoleAttribute attribute)
{
    access_state_role(fixture->state, role)->attributes[attribute] = true;
}

static const Refusal *
judge(const Fixture *fixture, const Change *change)
{
    g_auto(Authority) authority = { 0 };
    Acl acl = acl_default(fixture->arena, OBJECT_KIND_SCHEMA, fixture->app,
                          fixture->state->major_version);
    AuthorityObject object = { .acl = &acl, .owner = fixture->app };

    authority_init(&authority, fixture->state, fixture->postgres);
    return authority_check(&authority, change, &object);
}

static void
assert_refused(const Refusal *refusal, const char *lacks, const char *help)
{
    g_assert_nonnull(refusal);
    g_assert_cmpstr(refusal->lacks, ==, lacks);
    g_assert_cmpstr(refusal->help, ==, help);
}

static void
creating_a_role_takes_createrole(Fixture *fixture, const void *data)
{
    const Change change = { .kind = CHANGE_ROLE_CREATE };

    (void)data;
    assert_refused(judge(fixture, &change), "role \"deploy\" has no CREATEROLE",
                   "ALTER ROLE \"deploy\" CREATEROLE");
    set_attribute(fixture, fixture->deploy, ROLE_ATTRIBUTE_CREATEROLE);
    g_assert_null(judge(fixture, &change));
}

static void
before_16_replication_is_a_superusers_to_give(Fixture *fixture, const void *data)
{
    Change change = { .kind = CHANGE_ROLE_CREATE };

    (void)data;
    change.role.attribute_changes[ROLE_ATTRIBUTE_REPLICATION] = true;
    change.role.attributes[ROLE_ATTRIBUTE_REPLICATION] = true;
    set_attribute(fixture, fixture->deploy, ROLE_ATTRIBUTE_CREATEROLE);
    set_attribute(fixture, fixture->deploy, ROLE_ATTRIBUTE_REPLICATION);
    assert_refused(judge(fixture, &change), "only a superuser may change REPLICATION", NULL);
}

static void
from_16_on_who_has_an_attribute_may_give_it(Fixture *fixture, const void *data)
{
    Change change = { .kind = CHANGE_ROLE_CREATE };

    (void)data;
    change.role.attribute_changes[ROLE_ATTRIBUTE_REPLICATION] = true;
    change.role.attributes[ROLE_ATTRIBUTE_REPLICATION] = true;
    set_attribute(fixture, fixture->deploy, ROLE_ATTRIBUTE_CREATEROLE);
    assert_refused(judge(fixture, &change), "role \"deploy\" has no REPLICATION",
                   "ALTER ROLE \"deploy\" REPLICATION");
    set_attribute(fixture, fixture->deploy, ROLE_ATTRIBUTE_REPLICATION);
    g_assert_null(judge(fixture, &change));
}

static void
before_16_createrole_opens_every_role_but_superusers(Fixture *fixture, const void *data)
{
    Change change = { .kind = CHANGE_ROLE_COMMENT };

    (void)data;
    set_attribute(fixture, fixture->deploy, ROLE_ATTRIBUTE_CREATEROLE);
    change.name = fixture->app;
    g_assert_null(judge(fixture, &change));
    change.name = fixture->postgres;
    assert_refused(judge(fixture, &change), "role \"postgres\" is a superuser", NULL);
}

static void
from_16_on_altering_a_role_takes_admin_on_it(Fixture *fixture, const void *data)
{
    Change change = { .kind = CHANGE_ROLE_ALTER, .name = fixture->app };
    StateMembership *row = NULL;

    (void)data;
    assert_refused(
        judge(fixture, &change),
        "role \"deploy\" has no CREATEROLE, and role \"deploy\" has no ADMIN option on role "
        "\"app\"",
        "ALTER ROLE \"deploy\" CREATEROLE; GRANT \"app\" TO \"deploy\" WITH ADMIN OPTION");
    set_attribute(fixture, fixture->deploy, ROLE_ATTRIBUTE_CREATEROLE);
    row = access_state_add_membership(fixture->state, fixture->app, fixture->deploy,
                                      fixture->postgres);
    row->inherit = row->set = false;
    row->admin = true;
    g_assert_null(judge(fixture, &change));
    g_assert_true(authority_is_creators_own(fixture->state, row));
}

static void
a_schema_for_somebody_takes_create_and_being_that_role(Fixture *fixture, const void *data)
{
    NameId d = names_intern(fixture->state->names, "d");
    StateDatabase *database = access_state_add_database(fixture->state, d, fixture->postgres);
    const Change change = { .kind = CHANGE_SCHEMA_CREATE,
                            .database = d,
                            .owner = { fixture->app } };
    const AclEntry create = { .grantee = fixture->deploy,
                              .grantor = fixture->postgres,
                              .privileges = PRIVILEGE_BIT(PRIVILEGE_CREATE) };
    const Refusal *refusal = NULL;

    (void)data;
    refusal = judge(fixture, &change);
    assert_refused(refusal,
                   "role \"deploy\" may not create schemas in database \"d\", and role \"deploy\" "
                   "cannot become role \"app\"",
                   "GRANT CREATE ON DATABASE \"d\" TO \"deploy\"; GRANT \"app\" TO \"deploy\" WITH "
                   "INHERIT TRUE, SET TRUE");
    /* Becoming it would not be enough. */
    g_assert_cmpuint(refusal->become.count, ==, 0);
    acl_grant(fixture->arena, &database->acl, &create);
    access_state_add_membership(fixture->state, fixture->app, fixture->deploy, fixture->postgres);
    g_assert_null(judge(fixture, &change));
}

static void
set_without_inherit_gives_things_and_grants_nothing(Fixture *fixture, const void *data)
{
    const Change grant = { .kind = CHANGE_GRANT,
                           .acl = { .privileges = PRIVILEGE_BIT(PRIVILEGE_USAGE) } };
    g_auto(Authority) authority = { 0 };
    StateMembership *row = access_state_add_membership(fixture->state, fixture->app,
                                                       fixture->deploy, fixture->postgres);

    (void)data;
    row->inherit = false;
    authority_init(&authority, fixture->state, fixture->postgres);
    g_assert_true(authority_can_be(&authority, fixture->app));
    g_assert_false(authority_has_privileges_of(&authority, fixture->app, NAME_NONE));
    assert_refused(
        judge(fixture, &grant),
        "the object belongs to role \"app\", whose privileges role \"deploy\" does not have",
        "GRANT \"app\" TO \"deploy\" WITH INHERIT TRUE, SET TRUE");
    row->inherit = true;
    g_assert_null(judge(fixture, &grant));
}

static void
before_16_the_members_inherit_decides(Fixture *fixture, const void *data)
{
    const Change grant = { .kind = CHANGE_GRANT,
                           .acl = { .privileges = PRIVILEGE_BIT(PRIVILEGE_USAGE) } };
    StateRole *deploy = access_state_role(fixture->state, fixture->deploy);

    (void)data;
    access_state_add_membership(fixture->state, fixture->group, fixture->deploy, fixture->postgres);
    access_state_add_membership(fixture->state, fixture->app, fixture->group, fixture->postgres);
    g_assert_null(judge(fixture, &grant));
    deploy->attributes[ROLE_ATTRIBUTE_INHERIT] = false;
    assert_refused(
        judge(fixture, &grant),
        "the object belongs to role \"app\", whose privileges role \"deploy\" does not inherit",
        "ALTER ROLE \"deploy\" INHERIT");
}

static void
a_member_of_a_superuser_takes_its_role(Fixture *fixture, const void *data)
{
    g_auto(Authority) authority = { 0 };
    StateMembership *row = access_state_add_membership(fixture->state, fixture->postgres,
                                                       fixture->deploy, fixture->postgres);

    (void)data;
    authority_init(&authority, fixture->state, fixture->postgres);
    g_assert_true(authority.is_superuser);
    g_assert_cmpuint(authority.actor, ==, fixture->postgres);
    authority_clear(&authority);
    row->set = false;
    authority_init(&authority, fixture->state, fixture->postgres);
    g_assert_false(authority.is_superuser);
    g_assert_cmpuint(authority.actor, ==, fixture->deploy);
}

static void
closed_parameters_are_told_with_the_grant_of_15(Fixture *fixture, const void *data)
{
    const ParameterDecl parameter = { .name = "Log_Statement", .value = "none" };
    const Change change = { .kind = CHANGE_ROLE_SETTING,
                            .name = fixture->deploy,
                            .setting = { &parameter } };

    (void)data;
    g_assert_null(judge(fixture, &change));
    fixture->state->closed_parameters = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_add(fixture->state->closed_parameters, (gpointer) "log_statement");
    assert_refused(judge(fixture, &change),
                   "role \"deploy\" may not set parameter \"Log_Statement\"",
                   "GRANT SET ON PARAMETER \"log_statement\" TO \"deploy\"");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(version, function)                                                                    \
    g_test_add("/authority/" #version "/" #function, Fixture, GINT_TO_POINTER(version), setup,     \
               function, teardown)
    TEST(13, creating_a_role_takes_createrole);
    TEST(18, creating_a_role_takes_createrole);
    TEST(15, before_16_replication_is_a_superusers_to_give);
    TEST(16, from_16_on_who_has_an_attribute_may_give_it);
    TEST(15, before_16_createrole_opens_every_role_but_superusers);
    TEST(16, from_16_on_altering_a_role_takes_admin_on_it);
    TEST(18, a_schema_for_somebody_takes_create_and_being_that_role);
    TEST(16, set_without_inherit_gives_things_and_grants_nothing);
    TEST(15, before_16_the_members_inherit_decides);
    TEST(16, a_member_of_a_superuser_takes_its_role);
    TEST(15, closed_parameters_are_told_with_the_grant_of_15);
    return g_test_run();
}
