/*
 * The log of an apply (--log): a line of JSON when the steps of a target begin, for each step, and
 * when they are over. log NULL writes nothing.
 */
#pragma once

#include "provisioner/plan/plan.h"

/* Where the lines go. Targets are applied in parallel: write() is called from any thread. */
typedef struct ApplyLog {
    /* A line with its newline; false if it was not written. */
    bool (*write)(void *data, const char *line);
    void *data;
} ApplyLog;

/*
 * Who runs the steps from where: `session_role` is whom the server knows. False if it was not
 * written: what would follow is not to be done without a record.
 */
bool apply_log_start(const ApplyLog *log, const TargetPlan *target, const char *session_role);
/* result is "done" or "failed". */
void apply_log_step(const ApplyLog *log, const TargetPlan *target, const Step *step,
                    const char *result);
/* Nothing was done, because the saved plan is stale; details are const char. */
void apply_log_stale(const ApplyLog *log, const TargetPlan *target, const char *message,
                     const List *details);
/* failure NULL: all steps were done. */
void apply_log_end(const ApplyLog *log, const TargetPlan *target, unsigned steps_done,
                   const char *failure);

/* Before hba install touches the rules of a server, as apply_log_start(). */
bool apply_log_hba_start(const ApplyLog *log, const Cluster *cluster, const char *instance,
                         const char *method);
/* What became of them: the outcome in words, or why it failed (outcome NULL). */
void apply_log_hba_end(const ApplyLog *log, const Cluster *cluster, const char *instance,
                       const char *outcome, const char *failure);
