/* What a plan reads of a database: names only where a declaration means some objects. */
#include "roles/state/object_needs.h"

typedef struct Fixture {
    Arena *arena;
    AccessState *state;
    Cluster cluster;
    DatabaseDecl database;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    *fixture = (Fixture){ .arena = arena_new(), .database = { .name = "app" } };
    fixture->state = access_state_new(fixture->arena);
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    access_state_free(fixture->state);
    arena_free(fixture->arena);
}

static void
add_text(Fixture *fixture, List *texts, const char *text)
{
    GrantText *item = ARENA_NEW(fixture->arena, GrantText);

    item->text = text;
    list_add(fixture->arena, texts, item);
}

static void
add_name(Fixture *fixture, List *names, const char *text)
{
    GrantName *name = ARENA_NEW(fixture->arena, GrantName);

    *name = (GrantName){ .text = text, .pattern = text };
    list_add(fixture->arena, names, name);
}

/* A grant of the database. */
static GrantDecl *
grant_on(Fixture *fixture, GrantKind kind, const char *schema)
{
    GrantDecl *grant = ARENA_NEW(fixture->arena, GrantDecl);

    grant->kind = kind;
    if (schema != NULL)
        add_text(fixture, &grant->schemas, schema);
    list_add(fixture->arena, &fixture->database.grants, grant);
    return grant;
}

static ObjectNeeds
needs_of(Fixture *fixture)
{
    ObjectNeeds needs = { 0 };

    g_assert_true(object_needs_add(fixture->arena, &fixture->cluster, &fixture->database, &needs));
    return needs;
}

static bool
names_are_needed(Fixture *fixture, const ObjectNeeds *needs, GrantKind kind, const char *schema)
{
    const ObjectGroup group = { .kind = kind,
                                .schema = schema == NULL
                                              ? NAME_NONE
                                              : names_intern(fixture->state->names, schema) };

    return object_needs_names(needs, fixture->state->names, &group);
}

static void
a_grant_on_everything_needs_no_names(Fixture *fixture, const void *data)
{
    ObjectNeeds needs;

    (void)data;
    grant_on(fixture, GRANT_KIND_TABLE, "app")->is_plural = true;
    needs = needs_of(fixture);
    g_assert_false(names_are_needed(fixture, &needs, GRANT_KIND_TABLE, "app"));
}

static void
names_are_needed_of_the_kind_and_schema_that_a_grant_names(Fixture *fixture, const void *data)
{
    GrantDecl *grant = grant_on(fixture, GRANT_KIND_RELATION, "sales_*");
    ObjectNeeds needs;

    (void)data;
    add_name(fixture, &grant->names, "orders");
    needs = needs_of(fixture);
    g_assert_true(names_are_needed(fixture, &needs, GRANT_KIND_TABLE, "sales_a"));
    g_assert_true(names_are_needed(fixture, &needs, GRANT_KIND_VIEW, "sales_a"));
    g_assert_false(names_are_needed(fixture, &needs, GRANT_KIND_TABLE, "app"));
    g_assert_false(names_are_needed(fixture, &needs, GRANT_KIND_SEQUENCE, "sales_a"));
}

static void
what_is_excepted_needs_names_too(Fixture *fixture, const void *data)
{
    GrantDecl *grant = grant_on(fixture, GRANT_KIND_FUNCTION, "app");
    ObjectNeeds needs;

    (void)data;
    grant->is_plural = true;
    add_name(fixture, &grant->except, "refresh");
    needs = needs_of(fixture);
    g_assert_true(names_are_needed(fixture, &needs, GRANT_KIND_FUNCTION, "app"));
}

static void
objects_in_no_schema_are_named_by_their_kind(Fixture *fixture, const void *data)
{
    GrantDecl *grant = grant_on(fixture, GRANT_KIND_LARGE_OBJECT, NULL);
    ObjectNeeds needs;

    (void)data;
    add_name(fixture, &grant->names, "4711");
    needs = needs_of(fixture);
    g_assert_true(needs.large_objects);
    g_assert_true(names_are_needed(fixture, &needs, GRANT_KIND_LARGE_OBJECT, NULL));
    g_assert_false(names_are_needed(fixture, &needs, GRANT_KIND_LANGUAGE, NULL));
}

static void
a_snapshot_needs_all_names(Fixture *fixture, const void *data)
{
    const ObjectNeeds needs = { .everything = true };

    (void)data;
    g_assert_true(names_are_needed(fixture, &needs, GRANT_KIND_TABLE, "app"));
}

static void
a_system_schema_is_read_where_it_is_named_in_full(Fixture *fixture, const void *data)
{
    ObjectNeeds needs;

    (void)data;
    grant_on(fixture, GRANT_KIND_TABLE, "pg_*");
    grant_on(fixture, GRANT_KIND_TABLE, "pg_catalog");
    grant_on(fixture, GRANT_KIND_SCHEMA, "pg_catalog");
    needs = needs_of(fixture);
    g_assert_cmpuint(needs.system_schemas.count, ==, 1);
    g_assert_cmpstr(needs.system_schemas.items[0], ==, "pg_catalog");
}

static void
columns_and_large_objects_are_read_in_every_mode(Fixture *fixture, const void *data)
{
    GrantDecl *grant = grant_on(fixture, GRANT_KIND_TABLE, "app");
    ObjectNeeds needs;

    (void)data;
    needs = needs_of(fixture);
    g_assert_true(needs.column_acls);
    g_assert_true(needs.large_objects);
    g_assert_cmpuint(needs.columns.count, ==, 0);
    add_text(fixture, &grant->columns, "note");
    add_text(fixture, &grant->columns, "note");
    needs = needs_of(fixture);
    g_assert_true(needs.column_acls);
    g_assert_cmpuint(needs.columns.count, ==, 1);
}

static void
a_database_that_is_to_go_needs_nothing(Fixture *fixture, const void *data)
{
    ObjectNeeds needs = { 0 };

    (void)data;
    fixture->database.state = DATABASE_ABSENT;
    g_assert_false(object_needs_add(fixture->arena, &fixture->cluster, &fixture->database, &needs));
}

static void
a_parameter_of_a_module_is_added_once(Fixture *fixture, const void *data)
{
    GrantDecl *grant = grant_on(fixture, GRANT_KIND_PARAMETER, NULL);
    List grants;

    (void)data;
    add_name(fixture, &grant->names, "auto_explain.log_format");
    add_name(fixture, &grant->names, "auto_explain.log_format");
    add_name(fixture, &grant->names, "auto_explain.*");
    add_name(fixture, &grant->names, "work_mem");
    list_add(fixture->arena, &fixture->cluster.databases, &fixture->database);
    grants = object_needs_shared(fixture->arena, &fixture->cluster, GRANT_KIND_PARAMETER);
    g_assert_cmpuint(grants.count, ==, 1);
    g_assert_cmpuint(
        object_needs_shared(fixture->arena, &fixture->cluster, GRANT_KIND_TABLESPACE).count, ==, 0);
    object_needs_add_parameters(fixture->state, &grants);
    object_needs_add_parameters(fixture->state, &grants);
    g_assert_cmpuint(fixture->state->shared_groups.count, ==, 1);
}

#define ADD(test) g_test_add("/object-needs/" #test, Fixture, NULL, setup, test, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_grant_on_everything_needs_no_names);
    ADD(names_are_needed_of_the_kind_and_schema_that_a_grant_names);
    ADD(what_is_excepted_needs_names_too);
    ADD(objects_in_no_schema_are_named_by_their_kind);
    ADD(a_snapshot_needs_all_names);
    ADD(a_system_schema_is_read_where_it_is_named_in_full);
    ADD(columns_and_large_objects_are_read_in_every_mode);
    ADD(a_database_that_is_to_go_needs_nothing);
    ADD(a_parameter_of_a_module_is_added_once);
    return g_test_run();
}
