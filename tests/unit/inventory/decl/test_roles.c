/* Roles in both dialects: what is read, what is refused and in which words. */
#include "tests/unit/inventory/fixture.h"

#define ROLES(entries) INSTANCE("  pg_users:\n" entries)

static void
assert_said(Fixture *fixture, const char *yaml, const char *expected)
{
    load(fixture, yaml);
    g_assert_cmpstr(said(fixture), ==, expected);
}

static void
a_missing_key_and_null_are_absent(Fixture *fixture, const void *data)
{
    const RoleDecl *role = NULL;

    (void)data;
    assert_said(
        fixture,
        ROLES("  - {name: x, login: ~, connlimit: null, password: , roles: , comment: ~}\n"), "");
    role = find_role(fixture, "x");
    g_assert_false(role->attributes[ROLE_ATTRIBUTE_LOGIN].given);
    g_assert_false(role->connection_limit.given);
    g_assert_cmpint(role->password.kind, ==, PASSWORD_NOT_GIVEN);
    g_assert_cmpuint(role->memberships.count, ==, 0);
    g_assert_null(role->comment.value);
    g_assert_false(role->from_policy);
}

static void
an_empty_comment_and_password_are_values(Fixture *fixture, const void *data)
{
    const RoleDecl *role = NULL;

    (void)data;
    assert_said(fixture, ROLES("  - {name: x, comment: '', password: ''}\n"), "");
    role = find_role(fixture, "x");
    g_assert_cmpstr(role->comment.value, ==, "");
    g_assert_cmpint(role->password.kind, ==, PASSWORD_CLEAR);
}

static void
classic_options_are_read_by_the_grammar(Fixture *fixture, const void *data)
{
    const RoleDecl *role = NULL;

    (void)data;
    assert_said(fixture,
                ROLES("  - username: x\n"
                      "    groups: [dbrole_readonly]\n"
                      "    options: NOLOGIN BYPASSRLS CONNECTION LIMIT 10 VALID UNTIL '2030-01-01' "
                      "IN ROLE dbrole_offline\n"),
                "");
    role = find_role(fixture, "x");
    g_assert_true(role->attributes[ROLE_ATTRIBUTE_LOGIN].given);
    g_assert_false(role->attributes[ROLE_ATTRIBUTE_LOGIN].value);
    g_assert_true(role->attributes[ROLE_ATTRIBUTE_BYPASSRLS].value);
    g_assert_false(role->attributes[ROLE_ATTRIBUTE_SUPERUSER].given);
    g_assert_cmpint(role->connection_limit.value, ==, 10);
    g_assert_cmpstr(role->expire_at.value, ==, "2030-01-01");
    g_assert_cmpuint(role->memberships.count, ==, 2);
}

static void
options_that_are_none_are_told_with_their_place(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture,
                ROLES("  - {name: a, options: LOGIN SUPERMAN}\n"
                      "  - {name: b, options: LOGIN; DROP ROLE a}\n"
                      "  - {name: c, options: LOGIN, login: no}\n"
                      "  - {name: d, options: ROLE a}\n"
                      "  - {name: e, options: CONNECTION LIMIT -5}\n"),
                "a.yml:5:30: error: options of role \"a\": unrecognized role option \"superman\" "
                "[role-options-invalid]\n"
                "a.yml:6:24: error: options of role \"b\": only one statement is allowed "
                "[role-options-invalid]\n"
                "a.yml:7:24: error: options of role \"c\" contradict its \"login\" "
                "[key-conflicting]\n"
                "a.yml:8:24: error: options of role \"d\" contain an option that is not "
                "supported here [role-options-invalid]\n"
                "a.yml:9:24: error: CONNECTION LIMIT of role \"e\" must be at least -1, found -5 "
                "[integer-invalid]\n");
}

static void
a_password_in_broken_options_is_not_told(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture, ROLES("  - {name: a, options: LOGIN PASSWORD hunter2}\n"),
                "a.yml:5:39: error: options of role \"a\": syntax error [role-options-invalid]\n");
}

static void
memberships_are_texts_or_mappings(Fixture *fixture, const void *data)
{
    const MembershipDecl *second = NULL;
    const MembershipDecl *third = NULL;

    (void)data;
    assert_said(fixture,
                ROLES("  - {name: x, roles: [dbrole_admin, {name: dbrole_readonly, admin: true, "
                      "set: no}, {name: pg_monitor, state: revoke}]}\n"),
                "");
    second = find_role(fixture, "x")->memberships.items[1];
    third = find_role(fixture, "x")->memberships.items[2];
    g_assert_true(second->admin.value);
    g_assert_true(second->set.given);
    g_assert_false(second->set.value);
    g_assert_false(second->inherit.given);
    g_assert_true(third->absent);
}

static void
roles_of_one_text_would_be_read_letter_by_letter(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture, ROLES("  - {name: x, roles: dbrole_admin}\n"),
                "a.yml:5:22: error: \"roles\" of role \"x\" must be a list, found a text "
                "[value-type-invalid]\n");
}

static void
switches_take_texts_and_attributes_do_not(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture,
                ROLES("  - {name: a, pgbouncer: 'Yes'}\n"
                      "  - {name: b, pgbouncer: enabled}\n"
                      "  - {name: c, login: 'false'}\n"
                      "  - {name: d, login: y}\n"),
                "a.yml:6:26: error: \"pgbouncer\" of role \"b\" must be true or false, found "
                "\"enabled\" [boolean-invalid]\n"
                "a.yml:7:22: error: \"login\" of role \"c\" must be true or false, found \"false\" "
                "[boolean-invalid]\n"
                "a.yml:8:22: error: \"login\" of role \"d\" must be true or false, found \"y\" "
                "[boolean-invalid]\n");
    g_assert_true(find_role(fixture, "a")->pgbouncer.value);
}

static void
expiry_is_a_date_a_timestamp_or_infinity(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(
        fixture,
        ROLES("  - {name: a, expire_at: 2030-02-28}\n"
              "  - {name: b, expire_at: '2030-02-28 10:00:00+02'}\n"
              "  - {name: c, expire_at: Infinity}\n"
              "  - {name: d, expire_at: 2030-02-30}\n"
              "  - {name: e, expire_at: '2030-02-28 25:00'}\n"
              "  - {name: f, expire_at: tomorrow}\n"
              "  - {name: g, expire_in: -1}\n"
              "  - {name: h, expire_at: 2030-02-28 Europe/Berlin}\n"),
        "a.yml:8:26: error: \"expire_at\" of role \"d\" is not a date, timestamp or infinity: "
        "\"2030-02-30\" [expiry-invalid]\n"
        "a.yml:9:26: error: \"expire_at\" of role \"e\" is not a date, timestamp or infinity: "
        "\"2030-02-28 25:00\" [expiry-invalid]\n"
        "a.yml:10:26: error: \"expire_at\" of role \"f\" is not a date, timestamp or infinity: "
        "\"tomorrow\" [expiry-invalid]\n");
}

static void
passwords_are_plaintext_verifiers_or_references(Fixture *fixture, const void *data)
{
    static const struct {
        const char *name;
        PasswordKind kind;
        const char *text;
    } rows[] = {
        { "a", PASSWORD_PLAINTEXT, "0755" },
        { "b", PASSWORD_VERIFIER, "md5900150983cd24fb0d6963f7d28e17f72" },
        { "c", PASSWORD_VERIFIER,
          "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
          ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=" },
        { "d", PASSWORD_FILE, "/run/secret" },
        { "e", PASSWORD_ENV, "PW" },
        { "f", PASSWORD_COMMAND, NULL },
        { "g", PASSWORD_PWFILE, "~/.pgpass" },
        { "h", PASSWORD_VAULT, "kv/app" },
    };

    (void)data;
    assert_said(
        fixture,
        ROLES(
            "  - {name: a, password: 0755}\n"
            "  - {name: b, password: md5900150983cd24fb0d6963f7d28e17f72}\n"
            "  - name: c\n"
            "    password: SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBF"
            "zpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n"
            "  - {name: d, password: {file: /run/secret}}\n"
            "  - {name: e, password: {env: PW}}\n"
            "  - {name: f, password: {command: [pass, show, x]}}\n"
            "  - {name: g, password: {pwfile: ~/.pgpass}}\n"
            "  - {name: h, password: {vault: kv/app}}\n"),
        "");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const PasswordDecl *password = &find_role(fixture, rows[i].name)->password;

        g_assert_cmpint(password->kind, ==, rows[i].kind);
        g_assert_cmpstr(password->text, ==, rows[i].text);
    }
    g_assert_cmpuint(find_role(fixture, "f")->password.argv.count, ==, 3);
}

static void
no_finding_about_a_password_quotes_it(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, ROLES("  - {name: a, password: {hunter2: }}\n"
                        "  - {name: b, password: [hunter2]}\n"
                        "  - {name: c, password: md5hunter2}\n"
                        "  - {name: d, password: SCRAM-SHA-256$hunter2}\n"
                        "  - {name: e, password: yes}\n"
                        "  - {name: f, password: {file: hunter2, env: hunter2}}\n"
                        "  - {name: g, password: \"hunter2\\0\"}\n"
                        "  - {name: h, password: 'hunter2{{ x }}'}\n"
                        "  - {name: i, password: hunter2}\n"
                        "  - {name: i, password: hunter2b}\n"));
    g_assert_cmpuint(fixture->findings->items.count, ==, 9);
    LIST_FOREACH (const Finding, finding, &fixture->findings->items) {
        g_assert_null(strstr(finding->message, "hunter2"));
        g_assert_true(finding->hint == NULL || strstr(finding->hint, "hunter2") == NULL);
    }
}

static void
names_are_postgresqls(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(
        fixture,
        ROLES("  - {name: 'a \"quoted\", comma''d name; DROP ROLE x'}\n"
              "  - {name: +dbrole}\n"
              "  - {name: /regex}\n"
              "  - {name: all}\n"
              "  - {name: Ünï}\n"
              "  - {name: 17}\n"
              "  - {name: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg}\n"
              "  - {name: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg}\n"
              "  - {name: ''}\n"
              "  - {name: \"two\\nlines\"}\n"
              "  - {name: public}\n"
              "  - {name: none}\n"
              "  - {name: pg_mine}\n"
              "  - {name: off}\n"
              "  - {name: ~}\n"
              "  - {login: yes}\n"
              "  - {name: a1, username: a2}\n"),
        "a.yml:12:12: error: a name has 1 to 63 bytes, "
        "\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg\" has 64 "
        "[name-invalid]\n"
        "a.yml:13:12: error: a name has 1 to 63 bytes, \"\" has 0 [name-invalid]\n"
        "a.yml:14:12: error: the name \"two\\x0alines\" contains control characters "
        "[name-invalid]\n"
        "a.yml:15:12: error: \"public\" is a reserved role name [name-reserved]\n"
        "a.yml:16:12: error: \"none\" is a reserved role name [name-reserved]\n"
        "a.yml:17:12: error: the role name \"pg_mine\" begins with pg_, which is reserved "
        "by PostgreSQL [name-reserved]\n"
        "a.yml:18:12: error: \"name\" of role \"off\" must be a text, and a plain \"off\" is "
        "a boolean [value-unquoted]\n"
        "a.yml:19:12: error: \"name\" of a role must be a text, and a plain \"~\" is null "
        "[value-unquoted]\n"
        "a.yml:20:5: error: a role has no \"name\" [key-missing]\n"
        "a.yml:21:26: error: role \"a1\" is also called \"a1\" [key-conflicting]\n");
    g_assert_nonnull(find_role(fixture, "a \"quoted\", comma'd name; DROP ROLE x"));
    g_assert_nonnull(find_role(fixture, "17"));
}

static void
users_add_to_default_roles_and_win(Fixture *fixture, const void *data)
{
    const RoleDecl *role = NULL;

    (void)data;
    assert_said(fixture,
                INSTANCE("  pg_default_roles:\n"
                         "  - {name: g}\n"
                         "  - {name: x, login: no, createdb: yes, comment: old, roles: [g], "
                         "expire_in: 3, parameters: {a.b: 1}, state: absent}\n"
                         "  pg_users:\n"
                         "  - {name: h}\n"
                         "  - {name: x, login: yes, roles: [h], expire_at: 2030-01-01, "
                         "parameters: {a.b: 2}}\n"),
                "a.yml:6:110: warning: state of role \"x\" is ignored in pg_default_roles "
                "[state-ignored]\n");
    role = find_role(fixture, "x");
    g_assert_cmpuint(only_cluster(fixture)->roles.count, ==, 3);
    g_assert_true(role->is_default);
    g_assert_false(role->absent);
    g_assert_true(role->attributes[ROLE_ATTRIBUTE_LOGIN].value);
    g_assert_true(role->attributes[ROLE_ATTRIBUTE_CREATEDB].value);
    g_assert_null(role->comment.value);
    g_assert_cmpuint(role->memberships.count, ==, 2);
    g_assert_cmpuint(role->parameters.count, ==, 2);
    g_assert_false(role->expire_in.given);
    g_assert_cmpstr(role->expire_at.value, ==, "2030-01-01");
}

static void
the_password_of_a_system_user_is_under_that_of_pg_users(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture,
                INSTANCE("  pg_admin_password: from_variable\n"
                         "  pg_monitor_password: from_variable\n"
                         "  pg_default_roles:\n"
                         "  - {name: dbuser_dba, password: lost}\n"
                         "  - {name: dbuser_monitor, password: lost}\n"
                         "  - {name: replicator}\n"
                         "  pg_default_privileges: []\n"
                         "  pg_users: [{name: dbuser_monitor, password: wins}]\n"),
                "");
    g_assert_cmpstr(find_role(fixture, "dbuser_dba")->password.text, ==, "from_variable");
    g_assert_cmpstr(find_role(fixture, "dbuser_monitor")->password.text, ==, "wins");
    g_assert_cmpint(find_role(fixture, "replicator")->password.kind, ==, PASSWORD_NOT_GIVEN);
    g_assert_null(find_role(fixture, "replicator")->password.text);
}

static void
what_the_policy_publishes_replaces_no_password(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture,
                INSTANCE("  pg_default_roles:\n"
                         "  - {name: dbuser_dba, password: mine}\n"
                         "  - {name: replicator, password: '{{ pg_replication_password }}'}\n"
                         "  pg_default_privileges: []\n"),
                "");
    g_assert_cmpstr(find_role(fixture, "dbuser_dba")->password.text, ==, "mine");
    g_assert_cmpint(find_role(fixture, "replicator")->password.kind, ==, PASSWORD_NOT_GIVEN);
}

static void
a_published_password_in_an_inventory_is_a_warning(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture,
                INSTANCE("  pg_admin_password: DBUser.DBA\n"
                         "  pg_monitor_password: my own\n"
                         "  pg_users: [{name: app, password: DBUser.Monitor}]\n"),
                "a.yml:4:22: warning: the password of role \"dbuser_dba\" is a published default "
                "[default-password]\n"
                "a.yml:6:36: warning: the password of role \"app\" is a published default "
                "[default-password]\n");
}

static void
a_loop_of_memberships_is_told_with_its_way(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture,
                ROLES("  - {name: a, roles: [b]}\n"
                      "  - {name: b, roles: [c]}\n"
                      "  - {name: c, roles: [b, {name: a, state: absent}]}\n"),
                "a.yml:7:23: error: role \"b\" is a member of itself: b -> c -> b "
                "[membership-cycle]\n");
}

static void
a_role_that_nothing_declares_is_a_warning(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(
        fixture,
        INSTANCE("  pg_version: 15\n"
                 "  pg_users: [{name: a, roles: [x, pg_maintain, pg_monitor, postgres], "
                 "reassign_to: y}]\n"
                 "  pg_databases: [{name: d, owner: z, schemas: [{name: s, owner: w}]}]\n"
                 "  pg_monitor_username: mon\n"),
        "a.yml:5:32: warning: role \"x\", granted to \"a\", is not declared "
        "[role-undeclared]\n"
        "a.yml:5:35: warning: role \"pg_maintain\", granted to \"a\", exists from PostgreSQL 17 "
        "on and pg_version is 15 [role-unsupported]\n"
        "a.yml:5:84: warning: role \"y\", reassign_to of \"a\", is not declared "
        "[role-undeclared]\n"
        "a.yml:6:35: warning: role \"z\", owner of database \"d\", is not declared "
        "[role-undeclared]\n"
        "a.yml:6:65: warning: role \"w\", owner of schema \"s\", is not declared "
        "[role-undeclared]\n"
        "a.yml:7:24: warning: role \"mon\", the monitor user, is not declared "
        "[role-undeclared]\n");
}

static void
a_role_that_is_declared_absent_is_a_warning_where_it_is_named(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(
        fixture,
        INSTANCE("  pg_users:\n"
                 "  - {name: gone, state: absent, roles: [nowhere]}\n"
                 "  - {name: a, roles: [gone]}\n"
                 "  pg_databases: [{name: d, owner: gone}]\n"),
        "a.yml:6:23: warning: role \"gone\", granted to \"a\", is declared absent at a.yml:5:5 "
        "[role-absent]\n"
        "a.yml:7:35: warning: role \"gone\", owner of database \"d\", is declared absent at "
        "a.yml:5:5 [role-absent]\n");
}

static void
a_membership_stands_once_in_its_list(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(
        fixture,
        ROLES("  - {name: g}\n"
              "  - {name: a, roles: [g, g]}\n"
              "  - {name: b, roles: [g, {name: g, state: absent}]}\n"),
        "a.yml:6:26: warning: membership in \"g\" is declared twice, first at a.yml:6:23 "
        "[entry-duplicate]\n"
        "a.yml:7:26: error: membership in \"g\" is declared twice and differently, first at "
        "a.yml:7:23 [entry-conflicting]\n");
}

static void
what_the_policy_names_is_never_undeclared(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture, INSTANCE("  pg_default_roles: []\n"), "");
}

static void
a_file_of_a_person_may_be_called_like_a_policy(Fixture *fixture, const void *data)
{
    const char *yaml = INSTANCE("  pg_users: [{name: a, roles: [x]}]\n");
    InventoryText text = { .file = "policy:x.yml", .bytes = yaml, .length = strlen(yaml) };
    InventoryOptions options = { .text = &text };

    (void)data;
    fixture->inventory = inventory_load(fixture->arena, &options, fixture->findings);
    g_assert_cmpstr(said(fixture), ==,
                    "policy:x.yml:4:32: warning: role \"x\", granted to \"a\", is not declared "
                    "[role-undeclared]\n");
    g_assert_false(find_role(fixture, "a")->from_policy);
    g_assert_true(find_role(fixture, "dbrole_admin")->from_policy);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST("/roles/null-is-absent", a_missing_key_and_null_are_absent);
    TEST("/roles/empty-is-a-value", an_empty_comment_and_password_are_values);
    TEST("/roles/classic-options", classic_options_are_read_by_the_grammar);
    TEST("/roles/bad-options", options_that_are_none_are_told_with_their_place);
    TEST("/roles/secret-in-options", a_password_in_broken_options_is_not_told);
    TEST("/roles/memberships", memberships_are_texts_or_mappings);
    TEST("/roles/roles-as-text", roles_of_one_text_would_be_read_letter_by_letter);
    TEST("/roles/switches", switches_take_texts_and_attributes_do_not);
    TEST("/roles/expiry", expiry_is_a_date_a_timestamp_or_infinity);
    TEST("/roles/passwords", passwords_are_plaintext_verifiers_or_references);
    TEST("/roles/no-secret-is-told", no_finding_about_a_password_quotes_it);
    TEST("/roles/names", names_are_postgresqls);
    TEST("/roles/merging", users_add_to_default_roles_and_win);
    TEST("/roles/system-passwords", the_password_of_a_system_user_is_under_that_of_pg_users);
    TEST("/roles/published", what_the_policy_publishes_replaces_no_password);
    TEST("/roles/published-written-out", a_published_password_in_an_inventory_is_a_warning);
    TEST("/roles/loop", a_loop_of_memberships_is_told_with_its_way);
    TEST("/roles/undeclared", a_role_that_nothing_declares_is_a_warning);
    TEST("/roles/declared-absent", a_role_that_is_declared_absent_is_a_warning_where_it_is_named);
    TEST("/roles/repeated-memberships", a_membership_stands_once_in_its_list);
    TEST("/roles/policy-names", what_the_policy_names_is_never_undeclared);
    TEST("/roles/origin", a_file_of_a_person_may_be_called_like_a_policy);
    return g_test_run();
}
