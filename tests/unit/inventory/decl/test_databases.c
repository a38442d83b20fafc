/* Databases, schemas, parameters, default privileges and grants. */
#include "tests/unit/inventory/fixture.h"

static void
assert_said(Fixture *fixture, const char *yaml, const char *expected)
{
    load(fixture, yaml);
    g_assert_cmpstr(said(fixture), ==, expected);
}

static const DatabaseDecl *
first_database(const Fixture *fixture)
{
    return only_cluster(fixture)->databases.items[0];
}

static const ParameterDecl *
find_parameter(const List *parameters, const char *name)
{
    LIST_FOREACH (const ParameterDecl, parameter, parameters) {
        if (strcmp(parameter->name, name) == 0)
            return parameter;
    }
    return NULL;
}

static void
a_database_has_pigstys_defaults(Fixture *fixture, const void *data)
{
    const DatabaseDecl *database = NULL;

    (void)data;
    assert_said(
        fixture,
        INSTANCE("  pg_databases: [{name: d, owner: '', encoding: '', schemas: [s, {name: t, "
                 "owner: postgres, state: absent}], extensions: [x, {name: y, schema: s}], "
                 "pool_size: 3, pool_auth_user: u, register_datasource: no}]\n"),
        "");
    database = first_database(fixture);
    g_assert_null(database->comment.value);
    g_assert_null(database->owner.value);
    g_assert_null(database->encoding.value);
    g_assert_false(database->revoke_connect.given);
    g_assert_cmpint(database->state, ==, DATABASE_PRESENT);
    g_assert_cmpuint(database->schemas.count, ==, 2);
    g_assert_true(((const SchemaDecl *)database->schemas.items[1])->absent);
    g_assert_cmpuint(database->extensions.count, ==, 2);
}

static void
what_is_wrong_with_a_database_is_told(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture,
                INSTANCE("  pg_databases:\n"
                         "  - {name: a, connlimit: many, state: dropped, revokeconn: 2}\n"
                         "  - {name: b, ownr: x, unrelated: 1, is_template: 'yes'}\n"
                         "  - {owner: postgres}\n"
                         "  - {name: c, schemas: s}\n"
                         "  - {name: c}\n"),
                "a.yml:5:26: error: \"connlimit\" of database \"a\" must be an integer of at least "
                "-1, found \"many\" [integer-invalid]\n"
                "a.yml:5:39: error: \"state\" of database \"a\" must be one of create, recreate, "
                "absent, found \"dropped\" [value-unknown]\n"
                "a.yml:5:60: error: \"revokeconn\" of database \"a\" must be true or false, found "
                "\"2\" [boolean-invalid]\n"
                "a.yml:6:15: error: unknown key \"ownr\" in database \"b\" [key-unknown]\n"
                "a.yml:6:24: warning: unknown key \"unrelated\" in database \"b\" "
                "[key-ignored]\n"
                "a.yml:6:51: error: \"is_template\" of database \"b\" must be true or false, found "
                "\"yes\" [boolean-invalid]\n"
                "a.yml:7:5: error: a database has no \"name\" [key-missing]\n"
                "a.yml:8:24: error: \"schemas\" of database \"c\" must be a list, found a text "
                "[value-type-invalid]\n"
                "a.yml:9:5: error: database \"c\" is declared twice and differently, first at "
                "a.yml:8:5 [entry-conflicting]\n");
}

static void
parameters_are_stored_as_the_server_stores_them(Fixture *fixture, const void *data)
{
    static const struct {
        const char *name;
        const char *value;
    } rows[] = {
        { "search_path", "\"$user\", public, \"Mixed Case\", \"select\", name" },
        { "work_mem", "64MB" },
        { "enable_seqscan", "off" },
        { "random_page_cost", "1.1" },
        { "datestyle", "ISO, DMY" },
        { "log_destination", "stderr, csvlog" },
        { "temp_tablespaces", NULL },
        { "role", NULL },
    };

    const List *parameters = NULL;

    (void)data;
    assert_said(
        fixture,
        INSTANCE("  pg_databases:\n"
                 "  - name: d\n"
                 "    parameters:\n"
                 "      search_path: '\"$user\", PUBLIC, \"Mixed Case\", ''select'', name'\n"
                 "      work_mem: 64MB\n"
                 "      enable_seqscan: off\n"
                 "      random_page_cost: 1.10\n"
                 "      datestyle: ISO, DMY\n"
                 "      log_destination: stderr, csvlog\n"
                 "      temp_tablespaces: default\n"
                 "      role: DEFAULT\n"
                 "      lc_time: ~\n"),
        "");
    parameters = &first_database(fixture)->parameters;
    g_assert_cmpuint(parameters->count, ==, G_N_ELEMENTS(rows));
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(find_parameter(parameters, rows[i].name)->value, ==, rows[i].value);
    g_assert_true(find_parameter(parameters, "search_path")->is_list);
    g_assert_cmpuint(find_parameter(parameters, "search_path")->elements.count, ==, 5);
    g_assert_cmpstr(find_parameter(parameters, "search_path")->elements.items[2], ==, "Mixed Case");
}

static void
a_list_parameter_that_is_no_sql_is_told_with_its_place(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture,
                INSTANCE("  pg_users:\n"
                         "  - {name: a, parameters: {search_path: 'x, , y'}}\n"
                         "  - {name: b, parameters: {search_path: 'x; SELECT 1'}}\n"
                         "  - {name: c, parameters: {search_path: [x, y]}}\n"
                         "  - {name: d, parameters: [x]}\n"),
                "a.yml:5:45: error: \"search_path\" of role \"a\": syntax error at or near \",\" "
                "[parameter-invalid]\n"
                "a.yml:6:42: error: \"search_path\" of role \"b\": only one statement is allowed "
                "[parameter-invalid]\n"
                "a.yml:7:41: error: \"search_path\" of role \"c\" must be a text, found a list "
                "[parameter-invalid]\n"
                "a.yml:8:27: error: \"parameters\" of role \"d\" must be a mapping, found a list "
                "[value-type-invalid]\n");
}

#define P(name) PRIVILEGE_BIT(PRIVILEGE_##name)

static void
default_privileges_are_read_by_the_grammar(Fixture *fixture, const void *data)
{
    const DefaultPrivilegeDecl *one = NULL;
    const DefaultPrivilegeDecl *two = NULL;
    const DefaultPrivilegeDecl *three = NULL;

    (void)data;
    assert_said(
        fixture,
        INSTANCE("  pg_default_privileges:\n"
                 "  - IN SCHEMA a, \"B c\" GRANT select, MAINTAIN ON TABLES TO PUBLIC, postgres\n"
                 "  - REVOKE GRANT OPTION FOR ALL ON ROUTINES FROM postgres CASCADE\n"
                 "  - GRANT SELECT, UPDATE ON large  OBJECTS TO \"postgres\" WITH GRANT OPTION\n"),
        "");
    one = only_cluster(fixture)->default_privileges.items[0];
    two = only_cluster(fixture)->default_privileges.items[1];
    three = only_cluster(fixture)->default_privileges.items[2];
    g_assert_cmpuint(one->schemas.count, ==, 2);
    g_assert_cmpstr(one->schemas.items[1], ==, "B c");
    g_assert_cmpuint(one->privileges, ==, P(SELECT) | P(MAINTAIN));
    g_assert_null(one->grantees.items[0]);
    g_assert_cmpstr(one->grantees.items[1], ==, "postgres");
    g_assert_true(two->is_revoke && two->grant_option && two->cascade && two->all_privileges);
    g_assert_cmpint(two->type, ==, DEFAULT_ACL_FUNCTIONS);
    g_assert_cmpint(three->type, ==, DEFAULT_ACL_LARGE_OBJECTS);
    g_assert_true(three->grant_option);
}

static void
a_default_privilege_that_is_none_is_told_inside_the_text(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(
        fixture,
        INSTANCE("  pg_default_privileges:\n"
                 "  - GRANT SELECT ON TABLE x TO a\n"
                 "  - 'GRANT SELECT ON TABLES TO a; DROP TABLE b'\n"
                 "  - FOR ROLE x GRANT SELECT ON TABLES TO a\n"
                 "  - GRANT EXECUTE ON TABLES TO a\n"
                 "  - IN SCHEMA s GRANT USAGE ON SCHEMAS TO a\n"
                 "  - GRANT SELECT ON TABLES TO CURRENT_USER\n"
                 "  - GRANT SELECT (x) ON TABLES TO a\n"
                 "  - GRANT SELECT ON TABLES TO PUBLIC WITH GRANT OPTION\n"
                 "  - [x]\n"),
        "a.yml:5:21: error: syntax error at or near \"TABLE\" [default-privilege-invalid]\n"
        "a.yml:6:6: error: only one statement is allowed [default-privilege-invalid]\n"
        "a.yml:7:5: error: FOR ROLE is not allowed here; the entry applies to every creator "
        "[default-privilege-invalid]\n"
        "a.yml:8:5: error: \"EXECUTE\" is not a valid privilege for TABLES [privilege-unknown]\n"
        "a.yml:9:5: error: IN SCHEMA cannot be used with ON SCHEMAS [default-privilege-invalid]\n"
        "a.yml:10:31: error: CURRENT_USER and similar keywords are not allowed here; name the role "
        "[default-privilege-invalid]\n"
        "a.yml:11:5: error: default privileges cannot be set for columns "
        "[default-privilege-invalid]\n"
        "a.yml:12:5: error: grant options cannot be given to PUBLIC [default-privilege-invalid]\n"
        "a.yml:13:5: error: \"pg_default_privileges\" must be a text, found a list [value-type-invalid]\n");
}

static void
grants_are_checked_and_kept(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(
        fixture,
        INSTANCE(
            "  pg_privilege_profiles: {reader: [{kind: schema, privileges: USAGE}, {kind: tables, "
            "privileges: [SELECT], future: owners}]}\n"
            "  pg_grants: [{to: PUBLIC, privileges: connect, kind: database, database: 'app*'}]\n"
            "  pg_databases:\n"
            "  - name: d\n"
            "    owners: [{kind: tables, schema: s, owner: postgres}]\n"
            "    grants:\n"
            "    - {to: [postgres], privileges: ALL, kind: tables, schema: s, future: [postgres]}\n"
            "    - {to: postgres, privileges: [SELECT, update], kind: table, schema: s, name: t, "
            "columns: [a, b]}\n"
            "    - {to: postgres, profile: reader, schema: 's*'}\n"
            "    - {to: postgres, privileges: EXECUTE, kind: function, schema: s, name: 'f(int)', "
            "grantable: true, state: present}\n"),
        "");
    g_assert_cmpuint(first_database(fixture)->grants.count, ==, 4);
    g_assert_cmpuint(first_database(fixture)->owners.count, ==, 1);
    g_assert_cmpuint(only_cluster(fixture)->cluster_grants.count, ==, 1);
}

static void
a_grant_that_does_not_fit_together_is_told(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(
        fixture,
        INSTANCE("  pg_databases:\n"
                 "  - name: d\n"
                 "    grants:\n"
                 "    - {to: postgres, privileges: SELECT, on: tables, schema: s}\n"
                 "    - {privileges: SELECT, kind: tables, schema: s}\n"
                 "    - {to: postgres, privileges: SELECT, kind: tabels, schema: s}\n"
                 "    - {to: postgres, privileges: [SELECT, FLY], kind: tables, schema: s}\n"
                 "    - {to: postgres, privileges: SELECT, kind: tables}\n"
                 "    - {to: postgres, privileges: SELECT, kind: table, schema: s}\n"
                 "    - {to: postgres, privileges: DELETE, kind: table, schema: s, name: t, "
                 "columns: c}\n"
                 "    - {to: postgres, profile: nobody, schema: s}\n"
                 "    - {to: [], privileges: SELECT, kind: tables, schema: s}\n"),
        "a.yml:7:42: error: unknown key \"on\" in a grant [key-unknown]\n"
        "a.yml:8:7: error: a grant: it has no \"to\" [grant-invalid]\n"
        "a.yml:9:48: error: \"kind\" of a grant must be one of table, tables, relation, relations, "
        "view, views, matview, matviews, sequence, sequences, function, functions, procedure, procedures, aggregate, "
        "aggregates, routine, routines, type, types, domain, domains, database, schema, language, "
        "fdw, server, tablespace, parameter, large_object, large_objects, found \"tabels\" "
        "[value-unknown]\n"
        "a.yml:10:43: error: \"FLY\" is not a valid privilege for a table [privilege-unknown]\n"
        "a.yml:11:7: error: a grant: it has no \"schema\" [grant-invalid]\n"
        "a.yml:12:48: error: a grant: a singular kind needs a name [grant-invalid]\n"
        "a.yml:13:34: error: \"DELETE\" is not a valid privilege for a column of a table "
        "[privilege-unknown]\n"
        "a.yml:14:31: error: profile \"nobody\" is not declared in pg_privilege_profiles "
        "[profile-unknown]\n"
        "a.yml:15:12: error: \"to\" of a grant is empty [grant-invalid]\n");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST("/databases/defaults", a_database_has_pigstys_defaults);
    TEST("/databases/findings", what_is_wrong_with_a_database_is_told);
    TEST("/databases/parameters", parameters_are_stored_as_the_server_stores_them);
    TEST("/databases/bad-parameters", a_list_parameter_that_is_no_sql_is_told_with_its_place);
    TEST("/databases/default-privileges", default_privileges_are_read_by_the_grammar);
    TEST("/databases/bad-default-privileges",
         a_default_privilege_that_is_none_is_told_inside_the_text);
    TEST("/databases/grants", grants_are_checked_and_kept);
    TEST("/databases/bad-grants", a_grant_that_does_not_fit_together_is_told);
    return g_test_run();
}
