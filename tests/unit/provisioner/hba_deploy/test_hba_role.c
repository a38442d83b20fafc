/* Which role of the inventory a role at run time is. */
#include "provisioner/hba_deploy/hba_role.h"

static const Cluster primary_cluster = { .name = "pg-test" };
static const Cluster standby_cluster = { .name = "pg-copy", .upstream = "pg-test" };

static PgRole
of_patroni(const Cluster *cluster, PgRole declared, const char *word)
{
    const Instance instance = { .cluster = cluster, .role = declared };
    PgRole role = PG_ROLE_COUNT;

    g_assert_true(hba_role_of_patroni(&instance, word, &role));
    return role;
}

static void
a_server_out_of_recovery_is_primary(void)
{
    const Instance offline = { .cluster = &primary_cluster, .role = PG_ROLE_OFFLINE };

    g_assert_cmpint(hba_role_of_server(&offline, false), ==, PG_ROLE_PRIMARY);
    g_assert_cmpint(hba_role_of_server(&offline, true), ==, PG_ROLE_OFFLINE);
}

static void
a_primary_in_recovery_is_a_replica_unless_the_cluster_is_a_standby(void)
{
    Instance instance = { .cluster = &primary_cluster, .role = PG_ROLE_PRIMARY };

    g_assert_cmpint(hba_role_of_server(&instance, true), ==, PG_ROLE_REPLICA);
    instance.cluster = &standby_cluster;
    g_assert_cmpint(hba_role_of_server(&instance, true), ==, PG_ROLE_PRIMARY);
}

static void
patronis_words_of_all_versions(void)
{
    static const char *const leading[] = { "master", "primary", "leader", "promoted" };
    static const char *const following[] = { "replica", "demoted", "sync_standby" };

    for (size_t i = 0; i < G_N_ELEMENTS(leading); i++)
        g_assert_cmpint(of_patroni(&primary_cluster, PG_ROLE_DELAYED, leading[i]), ==,
                        PG_ROLE_PRIMARY);
    for (size_t i = 0; i < G_N_ELEMENTS(following); i++) {
        g_assert_cmpint(of_patroni(&primary_cluster, PG_ROLE_PRIMARY, following[i]), ==,
                        PG_ROLE_REPLICA);
        g_assert_cmpint(of_patroni(&primary_cluster, PG_ROLE_DELAYED, following[i]), ==,
                        PG_ROLE_DELAYED);
    }
}

static void
a_standby_leader_leads_a_standby_cluster_only(void)
{
    g_assert_cmpint(of_patroni(&standby_cluster, PG_ROLE_PRIMARY, "standby_leader"), ==,
                    PG_ROLE_PRIMARY);
    g_assert_cmpint(of_patroni(&primary_cluster, PG_ROLE_PRIMARY, "standby_leader"), ==,
                    PG_ROLE_REPLICA);
}

static void
an_unknown_word_is_no_role(void)
{
    const Instance instance = { .cluster = &primary_cluster, .role = PG_ROLE_PRIMARY };
    PgRole role = PG_ROLE_COUNT;

    g_assert_false(hba_role_of_patroni(&instance, "king", &role));
    g_assert_cmpint(role, ==, PG_ROLE_COUNT);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hba_role/a server out of recovery is primary",
                    a_server_out_of_recovery_is_primary);
    g_test_add_func("/hba_role/a primary in recovery is a replica unless the cluster is a standby",
                    a_primary_in_recovery_is_a_replica_unless_the_cluster_is_a_standby);
    g_test_add_func("/hba_role/patroni's words of all versions", patronis_words_of_all_versions);
    g_test_add_func("/hba_role/a standby leader leads a standby cluster only",
                    a_standby_leader_leads_a_standby_cluster_only);
    g_test_add_func("/hba_role/an unknown word is no role", an_unknown_word_is_no_role);
    return g_test_run();
}
