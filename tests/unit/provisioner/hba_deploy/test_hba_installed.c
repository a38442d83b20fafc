/* When a file in place has the rules that it is to have. */
#include <string.h>

#include "provisioner/hba_deploy/hba_installed.h"

/* Without include lines no session is needed. */
static HbaInstalled
parse(Arena *arena, const char *text)
{
    const HbaServer server = { .hba_file = "/data/pg_hba.conf", .major_version = 17 };

    return hba_installed_parse(arena, NULL, &server, text, strlen(text));
}

static bool
are_equal(const char *left, const char *right)
{
    g_autoptr(Arena) arena = arena_new();
    const HbaInstalled a = parse(arena, left);
    const HbaInstalled b = parse(arena, right);
    const List a_keys = hba_rule_keys(arena, &a.rules);
    const List b_keys = hba_rule_keys(arena, &b.rules);

    g_assert_null(a.broken);
    g_assert_null(b.broken);
    if (a_keys.count != b_keys.count)
        return false;
    for (size_t i = 0; i < a_keys.count; i++) {
        if (strcmp(a_keys.items[i], b_keys.items[i]) != 0)
            return false;
    }
    return true;
}

static void
spelling_does_not_count(void)
{
    g_assert_true(are_equal("host all alice 10.0.0.0/8 md5\n",
                            "# by hand\nhost\tall  \"alice\"   10.0.0.0  255.0.0.0 \"md5\" # x\n"));
    g_assert_true(
        are_equal("local app,crm bob peer map=m\n", "local app, crm  bob peer \"map=m\""));
}

static void
meaning_does(void)
{
    static const char rule[] = "hostssl app alice 10.0.0.0/8 ldap ldapserver=a ldapprefix=b\n";
    static const char *const others[] = {
        "",
        "host app alice 10.0.0.0/8 ldap ldapserver=a ldapprefix=b\n",
        "hostssl all alice 10.0.0.0/8 ldap ldapserver=a ldapprefix=b\n",
        "hostssl app +alice 10.0.0.0/8 ldap ldapserver=a ldapprefix=b\n",
        "hostssl app alice,bob 10.0.0.0/8 ldap ldapserver=a ldapprefix=b\n",
        "hostssl app alice 10.0.0.0/9 ldap ldapserver=a ldapprefix=b\n",
        "hostssl app alice samehost ldap ldapserver=a ldapprefix=b\n",
        "hostssl app alice a.example.org ldap ldapserver=a ldapprefix=b\n",
        "hostssl app alice 10.0.0.0/8 md5\n",
        "hostssl app alice 10.0.0.0/8 ldap ldapserver=a ldapprefix=c\n",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_false(are_equal(rule, others[i]));
    g_assert_false(are_equal("local \"all\" bob peer\n", "local all bob peer\n"));
}

static void
what_cannot_be_read_is_said(void)
{
    g_autoptr(Arena) arena = arena_new();

    g_assert_cmpstr(parse(arena, "local all all peer\nlocal all\n").broken, ==,
                    "/data/pg_hba.conf:2: the line ends before the user");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hba_installed/spelling does not count", spelling_does_not_count);
    g_test_add_func("/hba_installed/meaning does", meaning_does);
    g_test_add_func("/hba_installed/what cannot be read is said", what_cannot_be_read_is_said);
    return g_test_run();
}
