/* HBA steps by the deployment that `hba install` uses, too. */
#include "provisioner/apply/apply_hba.h"

#include "provisioner/plan/hba_plan.h"

/* The server notices only after a moment that the session with the lock is gone. */
#define WAIT_SECONDS_MIN 10

/* The steps of one cluster that Patroni installs are one installation. */
typedef struct PatroniTry {
    bool made;
    bool ok;
} PatroniTry;

/* Patroni's list is installed once for the cluster, whatever number of its members have a step. */
static bool
install(const ApplyHbaInput *input, const HbaStep *step, PatroniTry *patroni, GError **error)
{
    HbaDeployment deployment = input->deployment;
    HbaInstallOutcome outcome = HBA_OUTCOME_UNCHANGED;

    deployment.wait_seconds = MAX(deployment.wait_seconds, WAIT_SECONDS_MIN);
    if (step->method != HBA_INSTALL_PATRONI)
        return hba_deploy_instance(&deployment, step->instance, step->method, &outcome, error);
    if (!patroni->made)
        patroni->ok = hba_deploy_cluster(&deployment, input->target->cluster, &outcome, error);
    patroni->made = true;
    return patroni->ok;
}

bool
apply_hba(const ApplyHbaInput *input, unsigned *ret_done, GError **error)
{
    PatroniTry patroni = { 0 };
    bool all_ok = true;

    LIST_FOREACH (const Step, step, &input->target->steps) {
        g_autoptr(GError) failure = NULL;
        bool ok = false;

        if (step->hba == NULL)
            continue;
        ok = install(input, step->hba, &patroni, &failure);
        apply_log_step(input->log, input->target, step, ok ? "done" : "failed");
        *ret_done += ok;
        if (failure != NULL && all_ok)
            g_propagate_error(error, g_steal_pointer(&failure));
        all_ok = all_ok && ok;
    }
    return all_ok;
}
