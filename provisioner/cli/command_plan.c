/* pgcharter plan: what apply would do. */
#include <string.h>

#include "base/durable_file.h"
#include "provisioner/catalog/catalog.h"
#include "provisioner/cli/plan_run.h"

typedef struct PlanOptions {
    char *format;
    char *output;
    char *pg_version;
    gboolean detailed_exitcode;
    gboolean with_verifiers;
    gboolean offline;
} PlanOptions;

static void
plan_options_clear(PlanOptions *options)
{
    g_free(options->format);
    g_free(options->output);
    g_free(options->pg_version);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PlanOptions, plan_options_clear)

static bool
check_options(CommandContext *context, const PlanOptions *options)
{
    static const char *const formats[] = { "text", "json", "sql", "markdown", NULL };
    gint64 version = 0;

    if (context->argc > 0)
        return command_refuse_usage(context, "plan takes no arguments");
    if (options->format != NULL && !g_strv_contains(formats, options->format))
        return command_refuse_usage(context, "--format takes text, json, sql or markdown");
    if (options->with_verifiers && g_strcmp0(options->format, "sql") != 0)
        return command_refuse_usage(context, "--with-verifiers goes with --format sql");
    if (options->with_verifiers && options->output == NULL)
        return command_refuse_usage(
            context, "--with-verifiers needs -o FILE: verifiers are never written to stdout");
    if (options->pg_version != NULL && !options->offline)
        return command_refuse_usage(context, "--pg-version goes with --offline");
    if (options->pg_version != NULL &&
        (!g_ascii_string_to_signed(options->pg_version, 10, CATALOG_VERSION_MIN,
                                   CATALOG_VERSION_MAX, &version, NULL)))
        return command_refuse_usage(context, "--pg-version takes a major version from 13 to 18");
    return true;
}

/* What -o saves for apply: JSON, and where no format is asked for. */
static bool
is_saved(const PlanOptions *options)
{
    return options->output != NULL &&
           (options->format == NULL || strcmp(options->format, "json") == 0);
}

static void
render_plan(const PlanOptions *options, const Plan *plan, PlanColour colour, GString *out)
{
    if (g_strcmp0(options->format, "json") == 0)
        plan_render_json(plan, out);
    else if (g_strcmp0(options->format, "markdown") == 0)
        plan_render_markdown(plan, out);
    else if (g_strcmp0(options->format, "sql") == 0)
        plan_render_sql(
            plan, options->with_verifiers ? PLAN_SECRETS_VERIFIERS : PLAN_SECRETS_HIDDEN, out);
    else
        plan_render_text(plan, colour, out);
}

/* Without a format the plan is saved and shown. */
static int
write_plan(PlanRun *run, const PlanOptions *options, const Plan *plan)
{
    g_autoptr(GString) out = g_string_new(NULL);
    bool is_shown = options->output == NULL || options->format == NULL;
    GError *error = NULL;

    if (is_shown) {
        render_plan(options, plan,
                    command_colours(run->context, stdout) ? PLAN_COLOURED : PLAN_PLAIN, out);
        fwrite(out->str, 1, out->len, stdout);
        g_string_truncate(out, 0);
    }
    if (options->output == NULL)
        return EXIT_CODE_DONE;
    if (is_saved(options)) {
        const SavedPlan origin = plan_run_origin(run);

        saved_plan_render(run->context->arena, plan, &origin, out);
    } else {
        render_plan(options, plan, PLAN_PLAIN, out);
    }
    if (!durable_file_write(options->output, out->str, out->len, 0600, &error))
        return command_fail(run->context, error);
    return EXIT_CODE_DONE;
}

/* --offline takes each cluster's own pg_version unless --pg-version says another. */
static int
offline_version_of(const PlanOptions *options, const Cluster *cluster)
{
    if (!options->offline)
        return 0;
    if (options->pg_version != NULL)
        return (int)g_ascii_strtoll(options->pg_version, NULL, 10);
    return CLAMP(cluster->primary->version, CATALOG_VERSION_MIN, CATALOG_VERSION_MAX);
}

typedef struct PlanClusters {
    PlanRun *run;
    Plan *plan;
    int code;
} PlanClusters;

static void
take_plan(size_t at, void *data)
{
    PlanClusters *clusters = data;
    const TargetRun *target = &clusters->run->targets[at];

    clusters->code = exit_code_worse(clusters->code, target->code);
    if (target->plan == NULL)
        return;
    list_add(clusters->run->context->arena, &clusters->plan->targets, target->plan);
    clusters->plan->mode = MAX(clusters->plan->mode, target->plan->mode);
}

static int
plan_clusters(PlanRun *run, const PlanOptions *options, Plan *plan)
{
    PlanClusters clusters = { .run = run, .plan = plan, .code = EXIT_CODE_DONE };

    for (size_t i = 0; i < run->clusters.count; i++)
        run->targets[i].offline_version = offline_version_of(options, run->targets[i].cluster);
    plan_run_all(run, take_plan, &clusters);
    return clusters.code;
}

int
command_plan(CommandContext *context)
{
    g_auto(PlanRun) run = { 0 };
    g_auto(PlanOptions) options = { 0 };
    Plan plan = { 0 };
    GOptionEntry entries[PLAN_RUN_ENTRY_COUNT + 7] = {
        { "format", 0, 0, G_OPTION_ARG_STRING, &options.format, "text, json, sql or markdown",
          "FORMAT" },
        { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options.output,
          "save the plan for apply FILE (mode 0600); with --format sql, markdown or text write that",
          "FILE" },
        { "detailed-exitcode", 0, 0, G_OPTION_ARG_NONE, &options.detailed_exitcode,
          "exit 2 when there is something to do", NULL },
        { "with-verifiers", 0, 0, G_OPTION_ARG_NONE, &options.with_verifiers,
          "with --format sql: write password verifiers, so that psql can run the file", NULL },
        { "offline", 0, 0, G_OPTION_ARG_NONE, &options.offline,
          "compare with what initdb leaves instead of a server", NULL },
        { "pg-version", 0, 0, G_OPTION_ARG_STRING, &options.pg_version,
          "with --offline: the server's major version (default pg_version)", "N" },
    };
    int code = EXIT_CODE_DONE;

    plan_run_entries(&run, &entries[6]);
    if (!command_parse(context, entries) || !check_options(context, &options))
        return context->exit_code;
    if (run.hba && options.offline) {
        command_refuse_usage(context,
                             "--hba compares with servers' files, and --offline asks no server");
        return context->exit_code;
    }
    run.keep_preconditions = is_saved(&options);
    if (!plan_run_begin(&run, context))
        return context->exit_code;
    if (g_strcmp0(options.format, "sql") == 0 && run.clusters.count > 1) {
        command_refuse_usage(context,
                             "--format sql is a script for one server: select a cluster with -N");
        return context->exit_code;
    }
    code = plan_clusters(&run, &options, &plan);
    if (options.with_verifiers)
        password_verdicts_begin(run.targets[0].passwords, plan_run_cores(&run));
    if (code == EXIT_CODE_DONE || plan.targets.count > 0)
        code = exit_code_worse(code, write_plan(&run, &options, &plan));
    if (options.detailed_exitcode && !plan_is_empty(&plan))
        code = exit_code_worse(code, EXIT_CODE_PENDING);
    return code;
}
