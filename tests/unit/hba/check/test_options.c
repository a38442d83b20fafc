/* Options of methods: each line with what the server of that version says of it. */
#include <string.h>

#include "hba/read/file.h"

typedef struct OptionCase {
    int version;
    const char *line;
    const char *message; /* of the first finding; NULL: none */
} OptionCase;

static const OptionCase cases[] = {
    { 17, "hostssl all all 10.0.0.0/8 cert clientcert=verify-full", NULL },
    { 17, "hostssl all all 10.0.0.0/8 scram-sha-256 clientcert=verify-ca", NULL },
    { 17, "hostssl all all 10.0.0.0/8 cert clientcert=verify-ca",
      "clientcert takes only verify-full with the method \"cert\"" },
    { 13, "hostssl all all 10.0.0.0/8 cert clientcert=verify-ca", NULL },
    { 13, "hostssl all all 10.0.0.0/8 cert clientcert=no-verify",
      "clientcert takes only verify-full with the method \"cert\"" },
    { 13, "hostssl all all 10.0.0.0/8 md5 clientcert=1", NULL },
    { 13, "hostssl all all 10.0.0.0/8 md5 clientcert=0", NULL },
    { 17, "hostssl all all 10.0.0.0/8 md5 clientcert=1",
      "clientcert takes verify-full or verify-ca" },
    { 17, "hostssl all all 10.0.0.0/8 cert clientname=DN", NULL },
    { 17, "hostssl all all 10.0.0.0/8 cert clientname=CN", NULL },
    { 17, "hostssl all all 10.0.0.0/8 cert clientname=XN", "clientname takes CN or DN" },
    { 17, "host all all 10.0.0.0/8 ldap ldapserver=x ldapbasedn=y ldapport=389", NULL },
    { 17, "host all all 10.0.0.0/8 ldap ldapserver=x ldapbasedn=y ldapport=none",
      "ldapport takes a port number" },
    { 17, "host all all 10.0.0.0/8 ldap ldapserver=x",
      "method \"ldap\" needs ldapbasedn, ldapprefix, ldapsuffix or ldapurl" },
    { 17, "host all all 10.0.0.0/8 ldap ldapserver=x ldapprefix=y ldapbasedn=z",
      "ldapprefix and ldapsuffix do not go with the options of a search" },
    { 17, "host all all 10.0.0.0/8 ldap ldapserver=x ldapsuffix=y ldapbinddn=z",
      "ldapprefix and ldapsuffix do not go with the options of a search" },
    { 17,
      "host all all 10.0.0.0/8 ldap ldapserver=x ldapbasedn=y ldapsearchattribute=a "
      "ldapsearchfilter=f",
      "ldapsearchattribute does not go with ldapsearchfilter" },
    { 17, "host all all 10.0.0.0/8 ldap ldapurl=\"ldap://x/o=y\"", NULL },
};

static void
options_have_the_values_that_the_server_takes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Arena) arena = arena_new();
        g_autoptr(Findings) findings = findings_new(arena);
        const HbaCheck check = { .arena = arena,
                                 .findings = findings,
                                 .version = cases[i].version,
                                 .server = "the server",
                                 .enabled = true };
        const char *message = NULL;
        List rules = { 0 };

        hba_file_parse(&check, &hba_file_source_local, "f", cases[i].line, strlen(cases[i].line),
                       &rules);
        if (findings->items.count > 0)
            message = ((const Finding *)findings->items.items[0])->message;
        if (g_strcmp0(message, cases[i].message) != 0)
            g_error("%d: %s: %s", cases[i].version, cases[i].line, message);
        g_assert_cmpuint(rules.count, ==, message == NULL ? 1 : 0);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hba/options/values", options_have_the_values_that_the_server_takes);
    return g_test_run();
}
