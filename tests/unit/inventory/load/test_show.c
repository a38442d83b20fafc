/* The canonical YAML of an instance: secrets hidden, quotes where needed, and readable again. */
#include "inventory/load/show.h"
#include "inventory/yaml/node.h"
#include "inventory/yaml/yaml_reader.h"
#include "tests/unit/inventory/fixture.h"

static char *
shown(Fixture *fixture)
{
    g_autoptr(GString) out = g_string_new(NULL);

    g_assert_cmpstr(said(fixture), ==, "");
    instance_show(only_cluster(fixture)->primary, out);
    return arena_strdup(fixture->arena, out->str);
}

static void
secrets_are_hidden_and_references_are_not(Fixture *fixture, const void *data)
{
    char *text = NULL;

    (void)data;
    load(fixture, INSTANCE("  pg_admin_password: hunter2\n"
                           "  pg_conninfo: host=x password=hunter2\n"
                           "  pg_users:\n"
                           "  - {name: a, password: hunter2}\n"
                           "  - {name: b, password: md5900150983cd24fb0d6963f7d28e17f72}\n"
                           "  - {name: c, password: {env: PW_OF_C}}\n"
                           "  - {name: d, options: LOGIN PASSWORD 'hunter2'}\n"
                           "  - {name: e, password: '{{ pw }}'}\n"
                           "  pw: hunter2\n"
                           "  pg_hba_rules: [{rules: ['host all all all ldap "
                           "ldapserver=x ldapbindpasswd=hunter2']}]\n"));
    text = shown(fixture);
    g_assert_null(strstr(text, "hunter2"));
    g_assert_null(strstr(text, "md5900"));
    g_assert_nonnull(strstr(text, "      password: <secret>\n"));
    g_assert_nonnull(strstr(text, "        env: PW_OF_C\n"));
    g_assert_nonnull(strstr(text, "  pg_conninfo: <secret>\n"));
}

static void
what_is_shown_reads_as_the_same_values(Fixture *fixture, const void *data)
{
    static const char *const variables[] = { "pg_users", "pg_databases", "pg_hba_rules" };
    const Node *before = NULL;
    const Node *after = NULL;

    (void)data;
    load(fixture, INSTANCE("  pg_users:\n"
                           "  - {name: 'no', comment: \"two\\nlines\\t\\\"x\\\" \\\\ é\"}\n"
                           "  - {name: '-x', comment: '', connlimit: 017, login: no}\n"
                           "  - {name: '2030-01-01', comment: !unsafe '{{ x }}', roles: []}\n"
                           "  - {name: 'a: b #c', roles: [dbrole_admin, {name: dbrole_readonly}]}\n"
                           "  - {name: '0755', expire_at: 2030-01-01, comment: ~}\n"
                           "  - {name: ' x', parameters: {work_mem: 1.50, search_path: 'a, b'}}\n"
                           "  pg_databases: [{name: d, schemas: [s]}]\n"
                           "  pg_hba_rules: [{addr: local, order: ~}]\n"));
    findings_free(fixture->findings);
    fixture->findings = findings_new(fixture->arena);
    after = node_get(yaml_read_bytes(fixture->arena, (SourcePos){ .file = "b.yml" }, shown(fixture),
                                     strlen(shown(fixture)), fixture->findings),
                     "c-1");
    before = only_cluster(fixture)->primary->variables;
    g_assert_cmpstr(said(fixture), ==, "");
    for (size_t i = 0; i < G_N_ELEMENTS(variables); i++)
        g_assert_true(node_equal(node_get(before, variables[i]), node_get(after, variables[i])));
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST("/show/secrets", secrets_are_hidden_and_references_are_not);
    TEST("/show/round-trip", what_is_shown_reads_as_the_same_values);
    return g_test_run();
}
