/*
 * Deploying HBA rules: which role counts for an instance, what its file is then to be, and how that
 * gets onto its server. `hba install` and the last phase of apply do it through here.
 */
#pragma once

#include "provisioner/hba_deploy/hba_install.h"
#include "provisioner/hba_deploy/hba_role.h"

typedef enum HbaRoleReport {
    HBA_ROLE_ALREADY_REPORTED, /* the plan's notes have it */
    HBA_ROLE_REPORTED, /* a note where the server's role or version is not the inventory's */
} HbaRoleReport;

typedef struct HbaDeployment {
    Arena *arena;
    HbaRenderings *renderings;
    char *const *conninfos;
    char *const *patroni_urls;
    HbaRoleFrom role_from;
    HbaRoleReport role_report;
    const char *patroni_role; /* Patroni's own word, which wins over role_from; NULL: not known */
    bool allow_lockout;
    bool take_over;           /* Patroni: where the dynamic configuration has no list yet */
    int wait_seconds;         /* for another install or apply to end */
    int connect_wait_seconds; /* for a server that does not answer at the moment */
    HbaConfirms *confirms;    /* NULL: it was shown and asked before */
    void *confirms_data;
    Findings *notes;
} HbaDeployment;

/* One instance, by FILE or SERVER. Errors as hba_install()'s, or of connecting. */
bool hba_deploy_instance(const HbaDeployment *deployment, const Instance *instance,
                         HbaInstallMethod method, HbaInstallOutcome *ret_outcome, GError **error);
/*
 * By Patroni: all members of the cluster, whichever were selected, because its dynamic
 * configuration has one list for them together. Errors as hba_install_patroni()'s.
 */
bool hba_deploy_cluster(const HbaDeployment *deployment, const Cluster *cluster,
                        HbaInstallOutcome *ret_outcome, GError **error);
