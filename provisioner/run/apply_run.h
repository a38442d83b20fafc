/*
 * ApplyRun: goes on from a PlanRun: plan all clusters, show and ask, take the lock, plan again and
 * run the steps; a transaction that another session broke is planned and tried again.
 */
#pragma once

#include "provisioner/apply/apply_log.h"
#include "provisioner/run/plan_run.h"

typedef struct ApplyOptions {
    bool ask;            /* events->confirms() decides for each cluster that has steps */
    int wait_seconds;    /* for a concurrent apply to end */
    int lock_timeout_ms; /* of a step, for locks of other sessions; 0: no limit */
    char *const *patroni_urls;
    bool allow_lockout;
    bool take_over;
    const ApplyLog *log; /* NULL: none is kept */
} ApplyOptions;

/* After plan_run_begin(); gives the exit code of the run. */
int apply_run(PlanRun *run, const ApplyOptions *options);
