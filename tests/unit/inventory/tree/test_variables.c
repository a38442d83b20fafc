/* Ansible's inheritance, host ranges, and templates. */
#include "tests/unit/inventory/fixture.h"

/* The socket folder of each instance, by host in order: a variable without meaning for the tests.
 */
static char *
socket_folders(const Fixture *fixture)
{
    g_autoptr(GString) out = g_string_new(NULL);

    LIST_FOREACH (const Cluster, cluster, &fixture->inventory->clusters) {
        LIST_FOREACH (const Instance, instance, &cluster->instances)
            g_string_append_printf(out, "%s%s=%s", out->len > 0 ? " " : "", instance->host,
                                   instance->localhost);
    }
    return arena_strdup(fixture->arena, out->str);
}

static void
the_host_wins_over_the_deeper_group_over_all(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, "all:\n"
                  "  vars: {pg_localhost: /all, pg_cluster: c}\n"
                  "  children:\n"
                  "    outer:\n"
                  "      vars: {pg_localhost: /outer}\n"
                  "      hosts: {b: {pg_seq: 2, pg_role: replica}}\n"
                  "      children:\n"
                  "        inner:\n"
                  "          vars: {pg_localhost: /inner}\n"
                  "          hosts:\n"
                  "            c: {pg_seq: 3, pg_role: replica}\n"
                  "            d: {pg_seq: 4, pg_role: replica, pg_localhost: /d}\n"
                  "  hosts: {a: {pg_seq: 1, pg_role: primary}}\n");
    g_assert_cmpstr(said(fixture), ==, "");
    g_assert_cmpstr(socket_folders(fixture), ==, "a=/all b=/outer c=/inner d=/d");
}

static void
of_groups_as_deep_the_later_name_wins_unless_priority_says_otherwise(Fixture *fixture,
                                                                     const void *data)
{
    (void)data;
    load(fixture,
         "all:\n"
         "  vars: {pg_cluster: c}\n"
         "  children:\n"
         "    z: {vars: {pg_localhost: /z}, hosts: {h: {pg_seq: 1, pg_role: primary}}}\n"
         "    a: {vars: {pg_localhost: /a}, hosts: {h: , i: {pg_seq: 2, pg_role: replica}}}\n"
         "    b: {vars: {pg_localhost: /b, ansible_group_priority: 0}, hosts: {i: }}\n");
    g_assert_cmpstr(said(fixture), ==, "");
    g_assert_cmpstr(socket_folders(fixture), ==, "h=/z i=/a");
}

static void
inline_variables_of_all_mentions_of_a_host_add_up(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, "all:\n"
                  "  children:\n"
                  "    one: {hosts: {h: {pg_cluster: c, pg_seq: 7, pg_localhost: /one}}}\n"
                  "    two: {hosts: {h: {pg_role: primary, pg_localhost: /two}}}\n");
    g_assert_cmpstr(said(fixture), ==, "");
    g_assert_cmpstr(socket_folders(fixture), ==, "h=/two");
    g_assert_cmpint(only_cluster(fixture)->primary->seq, ==, 7);
}

static void
a_group_may_be_mentioned_in_several_places(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, "all:\n"
                  "  children:\n"
                  "    outer: {children: {g: }}\n"
                  "    g: {hosts: {h: {pg_cluster: c, pg_seq: 1, pg_role: primary}}}\n"
                  "g: {vars: {pg_localhost: /g}}\n"
                  "outer: {vars: {pg_localhost: /outer, pg_port: 6000}}\n");
    g_assert_cmpstr(said(fixture), ==, "");
    g_assert_cmpstr(socket_folders(fixture), ==, "h=/g");
    g_assert_cmpint(only_cluster(fixture)->primary->port, ==, 6000);
}

static void
host_ranges_are_expanded(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, "all:\n"
                  "  hosts:\n"
                  "    \"db[08:10]\": {pg_cluster: c, pg_role: replica}\n"
                  "    \"x[a:c:2].y[1:2]:2222\": {pg_cluster: c, pg_role: replica}\n"
                  "    db08: {pg_seq: 1, pg_role: primary}\n"
                  "    db09: {pg_seq: 2}\n"
                  "    db10: {pg_seq: 3}\n"
                  "    xa.y1: {pg_seq: 4}\n"
                  "    xa.y2: {pg_seq: 5}\n"
                  "    xc.y1: {pg_seq: 6}\n"
                  "    xc.y2: {pg_seq: 7, pg_localhost: /last}\n"
                  "  vars: {pg_localhost: /s}\n");
    g_assert_cmpstr(said(fixture), ==, "");
    g_assert_cmpstr(socket_folders(fixture), ==,
                    "db08=/s db09=/s db10=/s xa.y1=/s xa.y2=/s xc.y1=/s xc.y2=/last");
}

static void
a_range_that_cannot_be_expanded_is_told(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, "all: {hosts: {\"a[3:1]\": , \"b[1\": , \"c[01:3]\": , \"d[a:1]\": , "
                  "\"e[1:2:0]\": , \"f[1:900000]\": }}\n");
    g_assert_cmpstr(
        said(fixture), ==,
        "a.yml:1:15: error: cannot expand the host \"a[3:1]\": the range ends before it begins "
        "[host-range-invalid]\n"
        "a.yml:1:27: error: cannot expand the host \"b[1\": the range has no closing bracket "
        "[host-range-invalid]\n"
        "a.yml:1:36: error: cannot expand the host \"c[01:3]\": both ends of a range with leading "
        "zeros have equally many digits [host-range-invalid]\n"
        "a.yml:1:49: error: cannot expand the host \"d[a:1]\": the ends of a range are two numbers "
        "or two letters [host-range-invalid]\n"
        "a.yml:1:61: error: cannot expand the host \"e[1:2:0]\": the step of a range is a number of "
        "at least 1 [host-range-invalid]\n"
        "a.yml:1:75: error: cannot expand the host \"f[1:900000]\": the range expands to too many "
        "hosts [host-range-invalid]\n");
}

static void
groups_that_contain_each_other_are_told(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, "a: {children: {b: {children: {a: }}}}\n");
    g_assert_cmpstr(said(fixture), ==,
                    "a.yml:1:1: error: group \"a\" is among its own children, by way of \"b\" "
                    "[group-cycle]\n");
}

static void
what_is_no_inventory_is_told(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, "hosts: {a: }\n"
                  "all: {hosts: [a], vars: 7, childrn: {}, other: 1}\n");
    g_assert_cmpstr(said(fixture), ==,
                    "a.yml:1:1: error: \"hosts\" is not a group "
                    "[inventory-invalid]\n"
                    "a.yml:2:14: error: hosts of \"all\" must be a mapping, found a list "
                    "[inventory-invalid]\n"
                    "a.yml:2:25: error: vars of \"all\" must be a mapping, found a number "
                    "[inventory-invalid]\n"
                    "a.yml:2:28: error: unknown key \"childrn\" in group \"all\" [key-unknown]\n"
                    "a.yml:2:41: warning: unknown key \"other\" in group \"all\" "
                    "[key-ignored]\n");
}

static void
a_reference_alone_keeps_the_type_of_what_it_names(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, INSTANCE("  pg_port: '{{ port }}'\n"
                           "  port: '{{ real_port }}'\n"
                           "  real_port: 6432\n"
                           "  pg_users: '{{ people }}'\n"
                           "  people: [{name: x, login: '{{ yes_or_no }}'}]\n"
                           "  yes_or_no: no\n"));
    g_assert_cmpstr(said(fixture), ==, "");
    g_assert_cmpint(only_cluster(fixture)->primary->port, ==, 6432);
    g_assert_false(find_role(fixture, "x")->attributes[ROLE_ATTRIBUTE_LOGIN].value);
}

static void
a_reference_inside_a_text_is_printed(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, INSTANCE("  pg_users:\n"
                           "  - {name: x, comment: '{{ inventory_hostname }} is {{pg_instance}}, "
                           "{{ n }} {{ b }}'}\n"
                           "  n: 0755\n"
                           "  b: yes\n"));
    g_assert_cmpstr(said(fixture), ==, "");
    g_assert_cmpstr(find_role(fixture, "x")->comment.value, ==, "h is c-1, 493 True");
}

static void
facts_can_be_referred_to(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, "all:\n"
                  "  children:\n"
                  "    infra: {hosts: {i2: , i1: }}\n"
                  "    db: {hosts: {h: {pg_cluster: c, pg_seq: 1, pg_role: primary}}}\n"
                  "  vars:\n"
                  "    pg_hba_rules:\n"
                  "      - {user: \"{{ groups['infra'] }}\", addr: local}\n"
                  "      - {user: \"{{ pg_cluster_members }}\", addr: local}\n");
    g_assert_cmpstr(said(fixture), ==, "");
    {
        const List *rules = &only_cluster(fixture)->primary->pg_hba.sections[HBA_SECTION_RULES];
        const HbaRuleDecl *infra = rules->items[0];
        const HbaRuleDecl *members = rules->items[1];

        g_assert_cmpuint(infra->user.names.count, ==, 2);
        g_assert_cmpstr(((const HbaText *)infra->user.names.items[0])->text, ==, "i1");
        g_assert_cmpuint(members->user.names.count, ==, 1);
    }
}

static void
what_cannot_be_resolved_is_told_only_where_it_is_needed(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, INSTANCE("  pg_users:\n"
                           "  - {name: x, comment: '{{ missing }}'}\n"
                           "  - {name: y, comment: '{{ n | int }}', z_other: '{{ n | int }}'}\n"
                           "  - {name: z, comment: '{% if x %}'}\n"
                           "  other: '{{ lookup(1) }}'\n"));
    g_assert_cmpstr(said(fixture), ==,
                    "a.yml:5:24: error: the variable \"missing\" is not defined "
                    "[variable-undefined]\n"
                    "a.yml:6:24: error: only {{ name }} is understood in a value that is needed "
                    "[jinja-unsupported]\n"
                    "a.yml:6:41: warning: unknown key \"z_other\" in role \"y\" "
                    "[key-ignored]\n"
                    "a.yml:7:24: error: only {{ name }} is understood in a value that is needed "
                    "[jinja-unsupported]\n");
}

static void
a_variable_that_refers_to_itself_is_told_with_its_way(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, INSTANCE("  pg_env: '{{ a }}'\n"
                           "  a: '{{ b }}'\n"
                           "  b: '{{ a }}'\n"));
    g_assert_cmpstr(said(fixture), ==,
                    "a.yml:6:6: error: the variable \"a\" refers to itself: a -> b -> a "
                    "[variable-cycle]\n");
}

static void
templates_that_double_end(Fixture *fixture, const void *data)
{
    g_autoptr(GString) yaml = g_string_new("all:\n  hosts: {h: }\n  vars:\n    x0: ''\n"
                                           "    pg_cluster: '{{ x60 }}'\n");

    (void)data;
    for (int i = 1; i <= 60; i++)
        g_string_append_printf(yaml, "    x%d: '{{ x%d }}{{ x%d }}'\n", i, i - 1, i - 1);
    load(fixture, yaml->str);
    g_assert_nonnull(strstr(said(fixture), "template expansion exceeded the limit"));
}

static void
an_unsafe_text_is_no_template(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture, INSTANCE("  pg_users: [{name: x, password: !unsafe 'a{{ b }}'}]\n"));
    g_assert_cmpstr(said(fixture), ==, "");
    g_assert_cmpstr(find_role(fixture, "x")->password.text, ==, "a{{ b }}");
}

static void
a_shared_list_is_bound_once(Fixture *fixture, const void *data)
{
    const Cluster *first = NULL;
    const Cluster *second = NULL;

    (void)data;
    load(fixture, "all:\n"
                  "  hosts:\n"
                  "    a: {pg_cluster: a, pg_seq: 1, pg_role: primary}\n"
                  "    b: {pg_cluster: b, pg_seq: 1, pg_role: primary}\n"
                  "  vars: {pg_users: [{name: x, password: '{{ pw }}'}], pw: p}\n");
    g_assert_cmpstr(said(fixture), ==, "");
    first = fixture->inventory->clusters.items[0];
    second = fixture->inventory->clusters.items[1];
    g_assert_true(first->roles.items == second->roles.items);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST("/variables/precedence", the_host_wins_over_the_deeper_group_over_all);
    TEST("/variables/priority",
         of_groups_as_deep_the_later_name_wins_unless_priority_says_otherwise);
    TEST("/variables/mentions-of-a-host", inline_variables_of_all_mentions_of_a_host_add_up);
    TEST("/variables/mentions-of-a-group", a_group_may_be_mentioned_in_several_places);
    TEST("/variables/host-ranges", host_ranges_are_expanded);
    TEST("/variables/bad-host-ranges", a_range_that_cannot_be_expanded_is_told);
    TEST("/variables/group-loop", groups_that_contain_each_other_are_told);
    TEST("/variables/no-inventory", what_is_no_inventory_is_told);
    TEST("/variables/reference-alone", a_reference_alone_keeps_the_type_of_what_it_names);
    TEST("/variables/reference-inside", a_reference_inside_a_text_is_printed);
    TEST("/variables/facts", facts_can_be_referred_to);
    TEST("/variables/unresolved", what_cannot_be_resolved_is_told_only_where_it_is_needed);
    TEST("/variables/loop", a_variable_that_refers_to_itself_is_told_with_its_way);
    TEST("/variables/doubling", templates_that_double_end);
    TEST("/variables/unsafe", an_unsafe_text_is_no_template);
    TEST("/variables/shared-list", a_shared_list_is_bound_once);
    return g_test_run();
}
