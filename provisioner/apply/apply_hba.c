/* Installing what HBA steps say. */
#include "provisioner/apply/apply_hba.h"

#include "provisioner/apply/apply_log.h"
#include "provisioner/hba_deploy/hba_install_patroni.h"
#include "provisioner/hba_deploy/patroni.h"
#include "provisioner/plan/hba_plan.h"
#include "provisioner/server/connection.h"

/* The session of the other steps is closed, and its lock goes when the server has noticed. */
#define PATIENCE_SECONDS 10

static bool
install_one(const ApplyHbaInput *input, const HbaStep *step, GError **error)
{
    const HbaInstallInput install = {
        .arena = input->arena,
        .instance = step->instance,
        .wanted = &step->wanted,
        .way = step->way == HBA_INSTALL_SERVER ? HBA_WAY_SERVER : HBA_WAY_FILE,
        .allow_lockout = input->allow_lockout,
        .wait_seconds = MAX(input->wait_seconds, PATIENCE_SECONDS),
        .connection = step->connection,
        .notes = input->notes,
    };
    HbaInstallOutcome outcome = HBA_INSTALL_UNCHANGED;
    g_autoptr(Session) session = session_open(&step->connection, "postgres", error);

    return session != NULL && hba_install(&install, session, &outcome, error);
}

/* Patroni's list is that of all members, those without a step included. */
static bool
install_cluster(const ApplyHbaInput *input, const Cluster *cluster, GError **error)
{
    HbaPatroniInput install = {
        .arena = input->arena,
        .cluster = cluster,
        .take_over = input->take_over,
        .allow_lockout = input->allow_lockout,
        .wait_seconds = MAX(input->wait_seconds, PATIENCE_SECONDS),
        .notes = input->notes,
    };
    HbaInstallOutcome outcome = HBA_INSTALL_UNCHANGED;

    LIST_FOREACH (const Instance, instance, &cluster->instances) {
        HbaMember *member = ARENA_NEW(input->arena, HbaMember);

        member->instance = instance;
        member->url = patroni_url(input->arena, instance, input->patroni_urls);
        if (!connection_resolve_instance(input->arena, instance, input->conninfos,
                                         &member->connection, error) ||
            !hba_renderings_make(input->renderings, instance, instance->role, &member->wanted,
                                 error))
            return false;
        list_add(input->arena, &install.members, member);
    }
    return hba_install_patroni(&install, &outcome, error);
}

bool
apply_hba(const ApplyHbaInput *input, unsigned *ret_done, GError **error)
{
    bool cluster_tried = false;
    bool cluster_ok = false;
    bool all_ok = true;

    LIST_FOREACH (const Step, step, &input->target->steps) {
        g_autoptr(GError) failure = NULL;
        bool ok = false;

        if (step->hba == NULL)
            continue;
        if (step->hba->way != HBA_INSTALL_PATRONI)
            ok = install_one(input, step->hba, &failure);
        else if (!cluster_tried)
            ok = cluster_ok = install_cluster(input, input->target->cluster, &failure);
        else
            ok = cluster_ok;
        cluster_tried = cluster_tried || step->hba->way == HBA_INSTALL_PATRONI;
        apply_log_step(input->log, input->target, step, ok ? "done" : "failed");
        *ret_done += ok;
        if (failure != NULL && all_ok)
            g_propagate_error(error, g_steal_pointer(&failure));
        all_ok = all_ok && ok;
    }
    return all_ok;
}
