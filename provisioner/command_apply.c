/* pgcharter apply: plan, compare with a saved plan, show, ask, lock, plan again, run. */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "provisioner/apply.h"
#include "provisioner/apply_hba.h"
#include "provisioner/apply_lock.h"
#include "provisioner/patroni.h"
#include "provisioner/plan_compare.h"
#include "provisioner/plan_run.h"
#include "provisioner/preflight.h"

typedef struct ApplyOptions {
    gboolean yes;
    int wait_seconds;
    char **patroni_urls;
    gboolean allow_lockout;
    gboolean take_over;
    FILE *log;
} ApplyOptions;

static void
apply_options_clear(ApplyOptions *options)
{
    g_strfreev(options->patroni_urls);
    if (options->log != NULL)
        fclose(options->log);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ApplyOptions, apply_options_clear)

static void
show_plan(CommandContext *context, TargetPlan *target)
{
    g_autoptr(GString) text = g_string_new(NULL);
    Plan plan = { .mode = target->mode };

    list_add(context->arena, &plan.targets, target);
    plan_render_text(&plan, command_colours(context, stdout) ? PLAN_COLOURED : PLAN_PLAIN, text);
    fputs(text->str, stdout);
    fflush(stdout);
}

static bool
confirm(const TargetPlan *target)
{
    char answer[8] = "";

    printf("\napply these %zu steps to %s? [y/N] ", target->steps.count, target->cluster->name);
    fflush(stdout);
    if (fgets(answer, sizeof answer, stdin) == NULL)
        return false;
    return g_ascii_strcasecmp(g_strstrip(answer), "y") == 0 ||
           g_ascii_strcasecmp(answer, "yes") == 0;
}

/* What another session caused is tried again so often, after a pause that doubles. */
#define RETRIES_MAX          5
#define RETRY_PAUSE_FIRST_US 100000

static int
fail_steps(PlanRun *run, const TargetPlan *target, const ApplyResult *result, GError *error)
{
    int code = command_fail(run->context, error);

    fprintf(stderr, "  %u of %zu steps are done and stay; run apply again to finish\n",
            result->steps_done, target->steps.count);
    return code;
}

/* After all other steps: a file that lets nobody in must not keep us from them. */
static int
install_hba(PlanRun *run, const ApplyOptions *options, const TargetPlan *target, Session **session,
            ApplyResult *result)
{
    CommandContext *context = run->context;
    g_autoptr(Findings) notes = findings_new(context->arena);
    const ApplyHbaInput input = {
        .arena = context->arena,
        .target = target,
        .renderings = run->renderings,
        .conninfos = context->options.conninfos,
        .patroni_urls = options->patroni_urls,
        .allow_lockout = options->allow_lockout,
        .take_over = options->take_over,
        .wait_seconds = options->wait_seconds,
        .log = options->log,
        .notes = notes,
    };
    GError *error = NULL;
    bool ok = false;

    g_clear_pointer(session, session_close);
    ok = apply_hba(&input, &result->steps_done, &error);
    command_print_findings(context, notes, stderr);
    return ok ? EXIT_CODE_DONE : fail_steps(run, target, result, error);
}

/* Runs one plan; *ret_retry is set where it failed for what somebody else did. */
static int
run_once(PlanRun *run, const ApplyOptions *options, const TargetPlan *target, bool may_retry,
         Session **session, bool *ret_retry)
{
    CommandContext *context = run->context;
    ApplyInput input = {
        .arena = context->arena,
        .target = target,
        .wait_seconds = options->wait_seconds,
        .progress = isatty(STDERR_FILENO) == 1 && context->options.verbosity >= 0 ? stderr : NULL,
        .log = options->log,
    };
    ApplyResult result = { 0 };
    GError *error = NULL;

    *ret_retry = false;
    if (!plan_run_connection(run, target->cluster, &input.connection, &error))
        return command_fail(context, error);
    if (!apply_target(&input, session, &result, &error)) {
        *ret_retry = may_retry && result.may_be_retried;
        if (!*ret_retry)
            return fail_steps(run, target, &result, error);
        if (context->options.verbosity > 0)
            fprintf(stderr, "pgcharter: trying again: %s\n", error->message);
        g_error_free(error);
        return EXIT_CODE_WORLD;
    }
    if (result.steps_done < target->steps.count) {
        int code = install_hba(run, options, target, session, &result);

        if (code != EXIT_CODE_DONE)
            return code;
    }
    printf("%s: %u steps done\n", target->cluster->name, result.steps_done);
    return EXIT_CODE_DONE;
}

static int
refuse_other_steps(PlanRun *run, const TargetPlan *target)
{
    return command_fail(run->context,
                        g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                                    "%s: another session changed the server meanwhile, and other "
                                    "steps than those shown are needed now; run apply again",
                                    target->cluster->name));
}

/* Runs the steps. A transaction that somebody else's work broke is planned again and tried again.
 */
static int
run_steps(PlanRun *run, const ApplyOptions *options, const TargetPlan *shown, Session **session)
{
    gulong pause = RETRY_PAUSE_FIRST_US;
    bool retry = false;
    int code = run_once(run, options, shown, true, session, &retry);

    for (unsigned tries = 1; retry; tries++, pause *= 2) {
        Session *other = NULL;
        TargetPlan *again = NULL;

        g_usleep(pause);
        code = plan_run_target(run, shown->cluster, &again, &other);
        session_close(other);
        if (again == NULL)
            return code;
        retry = false;
        if (!plan_is_part_of(again, shown))
            code = refuse_other_steps(run, shown);
        else if (again->steps.count > 0)
            code = run_once(run, options, again, tries < RETRIES_MAX, session, &retry);
        else
            printf("%s: done: somebody else made the rest\n", shown->cluster->name);
        target_plan_clear(again);
    }
    return code;
}

/* Nothing is begun that is known to fail in the middle. */
static int
refuse_missing_rights(PlanRun *run, const TargetPlan *target)
{
    return command_fail(run->context,
                        g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY,
                                    "%s: the executor may not do all of these steps (notes "
                                    "missing-right); nothing was done",
                                    target->cluster->name));
}

/* Whether the plan is what was saved, where one was; told where it is not. */
static bool
fits_saved_plan(PlanRun *run, const TargetPlan *plan)
{
    SavedDifference difference = { 0 };

    if (run->saved != NULL)
        difference = saved_plan_compare(run->context->arena, run->saved, plan);
    if (difference.message != NULL)
        plan_run_refuse_saved(run, &difference);
    return difference.message == NULL;
}

/* Under the lock the plan is made again; what differs from what was shown is shown and asked again.
 */
static int
apply_locked(PlanRun *run, const ApplyOptions *options, const TargetPlan *shown, Session **session)
{
    CommandContext *context = run->context;
    Session *other = NULL;
    TargetPlan *again = NULL;
    GError *error = NULL;
    int code = EXIT_CODE_DONE;

    if (!apply_lock_take(context->arena, *session, options->wait_seconds, &error))
        return command_fail(context, error);
    code = plan_run_target(run, shown->cluster, &again, &other);
    session_close(other);
    if (code != EXIT_CODE_DONE)
        return code;
    if (!fits_saved_plan(run, again)) {
        printf("%s: nothing done\n", shown->cluster->name);
        code = EXIT_CODE_SAFETY;
    } else if (preflight_refuses(again)) {
        show_plan(context, again);
        code = refuse_missing_rights(run, again);
    } else if (again->steps.count == 0) {
        printf("%s: no changes: somebody else made them meanwhile\n", shown->cluster->name);
    } else if (!plan_same_steps(shown, again) && (show_plan(context, again), !options->yes) &&
               !confirm(again)) {
        printf("nothing done\n");
    } else {
        code = run_steps(run, options, again, session);
    }
    target_plan_clear(again);
    return code;
}

/* A cluster that was looked at. */
typedef struct Look {
    TargetPlan *plan;
    Session *session; /* NULL where the cluster is skipped */
} Look;

static void
look_clear(Look *look)
{
    if (look->plan != NULL)
        target_plan_clear(look->plan);
    g_clear_pointer(&look->session, session_close);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Look, look_clear)

/* Shows the plan, asks and does it. */
static int
apply_look(PlanRun *run, const ApplyOptions *options, Look *look)
{
    show_plan(run->context, look->plan);
    if (preflight_refuses(look->plan))
        return refuse_missing_rights(run, look->plan);
    if (look->plan->skipped != NULL || look->plan->steps.count == 0)
        return EXIT_CODE_DONE;
    if (!options->yes && !confirm(look->plan)) {
        printf("nothing done\n");
        return EXIT_CODE_DONE;
    }
    return apply_locked(run, options, look->plan, &look->session);
}

static int
apply_clusters(PlanRun *run, const ApplyOptions *options)
{
    int code = EXIT_CODE_DONE;

    LIST_FOREACH (const Cluster, cluster, &run->clusters) {
        g_auto(Look) look = { 0 };

        code = exit_code_worse(code, plan_run_target(run, cluster, &look.plan, &look.session));
        if (look.plan != NULL)
            code = exit_code_worse(code, apply_look(run, options, &look));
    }
    return code;
}

/* A saved plan is one piece: before the first step all its clusters are looked at, and one that it
 * does not fit refuses it for all. A server that does not answer holds up itself only. */
static int
apply_saved(PlanRun *run, const ApplyOptions *options)
{
    g_autofree Look *looks = g_new0(Look, run->clusters.count);
    int code = EXIT_CODE_DONE;
    bool fits = true;

    for (size_t i = 0; i < run->clusters.count; i++) {
        Look *look = &looks[i];
        int answer = plan_run_target(run, run->clusters.items[i], &look->plan, &look->session);

        code = exit_code_worse(code, answer);
        if (look->plan != NULL ? !fits_saved_plan(run, look->plan) : answer != EXIT_CODE_WORLD)
            fits = false;
    }
    if (!fits) {
        printf("nothing done\n");
        code = exit_code_worse(code, EXIT_CODE_SAFETY);
    }
    for (size_t i = 0; i < run->clusters.count; i++) {
        if (fits && looks[i].plan != NULL)
            code = exit_code_worse(code, apply_look(run, options, &looks[i]));
        look_clear(&looks[i]);
    }
    return code;
}

/* Reads the saved plan that the command line names, if one. */
static bool
take_saved_plan(PlanRun *run, CommandContext *context)
{
    const SavedPlan *saved = NULL;
    GError *error = NULL;

    if (context->argc == 0)
        return true;
    if (context->argc > 1)
        return command_refuse_usage(context, "apply takes one FILE at the most");
    saved = saved_plan_read(context->arena, context->argv[0], &error);
    if (saved == NULL) {
        context->exit_code = command_fail(context, error);
        return false;
    }
    return plan_run_take_saved(run, context, saved);
}

static bool
open_log(CommandContext *context, ApplyOptions *options)
{
    if (context->options.log == NULL)
        return true;
    options->log = fopen(context->options.log, "ae");
    if (options->log != NULL)
        return true;
    context->exit_code =
        command_fail(context, g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                                          "cannot open log \"%s\"", context->options.log));
    return false;
}

int
command_apply(CommandContext *context)
{
    g_auto(PlanRun) run = { 0 };
    g_auto(ApplyOptions) options = { 0 };
    GOptionEntry entries[PLAN_RUN_ENTRY_COUNT + 6] = {
        { "yes", 'y', 0, G_OPTION_ARG_NONE, &options.yes, "do not ask", NULL },
        { "wait", 0, 0, G_OPTION_ARG_INT, &options.wait_seconds,
          "wait so long for another apply to end (default 0)", "SECONDS" },
        { "allow-lockout", 0, 0, G_OPTION_ARG_NONE, &options.allow_lockout,
          "install HBA rules that shut out dbsu, replication, the monitor user or us", NULL },
        { "take-over", 0, 0, G_OPTION_ARG_NONE, &options.take_over,
          "with pg_hba_install patroni: begin a list where its configuration has none", NULL },
        { "patroni-url", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.patroni_urls,
          "Patroni's REST API (default http://<pg_host>:8008)", "[INSTANCE=]URL" },
    };
    GError *error = NULL;

    plan_run_entries(&run, &entries[5]);
    if (!command_parse(context, entries))
        return context->exit_code;
    if (!options.yes && isatty(STDIN_FILENO) != 1)
        return command_fail_usage(context, "without a terminal to ask on, apply needs --yes");
    if (!patroni_check_urls(options.patroni_urls, &error))
        return command_fail(context, error);
    if (!take_saved_plan(&run, context) || !plan_run_begin(&run, context) ||
        !open_log(context, &options))
        return context->exit_code;
    return run.saved != NULL ? apply_saved(&run, &options) : apply_clusters(&run, &options);
}
