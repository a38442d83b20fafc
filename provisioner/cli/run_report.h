/*
 * RunReport: the events of a run as the texts of `plan` and `apply`, and the questions of apply on
 * the terminal.
 */
#pragma once

#include "provisioner/cli/command.h"
#include "provisioner/run/plan_run.h"

typedef struct RunReport {
    const CommandContext *context;
    GMutex terminal; /* of who asks, while other targets are at work */
    RunEvents events;
} RunReport;

/* Not to be moved afterwards: the events point to it. */
void run_report_init(RunReport *report, const CommandContext *context);
void run_report_clear(RunReport *report);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RunReport, run_report_clear)

/* What of the command line is for the run. */
RunOptions run_report_options(const CommandContext *context);
/*
 * Loads the inventory and begins the run with what -N, -R and -E select, or with a saved plan.
 * False with context->exit_code after reporting why not.
 */
bool run_report_begin(RunReport *report, CommandContext *context, const RunOptions *options,
                      const SavedPlan *saved, PlanRun *ret_run);
