/* The log of an apply (--log): a line of JSON for each step. */
#pragma once

#include "provisioner/plan/plan.h"

/* Where the lines go. Targets are applied in parallel: write() is called from any thread. */
typedef struct ApplyLog {
    void (*write)(void *data, const char *line); /* with its newline */
    void *data;
} ApplyLog;

/* result is "done" or "failed"; log NULL writes nothing. */
void apply_log_step(const ApplyLog *log, const TargetPlan *target, const Step *step,
                    const char *result);
