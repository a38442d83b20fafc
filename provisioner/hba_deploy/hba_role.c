/* Roles at run time, in PostgreSQL's and in Patroni's words. */
#include "provisioner/hba_deploy/hba_role.h"

#include <string.h>

#include "inventory/model/words.h"
#include "provisioner/findings.h"

const char *const hba_role_from_words[] = {
    [HBA_ROLE_FROM_INVENTORY] = "inventory",
    [HBA_ROLE_FROM_SERVER] = "server",
    [HBA_ROLE_FROM_PATRONI] = "patroni",
    [HBA_ROLE_FROM_COUNT] = NULL,
};

/*
 * Recovery is all that a server knows about its role; replica, offline and delayed are the
 * inventory's words for a server in recovery.
 */
PgRole
hba_role_of_server(const Instance *instance, bool in_recovery)
{
    if (!in_recovery)
        return PG_ROLE_PRIMARY;
    if (instance->role != PG_ROLE_PRIMARY || instance->cluster->upstream != NULL)
        return instance->role;
    return PG_ROLE_REPLICA;
}

typedef enum Leads {
    LEADS_ALWAYS,
    LEADS_STANDBY_CLUSTER, /* the primary of a cluster with pg_upstream, a replica elsewhere */
    LEADS_NEVER,
} Leads;

static const struct PatroniRole {
    const char *word;
    Leads leads;
} patroni_roles[] = {
    { "primary", LEADS_ALWAYS },
    { "master", LEADS_ALWAYS },
    { "leader", LEADS_ALWAYS },
    { "promoted", LEADS_ALWAYS },
    { "standby_leader", LEADS_STANDBY_CLUSTER },
    { "replica", LEADS_NEVER },
    { "sync_standby", LEADS_NEVER },
    { "quorum_standby", LEADS_NEVER },
    { "demoted", LEADS_NEVER },
    { "uninitialized", LEADS_NEVER },
};

/* An unknown word is refused: a rule for the wrong role may let people in. */
bool
hba_role_of_patroni(const Instance *instance, const char *word, PgRole *ret_role)
{
    for (size_t i = 0; i < G_N_ELEMENTS(patroni_roles); i++) {
        const struct PatroniRole *row = &patroni_roles[i];
        bool leads = row->leads == LEADS_ALWAYS ||
                     (row->leads == LEADS_STANDBY_CLUSTER && instance->cluster->upstream != NULL);

        if (strcmp(word, row->word) != 0)
            continue;
        if (leads)
            *ret_role = PG_ROLE_PRIMARY;
        else
            *ret_role = instance->role == PG_ROLE_PRIMARY ? PG_ROLE_REPLICA : instance->role;
        return true;
    }
    return false;
}

void
hba_role_compare(const Instance *instance, bool in_recovery, Findings *findings)
{
    PgRole now = hba_role_of_server(instance, in_recovery);

    if (now == instance->role)
        return;
    findings_add(findings, &FINDING_HBA_ROLE_DIFFERS, instance->pos,
                 "hba install --pg-role-from server takes the server's role",
                 "instance \"%s\" is \"%s\" in the inventory, and its server is now %s, the role "
                 "\"%s\": its HBA rules are those of the inventory's role",
                 instance->name, pg_role_name(instance->role),
                 in_recovery ? "in recovery" : "not in recovery", pg_role_name(now));
}
