/* Which objects a name means, and groups that are split by it. */
#include <string.h>

#include "inventory/sql/sql_fragment.h"
#include "roles/acl/object_group.h"

typedef struct Fixture {
    Arena *arena;
    Names *names;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->arena = arena_new();
    fixture->names = names_new(fixture->arena);
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    names_free(fixture->names);
    arena_free(fixture->arena);
}

static ObjectIdentity *
object(Fixture *fixture, const char *name)
{
    ObjectIdentity *identity = ARENA_NEW(fixture->arena, ObjectIdentity);

    identity->schema = names_intern(fixture->names, "app");
    identity->name = name;
    return identity;
}

static void
add_type(Fixture *fixture, ObjectIdentity *identity, const char *schema, const char *name,
         bool is_array)
{
    SqlTypeName *type = ARENA_NEW(fixture->arena, SqlTypeName);

    *type = (SqlTypeName){ .schema = schema, .name = name, .is_array = is_array };
    list_add(fixture->arena, &identity->arguments, type);
}

static GrantName
name_of(Fixture *fixture, const char *pattern, const char *types)
{
    GrantName name = { .text = pattern, .pattern = pattern, .has_arguments = types != NULL };
    SqlError error = { 0 };

    if (types != NULL)
        g_assert_true(sql_argument_types_parse(fixture->arena, types, &name.arguments, &error));
    return name;
}

static void
a_glob_means_names_as_in_the_catalog(Fixture *fixture, const void *data)
{
    const GrantName glob = name_of(fixture, "inv_*", NULL);

    (void)data;
    g_assert_true(object_identity_matches(object(fixture, "inv_2026"), &glob));
    g_assert_false(object_identity_matches(object(fixture, "Inv_2026"), &glob));
}

static void
types_are_compared_as_types(Fixture *fixture, const void *data)
{
    ObjectIdentity *refresh = object(fixture, "refresh");
    const GrantName same = name_of(fixture, "refresh", "int, text[]");
    const GrantName other = name_of(fixture, "refresh", "bigint, text[]");
    const GrantName every = name_of(fixture, "refresh", NULL);

    (void)data;
    add_type(fixture, refresh, "pg_catalog", "int4", false);
    add_type(fixture, refresh, "pg_catalog", "text", true);
    g_assert_true(object_identity_matches(refresh, &same));
    g_assert_false(object_identity_matches(refresh, &other));
    g_assert_true(object_identity_matches(refresh, &every));
}

static void
a_type_with_a_schema_is_that_one_only(Fixture *fixture, const void *data)
{
    ObjectIdentity *of_kind = object(fixture, "of_kind");
    const GrantName here = name_of(fixture, "of_kind", "app.kind");
    const GrantName elsewhere = name_of(fixture, "of_kind", "other.kind");
    const GrantName anywhere = name_of(fixture, "of_kind", "kind");

    (void)data;
    add_type(fixture, of_kind, "app", "kind", false);
    g_assert_true(object_identity_matches(of_kind, &here));
    g_assert_false(object_identity_matches(of_kind, &elsewhere));
    g_assert_true(object_identity_matches(of_kind, &anywhere));
}

static void
a_routine_covers_functions_procedures_and_aggregates(Fixture *fixture, const void *data)
{
    (void)fixture;
    (void)data;
    g_assert_true(object_kind_covers(GRANT_KIND_ROUTINE, GRANT_KIND_AGGREGATE));
    g_assert_false(object_kind_covers(GRANT_KIND_FUNCTION, GRANT_KIND_PROCEDURE));
    g_assert_false(object_kind_covers(GRANT_KIND_TABLE, GRANT_KIND_VIEW));
}

static void
a_relation_covers_tables_views_and_matviews(Fixture *fixture, const void *data)
{
    (void)fixture;
    (void)data;
    g_assert_true(object_kind_covers(GRANT_KIND_RELATION, GRANT_KIND_TABLE));
    g_assert_true(object_kind_covers(GRANT_KIND_RELATION, GRANT_KIND_VIEW));
    g_assert_true(object_kind_covers(GRANT_KIND_RELATION, GRANT_KIND_MATVIEW));
    g_assert_false(object_kind_covers(GRANT_KIND_RELATION, GRANT_KIND_SEQUENCE));
    g_assert_false(object_kind_covers(GRANT_KIND_RELATION, GRANT_KIND_FUNCTION));
    g_assert_false(object_kind_covers(GRANT_KIND_VIEW, GRANT_KIND_MATVIEW));
}

static ObjectGroup *
group_of_three(Fixture *fixture, List *groups)
{
    static const char *const names[] = { "a1", "a2", "b1" };
    ObjectGroup *group = ARENA_NEW(fixture->arena, ObjectGroup);

    *group = (ObjectGroup){ .kind = GRANT_KIND_TABLE, .is_named = true, .count = 3 };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        list_add(fixture->arena, &group->identities, object(fixture, names[i]));
    list_add(fixture->arena, groups, group);
    return group;
}

static void
names_split_what_they_mean_from_a_group(Fixture *fixture, const void *data)
{
    List groups = { 0 };
    ObjectGroup *group = group_of_three(fixture, &groups);
    GrantDecl grant = { .kind = GRANT_KIND_TABLE };
    GrantName a = name_of(fixture, "a*", NULL);
    GrantName nothing = name_of(fixture, "nothing", NULL);
    GrantName not_a2 = name_of(fixture, "a2", NULL);
    bool used[2] = { false, false };
    ObjectGroup *part = NULL;

    (void)data;
    list_add(fixture->arena, &grant.names, &a);
    list_add(fixture->arena, &grant.names, &nothing);
    list_add(fixture->arena, &grant.except, &not_a2);
    part = object_group_select(fixture->arena, &groups, group, &grant, used);
    g_assert_true(part != NULL && part != group);
    g_assert_cmpuint(part->count, ==, 1);
    g_assert_cmpuint(group->count, ==, 2);
    g_assert_cmpuint(groups.count, ==, 2);
    g_assert_true(used[0]);
    g_assert_false(used[1]);
    g_assert_true(object_group_select(fixture->arena, &groups, part, &grant, used) == part);
    g_assert_null(object_group_select(fixture->arena, &groups, group, &grant, used));
}

#define ADD(function)                                                                              \
    g_test_add("/object_group/" #function, Fixture, NULL, setup, function, teardown)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD(a_glob_means_names_as_in_the_catalog);
    ADD(types_are_compared_as_types);
    ADD(a_type_with_a_schema_is_that_one_only);
    ADD(a_routine_covers_functions_procedures_and_aggregates);
    ADD(a_relation_covers_tables_views_and_matviews);
    ADD(names_split_what_they_mean_from_a_group);
    return g_test_run();
}
