/* Raw lines: what the servers would say of them, told beforehand. */
#include "tests/unit/hba/fixture.h"

#define PG  HBA_PROGRAM_POSTGRESQL
#define PGB HBA_PROGRAM_PGBOUNCER

typedef struct Case {
    int version; /* PostgreSQL's major; PgBouncer's is in the fixture */
    const char *line;
    const char *expected;
} Case;

static void
assert_findings(Fixture *fixture, HbaProgram program, const Case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        HbaRuleLists *lists =
            program == PG ? &fixture->instance.pg_hba : &fixture->instance.pgbouncer_hba;

        findings_free(fixture->findings);
        fixture->findings = findings_new(fixture->arena);
        hba_expander_free(fixture->expander);
        fixture->expander = hba_expander_new(fixture->arena, fixture->findings);
        lists->sections[HBA_SECTION_RULES].count = 0;
        if (cases[i].version != 0)
            fixture->instance.version = cases[i].version;
        add_raw(fixture, program, cases[i].line);
        g_assert_cmpstr(findings_of(fixture, program), ==, cases[i].expected);
    }
}

static void
lines_that_postgresql_takes_are_written_as_they_are(Fixture *fixture, const void *data)
{
    static const char *const lines[] = {
        "local all all peer map=x",
        "local\tall\tall\ttrust",
        "host all, a,b +grp,@file 10.0.0.0 255.0.0.0 md5",
        "host all all fe80::1/128 scram-sha-256 # why",
        "hostssl all all 0.0.0.0/0 cert clientcert=verify-full map=m",
        "hostgssenc all all 10.0.0.0/8 gss include_realm=0 krb_realm=X",
        "hostnogssenc \"a b\",c \"all\" samehost md5",
        "hostnossl sameuser /^x all reject",
        "host all all .example.com ldap ldapserver=x ldapprefix=\"cn=\" ldapsuffix=\",dc=x y\"",
        "host all all 10.0.0.0/8 radius radiusservers=h radiussecrets=s",
        "hostssl all all 10.0.0.0/8 oauth issuer=https://x scope=openid",
        "include \"a b.conf\"",
        "include_if_exists x.conf",
        "include_dir d",
        "# nothing but words",
    };
    HbaRuleDecl *decl = add_decl(fixture, PG, HBA_SECTION_RULES);
    g_autoptr(GString) text = g_string_new(NULL);
    GError *error = NULL;

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
        add_raw_line(fixture, decl, lines[i]);
    g_assert_true(hba_render(fixture->renderer, &fixture->instance, PG,
                             hba_expand(fixture->expander, &fixture->instance, PG), text, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(found(fixture), ==, "");
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        g_autofree char *line = g_strdup_printf("\n%s\n", lines[i]);

        g_assert_nonnull(strstr(text->str, line));
    }
}

static void
what_postgresql_refuses_is_an_error(Fixture *fixture, const void *data)
{
    static const Case cases[] = {
        { 18, "hsot all all 10.0.0.0/8 md5",
          "a.yml:20:5: error: connection type \"hsot\" does not exist [hba-type-unknown]\n"
          "  hint: did you mean \"host\"?; PostgreSQL 18 says: invalid connection type "
          "\"hsot\"\n" },
        { 18, "local,host all all md5",
          "a.yml:20:5: error: the connection type \"local,...\" is a list [hba-field-multiple]\n"
          "  hint: write a line for each; PostgreSQL 18 says: multiple values specified for "
          "connection type\n" },
        { 18, "local",
          "a.yml:20:5: error: the line ends before the database [hba-field-missing]\n"
          "  hint: PostgreSQL 18 says: end-of-line before database specification\n" },
        { 18, "local all",
          "a.yml:20:5: error: the line ends before the user [hba-field-missing]\n"
          "  hint: PostgreSQL 18 says: end-of-line before role specification\n" },
        { 18, "host all all",
          "a.yml:20:5: error: the line ends before the address [hba-field-missing]\n"
          "  hint: PostgreSQL 18 says: end-of-line before IP address specification\n" },
        { 18, "local all all",
          "a.yml:20:5: error: the line ends before the method [hba-field-missing]\n"
          "  hint: PostgreSQL 18 says: end-of-line before authentication method\n" },
        { 18, "local all, all peer",
          "a.yml:20:5: error: the line ends before the method [hba-field-missing]\n"
          "  hint: PostgreSQL 18 says: end-of-line before authentication method\n" },
        { 18, "host all all 10.0.0.1 md5",
          "a.yml:20:5: error: address \"10.0.0.1\" has no mask [hba-mask-missing]\n"
          "  hint: write \"10.0.0.1/32\" for that one host; PostgreSQL 18 says: end-of-line "
          "before netmask specification, or invalid IP mask\n" },
        { 18, "host all all 10.0.0.0/33 md5",
          "a.yml:20:5: error: address \"10.0.0.0/33\" has an invalid mask [hba-address-invalid]\n"
          "  hint: PostgreSQL 18 says: invalid CIDR mask in address \"10.0.0.0/33\"\n" },
        { 18, "host all all 10.0.0.300/8 md5",
          "a.yml:20:5: error: \"10.0.0.300/8\" is not an IP address: only those have a mask "
          "[hba-address-invalid]\n"
          "  hint: PostgreSQL 18 says: specifying both host name and CIDR mask is invalid: "
          "\"10.0.0.300/8\"\n" },
        { 18, "host all all 10.0.0.0 ffff:: md5",
          "a.yml:20:5: error: address \"10.0.0.0\" has a mask of the other family "
          "[hba-address-invalid]\n"
          "  hint: PostgreSQL 18 says: IP address and mask do not match\n" },
        { 18, "host all all 10.0.0.0/8 scram",
          "a.yml:20:5: error: method \"scram\" does not exist [hba-method-unknown]\n"
          "  hint: PostgreSQL 18 says: invalid authentication method \"scram\"\n" },
        { 18, "host all all 10.0.0.0/8 peer",
          "a.yml:20:5: error: method \"peer\" does not go with a \"host\" line [hba-method-type]\n"
          "  hint: peer works over the local socket only; PostgreSQL 18 says: peer authentication "
          "is only supported on local sockets\n" },
        { 18, "hostnossl all all 10.0.0.0/8 cert",
          "a.yml:20:5: error: method \"cert\" does not go with a \"hostnossl\" line "
          "[hba-method-type]\n"
          "  hint: PostgreSQL 18 says: cert authentication is only supported on hostssl "
          "connections\n" },
        { 18, "local all all gss",
          "a.yml:20:5: error: method \"gss\" does not go with a \"local\" line [hba-method-type]\n"
          "  hint: PostgreSQL 18 says: gssapi authentication is not supported on local "
          "sockets\n" },
        { 17, "host all all 10.0.0.0/8 oauth issuer=x scope=y",
          "a.yml:20:5: error: method \"oauth\" needs PostgreSQL 18, pg_version is 17 "
          "[hba-method-unsupported]\n"
          "  hint: PostgreSQL 17 says: invalid authentication method \"oauth\"\n" },
        { 15, "include x.conf",
          "a.yml:20:5: error: \"include\" needs PostgreSQL 16, pg_version is 15 "
          "[hba-type-unsupported]\n"
          "  hint: PostgreSQL 15 says: invalid connection type \"include\"\n" },
        { 18, "include a b",
          "a.yml:20:5: error: an include line takes one file [hba-field-multiple]\n"
          "  hint: put a name with blanks in quotes; PostgreSQL 18 says: invalid connection "
          "type\n" },
        { 18, "host all all 10.0.0.0/8 md5 map",
          "a.yml:20:5: error: \"map\" after the method is not a name=value option "
          "[hba-option-invalid]\n"
          "  hint: PostgreSQL 18 says: authentication option not in name=value format: map\n" },
        { 18, "host all all 10.0.0.0/8 ident mpa=x",
          "a.yml:20:5: error: option \"mpa\" does not exist [hba-option-invalid]\n"
          "  hint: did you mean \"map\"?; PostgreSQL 18 says: unrecognized authentication option "
          "name: \"mpa\"\n" },
        { 18, "host all all 10.0.0.0/8 md5 map=x",
          "a.yml:20:5: error: option \"map\" goes with the methods ident, peer, cert, gss, sspi, "
          "oauth, not with \"md5\" [hba-option-invalid]\n" },
        { 18, "host all all 10.0.0.0/8 md5 clientcert=verify-ca",
          "a.yml:20:5: error: option \"clientcert\" needs a hostssl line [hba-option-invalid]\n"
          "  hint: PostgreSQL 18 says: clientcert can only be configured for \"hostssl\" rows\n" },
        { 18, "hostssl all all 10.0.0.0/8 md5 clientcert=1",
          "a.yml:20:5: error: clientcert takes verify-full or verify-ca [hba-option-invalid]\n"
          "  hint: PostgreSQL 18 says: invalid value for clientcert: \"1\"\n" },
        { 13, "hostssl all all 10.0.0.0/8 md5 clientcert=1", "" },
        { 18, "hostssl all all 10.0.0.0/8 cert clientcert=verify-ca",
          "a.yml:20:5: error: clientcert takes only verify-full with the method \"cert\" "
          "[hba-option-invalid]\n" },
        { 18, "host all all 10.0.0.0/8 radius radiusservers=x",
          "a.yml:20:5: error: method \"radius\" needs the option \"radiussecrets\" "
          "[hba-option-missing]\n"
          "  hint: PostgreSQL 18 says: authentication method \"radius\" requires argument "
          "\"radiussecrets\" to be set\n" },
        { 18, "host all all 10.0.0.0/8 ldap ldapserver=x",
          "a.yml:20:5: error: method \"ldap\" needs ldapbasedn, ldapprefix, ldapsuffix or ldapurl "
          "[hba-option-missing]\n" },
        { 18, "host all all 10.0.0.0/8 ldap ldapprefix=x ldapbasedn=y",
          "a.yml:20:5: error: ldapprefix and ldapsuffix do not go with the options of a search "
          "[hba-option-invalid]\n"
          "  hint: PostgreSQL 18 says: cannot mix options for simple bind and search+bind "
          "modes\n" },
        { 16, "local all /( md5",
          "a.yml:20:5: error: \"/(\" is not a valid regular expression: it has unbalanced "
          "parentheses [hba-regex-invalid]\n"
          "  hint: PostgreSQL 16 says: invalid regular expression \"(\"\n" },
        { 18, "host all all @addresses md5",
          "a.yml:20:5: error: the address \"@addresses\" is in a file that cannot be checked "
          "[hba-names-file-misplaced]\n"
          "  hint: only users and databases may come from a file\n" },
        { 18, "local all all trust\nhost all all all trust",
          "a.yml:20:5: error: a raw line holds a newline or control character "
          "[hba-control-character]\n"
          "  hint: write one line per rule, without newlines and control characters\n" },
        { 18, "local all all trust \\",
          "a.yml:20:5: error: a raw line ends with a backslash [hba-trailing-backslash]\n"
          "  hint: PostgreSQL 14 and later would read the next line as its continuation\n" },
    };

    (void)data;
    assert_findings(fixture, PG, cases, G_N_ELEMENTS(cases));
}

static void
what_postgresql_reads_otherwise_than_it_looks_is_a_warning(Fixture *fixture, const void *data)
{
    static const Case cases[] = {
        { 18, "host all all 10.1/16 md5",
          "a.yml:20:5: warning: address \"10.1/16\" is read as 10.0.0.0/16 "
          "[hba-address-ambiguous]\n"
          "  hint: write 10.0.0.0/16\n"
          "a.yml:20:5: warning: address \"10.1/16\" means 10.0.0.0/16, all of it "
          "[hba-host-bits]\n"
          "  hint: write 10.0.0.0/16, or 10.0.0.1/32 for that one host\n" },
        { 18, "host all all 010.0.0.0/8 md5",
          "a.yml:20:5: warning: address \"010.0.0.0/8\" is read as 8.0.0.0/8 "
          "[hba-address-ambiguous]\n"
          "  hint: write 8.0.0.0/8\n" },
        { 18, "host all all 10.0.0.300 md5",
          "a.yml:20:5: warning: address \"10.0.0.300\" is not an IP address and is read as a host name [hba-address-ambiguous]\n" },
        { 15, "local all /^x md5",
          "a.yml:20:5: warning: \"/^x\" is a plain name before PostgreSQL 16 and matches only "
          "itself [hba-regex-unsupported]\n"
          "  hint: put it in quotes if the name is meant\n" },
        { 16, "local all \"/x\" md5",
          "a.yml:20:5: warning: \"/x\" is a regular expression: quotes do not make it a name "
          "[hba-regex-quoted]\n"
          "  hint: for the plain name write an expression between /^ and $\n" },
        { 16, "local all ***:( md5", "" },
        { 16, "local all /***:( md5",
          "a.yml:20:5: warning: \"/***:(\" is probably not a valid regular expression "
          "[hba-regex-doubtful]\n"
          "  hint: PostgreSQL refuses the whole file for a broken expression\n" },
        { 18, "local all all \"trust",
          "a.yml:20:5: warning: a double quote is not closed: PostgreSQL 18 reads all that follows "
          "as one word [hba-quote-open]\n"
          "  hint: a quote in a name is written as two\n" },
        { 18, "local \"\" all md5",
          "a.yml:20:5: warning: database \"\" matches nothing: a name has 1 to 63 bytes "
          "[hba-name-unmatchable]\n" },
        { 18, "host all all 10.0.0.0/8 sspi",
          "a.yml:20:5: warning: only servers on Windows have the method \"sspi\"; others refuse "
          "the whole file [hba-method-unavailable]\n" },
    };

    (void)data;
    assert_findings(fixture, PG, cases, G_N_ELEMENTS(cases));
}

static void
what_pgbouncer_skips_is_an_error(Fixture *fixture, const void *data)
{
    static const Case cases[] = {
        { 0, "host all all 10.0.0.0/8 ident",
          "a.yml:20:5: error: PgBouncer 1.18 skips rule \"a title\": it has no method \"ident\" "
          "[hba-pgb-method]\n"
          "  hint: write peer on a local line\n" },
        { 0, "hostgssenc all all 10.0.0.0/8 md5",
          "a.yml:20:5: error: PgBouncer 1.18 skips rule \"a title\": it has no \"hostgssenc\" "
          "lines [hba-pgb-type]\n"
          "  hint: write host, hostssl or hostnossl\n" },
        { 0, "include x",
          "a.yml:20:5: error: PgBouncer 1.18 skips rule \"a title\": it has no \"include\" lines "
          "[hba-pgb-type]\n"
          "  hint: write its rules here\n" },
        { 0, "local all all peer map=x",
          "a.yml:20:5: error: PgBouncer 1.18 skips rule \"a title\": it has no option \"map\" "
          "[hba-pgb-option]\n"
          "  hint: leave the option out\n" },
        { 0, "host all all all reject",
          "a.yml:20:5: error: PgBouncer 1.18 skips rule \"a title\": \"all\" is not an IP address "
          "[hba-pgb-address]\n"
          "  hint: write two lines, 0.0.0.0/0 and ::/0\n" },
        { 0, "host all all 10.1/16 md5",
          "a.yml:20:5: error: PgBouncer 1.18 skips rule \"a title\": it cannot read the address "
          "\"10.1/16\" [hba-pgb-address]\n"
          "  hint: write 10.0.0.0/16\n" },
        { 0, "host all all 10.0.0.9/24 md5",
          "a.yml:20:5: error: PgBouncer 1.18 never matches rule \"a title\": \"10.0.0.9/24\" has host bits set [hba-pgb-host-bits]\n"
          "  hint: write 10.0.0.0/24, or 10.0.0.9/32 for that one host\n" },
        { 0, "\"local\" all all md5",
          "a.yml:20:5: error: PgBouncer 1.18 skips a line with quotes around the connection type "
          "\"local\" [hba-pgb-quoting]\n"
          "  hint: remove the quotes\n" },
        { 0, "local all a\"b\" md5",
          "a.yml:20:5: error: PgBouncer 1.18 skips a line with quotes in the middle of a word "
          "[hba-pgb-quoting]\n"
          "  hint: put the whole name in quotes\n" },
        { 0, "local a,,b all md5",
          "a.yml:20:5: error: PgBouncer 1.18 skips a line with a comma that has no name on both "
          "sides [hba-item-empty]\n" },
        { 0, "local all replication md5",
          "a.yml:20:5: error: PgBouncer 1.18 skips or misreads rule \"a title\": \"replication\" "
          "is not a user to it [hba-pgb-word]\n"
          "  hint: write \"replication\" in quotes if it is a name\n" },
        { 0, "local a, b c ,\"+d\" scram-sha-256 # fine", "" },
        { 0, "host sameuser @users 10.0.0.0 255.0.0.0 password", "" },
    };

    (void)data;
    assert_findings(fixture, PGB, cases, G_N_ELEMENTS(cases));
}

static void
newer_pgbouncers_know_more(Fixture *fixture, const void *data)
{
    static const Case cases[] = {
        { 0, "local replication all md5", "" },
        { 0, "local all all peer map=x", "" },
        { 0, "host all all 10.0.0.0/8 ldap ldapurl=ldap://x/dc=y",
          "a.yml:20:5: error: PgBouncer 1.23.1 skips rule \"a title\": it has no method \"ldap\" "
          "[hba-pgb-method]\n"
          "  hint: it knows trust, reject, password, md5, scram-sha-256, cert and peer\n" },
    };

    (void)data;
    fixture->instance.pgbouncer_version = "1.23.1";
    assert_findings(fixture, PGB, cases, G_N_ELEMENTS(cases));
}

static void
a_rule_that_is_off_only_warns_of_pgbouncer_and_stays_a_comment(Fixture *fixture, const void *data)
{
    HbaRuleDecl *decl = add_raw(fixture, PGB, "host all +grp 10.0.0.0/8 md5");

    (void)data;
    decl->role = (OptText){ "replica", at(12) };
    add_raw_line(fixture, decl, "hostgssenc all all 10.0.0.0/8 md5");
    g_assert_cmpstr(rendered_rules(fixture, PGB), ==,
                    "#host all +grp 10.0.0.0/8 md5\n#hostgssenc all all 10.0.0.0/8 md5\n");
    g_assert_cmpstr(found(fixture), ==,
                    "a.yml:20:5: warning: PgBouncer 1.18 skips rule \"a title\": it has no groups "
                    "such as \"+grp\" [hba-pgb-off]\n"
                    "  hint: name the users, or leave the group to PostgreSQL's own rules\n"
                    "a.yml:20:5: warning: PgBouncer 1.18 skips rule \"a title\": it has no "
                    "\"hostgssenc\" lines [hba-pgb-off]\n"
                    "  hint: write host, hostssl or hostnossl\n");
}

static void
a_rule_that_is_off_is_checked_for_postgresql_all_the_same(Fixture *fixture, const void *data)
{
    HbaRuleDecl *decl = add_raw(fixture, PG, "host all all 10.0.0.0/8 peer");

    (void)data;
    decl->role = (OptText){ "offline", at(12) };
    (void)hba_expand(fixture->expander, &fixture->instance, PG);
    g_assert_true(findings_has_errors(fixture->findings));
}

static void
old_servers_cut_long_lines(Fixture *fixture, const void *data)
{
    g_autofree char *name = g_strnfill(10240, 'x');
    g_autofree char *line = g_strnfill(21000, ' ');
    const Case cases[] = {
        { 15, arena_printf(fixture->arena, "local all %s trust", name),
          "a.yml:20:5: error: a word is longer than PostgreSQL 15 reads [hba-line-too-long]\n"
          "  hint: PostgreSQL 15 says: authentication file token too long\n" },
        { 13, arena_printf(fixture->arena, "local all all trust %s", line),
          "a.yml:20:5: error: a raw line is longer than PostgreSQL 13 reads in one line "
          "[hba-line-too-long]\n"
          "  hint: split it into several rules\n" },
        { 14, arena_printf(fixture->arena, "local all all trust %s", line), "" },
    };
    HbaRuleDecl *decl = NULL;

    (void)data;
    assert_findings(fixture, PG, cases, G_N_ELEMENTS(cases));
    fixture->instance.version = 13;
    fixture->instance.pg_hba.sections[HBA_SECTION_RULES].count = 0;
    decl = add_alias(fixture, PG, NULL, NULL, "local", NULL);
    for (int i = 0; i < 5000; i++)
        add_name(fixture, &decl->user, arena_printf(fixture->arena, "u%d", i));
    g_assert_cmpstr(findings_of(fixture, PG), ==,
                    "a.yml:10:5: error: rule \"a title\" gives a line longer than PostgreSQL 13 "
                    "reads [hba-line-too-long]\n"
                    "  hint: split it into several rules\n");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST("line", lines_that_postgresql_takes_are_written_as_they_are);
    TEST("line", what_postgresql_refuses_is_an_error);
    TEST("line", what_postgresql_reads_otherwise_than_it_looks_is_a_warning);
    TEST("line", what_pgbouncer_skips_is_an_error);
    TEST("line", newer_pgbouncers_know_more);
    TEST("line", a_rule_that_is_off_only_warns_of_pgbouncer_and_stays_a_comment);
    TEST("line", a_rule_that_is_off_is_checked_for_postgresql_all_the_same);
    TEST("line", old_servers_cut_long_lines);
    return g_test_run();
}
