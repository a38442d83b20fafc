/* pgcharter plan: what apply would do. */
#include "base/durable_file.h"
#include "provisioner/cli/command.h"
#include "provisioner/cli/run_report.h"
#include "provisioner/cli/show_plan.h"
#include "provisioner/output/plan_format.h"
#include "provisioner/run/plan_run.h"

/*
 * Combinations without a meaning are refused and not ignored: who gives an option relies on its
 * effect.
 */
static bool
check_options(CommandContext *context)
{
    const CommandOptions *options = &context->options;

    if (options->with_verifiers && options->plan_format != PLAN_FORMAT_SQL)
        return command_refuse_usage(context, "--with-verifiers goes with --format sql");
    if (options->with_verifiers && options->output == NULL)
        return command_refuse_usage(
            context, "--with-verifiers needs -o FILE: verifiers are never written to stdout");
    if (options->with_verifiers && g_file_test(options->output, G_FILE_TEST_EXISTS) &&
        !g_file_test(options->output, G_FILE_TEST_IS_REGULAR))
        return command_refuse_usage(
            context, "--with-verifiers writes verifiers to a file, not to a device or a pipe");
    if (options->offline_version != OPTION_NOT_GIVEN && !options->offline)
        return command_refuse_usage(context, "--pg-version goes with --offline");
    if (options->hba && options->offline)
        return command_refuse_usage(
            context, "--hba compares with servers' files, and --offline asks no server");
    if (options->state != NULL && options->offline)
        return command_refuse_usage(context, "--state cannot be combined with --offline");
    if (options->state != NULL && options->hba)
        return command_refuse_usage(
            context, "--hba compares with servers' files, and --state asks no server");
    if (options->state != NULL && options->conninfos != NULL)
        return command_refuse_usage(context, "--conninfo names a server, and --state asks none");
    return true;
}

/* What -o saves for apply: JSON, and where no format is asked for. */
static bool
is_saved(const CommandOptions *options)
{
    return options->output != NULL &&
           (options->plan_format == OPTION_NOT_GIVEN || options->plan_format == PLAN_FORMAT_JSON);
}

/*
 * Without a format the plan is saved and shown. The file is replaced in one step and has mode 0600:
 * a saved plan that is cut off could pass for a shorter one, and it names roles and objects.
 */
static int
write_plan(CommandContext *context, const PlanRun *run, const Plan *plan)
{
    const CommandOptions *options = &context->options;
    g_autoptr(GString) out = g_string_new(NULL);
    bool is_shown = options->output == NULL || options->plan_format == OPTION_NOT_GIVEN;
    PlanTextStyle style = command_plan_style(context, stdout);
    GError *error = NULL;

    if (is_shown) {
        show_plan_render(options, plan, style, out);
        fwrite(out->str, 1, out->len, stdout);
        g_string_truncate(out, 0);
    }
    if (options->output == NULL)
        return EXIT_CODE_DONE;
    if (is_saved(options)) {
        const SavedPlan origin = plan_run_origin(run);

        saved_plan_render(context->arena, plan, &origin, out);
    } else {
        style.coloured = false;
        show_plan_render(options, plan, style, out);
    }
    if (!durable_file_write_output(options->output, out->str, out->len, 0600, &error))
        return command_fail(context, error);
    return EXIT_CODE_DONE;
}

typedef struct PlanClusters {
    PlanRun *run;
    Plan *plan;
    int code;
} PlanClusters;

static void
add_failure(PlanClusters *clusters, const TargetRun *target)
{
    PlanFailure *failure = ARENA_NEW(clusters->run->arena, PlanFailure);

    *failure = (PlanFailure){ .cluster = target->cluster->name,
                              .message = target->failure,
                              .findings = target->refused,
                              .exit_code = target->code };
    list_add(clusters->run->arena, &clusters->plan->failures, failure);
}

/*
 * Runs in the order of the inventory (fleet_run()), so the plan reads the same whichever server
 * answers first.
 */
static void
take_plan(size_t at, void *data)
{
    PlanClusters *clusters = data;
    const TargetRun *target = &clusters->run->targets[at];

    clusters->code = exit_code_worse(clusters->code, target->code);
    if (target->plan == NULL) {
        add_failure(clusters, target);
        return;
    }
    list_add(clusters->run->arena, &clusters->plan->targets, target->plan);
    clusters->plan->mode = MAX(clusters->plan->mode, target->plan->mode);
}

/* One file cannot describe two servers. */
static bool
check_state(CommandContext *context, const PlanRun *run)
{
    const char *state = context->options.state;

    return state == NULL || run->clusters.count == 1 || g_file_test(state, G_FILE_TEST_IS_DIR) ||
           command_refuse_usage(context, "--state FILE is of one cluster: select it with -N, or "
                                         "name the folder that \"snapshot -d\" wrote");
}

static int
plan_clusters(PlanRun *run, Plan *plan)
{
    PlanClusters clusters = { .run = run, .plan = plan, .code = EXIT_CODE_DONE };

    plan_run_all(run, take_plan, &clusters);
    return clusters.code;
}

/* A program that reads JSON gets a document whatever happens: this one says what was found. */
static int
write_refusal(const CommandContext *context)
{
    const Plan plan = { .findings = context->findings };
    g_autoptr(GString) out = g_string_new(NULL);

    if (context->options.plan_format == PLAN_FORMAT_JSON && context->options.output == NULL &&
        context->exit_code == EXIT_CODE_INVENTORY) {
        plan_render_json(&plan, out);
        fwrite(out->str, 1, out->len, stdout);
    }
    return context->exit_code;
}

/*
 * A partial plan is shown when some clusters failed, but the exit code stays that of the failure.
 */
int
command_plan(CommandContext *context)
{
    const CommandOptions *options = &context->options;
    RunOptions run_options = run_report_options(context);
    g_auto(PlanRun) run = { 0 };
    g_auto(RunReport) report;
    Plan plan = { 0 };
    int code = EXIT_CODE_DONE;

    run_report_init(&report, context);
    if (!check_options(context) ||
        !command_read_duration(context, "--statement-timeout", options->statement_timeout,
                               &run_options.statement_timeout_ms))
        return context->exit_code;
    run_options.keep_preconditions = is_saved(options);
    if (!run_report_begin(&report, context, &run_options, NULL, &run))
        return write_refusal(context);
    plan.findings = context->findings;
    if (!check_state(context, &run))
        return context->exit_code;
    if (!show_plan_check_format(context, run.clusters.count))
        return context->exit_code;
    code = plan_clusters(&run, &plan);
    if (options->with_verifiers)
        password_checks_hash_ahead(run.targets[0].passwords, plan_run_cores(&run));
    if (code == EXIT_CODE_DONE || plan.targets.count > 0 ||
        (options->plan_format == PLAN_FORMAT_JSON && options->output == NULL))
        code = exit_code_worse(code, write_plan(context, &run, &plan));
    if (options->detailed_exitcode && !plan_is_empty(&plan))
        code = exit_code_worse(code, EXIT_CODE_PENDING);
    return code;
}
