/* One text for each event. */
#include "provisioner/cli/run_report.h"

#include "base/printable.h"
#include "inventory/load/inventory_load.h"
#include "provisioner/cli/progress_bar.h"
#include "provisioner/cli/terminal.h"
#include "provisioner/output/plan_words.h"

static FILE *
stream_of(OutputStream stream)
{
    return stream == OUTPUT_RESULT ? stdout : stderr;
}

/*
 * Flushed after every text, because stdout and stderr are often the same terminal and would mix up
 * their order.
 */
static void
write_text(void *data, OutputStream stream, const char *text)
{
    (void)data;
    fputs(text, stream_of(stream));
    fflush(stream_of(stream));
}

/* Into the buffer of the target; of the whole run at once. */
static void
say(TargetRun *target, OutputStream stream, const char *text)
{
    if (target == NULL)
        write_text(NULL, stream, text);
    else
        output_buffer_append(target->output, stream, text);
}

/* Not in anybody's buffer: it is about those that have not come to an end. */
static void
report_wait(void *data, const char *sentence)
{
    const RunReport *report = data;
    g_autofree char *text = g_strdup_printf("pgcharter: %s\n", sentence);

    if (!report->context->options.quiet)
        write_text(NULL, OUTPUT_DIAGNOSTIC, text);
}

static void
report_failure(void *data, TargetRun *target, const GError *error)
{
    g_autoptr(GString) text = g_string_new(NULL);

    (void)data;
    command_append_error(error, text);
    say(target, OUTPUT_DIAGNOSTIC, text->str);
}

/* Into the target's buffer, so that notes appear beside the plan they belong to. */
static void
report_findings(void *data, TargetRun *target, Findings *findings)
{
    const RunReport *report = data;
    g_autoptr(GString) text = g_string_new(NULL);

    findings_render_text(findings, command_findings_style(report->context, stderr), text);
    say(target, OUTPUT_DIAGNOSTIC, text->str);
}

/* The details come from servers and files and are escaped like the message. */
static void
report_stale_plan(void *data, TargetRun *target, const SavedPlan *saved,
                  const SavedDifference *difference)
{
    g_autoptr(GString) text = g_string_new("pgcharter: error: the plan \"");

    (void)data;
    printable_append(text, saved->path);
    g_string_append(text, "\" is stale: ");
    printable_append(text, difference->message);
    g_string_append_c(text, '\n');
    LIST_FOREACH (const char, detail, &difference->details) {
        g_string_append(text, "  ");
        printable_append(text, detail);
        g_string_append_c(text, '\n');
    }
    g_string_append(text, "  hint: save a new plan with plan -o, read it and apply that\n");
    say(target, OUTPUT_DIAGNOSTIC, text->str);
}

static void
show_plan(void *data, TargetRun *target, TargetPlan *shown)
{
    const RunReport *report = data;
    g_autoptr(GString) text = g_string_new(NULL);
    Plan plan = { .mode = shown->mode };

    list_add(target->arena, &plan.targets, shown);
    plan_render_text(&plan, command_plan_style(report->context, stdout), text);
    output_buffer_append(target->output, OUTPUT_RESULT, text->str);
}

/*
 * The one place where a buffer does not wait for its turn: the question is about what is in it. It
 * says what is to be done, because the plan may have gone to a file.
 */
static bool
confirm(void *data, TargetRun *target, const TargetPlan *plan)
{
    RunReport *report = data;
    g_autoptr(GString) question = g_string_new(NULL);
    bool wanted = false;

    g_string_append_printf(question, "\napply %zu step%s to %s (", plan->steps.count,
                           plan->steps.count == 1 ? "" : "s", target->cluster->name);
    plan_append_counts(question, target_plan_counts(plan));
    g_string_append(question, ")? [y/N] ");
    g_mutex_lock(&report->terminal);
    output_buffer_flush(target->output);
    wanted = terminal_ask(question->str);
    g_mutex_unlock(&report->terminal);
    return wanted;
}

/*
 * Steps are counted even on failure: what was committed stays, and the next apply continues from
 * there.
 */
static void
report_end(void *data, TargetRun *target, RunOutcome outcome, const RunProgress *progress)
{
    const char *name = target == NULL ? NULL : target->cluster->name;
    OutputBuffer *output = target == NULL ? NULL : target->output;
    /* The reason may quote the server. */
    g_autofree char *reason = progress->reason == NULL ? NULL : printable_new(progress->reason);

    (void)data;
    switch (outcome) {
    case RUN_OUTCOME_APPLIED:
        output_buffer_printf(output, OUTPUT_RESULT, "%s: %u step%s done\n", name,
                             progress->steps_done, progress->steps_done == 1 ? "" : "s");
        break;
    case RUN_OUTCOME_STOPPED:
        output_buffer_printf(output, OUTPUT_DIAGNOSTIC,
                             "  %u of %zu steps were applied and kept; re-run apply to continue\n",
                             progress->steps_done, progress->steps_total);
        break;
    case RUN_OUTCOME_WAITING:
        output_buffer_printf(output, OUTPUT_DIAGNOSTIC, "pgcharter: %s: %s\n", name, reason);
        break;
    case RUN_OUTCOME_RETRYING:
        output_buffer_printf(output, OUTPUT_DIAGNOSTIC, "pgcharter: retrying (try %u of %u): %s\n",
                             progress->try_number, progress->tries_max, reason);
        break;
    case RUN_OUTCOME_REST_BY_OTHERS:
        output_buffer_printf(output, OUTPUT_RESULT,
                             "%s: done; remaining changes were made by another session\n", name);
        break;
    case RUN_OUTCOME_ALREADY_APPLIED:
        output_buffer_printf(output, OUTPUT_RESULT,
                             "%s: no changes; already applied by another session\n", name);
        break;
    case RUN_OUTCOME_DECLINED:
        say(target, OUTPUT_RESULT, "nothing done\n");
        break;
    case RUN_OUTCOME_SAVED_PLAN_STALE:
        if (target == NULL)
            say(NULL, OUTPUT_RESULT, "nothing done\n");
        else
            output_buffer_printf(output, OUTPUT_RESULT, "%s: nothing done\n", name);
        break;
    }
}

void
run_report_init(RunReport *report, const CommandContext *context)
{
    *report = (RunReport){
        .context = context,
        .events = { .data = report,
                    .sink = { .write = write_text },
                    .failed = report_failure,
                    .found = report_findings,
                    .saved_plan_is_stale = report_stale_plan,
                    .waits = report_wait,
                    .shows_plan = show_plan,
                    .confirms = confirm,
                    .ended = report_end },
    };
    g_mutex_init(&report->terminal);
}

void
run_report_clear(RunReport *report)
{
    g_mutex_clear(&report->terminal);
}

/*
 * Command lines and runs have separate structs, so that provisioner/run can be used without one
 * (tests/lint/layers.txt).
 */
RunOptions
run_report_options(const CommandContext *context)
{
    const CommandOptions *options = &context->options;

    return (RunOptions){
        .mode = option_or(options->mode, RUN_MODE_OF_CLUSTER),
        .prune = options->prune,
        .hba = options->hba,
        .set_passwords = options->set_passwords,
        .init = options->init,
        .allow_mass_removal = options->allow_mass_removal,
        .allow_data_loss = options->allow_data_loss,
        .allow_superuser_code = options->allow_superuser_code,
        .offline = options->offline,
        .offline_version = option_or(options->offline_version, 0),
        .state = options->state,
        .look_at_all_hba = command_verbosity(context) > 0,
        .report_retries = command_verbosity(context) >= 0,
        .progress = command_verbosity(context) < 0 ? NULL : progress_bar(),
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS_DEFAULT,
        .jobs = option_or(options->jobs, 0),
        .conninfos = options->conninfos,
    };
}

bool
run_report_begin(RunReport *report, CommandContext *context, const RunOptions *options,
                 const SavedPlan *saved, PlanRun *ret_run)
{
    const Selection selection = command_selection(context);
    PlanRunInput input = {
        .arena = context->arena,
        .options = *options,
        .events = &report->events,
        .saved = saved,
    };

    if (options->keep_preconditions)
        context->inventory_flags |= INVENTORY_DIGESTS;
    if (options->offline || options->state != NULL)
        context->inventory_flags |= INVENTORY_NO_CONNECTIONS;
    input.inventory = command_load_inventory(context);
    if (input.inventory == NULL)
        return false;
    input.clusters = selection_clusters(&selection, context->arena, input.inventory);
    input.instances = selection_instances(&selection, context->arena, input.inventory);
    input.renderings = context->renderings;
    context->exit_code = plan_run_begin(ret_run, &input);
    return context->exit_code == EXIT_CODE_DONE;
}
