/* Addresses as the server reads them, and rules that are equal or not. */
#include <string.h>

#include "hba/read/file.h"
#include "hba/syntax/address.h"

typedef struct AddressCase {
    const char *text;
    const char *mask;
    HbaAddressProblem problem;
    const char *network; /* NULL: not a network */
    bool has_host_bits;
} AddressCase;

static const AddressCase cases[] = {
    { "10.0.0.0/8", NULL, HBA_ADDRESS_FINE, "10.0.0.0/8", false },
    { "10.0.0.1/8", NULL, HBA_ADDRESS_FINE, "10.0.0.0/8", true },
    { "10.0.0.0/+8", NULL, HBA_ADDRESS_FINE, "10.0.0.0/8", false },
    { "10.0.0.0/0", NULL, HBA_ADDRESS_FINE, "0.0.0.0/0", true },
    { "10.0.0.0/33", NULL, HBA_ADDRESS_BAD_PREFIX, NULL, false },
    { "10.0.0.0/", NULL, HBA_ADDRESS_BAD_PREFIX, NULL, false },
    { "10.0.0.0/x", NULL, HBA_ADDRESS_BAD_PREFIX, NULL, false },
    { "10.0.0.0/-1", NULL, HBA_ADDRESS_BAD_PREFIX, NULL, false },
    { "::1/129", NULL, HBA_ADDRESS_BAD_PREFIX, NULL, false },
    { "10.0.0.0/99999999999999999999", NULL, HBA_ADDRESS_BAD_PREFIX, NULL, false },
    { "::1/128", NULL, HBA_ADDRESS_FINE, "::1/128", false },
    { "fe80::1%eth0/64", NULL, HBA_ADDRESS_FINE, "fe80::/64", true },
    { "ff02::1%eth0/128", NULL, HBA_ADDRESS_FINE, "ff02::1/128", false },
    { "::1%1/128", NULL, HBA_ADDRESS_FINE, "::1/128", false },
    { "::1%eth0/128", NULL, HBA_ADDRESS_NAME_WITH_PREFIX, NULL, false },
    { "fe80::1%/64", NULL, HBA_ADDRESS_NAME_WITH_PREFIX, NULL, false },
    { "10.0.0.0", "255.0.0.0", HBA_ADDRESS_FINE, "10.0.0.0/8", false },
    { "10.0.0.0", "255.0.255.0", HBA_ADDRESS_FINE, "10.0.0.0 255.0.255.0", false },
    { "::", "ffff::", HBA_ADDRESS_FINE, "::/16", false },
    { "10.0.0.0", "ffff::", HBA_ADDRESS_OTHER_FAMILY, NULL, false },
    { "10.0.0.0", "mask", HBA_ADDRESS_BAD_MASK, NULL, false },
    { "10.0.0.0", NULL, HBA_ADDRESS_NO_MASK, NULL, false },
    { "10.0.0.0/8", "255.0.0.0", HBA_ADDRESS_NEEDLESS_MASK, NULL, false },
    { "samehost", "255.0.0.0", HBA_ADDRESS_NEEDLESS_MASK, NULL, false },
    { "example.org/8", NULL, HBA_ADDRESS_NAME_WITH_PREFIX, NULL, false },
};

static void
networks_are_read_as_the_server_reads_them(void)
{
    g_autoptr(Arena) arena = arena_new();

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        HbaAddress address = { 0 };
        HbaAddressProblem problem =
            hba_address_parse(arena, cases[i].text, false, cases[i].mask, &address);

        if (problem != cases[i].problem)
            g_error("%s gives problem %u", cases[i].text, problem);
        if (cases[i].network == NULL)
            continue;
        g_assert_cmpint(address.kind, ==, HBA_ADDRESS_NETWORK);
        g_assert_cmpstr(hba_address_network(arena, &address), ==, cases[i].network);
        if (hba_address_has_host_bits(&address) != cases[i].has_host_bits)
            g_error("%s: host bits", cases[i].text);
    }
}

static void
names_and_keywords_are_told_apart_by_quotes(void)
{
    g_autoptr(Arena) arena = arena_new();
    HbaAddress keyword = { 0 };
    HbaAddress name = { 0 };
    HbaAddress v6 = { 0 };

    hba_address_parse(arena, "samenet", false, NULL, &keyword);
    hba_address_parse(arena, "samenet", true, NULL, &name);
    hba_address_parse(arena, "2001:db8::5/32", false, NULL, &v6);
    g_assert_cmpint(keyword.kind, ==, HBA_ADDRESS_SAMENET);
    g_assert_cmpint(name.kind, ==, HBA_ADDRESS_HOST_NAME);
    g_assert_false(hba_address_has_host_bits(&name));
    g_assert_false(hba_address_equal(&keyword, &name));
    g_assert_true(hba_address_equal(&name, &name));
    g_assert_cmpstr(hba_address_host(arena, &v6), ==, "2001:db8::5/128");
    g_assert_true(hba_address_looks_numeric("10.0.0.300"));
    g_assert_false(hba_address_looks_numeric("example.org"));
    g_assert_false(hba_address_looks_numeric("10.example.org"));
}

static const HbaRule *
rule_of(Arena *arena, Findings *findings, const char *text)
{
    const HbaCheck check = {
        .arena = arena, .findings = findings, .version = 17, .server = "x", .enabled = true
    };
    List rules = { 0 };

    hba_file_parse(&check, &hba_file_source_local, "f", text, strlen(text), &rules);
    g_assert_cmpuint(rules.count, ==, 1);
    return rules.items[0];
}

/* Each differs from the first in one part. */
static void
rules_are_equal_where_every_part_is(void)
{
    static const char *const texts[] = {
        "host a,b u 10.0.0.0/8 scram-sha-256",
        "hostssl a,b u 10.0.0.0/8 scram-sha-256",
        "host a u 10.0.0.0/8 scram-sha-256",
        "host a,c u 10.0.0.0/8 scram-sha-256",
        "host a,+b u 10.0.0.0/8 scram-sha-256",
        "host a,b v 10.0.0.0/8 scram-sha-256",
        "host a,b u 10.0.0.0/9 scram-sha-256",
        "host a,b u 11.0.0.0/8 scram-sha-256",
        "host a,b u a000::/8 scram-sha-256",
        "host a,b u example.org scram-sha-256",
        "host a,b u example.com scram-sha-256",
        "host a,b u 10.0.0.0/8 md5",
        "host a,b u 10.0.0.0/8 ident map=x",
        "host a,b u 10.0.0.0/8 ident map=y",
        "host a,b u 10.0.0.0/8 ident",
        "host a,b u 10.0.0.0/8 ldap ldapserver=x ldapprefix=y",
        "host a,b u 10.0.0.0/8 ldap ldapserver=x ldapsuffix=y",
    };
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(Findings) findings = findings_new(arena);

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        for (size_t j = 0; j < G_N_ELEMENTS(texts); j++)
            g_assert_cmpint(hba_rule_equal(rule_of(arena, findings, texts[i]),
                                           rule_of(arena, findings, texts[j])),
                            ==, i == j);
    }
}

static void
comments_and_includes_are_equal_to_their_like(void)
{
    const HbaRule comment = { .is_comment = true };
    const HbaRule include = { .type = HBA_TYPE_INCLUDE, .include = "a" };
    const HbaRule other = { .type = HBA_TYPE_INCLUDE, .include = "b" };
    const HbaRule local = { .type = HBA_TYPE_LOCAL };

    g_assert_true(hba_rule_equal(&comment, &comment));
    g_assert_false(hba_rule_equal(&comment, &local));
    g_assert_false(hba_rule_equal(&local, &comment));
    g_assert_true(hba_rule_equal(&include, &include));
    g_assert_false(hba_rule_equal(&include, &other));
    g_assert_false(hba_rule_equal(&include, &local));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hba/address/networks", networks_are_read_as_the_server_reads_them);
    g_test_add_func("/hba/address/names", names_and_keywords_are_told_apart_by_quotes);
    g_test_add_func("/hba/rule/parts", rules_are_equal_where_every_part_is);
    g_test_add_func("/hba/rule/comments", comments_and_includes_are_equal_to_their_like);
    return g_test_run();
}
