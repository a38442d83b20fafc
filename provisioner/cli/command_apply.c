/* pgcharter apply: plan, compare with a saved plan, show, ask, lock, plan again, run. */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "provisioner/apply/apply.h"
#include "provisioner/apply/apply_hba.h"
#include "provisioner/cli/plan_run.h"
#include "provisioner/hba_deploy/patroni.h"
#include "provisioner/plan/plan_compare.h"
#include "provisioner/plan/preflight.h"
#include "provisioner/server/apply_lock.h"

/* What the command line says of applying, and the log that it names. */
typedef struct ApplyOptions {
    const CommandOptions *words;
    int wait_seconds;
    FILE *log;
} ApplyOptions;

static void
apply_options_clear(ApplyOptions *options)
{
    if (options->log != NULL)
        fclose(options->log);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ApplyOptions, apply_options_clear)

/* Clusters are looked at side by side, then asked about in order, then done side by side. */
typedef struct ApplyRun {
    PlanRun *run;
    const ApplyOptions *options;
    GMutex terminal; /* of who asks, while others work */
    bool *confirmed; /* for each target */
    int code;
    bool fits; /* the saved plan, where there is one */
} ApplyRun;

static void
show_plan(TargetRun *target, TargetPlan *shown)
{
    const CommandContext *context = target->run->context;
    g_autoptr(GString) text = g_string_new(NULL);
    Plan plan = { .mode = shown->mode };

    list_add(target->arena, &plan.targets, shown);
    plan_render_text(&plan, command_colours(context, stdout) ? PLAN_COLOURED : PLAN_PLAIN, text);
    transcript_say(target->transcript, stdout, text->str);
}

static bool
is_yes(const char *answer)
{
    return g_ascii_strcasecmp(answer, "y") == 0 || g_ascii_strcasecmp(answer, "yes") == 0;
}

/* The one place where a transcript does not wait for its turn. */
static bool
confirm(ApplyRun *apply, const TargetRun *run, const TargetPlan *target)
{
    char answer[8] = "";
    bool answered = false;

    g_mutex_lock(&apply->terminal);
    transcript_tell(run->transcript);
    printf("\napply these %zu steps to %s? [y/N] ", target->steps.count, target->cluster->name);
    fflush(stdout);
    answered = fgets(answer, sizeof answer, stdin) != NULL;
    g_mutex_unlock(&apply->terminal);
    return answered && is_yes(g_strstrip(answer));
}

/* What another session caused is tried again so often, after a pause that doubles. */
#define RETRIES_MAX          5
#define RETRY_PAUSE_FIRST_US 100000

static int
fail_steps(TargetRun *run, const TargetPlan *target, const ApplyResult *result, GError *error)
{
    int code = plan_run_fail(run, error);

    transcript_printf(run->transcript, stderr,
                      "  %u of %zu steps are done and stay; run apply again to finish\n",
                      result->steps_done, target->steps.count);
    return code;
}

/* After all other steps: a file that lets nobody in must not keep us from them. */
static int
install_hba(TargetRun *run, const ApplyOptions *options, const TargetPlan *target,
            ApplyResult *result)
{
    g_autoptr(Findings) notes = findings_new(run->arena);
    const ApplyHbaInput input = {
        .arena = run->arena,
        .target = target,
        .renderings = run->run->renderings,
        .conninfos = run->run->context->options.conninfos,
        .patroni_urls = options->words->patroni_urls,
        .allow_lockout = options->words->allow_lockout,
        .take_over = options->words->take_over,
        .wait_seconds = options->wait_seconds,
        .log = options->log,
        .notes = notes,
    };
    GError *error = NULL;
    bool ok = false;

    g_clear_pointer(&run->session, session_close);
    ok = apply_hba(&input, &result->steps_done, &error);
    plan_run_say_findings(run, notes);
    return ok ? EXIT_CODE_DONE : fail_steps(run, target, result, error);
}

/* A bar is for one cluster: those of several would draw over each other. */
static FILE *
progress_stream(const PlanRun *run)
{
    return isatty(STDERR_FILENO) == 1 && command_verbosity(run->context) >= 0 && run->width == 1
               ? stderr
               : NULL;
}

/* Runs one plan; *ret_retry is set where it failed for what somebody else did. */
static int
run_once(TargetRun *run, const ApplyOptions *options, const TargetPlan *target, bool may_retry,
         bool *ret_retry)
{
    ApplyInput input = {
        .arena = run->arena,
        .target = target,
        .wait_seconds = options->wait_seconds,
        .progress = progress_stream(run->run),
        .log = options->log,
    };
    ApplyResult result = { 0 };
    GError *error = NULL;

    *ret_retry = false;
    password_checks_hash_ahead(run->passwords, plan_run_cores(run->run));
    if (!plan_run_connection(run, &input.connection, &error))
        return plan_run_fail(run, error);
    if (!apply_target(&input, &run->session, &result, &error)) {
        *ret_retry = may_retry && result.may_be_retried;
        if (!*ret_retry)
            return fail_steps(run, target, &result, error);
        if (command_verbosity(run->run->context) > 0)
            transcript_printf(run->transcript, stderr, "pgcharter: trying again: %s\n",
                              error->message);
        g_error_free(error);
        return EXIT_CODE_ENVIRONMENT;
    }
    if (result.steps_done < target->steps.count) {
        int code = install_hba(run, options, target, &result);

        if (code != EXIT_CODE_DONE)
            return code;
    }
    transcript_printf(run->transcript, stdout, "%s: %u steps done\n", target->cluster->name,
                      result.steps_done);
    return EXIT_CODE_DONE;
}

static int
refuse_other_steps(TargetRun *run)
{
    return plan_run_fail(run, g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                                          "%s: another session changed the server meanwhile, and "
                                          "other steps than those shown are needed now; run apply "
                                          "again",
                                          run->cluster->name));
}

/* Runs the steps. A transaction that somebody else's work broke is planned again and tried again.
 */
static int
run_steps(TargetRun *run, const ApplyOptions *options, const TargetPlan *shown)
{
    gulong pause = RETRY_PAUSE_FIRST_US;
    bool retry = false;
    int code = run_once(run, options, shown, true, &retry);

    for (unsigned tries = 1; retry; tries++, pause *= 2) {
        Session *other = NULL;
        TargetPlan *again = NULL;

        g_usleep(pause);
        code = plan_run_target(run, &again, &other);
        session_close(other);
        if (again == NULL)
            return code;
        retry = false;
        if (!plan_is_part_of(again, shown))
            code = refuse_other_steps(run);
        else if (again->steps.count > 0)
            code = run_once(run, options, again, tries < RETRIES_MAX, &retry);
        else
            transcript_printf(run->transcript, stdout, "%s: done: somebody else made the rest\n",
                              shown->cluster->name);
        target_plan_clear(again);
    }
    return code;
}

/* Nothing is begun that is known to fail in the middle. */
static int
refuse_missing_rights(TargetRun *run)
{
    return plan_run_fail(run, g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY,
                                          "%s: the executor may not do all of these steps (notes "
                                          "missing-right); nothing was done",
                                          run->cluster->name));
}

/* Whether the plan is what was saved, where one was; told where it is not. */
static bool
fits_saved_plan(TargetRun *target, const TargetPlan *plan)
{
    const PlanRun *run = target->run;
    SavedDifference difference = { 0 };

    if (run->saved != NULL)
        difference = saved_plan_compare(target->arena, run->saved, plan);
    if (difference.message != NULL)
        plan_run_refuse_saved(run, &difference, target->transcript);
    return difference.message == NULL;
}

/* Under the lock the plan is made again; what differs from what was shown is shown and asked again.
 */
static int
apply_locked(ApplyRun *apply, TargetRun *run)
{
    const ApplyOptions *options = apply->options;
    Session *other = NULL;
    TargetPlan *again = NULL;
    GError *error = NULL;
    int code = EXIT_CODE_DONE;

    if (!apply_lock_take(run->arena, run->session, options->wait_seconds, &error))
        return plan_run_fail(run, error);
    code = plan_run_target(run, &again, &other);
    session_close(other);
    if (code != EXIT_CODE_DONE)
        return code;
    if (!fits_saved_plan(run, again)) {
        transcript_printf(run->transcript, stdout, "%s: nothing done\n", run->cluster->name);
        code = EXIT_CODE_SAFETY;
    } else if (preflight_refuses(again)) {
        show_plan(run, again);
        code = refuse_missing_rights(run);
    } else if (again->steps.count == 0) {
        transcript_printf(run->transcript, stdout,
                          "%s: no changes: somebody else made them meanwhile\n",
                          run->cluster->name);
    } else if (!plan_same_steps(run->plan, again) &&
               (show_plan(run, again), !options->words->yes) && !confirm(apply, run, again)) {
        transcript_say(run->transcript, stdout, "nothing done\n");
    } else {
        code = run_steps(run, options, again);
    }
    target_plan_clear(again);
    return code;
}

static int
apply_target_run(ApplyRun *apply, TargetRun *run)
{
    ConnectionParameters parameters;
    GError *error = NULL;

    if (run->session == NULL &&
        (!plan_run_connection(run, &parameters, &error) ||
         (run->session = session_open(&parameters, "postgres", &error)) == NULL))
        return plan_run_fail(run, error);
    return apply_locked(apply, run);
}

static void
apply_one(size_t at, void *data)
{
    ApplyRun *apply = data;
    TargetRun *run = &apply->run->targets[at];

    run->code = EXIT_CODE_DONE;
    if (run->plan == NULL || !apply->confirmed[at])
        return;
    if (apply->options->words->yes)
        show_plan(run, run->plan);
    if (preflight_refuses(run->plan))
        run->code = refuse_missing_rights(run);
    else if (run->plan->skipped == NULL && run->plan->steps.count > 0)
        run->code = apply_target_run(apply, run);
    g_clear_pointer(&run->session, session_close);
}

static void
tell_applied(size_t at, void *data)
{
    ApplyRun *apply = data;
    TargetRun *run = &apply->run->targets[at];

    transcript_tell(run->transcript);
    apply->code = exit_code_worse(apply->code, run->code);
}

/* A saved plan is one piece: one cluster that it does not fit refuses it for all. A server that
 * does not answer holds up itself only. */
static void
take_look(size_t at, void *data)
{
    ApplyRun *apply = data;
    TargetRun *run = &apply->run->targets[at];

    apply->code = exit_code_worse(apply->code, run->code);
    if (run->plan != NULL ? !fits_saved_plan(run, run->plan)
                          : apply->run->saved != NULL && run->code != EXIT_CODE_ENVIRONMENT)
        apply->fits = false;
    transcript_tell(run->transcript);
}

/* Shows what there is to do and asks; with --yes it is shown with what comes of it. */
static void
ask_about(ApplyRun *apply, size_t at)
{
    TargetRun *run = &apply->run->targets[at];

    apply->confirmed[at] = true;
    if (apply->options->words->yes || run->plan == NULL)
        return;
    show_plan(run, run->plan);
    if (run->plan->skipped == NULL && run->plan->steps.count > 0 && !preflight_refuses(run->plan) &&
        !confirm(apply, run, run->plan)) {
        transcript_say(run->transcript, stdout, "nothing done\n");
        apply->confirmed[at] = false;
    }
    transcript_tell(run->transcript);
}

/* Every cluster is looked at before the first step. */
static int
apply_clusters(PlanRun *run, const ApplyOptions *options)
{
    g_autofree bool *confirmed = g_new0(bool, run->clusters.count);
    ApplyRun apply = { .run = run, .options = options, .confirmed = confirmed, .fits = true };

    g_mutex_init(&apply.terminal);
    plan_run_all(run, take_look, &apply);
    if (!apply.fits) {
        printf("nothing done\n");
        apply.code = exit_code_worse(apply.code, EXIT_CODE_SAFETY);
    }
    for (size_t i = 0; apply.fits && i < run->clusters.count; i++)
        ask_about(&apply, i);
    if (apply.fits)
        fleet_run(run->width, run->clusters.count, apply_one, tell_applied, &apply);
    g_mutex_clear(&apply.terminal);
    return apply.code;
}

/* Reads the saved plan that the command line names, if one. */
static bool
take_saved_plan(PlanRun *run, CommandContext *context)
{
    const SavedPlan *saved = NULL;
    GError *error = NULL;

    if (context->argc == 0)
        return true;
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
    g_auto(ApplyOptions) options = {
        .words = &context->options,
        .wait_seconds = option_or(context->options.wait_seconds, 0),
    };
    GError *error = NULL;

    if (!context->options.yes && isatty(STDIN_FILENO) != 1)
        return command_fail_usage(context, "without a terminal to ask on, apply needs --yes");
    if (!patroni_check_urls(context->options.patroni_urls, &error))
        return command_fail(context, error);
    run.options = context->options;
    if (!take_saved_plan(&run, context) || !plan_run_begin(&run, context) ||
        !open_log(context, &options))
        return context->exit_code;
    return apply_clusters(&run, &options);
}
