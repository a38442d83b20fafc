/* pgcharter apply: the run and its options; run/apply_run.c does the rest. */
#include <unistd.h>

#include "base/error.h"
#include "provisioner/apply/apply.h"
#include "provisioner/cli/command.h"
#include "provisioner/cli/log_file.h"
#include "provisioner/cli/run_report.h"
#include "provisioner/hba_deploy/patroni.h"
#include "provisioner/run/apply_run.h"

/*
 * A file that is not a plan refuses the run as a safety check does: nothing is applied that was not
 * reviewed.
 */
static bool
refuse_saved_plan(CommandContext *context, GError *error)
{
    if (error != NULL) {
        context->exit_code = command_fail(context, error);
        return false;
    }
    command_print_findings(context, context->findings, stderr);
    context->exit_code = EXIT_CODE_SAFETY;
    return false;
}

/*
 * Reads the saved plan that the command line names, if one, and takes its options. The selection is
 * part of the plan. A second one on the command line could only differ from what was reviewed.
 */
static bool
take_saved_plan(CommandContext *context, RunOptions *options, const SavedPlan **ret_saved)
{
    const CommandOptions *words = &context->options;
    GError *error = NULL;

    if (context->argc == 0)
        return true;
    *ret_saved = saved_plan_read(context->arena, context->argv[0], SAVED_PLAN_TO_APPLY,
                                 context->findings, &error);
    if (*ret_saved == NULL)
        return refuse_saved_plan(context, error);
    if (words->nodes != NULL || words->roles != NULL || words->envs != NULL)
        return command_refuse_usage(
            context, "apply FILE takes no -N, -R or -E: the saved plan says which clusters");
    if (run_options_take_saved(options, *ret_saved, &error))
        return true;
    command_refuse_usage(context, error->message);
    g_error_free(error);
    return false;
}

/* -q leaves the log as it is, since it is a record and not output. */
static int
apply(CommandContext *context, const RunOptions *run_options, const SavedPlan *saved,
      const ApplyLog *log, int lock_timeout_ms)
{
    const CommandOptions *words = &context->options;
    const ApplyOptions options = {
        .ask = !words->yes,
        .wait_seconds = option_or(words->wait_seconds, 0),
        .lock_timeout_ms = lock_timeout_ms,
        .patroni_urls = words->patroni_urls,
        .allow_lockout = words->allow_lockout,
        .take_over = words->take_over,
        .log = log,
    };
    g_auto(PlanRun) run = { 0 };
    g_auto(RunReport) report;

    run_report_init(&report, context);
    if (!run_report_begin(&report, context, run_options, saved, &run))
        return context->exit_code;
    return apply_run(&run, &options);
}

/*
 * All of these checks come before the first connection. Without a terminal nobody can answer the
 * question that --yes skips.
 */
int
command_apply(CommandContext *context)
{
    RunOptions options = run_report_options(context);
    const SavedPlan *saved = NULL;
    LogFile log = { 0 };
    GError *error = NULL;
    int lock_timeout_ms = LOCK_TIMEOUT_MS_DEFAULT;
    int code = EXIT_CODE_DONE;

    if (!command_read_duration(context, "--lock-timeout", context->options.lock_timeout,
                               &lock_timeout_ms) ||
        !command_read_duration(context, "--statement-timeout", context->options.statement_timeout,
                               &options.statement_timeout_ms))
        return context->exit_code;
    if (!context->options.yes && isatty(STDIN_FILENO) != 1)
        return command_fail_usage(context, "without a terminal to ask on, apply needs --yes");
    if (!patroni_check_urls(context->options.patroni_urls, &error))
        return command_fail(context, error);
    if (!take_saved_plan(context, &options, &saved) || !log_file_open(&log, context))
        return context->exit_code;
    code = apply(context, &options, saved, log_file_log(&log), lock_timeout_ms);
    return log_file_close(&log, context, code);
}
