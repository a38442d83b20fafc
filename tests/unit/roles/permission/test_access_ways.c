/* By which ways a role has a privilege that its own entry does not give. */
#include "roles/permission/access_ways.h"

#define BIT(name) PRIVILEGE_BIT(PRIVILEGE_##name)

typedef struct Fixture {
    Arena *arena;
    AccessState *state;
    Acl acl;
} Fixture;

static NameId
id_of(const Fixture *fixture, const char *name)
{
    return names_intern(fixture->state->names, name);
}

/* alice is a member of owner, who owns everything. */
static void
setup(Fixture *fixture, const void *data)
{
    const char *const names[] = { "owner", "alice", "boss", "pg_database_owner",
                                  "pg_write_all_data" };

    *fixture = (Fixture){ .arena = arena_new() };
    fixture->state = access_state_new(fixture->arena);
    fixture->state->major_version = GPOINTER_TO_INT(data);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        access_state_add_role(fixture->state, id_of(fixture, names[i]))
            ->attributes[ROLE_ATTRIBUTE_INHERIT] = true;
    access_state_role(fixture->state, id_of(fixture, "boss"))
        ->attributes[ROLE_ATTRIBUTE_SUPERUSER] = true;
    access_state_add_membership(fixture->state, id_of(fixture, "owner"), id_of(fixture, "alice"),
                                id_of(fixture, "boss"))
        ->inherit = true;
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    access_state_free(fixture->state);
    arena_free(fixture->arena);
}

static void
grant(Fixture *fixture, NameId grantee, PrivilegeSet privileges)
{
    acl_grant(fixture->arena, &fixture->acl,
              &(AclEntry){ .grantee = grantee,
                           .grantor = id_of(fixture, "owner"),
                           .privileges = privileges });
}

static void
assert_ways(const Fixture *fixture, AccessedObject object, AclEntry asked, const char *expected)
{
    static const char *const words[] = { "superuser", "own",       "owner",
                                         "PUBLIC",    "inherited", "predefined" };
    g_autoptr(AccessWays) ways = access_ways_new(fixture->arena, fixture->state);
    g_autoptr(GString) out = g_string_new(NULL);
    List found = { 0 };

    accessed_object_init(&object, &fixture->acl);
    found = access_ways_find(ways, &object, &asked);
    accessed_object_clear(&object);
    LIST_FOREACH (const AccessWay, way, &found)
        g_string_append_printf(out, "%s%s %s: %s", out->len > 0 ? "; " : "", words[way->kind],
                               names_text(fixture->state->names, way->role),
                               privilege_set_text(fixture->arena, way->privileges));
    g_assert_cmpstr(out->str, ==, expected);
}

static AccessedObject
table_of(const Fixture *fixture)
{
    return (AccessedObject){ .kind = OBJECT_KIND_TABLE, .owner = id_of(fixture, "owner") };
}

static void
a_superuser_needs_no_other_way(Fixture *fixture, const void *data)
{
    (void)data;
    grant(fixture, NAME_PUBLIC, BIT(SELECT));
    assert_ways(fixture, table_of(fixture),
                (AclEntry){ .grantee = id_of(fixture, "boss"), .privileges = BIT(SELECT) },
                "superuser : SELECT");
}

static void
entries_of_the_grantee_count_where_asked_for(Fixture *fixture, const void *data)
{
    AccessedObject object = table_of(fixture);
    const AclEntry asked = { .grantee = id_of(fixture, "alice"),
                             .privileges = BIT(SELECT) | BIT(INSERT) };

    (void)data;
    grant(fixture, id_of(fixture, "alice"), BIT(SELECT));
    grant(fixture, id_of(fixture, "owner"), BIT(INSERT) | BIT(DELETE));
    assert_ways(fixture, object, asked, "inherited owner: INSERT");
    object.counts_own = true;
    assert_ways(fixture, object, asked, "own : SELECT; inherited owner: INSERT");
}

static void
only_superusers_write_tables_of_pg_catalog(Fixture *fixture, const void *data)
{
    AccessedObject object = table_of(fixture);
    const AclEntry asked = { .grantee = id_of(fixture, "alice"),
                             .privileges = BIT(SELECT) | BIT(INSERT) };

    (void)data;
    access_state_add_membership(fixture->state, id_of(fixture, "pg_write_all_data"),
                                id_of(fixture, "alice"), id_of(fixture, "boss"))
        ->inherit = true;
    grant(fixture, NAME_PUBLIC, BIT(SELECT) | BIT(INSERT));
    assert_ways(fixture, object, asked,
                "PUBLIC : SELECT, INSERT; predefined pg_write_all_data: INSERT");
    object.is_catalog_table = true;
    assert_ways(fixture, object, asked, "PUBLIC : SELECT");
}

/* The database's owner owns pg_database_owner's objects, too, but before 16 only with INHERIT. */
static void
who_owns_the_database(Fixture *fixture, const void *data)
{
    const StateDatabase *database =
        access_state_add_database(fixture->state, id_of(fixture, "app"), id_of(fixture, "owner"));
    const AccessedObject object = { .kind = OBJECT_KIND_SCHEMA,
                                    .owner = id_of(fixture, "pg_database_owner"),
                                    .database = database };
    const AclEntry asked = { .grantee = id_of(fixture, "alice"), .privileges = BIT(CREATE) };
    bool *inherits = &access_state_role(fixture->state, id_of(fixture, "owner"))
                          ->attributes[ROLE_ATTRIBUTE_INHERIT];
    const char *expected = "inherited pg_database_owner: CREATE";

    grant(fixture, id_of(fixture, "pg_database_owner"), BIT(CREATE));
    assert_ways(fixture, object, asked, expected);
    *inherits = false;
    assert_ways(fixture, object, asked, GPOINTER_TO_INT(data) < 16 ? "" : expected);
}

static void
grant_options_are_the_owners(Fixture *fixture, const void *data)
{
    (void)data;
    grant(fixture, NAME_PUBLIC, BIT(SELECT));
    assert_ways(fixture, table_of(fixture),
                (AclEntry){ .grantee = id_of(fixture, "alice"), .grantable = BIT(SELECT) },
                "inherited owner: SELECT");
    assert_ways(fixture, table_of(fixture),
                (AclEntry){ .grantee = id_of(fixture, "owner"), .grantable = BIT(SELECT) },
                "owner : SELECT");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function, version)                                                                    \
    g_test_add("/access_ways/" #version "/" #function, Fixture, GINT_TO_POINTER(version), setup,   \
               function, teardown)
    TEST(a_superuser_needs_no_other_way, 16);
    TEST(entries_of_the_grantee_count_where_asked_for, 16);
    TEST(only_superusers_write_tables_of_pg_catalog, 16);
    TEST(who_owns_the_database, 16);
    TEST(who_owns_the_database, 15);
    TEST(grant_options_are_the_owners, 16);
    return g_test_run();
}
