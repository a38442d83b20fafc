/* Alias rules: which lines they become, and what is refused. */
#include "tests/unit/hba/fixture.h"

#define PG  HBA_PROGRAM_POSTGRESQL
#define PGB HBA_PROGRAM_PGBOUNCER

static void
nothing_but_an_address_lets_everyone_in_with_a_password(Fixture *fixture, const void *data)
{
    (void)data;
    add_alias(fixture, PG, NULL, NULL, "local", NULL);
    g_assert_cmpstr(rendered_rules(fixture, PG), ==, "local all all scram-sha-256\n");
}

static void
the_default_method_is_md5_where_passwords_are(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->instance.password_is_md5 = true;
    add_alias(fixture, PG, "", "", "admin", "pwd");
    g_assert_cmpstr(rendered_rules(fixture, PG), ==, "host all all 10.10.10.10/32 md5\n");
}

static void
every_address_alias_becomes_its_lines(Fixture *fixture, const void *data)
{
    static const struct {
        const char *addr;
        const char *expected;
    } cases[] = {
        { "localhost", "local all u trust\nhost all u 127.0.0.1/32 trust\n"
                       "host all u ::1/128 trust\n" },
        { "admin", "host all u 10.10.10.10/32 trust\n" },
        { "infra", "host all u 10.10.10.10/32 trust\n" },
        { "cluster", "host all u 10.10.10.11/32 trust\nhost all u 10.10.10.12/32 trust\n" },
        { "intra", "host all u 10.0.0.0/8 trust\nhost all u 192.168.0.0/16 trust\n" },
        { "intranet", "host all u 10.0.0.0/8 trust\nhost all u 192.168.0.0/16 trust\n" },
        { "world", "host all u 0.0.0.0/0 trust\nhost all u ::/0 trust\n" },
        { "all", "host all u 0.0.0.0/0 trust\nhost all u ::/0 trust\n" },
        { "10.1.0.0/16", "host all u 10.1.0.0/16 trust\n" },
        { "2001:db8::/32", "host all u 2001:db8::/32 trust\n" },
        { "10.1.0.0 255.255.0.0", "host all u 10.1.0.0 255.255.0.0 trust\n" },
        { "samenet", "host all u samenet trust\n" },
        { "db1.example.com", "host all u db1.example.com trust\n" },
        { ".example.com", "host all u .example.com trust\n" },
    };

    HbaRuleDecl *decl = add_alias(fixture, PG, "u", NULL, NULL, "trust");

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        HbaRuleDecl *again = ARENA_NEW(fixture->arena, HbaRuleDecl);

        *again = *decl;
        again->addr = text_field(cases[i].addr, 14);
        fixture->instance.pg_hba.sections[HBA_SECTION_RULES].items[0] = again;
        g_assert_cmpstr(rendered_rules(fixture, PG), ==, cases[i].expected);
    }
    g_assert_cmpstr(found(fixture), ==, "");
}

static void
every_word_of_auth_gives_its_type_and_method(Fixture *fixture, const void *data)
{
    static const struct {
        const char *auth;
        const char *expected;
    } cases[] = {
        { "pwd", "host all u 10.10.10.10/32 scram-sha-256\n" },
        { "ssl", "hostssl all u 10.10.10.10/32 scram-sha-256\n" },
        { "sha", "host all u 10.10.10.10/32 scram-sha-256\n" },
        { "scram-sha-256", "host all u 10.10.10.10/32 scram-sha-256\n" },
        { "ssl-sha", "hostssl all u 10.10.10.10/32 scram-sha-256\n" },
        { "md5", "host all u 10.10.10.10/32 md5\n" },
        { "ssl-md5", "hostssl all u 10.10.10.10/32 md5\n" },
        { "cert", "hostssl all u 10.10.10.10/32 cert\n" },
        { "os", "host all u 10.10.10.10/32 ident\n" },
        { "ident", "host all u 10.10.10.10/32 ident\n" },
        { "trust", "host all u 10.10.10.10/32 trust\n" },
        { "reject", "host all u 10.10.10.10/32 reject\n" },
        { "deny", "host all u 10.10.10.10/32 reject\n" },
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        fixture->instance.pg_hba.sections[HBA_SECTION_RULES].count = 0;
        add_alias(fixture, PG, "u", NULL, "admin", cases[i].auth);
        g_assert_cmpstr(rendered_rules(fixture, PG), ==, cases[i].expected);
    }
    g_assert_cmpstr(found(fixture), ==, "");
}

static void
pgbouncer_gets_peer_for_os(Fixture *fixture, const void *data)
{
    (void)data;
    add_alias(fixture, PGB, "${dbsu}", "pgbouncer", "local", "os");
    g_assert_cmpstr(rendered_rules(fixture, PGB), ==, "local pgbouncer postgres peer\n");
}

static void
user_aliases_count_as_the_whole_text_only(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->instance.users.dbsu = "Post Gres";
    add_alias(fixture, PG, "${dbsu}", NULL, "local", "os");
    add_alias(fixture, PG, "${repl}", "replication", "local", "pwd");
    add_alias(fixture, PG, "${monitor}", NULL, "local", "pwd");
    add_alias(fixture, PG, "${admin}", NULL, "local", "pwd");
    add_alias(fixture, PG, "${admin},a", NULL, "local", "pwd");
    g_assert_cmpstr(rendered_rules(fixture, PG), ==,
                    "local all \"Post Gres\" ident\n"
                    "local replication replicator scram-sha-256\n"
                    "local all dbuser_monitor scram-sha-256\n"
                    "local all dbuser_dba scram-sha-256\n"
                    "local all \"${admin}\",a scram-sha-256\n");
    g_assert_cmpstr(
        found(fixture), ==,
        "a.yml:12:5: warning: \"${admin},a\" in \"user\" is not an alias and is used literally [hba-user-alias]\n"
        "  hint: ${dbsu}, ${repl}, ${monitor} and ${admin} count as the whole text of "
        "user\n");
}

static void
a_text_holds_tokens(Fixture *fixture, const void *data)
{
    (void)data;
    add_alias(fixture, PG, "a,+grp,\"all\",/^x,@names", "sameuser,\"a,b\"", "local", "pwd");
    g_assert_cmpstr(rendered_rules(fixture, PG), ==,
                    "local sameuser,\"a,b\" a,+grp,\"all\",/\"^x\",@names scram-sha-256\n");
    g_assert_cmpstr(found(fixture), ==, "");
}

static void
a_list_holds_names_whatever_their_characters(Fixture *fixture, const void *data)
{
    static const char *const names[] = { "all", "+x", "@x",     "a b",   "a,b",        "a\"b",
                                         "#x",  "é",  "back\\", "plain", "replication" };
    HbaRuleDecl *decl = add_alias(fixture, PG, NULL, NULL, "local", "pwd");

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        add_name(fixture, &decl->user, names[i]);
    g_assert_cmpstr(rendered_rules(fixture, PG), ==,
                    "local all \"all\",\"+x\",\"@x\",\"a b\",\"a,b\",\"a\"\"b\",\"#x\",\"é\","
                    "\"back\\\",plain,\"replication\" scram-sha-256\n");
    g_assert_cmpstr(found(fixture), ==, "");
}

static void
a_name_with_a_slash_is_an_exact_expression_from_16_on(Fixture *fixture, const void *data)
{
    HbaRuleDecl *decl = add_alias(fixture, PG, NULL, NULL, "local", "pwd");

    (void)data;
    add_name(fixture, &decl->user, "/a.b");
    g_assert_cmpstr(rendered_rules(fixture, PG), ==, "local all /\"^\\/a\\.b$\" scram-sha-256\n");
    fixture->instance.version = 15;
    g_assert_cmpstr(rendered_rules(fixture, PG), ==, "local all \"/a.b\" scram-sha-256\n");
}

/* One rule for PostgreSQL and what is said of it. */
typedef struct Refusal {
    const char *user;
    const char *db;
    const char *addr;
    const char *auth;
    const char *expected;
} Refusal;

static void
assert_refused(Fixture *fixture, HbaProgram program, const Refusal *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        HbaRuleLists *lists =
            program == PG ? &fixture->instance.pg_hba : &fixture->instance.pgbouncer_hba;

        findings_free(fixture->findings);
        fixture->findings = findings_new(fixture->arena);
        hba_expander_free(fixture->expander);
        fixture->expander = hba_expander_new(fixture->arena, fixture->findings);
        lists->sections[HBA_SECTION_RULES].count = 0;
        add_alias(fixture, program, cases[i].user, cases[i].db, cases[i].addr, cases[i].auth);
        g_assert_cmpstr(findings_of(fixture, program), ==, cases[i].expected);
    }
}

static void
what_no_server_could_use_is_refused(Fixture *fixture, const void *data)
{
    static const Refusal cases[] = {
        { "u", "d", "10.1.2.3", "pwd",
          "a.yml:14:5: error: address \"10.1.2.3\" has no mask [hba-mask-missing]\n"
          "  hint: write \"10.1.2.3/32\" for that one host\n" },
        { "u", "d", "10.1.2.300/8", "pwd",
          "a.yml:14:5: error: address \"10.1.2.300/8\" is not an IP address with a mask "
          "[hba-address-invalid]\n" },
        { "u", "d", "10.1.2.300", "pwd",
          "a.yml:14:5: error: address \"10.1.2.300\" is not an IP address with a mask "
          "[hba-address-invalid]\n" },
        { "u", "d", "10.0.0.0/33", "pwd",
          "a.yml:14:5: error: address \"10.0.0.0/33\" is not an IP address with a mask "
          "[hba-address-invalid]\n" },
        { "u", "d", "010.0.0.0/8", "pwd",
          "a.yml:14:5: error: address \"010.0.0.0/8\" is not an IP address with a mask "
          "[hba-address-invalid]\n"
          "  hint: PostgreSQL reads it as 8.0.0.0/8\n" },
        { "u", "d", "2001:db8::1", "pwd",
          "a.yml:14:5: error: address \"2001:db8::1\" has no mask [hba-mask-missing]\n"
          "  hint: write \"2001:db8::1/128\" for that one host\n" },
        { "u", "d", "cluser", "pwd",
          "a.yml:14:5: error: address \"cluser\" is not an alias, IP address or host name "
          "[hba-address-unknown]\n"
          "  hint: did you mean \"cluster\"?\n" },
        { "u", "d", "Intra", "pwd",
          "a.yml:14:5: error: address \"Intra\" is not an alias, IP address or host name "
          "[hba-address-unknown]\n"
          "  hint: did you mean \"intra\"?\n" },
        { "u", "d", "intra", "SSL",
          "a.yml:15:5: error: auth \"SSL\" is not an authentication method [hba-auth-unknown]\n"
          "  hint: did you mean \"ssl\"?\n" },
        { "u", "d", "intra", "ldap",
          "a.yml:15:5: error: auth \"ldap\" can only be written as a raw line "
          "[hba-auth-needs-raw]\n"
          "  hint: write a raw rule: rules: [\"host all all 10.0.0.0/8 ldap ...\"]\n" },
        { "u", "d", "localhost", "peer",
          "a.yml:15:5: error: auth \"peer\" does not go with address \"localhost\" "
          "[hba-method-type]\n"
          "  hint: peer works over the local socket only: write addr: local; PostgreSQL 18 says: "
          "peer authentication is only supported on local sockets\n" },
        { "u", "d", "local", "cert",
          "a.yml:15:5: error: auth \"cert\" does not go with address \"local\" [hba-method-type]\n"
          "  hint: certificates need TLS over a network: write intra or world; PostgreSQL 18 "
          "says: cert authentication is only supported on hostssl connections\n" },
        { "u", "d", "10.0.0.0/8", "peer",
          "a.yml:15:5: error: auth \"peer\" does not go with address \"10.0.0.0/8\" "
          "[hba-method-type]\n"
          "  hint: peer works over the local socket only: write addr: local; PostgreSQL 18 says: "
          "peer authentication is only supported on local sockets\n" },
        { "a b", "d", "local", "pwd",
          "a.yml:12:5: error: \"user\" is \"a b\": a blank outside quotes [hba-blank-in-field]\n"
          "  hint: put a name with such characters in quotes, or write a YAML list of names\n" },
        { "a#b", "d", "local", "pwd",
          "a.yml:12:5: error: \"user\" is \"a#b\": a # outside quotes, which starts a comment "
          "[hba-comment-in-field]\n"
          "  hint: put a name with such characters in quotes, or write a YAML list of names\n" },
        { "a", "d,", "local", "pwd",
          "a.yml:13:5: error: \"db\" is \"d,\": a comma without a name on both sides "
          "[hba-item-empty]\n"
          "  hint: put a name with such characters in quotes, or write a YAML list of names\n" },
        { "\"a", "d", "local", "pwd",
          "a.yml:12:5: error: \"user\" is \"\"a\": a double quote that is not closed "
          "[hba-quote-unterminated]\n"
          "  hint: a quote in a name is written as two\n" },
        { "a\nb", "d", "local", "pwd",
          "a.yml:12:5: error: user holds a newline or control character "
          "[hba-control-character]\n"
          "  hint: write one line per rule, without newlines and control characters\n" },
        { "u", "d", NULL, "pwd",
          "a.yml:10:5: error: rule \"a title\" has neither rules nor addr [hba-address-missing]\n"
          "  hint: give it `addr: intra` or the like, or raw lines in `rules`\n" },
    };

    (void)data;
    assert_refused(fixture, PG, cases, G_N_ELEMENTS(cases));
}

static void
what_pgbouncer_skips_or_never_matches_is_refused(Fixture *fixture, const void *data)
{
    static const Refusal cases[] = {
        { "+grp", NULL, "local", "pwd",
          "a.yml:12:5: error: PgBouncer 1.18 skips rule \"a title\": it has no groups such as "
          "\"+grp\" [hba-pgb-group]\n"
          "  hint: name the users, or leave the group to PostgreSQL's own rules\n" },
        { "u", "replication", "local", "pwd",
          "a.yml:13:5: error: db \"replication\" has no meaning in a rule for PgBouncer "
          "[hba-pgb-replication]\n"
          "  hint: replication does not go through PgBouncer: leave the rule to PostgreSQL\n" },
        { "u", "a,replication", "local", "pwd",
          "a.yml:13:5: error: PgBouncer 1.18 skips or misreads rule \"a title\": \"replication\" "
          "is not a database to it [hba-pgb-word]\n"
          "  hint: write \"replication\" in quotes if it is a name\n" },
        { "u", NULL, "10.1.2.3/8", "pwd",
          "a.yml:14:5: error: PgBouncer 1.18 never matches rule \"a title\": \"10.1.2.3/8\" has host bits set [hba-pgb-host-bits]\n"
          "  hint: write 10.0.0.0/8, or 10.1.2.3/32 for that one host\n" },
        { "u", NULL, "samenet", "pwd",
          "a.yml:14:5: error: PgBouncer 1.18 skips rule \"a title\": \"samenet\" is not an IP address "
          "[hba-pgb-address]\n"
          "  hint: write an IP address with its mask\n" },
        { "u", NULL, "intra", "os",
          "a.yml:15:5: error: auth \"os\" does not go with address \"intra\" [hba-method-type]\n"
          "  hint: peer works over the local socket only: write addr: local\n" },
        { "/^x", NULL, "local", "pwd",
          "a.yml:12:5: error: PgBouncer 1.18 never matches rule \"a title\": \"/^x\" is a plain "
          "name to it [hba-pgb-regex]\n"
          "  hint: name the users and databases\n" },
        { "a\"b\"", NULL, "local", "pwd",
          "a.yml:12:5: error: PgBouncer 1.18 skips rule \"a title\": \"a\"b\"\" has quotes in the "
          "middle of a name [hba-pgb-quoting]\n"
          "  hint: put the whole name in quotes\n" },
    };

    (void)data;
    assert_refused(fixture, PGB, cases, G_N_ELEMENTS(cases));
}

static void
host_bits_are_a_warning_for_postgresql(Fixture *fixture, const void *data)
{
    (void)data;
    add_alias(fixture, PG, NULL, NULL, "10.1.2.3/8", "pwd");
    g_assert_cmpstr(rendered_rules(fixture, PG), ==, "host all all 10.1.2.3/8 scram-sha-256\n");
    g_assert_cmpstr(found(fixture), ==,
                    "a.yml:14:5: warning: address \"10.1.2.3/8\" means 10.0.0.0/8, all of it "
                    "[hba-host-bits]\n"
                    "  hint: write 10.0.0.0/8, or 10.1.2.3/32 for that one host\n");
}

static void
localhost_with_ssl_keeps_plain_lines_and_says_so(Fixture *fixture, const void *data)
{
    (void)data;
    add_alias(fixture, PG, NULL, NULL, "localhost", "ssl");
    g_assert_cmpstr(rendered_rules(fixture, PG), ==,
                    "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n"
                    "host all all ::1/128 scram-sha-256\n");
    g_assert_cmpstr(found(fixture), ==,
                    "a.yml:15:5: warning: auth \"ssl\" does not demand TLS with address "
                    "\"localhost\" [hba-tls-not-required]\n"
                    "  hint: the lines of local connections are written without it, as Pigsty "
                    "does\n");
}

static void
admin_needs_admin_ip(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->instance.admin_ip = NULL;
    add_alias(fixture, PG, NULL, NULL, "admin", "pwd");
    g_assert_cmpstr(findings_of(fixture, PG), ==,
                    "a.yml:14:5: error: address \"admin\" needs admin_ip, which is not set "
                    "[hba-admin-ip-missing]\n"
                    "  hint: set admin_ip in the vars of all\n");
}

static void
infra_without_members_gives_no_lines(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->instance.infra_addresses.count = 0;
    add_alias(fixture, PG, NULL, NULL, "infra", "pwd");
    g_assert_cmpstr(rendered_rules(fixture, PG), ==, "");
    g_assert_cmpstr(found(fixture), ==, "");
}

static void
null_is_not_absent(Fixture *fixture, const void *data)
{
    HbaRuleDecl *decl = add_alias(fixture, PG, NULL, NULL, "local", NULL);

    (void)data;
    decl->user = (HbaField){ .pos = at(12), .given = true };
    decl->db = (HbaField){ .pos = at(13), .given = true };
    decl->auth = (HbaField){ .pos = at(15), .given = true };
    g_assert_cmpstr(findings_of(fixture, PG), ==,
                    "a.yml:15:5: error: \"auth\" of rule \"a title\" is null [hba-value-null]\n"
                    "  hint: leave it out for the default\n"
                    "a.yml:13:5: error: \"db\" of rule \"a title\" is null [hba-value-null]\n"
                    "  hint: leave it out for the default\n"
                    "a.yml:12:5: error: \"user\" of rule \"a title\" is null [hba-value-null]\n"
                    "  hint: leave it out for the default\n");
}

static void
an_intranet_item_is_judged_at_its_own_place(Fixture *fixture, const void *data)
{
    (void)data;
    add_network(fixture, "172.16.0.0");
    add_alias(fixture, PG, NULL, NULL, "intra", "pwd");
    g_assert_cmpstr(findings_of(fixture, PG), ==,
                    "a.yml:90:5: error: node_firewall_intranet item \"172.16.0.0\" has no mask "
                    "[hba-mask-missing]\n"
                    "  hint: write \"172.16.0.0/32\" for that one host\n");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST("alias", nothing_but_an_address_lets_everyone_in_with_a_password);
    TEST("alias", the_default_method_is_md5_where_passwords_are);
    TEST("alias", every_address_alias_becomes_its_lines);
    TEST("alias", every_word_of_auth_gives_its_type_and_method);
    TEST("alias", pgbouncer_gets_peer_for_os);
    TEST("alias", user_aliases_count_as_the_whole_text_only);
    TEST("alias", a_text_holds_tokens);
    TEST("alias", a_list_holds_names_whatever_their_characters);
    TEST("alias", a_name_with_a_slash_is_an_exact_expression_from_16_on);
    TEST("alias", what_no_server_could_use_is_refused);
    TEST("alias", what_pgbouncer_skips_or_never_matches_is_refused);
    TEST("alias", host_bits_are_a_warning_for_postgresql);
    TEST("alias", localhost_with_ssl_keeps_plain_lines_and_says_so);
    TEST("alias", admin_needs_admin_ip);
    TEST("alias", infra_without_members_gives_no_lines);
    TEST("alias", null_is_not_absent);
    TEST("alias", an_intranet_item_is_judged_at_its_own_place);
    return g_test_run();
}
