/* Identity of instances, clusters, policies, HBA rules as read, and files. */
#include <glib/gstdio.h>

#include "inventory/findings.h"
#include "inventory/load/inventory_load.h"
#include "tests/unit/inventory/fixture.h"

static void
assert_said(Fixture *fixture, const char *yaml, const char *expected)
{
    load(fixture, yaml);
    g_assert_cmpstr(said(fixture), ==, expected);
}

static void
an_instance_has_pigstys_defaults(Fixture *fixture, const void *data)
{
    const Instance *instance = NULL;

    (void)data;
    assert_said(fixture, INSTANCE("  admin_ip: 10.0.0.9\n"), "");
    instance = only_cluster(fixture)->primary;
    g_assert_cmpstr(instance->name, ==, "c-1");
    g_assert_cmpstr(instance->address, ==, "h");
    g_assert_cmpint(instance->port, ==, 5432);
    g_assert_cmpstr(instance->localhost, ==, "/var/run/postgresql");
    g_assert_cmpint(instance->version, ==, 18);
    g_assert_cmpstr(instance->users.admin, ==, "dbuser_dba");
    g_assert_cmpstr(instance->users.replication, ==, "replicator");
    g_assert_cmpuint(instance->intranet.count, ==, 3);
    g_assert_cmpstr(((const HbaText *)instance->intranet.items[1])->text, ==, "192.168.0.0/16");
    g_assert_cmpuint(instance->pg_hba.sections[HBA_SECTION_DEFAULT].count, ==, 12);
    g_assert_cmpuint(instance->pgbouncer_hba.sections[HBA_SECTION_DEFAULT].count, ==, 7);
    g_assert_cmpuint(instance->pool_roles.count, ==, 2);
    g_assert_cmpuint(only_cluster(fixture)->default_privileges.count, ==, 17);
    g_assert_cmpuint(only_cluster(fixture)->roles.count, ==, 8);
    g_assert_true(only_cluster(fixture)->provision);
    g_assert_true(((const RoleDecl *)only_cluster(fixture)->roles.items[0])->from_policy);
    g_assert_cmpstr(((const RoleDecl *)only_cluster(fixture)->roles.items[0])->pos.file, ==,
                    "policy:pigsty");
}

static void
a_seq_is_printed_as_jinja_prints_it(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(
        fixture,
        "all: {hosts: {a: {pg_cluster: c, pg_seq: 010, pg_role: primary}, b: {pg_cluster: c, "
        "pg_seq: '09', pg_role: replica}}}\n",
        "");
    g_assert_cmpstr(only_cluster(fixture)->primary->name, ==, "c-8");
    g_assert_cmpstr(((const Instance *)only_cluster(fixture)->instances.items[1])->name, ==,
                    "c-09");
}

static void
members_are_sorted_as_text(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture,
                "all:\n"
                " hosts:\n"
                "  10.10.10.9: {pg_seq: 1, pg_role: primary}\n"
                "  10.10.10.10: {pg_seq: 2, pg_role: replica}\n"
                " vars: {pg_cluster: c}\n",
                "");
    g_assert_cmpstr(only_cluster(fixture)->primary->cluster_addresses.items[0], ==, "10.10.10.10");
}

static void
what_is_wrong_with_identity_is_told(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(
        fixture,
        "all:\n"
        " children:\n"
        "  a: {vars: {pg_cluster: a}, hosts: {a1: {pg_seq: 1, pg_role: primary}, a2: {pg_seq: "
        "1, pg_role: primary}}}\n"
        "  b: {vars: {pg_cluster: b}, hosts: {b1: {pg_seq: 1, pg_role: replica}}}\n"
        "  c: {vars: {pg_cluster: c}, hosts: {c1: {pg_seq: x}, c2: {pg_role: primry}}}\n"
        "  d: {vars: {pg_cluster: a_b}, hosts: {d1: {pg_seq: 1, pg_role: primary}}}\n"
        "  e: {vars: {pg_cluster: root}, hosts: {e1: {pg_seq: 1, pg_role: primary}}}\n",
        "a.yml:3:86: error: hosts \"a1\" and \"a2\" are both instance \"a-1\", first at "
        "a.yml:3:51 [seq-duplicate]\n"
        "a.yml:3:98: error: cluster \"a\" has two primaries, \"a-1\" and \"a-1\", first at "
        "a.yml:3:63 [primary-duplicate]\n"
        "a.yml:4:26: error: cluster \"b\" has no primary [primary-missing]\n"
        "a.yml:5:38: error: host \"c1\" has pg_cluster but no pg_role [identity-missing]\n"
        "a.yml:5:51: error: \"pg_seq\" must be an integer of at least 0, found \"x\" "
        "[integer-invalid]\n"
        "a.yml:5:55: error: host \"c2\" has pg_cluster but no pg_seq [identity-missing]\n"
        "a.yml:5:69: error: \"pg_role\" must be one of primary, replica, offline, standby, "
        "delayed, found \"primry\" [value-unknown]\n"
        "a.yml:6:26: error: \"a_b\" cannot be the name of a cluster [cluster-name-invalid]\n"
        "a.yml:7:26: error: \"root\" cannot be the name of a cluster [cluster-name-invalid]\n");
}

static void
variables_that_look_like_ours_are_warned_of(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture,
                INSTANCE("  pg_userz: []\n"
                         "  pgb_hba_rule: []\n"
                         "  pg_parameters: {}\n"
                         "  pg_vip_enabled: yes\n"
                         "  pg_something_else: 1\n"
                         "  users: 1\n"),
                "a.yml:4:3: warning: unknown variable \"pg_userz\" [variable-unknown]\n"
                "a.yml:5:3: warning: unknown variable \"pgb_hba_rule\" [variable-unknown]\n");
}

static void
duplicate_keys_are_errors_in_our_variables_and_warnings_elsewhere(Fixture *fixture,
                                                                  const void *data)
{
    (void)data;
    assert_said(fixture,
                INSTANCE("  pg_users: [{name: x, login: yes, login: no}]\n"
                         "  other: {a: 1, a: 2}\n"
                         "  pg_port: 1\n"
                         "  pg_port: 2\n"),
                "a.yml:4:36: error: key \"login\" is given twice, first at a.yml:4:24 "
                "[key-duplicate]\n"
                "a.yml:5:17: warning: key \"a\" is given twice, first at a.yml:5:11 "
                "[key-duplicate-elsewhere]\n"
                "a.yml:7:3: error: key \"pg_port\" is given twice, first at a.yml:6:3 "
                "[key-duplicate]\n");
}

static void
addresses_are_checked(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(
        fixture,
        INSTANCE("  admin_ip: 10.0.0.256\n"
                 "  node_firewall_intranet: [10.0.0.0, 10.0.0.0/33, fd00::/8, 10.0.0.0/08]\n"),
        "a.yml:4:13: error: admin_ip \"10.0.0.256\" is not an IP address [address-invalid]\n"
        "a.yml:5:28: error: \"10.0.0.0\" in node_firewall_intranet is not a network in CIDR notation "
        "[address-invalid]\n"
        "a.yml:5:38: error: \"10.0.0.0/33\" in node_firewall_intranet is not a network in CIDR notation "
        "[address-invalid]\n"
        "a.yml:5:61: error: \"10.0.0.0/08\" in node_firewall_intranet is not a network in CIDR notation "
        "[address-invalid]\n");
}

static void
hba_rules_are_read_with_their_places(Fixture *fixture, const void *data)
{
    const List *rules = NULL;
    const HbaRuleDecl *raw = NULL;
    const HbaRuleDecl *alias = NULL;

    (void)data;
    assert_said(fixture,
                INSTANCE("  pg_hba_rules:\n"
                         "  - {title: t, role: offline, order: ~, rules: [local all all peer, x]}\n"
                         "  - {user: [a, 'b c'], db: all, addr: intra, auth: pwd, order: 1.5}\n"
                         "  - {addr: local, rules: [], order: z}\n"
                         "  pg_hba_rules_extra: [{addr: local}]\n"
                         "  pgb_hba_rules: [{addr: local}]\n"
                         "  pgbouncer_hba_rules: [{addr: local}, {addr: local}]\n"),
                "");
    rules = &only_cluster(fixture)->primary->pg_hba.sections[HBA_SECTION_RULES];
    raw = rules->items[0];
    alias = rules->items[1];
    g_assert_true(raw->is_raw);
    g_assert_cmpint(raw->order_kind, ==, HBA_ORDER_NULL);
    g_assert_cmpuint(((const HbaText *)raw->raw_lines.items[1])->pos.column, ==, 69);
    g_assert_true(alias->user.is_list);
    g_assert_cmpfloat(alias->order_number, ==, 1.5);
    g_assert_false(((const HbaRuleDecl *)rules->items[2])->is_raw);
    g_assert_cmpint(((const HbaRuleDecl *)rules->items[2])->order_kind, ==, HBA_ORDER_TEXT);
    g_assert_cmpuint(only_cluster(fixture)->primary->pg_hba.sections[HBA_SECTION_EXTRA].count, ==,
                     1);
    g_assert_cmpuint(
        only_cluster(fixture)->primary->pgbouncer_hba.sections[HBA_SECTION_RULES].count, ==, 3);
}

static void
null_in_a_rule_is_not_absent(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture,
                INSTANCE("  pg_hba_rules:\n"
                         "  - {user: ~, db: null, addr: , auth: ~, role: ~, rules: ~}\n"),
                "a.yml:5:12: error: \"user\" of a rule of pg_hba_rules is null [value-null]\n"
                "a.yml:5:19: error: \"db\" of a rule of pg_hba_rules is null [value-null]\n"
                "a.yml:5:31: error: \"addr\" of a rule of pg_hba_rules is null [value-null]\n"
                "a.yml:5:39: error: \"auth\" of a rule of pg_hba_rules is null [value-null]\n"
                "a.yml:5:48: error: \"role\" of a rule of pg_hba_rules is null [value-null]\n"
                "a.yml:5:58: error: \"rules\" of a rule of pg_hba_rules is null [value-null]\n");
}

static void
the_classic_policy_is_that_of_pigsty_1(Fixture *fixture, const void *data)
{
    const Cluster *cluster = NULL;

    (void)data;
    assert_said(fixture, INSTANCE("  pg_policy: classic\n"), "");
    cluster = only_cluster(fixture);
    g_assert_cmpstr(cluster->primary->policy->name, ==, "classic");
    g_assert_cmpuint(cluster->primary->policy->flags, ==,
                     POLICY_OWNER_REVOKES_CONNECT | POLICY_HBA_SECTIONS |
                         POLICY_RESET_DBSU_PASSWORD | POLICY_CLOSES_PUBLIC);
    g_assert_cmpstr(cluster->primary->users.admin, ==, "dbuser_admin");
    g_assert_cmpuint(cluster->roles.count, ==, 8);
    g_assert_cmpuint(cluster->default_privileges.count, ==, 13);
    g_assert_cmpint(find_role(fixture, "dbuser_monitor")->connection_limit.value, ==, 10);
    g_assert_true(find_role(fixture, "dbrole_admin")->attributes[ROLE_ATTRIBUTE_BYPASSRLS].value);
}

static void
an_unknown_policy_is_told(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture, INSTANCE("  pg_policy: clasic\n"),
                "a.yml:4:14: error: policy \"clasic\" does not exist [policy-unknown]\n");
}

static void
without_provisioning_users_and_databases_are_left_out(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture,
                INSTANCE("  pg_provision: no\n"
                         "  pg_users: [{name: x}]\n"
                         "  pg_databases: [{name: d}]\n"),
                "");
    g_assert_null(find_role(fixture, "x"));
    g_assert_cmpuint(only_cluster(fixture)->databases.count, ==, 0);
}

static void
a_conninfo_of_the_host_is_its_own(Fixture *fixture, const void *data)
{
    (void)data;
    assert_said(fixture,
                "all:\n"
                " hosts:\n"
                "  a: {pg_seq: 1, pg_role: primary, pg_conninfo: host=a}\n"
                "  b: {pg_seq: 2, pg_role: replica}\n"
                " vars: {pg_cluster: c, pg_conninfo: host=c}\n",
                "");
    g_assert_true(only_cluster(fixture)->primary->conninfo_is_own);
    g_assert_false(((const Instance *)only_cluster(fixture)->instances.items[1])->conninfo_is_own);
}

static void
write_file(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *parent = g_path_get_dirname(path);

    g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
remove_tree(const char *path)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name = NULL;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *inner = g_build_filename(path, name, NULL);

        remove_tree(inner);
    }
    g_remove(path);
}

static void
a_folder_is_its_files_in_name_order_with_group_vars(Fixture *fixture, const void *data)
{
    g_autofree char *folder = g_dir_make_tmp(NULL, NULL);
    const char *const paths[] = { folder, NULL };
    const InventoryOptions options = { .paths = paths };

    (void)data;
    write_file(folder, "b.yaml", "g: {vars: {pg_localhost: /b, pg_port: 2}}\n");
    write_file(folder, "a.yml",
               "g:\n  hosts: {h.1: {pg_cluster: c, pg_seq: 1, pg_role: primary}}\n"
               "  vars: {pg_localhost: /a, pg_port: 1, pg_env: inline, pg_data: /inline}\n");
    write_file(folder, "c.yml", "# nothing\n");
    write_file(folder, "notes.txt", "not: [yaml\n");
    write_file(folder, "group_vars/g/one.yml", "pg_env: from_group_vars\n");
    write_file(folder, "group_vars/all.yml", "pg_data: /all\n");
    write_file(folder, "host_vars/h.1.yml", "pg_host: db.example\n");
    write_file(folder, "host_vars/other.yml", "pg_host: x\n");
    fixture->inventory = inventory_load(fixture->arena, &options, fixture->findings);
    g_assert_nonnull(strstr(said(fixture), "no host of the inventory is named \"other\""));
    /* pg_localhost and pg_port stand in two files, pg_env in group_vars, too. */
    g_assert_nonnull(strstr(said(fixture), "\"pg_port\" of group \"g\" is set at"));
    g_assert_nonnull(strstr(said(fixture), "\"pg_env\" of group \"g\" is set at"));
    g_assert_cmpuint(fixture->findings->items.count, ==, 4);
    g_assert_cmpstr(only_cluster(fixture)->primary->localhost, ==, "/b");
    g_assert_cmpint(only_cluster(fixture)->primary->port, ==, 2);
    g_assert_cmpstr(only_cluster(fixture)->primary->env, ==, "from_group_vars");
    /* group_vars of all win over the inline variables of a group, as in Ansible. */
    g_assert_cmpstr(only_cluster(fixture)->primary->data, ==, "/all");
    g_assert_cmpstr(only_cluster(fixture)->primary->address, ==, "db.example");
    g_assert_cmpuint(fixture->inventory->files.count, ==, 6);
    remove_tree(folder);
}

static void
a_broken_file_does_not_hide_the_others(Fixture *fixture, const void *data)
{
    g_autofree char *folder = g_dir_make_tmp(NULL, NULL);
    const char *const paths[] = { folder, NULL };
    const InventoryOptions options = { .paths = paths };

    (void)data;
    write_file(folder, "a.yml", "g: [\n");
    write_file(folder, "b.yml", "g: {hosts: {h: {pg_cluster: a b}}}\n");
    fixture->inventory = inventory_load(fixture->arena, &options, fixture->findings);
    g_assert_nonnull(strstr(said(fixture), "did not find expected node content"));
    g_assert_nonnull(strstr(said(fixture), "\"a b\" cannot be the name of a cluster"));
    remove_tree(folder);
}

static void
missing_paths_and_empty_folders_are_told(Fixture *fixture, const void *data)
{
    g_autofree char *folder = g_dir_make_tmp(NULL, NULL);
    const char *const paths[] = { folder, "/nonexistent/x.yml", NULL };
    const InventoryOptions options = { .paths = paths };

    (void)data;
    fixture->inventory = inventory_load(fixture->arena, &options, fixture->findings);
    g_assert_cmpuint(fixture->findings->counts[SEVERITY_ERROR], ==, 2);
    g_assert_nonnull(strstr(said(fixture), "the folder contains no *.yml or *.yaml file"));
    g_assert_nonnull(strstr(said(fixture), "/nonexistent/x.yml: error: cannot read the file: No "
                                           "such file or directory [file-unreadable]"));
    remove_tree(folder);
}

static void
a_policy_of_ones_own_is_found_beside_the_file_that_names_it(Fixture *fixture, const void *data)
{
    g_autofree char *folder = g_dir_make_tmp(NULL, NULL);
    g_autofree char *file = g_build_filename(folder, "a.yml", NULL);
    const char *const paths[] = { file, NULL };
    const InventoryOptions options = { .paths = paths };

    (void)data;
    write_file(folder, "own/p.yml", "policy: {hba_sections: true}\nvars: {pg_port: 7}\n");
    write_file(folder, "a.yml",
               "all: {hosts: {h: {pg_cluster: c, pg_seq: 1, pg_role: primary, pg_policy: "
               "own/p.yml}}}\n");
    fixture->inventory = inventory_load(fixture->arena, &options, fixture->findings);
    /* This policy leaves defaults out that every instance needs. */
    g_assert_nonnull(strstr(said(fixture), "host \"h\" has pg_cluster but no pg_version"));
    g_assert_null(strstr(said(fixture), "no pg_port"));
    remove_tree(folder);
}

static void
every_kind_of_finding_has_an_id_and_a_summary(Fixture *fixture, const void *data)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);

    (void)fixture;
    (void)data;
    for (size_t i = 0; inventory_finding_kinds[i] != NULL; i++) {
        g_assert_true(g_hash_table_add(ids, (gpointer)inventory_finding_kinds[i]->id));
        g_assert_cmpstr(inventory_finding_kinds[i]->summary, !=, "");
    }
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST("/clusters/defaults", an_instance_has_pigstys_defaults);
    TEST("/clusters/seq", a_seq_is_printed_as_jinja_prints_it);
    TEST("/clusters/members", members_are_sorted_as_text);
    TEST("/clusters/identity", what_is_wrong_with_identity_is_told);
    TEST("/clusters/unknown-variables", variables_that_look_like_ours_are_warned_of);
    TEST("/clusters/duplicate-keys",
         duplicate_keys_are_errors_in_our_variables_and_warnings_elsewhere);
    TEST("/clusters/addresses", addresses_are_checked);
    TEST("/clusters/hba-rules", hba_rules_are_read_with_their_places);
    TEST("/clusters/hba-null", null_in_a_rule_is_not_absent);
    TEST("/clusters/classic", the_classic_policy_is_that_of_pigsty_1);
    TEST("/clusters/unknown-policy", an_unknown_policy_is_told);
    TEST("/clusters/no-provision", without_provisioning_users_and_databases_are_left_out);
    TEST("/clusters/conninfo", a_conninfo_of_the_host_is_its_own);
    TEST("/clusters/folder", a_folder_is_its_files_in_name_order_with_group_vars);
    TEST("/clusters/broken-file", a_broken_file_does_not_hide_the_others);
    TEST("/clusters/missing-paths", missing_paths_and_empty_folders_are_told);
    TEST("/clusters/own-policy", a_policy_of_ones_own_is_found_beside_the_file_that_names_it);
    TEST("/clusters/finding-kinds", every_kind_of_finding_has_an_id_and_a_summary);
    return g_test_run();
}
