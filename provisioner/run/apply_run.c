/* The order of an apply, and what to do when other sessions are at work. */
#include "provisioner/run/apply_run.h"

#include <signal.h>

#include "base/error.h"
#include "provisioner/apply/apply.h"
#include "provisioner/apply/apply_hba.h"
#include "provisioner/plan/plan_compare.h"
#include "provisioner/plan/preflight.h"
#include "provisioner/server/apply_lock.h"
#include "provisioner/server/interrupt.h"
#include "roles/findings.h"

/* Retry limit and first pause, which doubles, for what another session caused. */
#define RETRIES_MAX          5
#define RETRY_PAUSE_FIRST_US 100000

/* Clusters are planned in parallel, then asked about in order, then applied in parallel. */
typedef struct ApplyRun {
    PlanRun *run;
    const ApplyOptions *options;
    bool *confirmed; /* for each target */
    int code;
    bool is_stale; /* the saved plan, where there is one */
} ApplyRun;

/* The plan of one try, and what the tries before it have done of what was shown. */
typedef struct Attempt {
    const TargetPlan *plan;
    unsigned tries; /* before this one */
    unsigned done_before;
} Attempt;

static void
show_plan(TargetRun *target, TargetPlan *plan)
{
    const RunEvents *events = target->run->events;

    events->shows_plan(events->data, target, plan);
}

static bool
confirm(TargetRun *target, const TargetPlan *plan)
{
    const RunEvents *events = target->run->events;

    return events->confirms(events->data, target, plan);
}

static void
report(TargetRun *target, RunOutcome outcome, RunProgress progress)
{
    const RunEvents *events = target->run->events;

    events->ended(events->data, target, outcome, &progress);
}

static void
report_steps(TargetRun *target, RunOutcome outcome, const Attempt *attempt,
             const ApplyResult *result)
{
    report(target, outcome,
           (RunProgress){ .steps_done = attempt->done_before + result->steps_done,
                          .steps_total = attempt->done_before + attempt->plan->steps.count });
}

/* Both lines are needed, the error and how far the run came: committed steps are not undone. */
static int
fail_steps(TargetRun *target, const Attempt *attempt, const ApplyResult *result, GError *error)
{
    int code = plan_run_fail(target, error);

    report_steps(target, RUN_OUTCOME_STOPPED, attempt, result);
    return code;
}

/* After all other steps: a file that lets nobody in must not keep us from them. */
static int
install_hba(TargetRun *target, const ApplyOptions *options, const Attempt *attempt,
            ApplyResult *result)
{
    const RunEvents *events = target->run->events;
    g_autoptr(Findings) notes = findings_new(target->arena);
    const ApplyHbaInput input = {
        .target = attempt->plan,
        .deployment = { .arena = target->arena,
                        .renderings = target->run->renderings,
                        .conninfos = target->run->options.conninfos,
                        .patroni_urls = options->patroni_urls,
                        .role_report = HBA_ROLE_ALREADY_REPORTED,
                        .allow_lockout = options->allow_lockout,
                        .take_over = options->take_over,
                        .wait_seconds = options->wait_seconds,
                        .notes = notes },
        .log = options->log,
    };
    GError *error = NULL;
    bool ok = false;

    g_clear_pointer(&target->session, session_close);
    ok = apply_hba(&input, &result->steps_done, &error);
    events->found(events->data, target, notes);
    return ok ? EXIT_CODE_DONE : fail_steps(target, attempt, result, error);
}

static void
report_wait(void *data, const char *sentence)
{
    report(data, RUN_OUTCOME_WAITING, (RunProgress){ .reason = sentence });
}

/*
 * The steps of one plan; *ret_retry is set where they failed for what another session did.
 * Passwords are hashed before the transaction begins, so that no lock is held meanwhile.
 */
static int
run_plan(TargetRun *target, const ApplyOptions *options, const Attempt *attempt,
         ApplyResult *result, ApplyRetry *ret_retry)
{
    ApplyInput input = {
        .arena = target->arena,
        .target = attempt->plan,
        .sessions = target->sessions,
        .wait_seconds = options->wait_seconds,
        .lock_timeout_ms = options->lock_timeout_ms,
        .try_number = attempt->tries + 1,
        .tries_max = RETRIES_MAX + 1,
        .waits = report_wait,
        .waits_data = target,
        /* The bars of several clusters would draw over each other. */
        .progress = target->run->width == 1 ? target->run->options.progress : NULL,
        .log = options->log,
    };
    GError *error = NULL;

    *ret_retry = APPLY_RETRY_NOT;
    password_checks_hash_ahead(target->passwords, plan_run_cores(target->run));
    if (!plan_run_connection(target, &input.connection, &error))
        return plan_run_fail(target, error);
    if (!apply_target(&input, &target->session, result, &error)) {
        *ret_retry = attempt->tries < RETRIES_MAX ? result->retry : APPLY_RETRY_NOT;
        if (*ret_retry == APPLY_RETRY_NOT)
            return fail_steps(target, attempt, result, error);
        target->failure = arena_strdup(target->arena, error->message);
        if (target->run->options.report_retries)
            report(target, RUN_OUTCOME_RETRYING,
                   (RunProgress){ .reason = error->message,
                                  .try_number = attempt->tries + 2,
                                  .tries_max = RETRIES_MAX + 1 });
        g_error_free(error);
        return EXIT_CODE_ENVIRONMENT;
    }
    if (result->steps_done < attempt->plan->steps.count) {
        int code = install_hba(target, options, attempt, result);

        if (code != EXIT_CODE_DONE)
            return code;
    }
    report_steps(target, RUN_OUTCOME_APPLIED, attempt, result);
    return EXIT_CODE_DONE;
}

/* Adds the steps that it has done to *done. */
static int
run_once(TargetRun *target, const ApplyOptions *options, const Attempt *attempt, unsigned *done,
         ApplyRetry *ret_retry)
{
    const TargetPlan *plan = attempt->plan;
    ApplyResult result = { 0 };
    int code = EXIT_CODE_DONE;

    interrupt_watch();
    target->failure = NULL;
    if (target->session != NULL &&
        !apply_log_start(options->log, plan, PQuser(target->session->connection)))
        return plan_run_fail(target, g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                                                 "%s: nothing is done that --log cannot record",
                                                 target->cluster->name));
    code = run_plan(target, options, attempt, &result, ret_retry);
    apply_log_end(options->log, plan, result.steps_done,
                  code == EXIT_CODE_DONE ? NULL : target->failure);
    *done += result.steps_done;
    return code;
}

/* The new plan names again what was not there: what the last try said is the run's error. */
static int
fail_as_before(TargetRun *target, const TargetPlan *shown, unsigned done)
{
    int code = plan_run_fail(target, g_error_new_literal(PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                                                         target->failure));

    report(target, RUN_OUTCOME_STOPPED,
           (RunProgress){ .steps_done = done, .steps_total = shown->steps.count });
    return code;
}

static int
refuse_other_steps(TargetRun *target, const TargetPlan *shown, unsigned done)
{
    int code = plan_run_fail(
        target, g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                            "%s: the server was changed by another session, and different steps "
                            "than those shown are needed now; run apply again",
                            target->cluster->name));

    if (done > 0)
        report(target, RUN_OUTCOME_STOPPED,
               (RunProgress){ .steps_done = done, .steps_total = shown->steps.count });
    return code;
}

/*
 * A transaction that another session broke was rolled back whole, so it is planned and tried again:
 * what is left to do must be part of what was shown. The session of the new plan is closed at once:
 * apply continues with target->session, which holds the lock.
 *
 * Of the steps that are counted as done, those that are planned again are taken off: the sessions
 * of a role end in each try in which it could not be disabled.
 */
static int
run_steps(TargetRun *target, const ApplyOptions *options, const TargetPlan *shown)
{
    gulong pause = RETRY_PAUSE_FIRST_US;
    unsigned done = 0;
    const TargetPlan *tried = shown;
    ApplyRetry retry = APPLY_RETRY_NOT;
    int code = run_once(target, options, &(Attempt){ .plan = shown }, &done, &retry);

    for (unsigned tries = 1; retry != APPLY_RETRY_NOT; tries++, pause *= 2) {
        Attempt attempt = { .tries = tries };
        Session *other = NULL;
        TargetPlan *again = NULL;
        bool is_same = false;

        g_usleep(pause);
        code = plan_run_target(target, &again, &other);
        session_close(other);
        if (again == NULL)
            return code;
        is_same = retry == APPLY_RETRY_OTHER_PLAN && plan_same_steps(again, tried);
        retry = APPLY_RETRY_NOT;
        if (is_same) {
            code = fail_as_before(target, shown, done);
        } else if (!plan_is_part_of(again, shown)) {
            code = refuse_other_steps(target, shown, done);
        } else if (again->steps.count > 0) {
            done = MIN(
                done, (unsigned)(shown->steps.count - MIN(again->steps.count, shown->steps.count)));
            attempt.plan = tried = again;
            attempt.done_before = done;
            code = run_once(target, options, &attempt, &done, &retry);
        } else {
            report(target, RUN_OUTCOME_REST_BY_OTHERS, (RunProgress){ 0 });
        }
        target_plan_clear(again);
    }
    return code;
}

/* A plan with steps that are known to fail, or that a safety rule refuses, is not started. */
static bool
is_refused(const TargetPlan *plan)
{
    return preflight_refuses(plan) || (plan->steps.count > 0 && plan->refusals.count > 0);
}

/* Every rule that refuses is named, so that one more run can answer them all. */
static int
refuse(TargetRun *target, const TargetPlan *plan)
{
    g_autoptr(GString) reasons = g_string_new(NULL);

    LIST_FOREACH (const char, reason, &plan->refusals)
        g_string_append_printf(reasons, "%s%s", reasons->len > 0 ? "; " : "", reason);
    if (reasons->len > 0)
        return plan_run_fail(target, g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY, "%s: %s",
                                                 target->cluster->name, reasons->str));
    return plan_run_fail(target,
                         g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY,
                                     "%s: insufficient privileges for some steps (notes "
                                     "%s); nothing was done",
                                     target->cluster->name, FINDING_INSUFFICIENT_PRIVILEGE.id));
}

/* Whether the plan is what was saved, where one was; reported where it is not. */
static bool
fits_saved_plan(TargetRun *target, const ApplyOptions *options, const TargetPlan *plan)
{
    PlanRun *run = target->run;
    SavedDifference difference = { 0 };

    if (run->saved != NULL)
        difference = saved_plan_compare(target->arena, run->saved, plan);
    if (difference.message != NULL) {
        plan_run_refuse_saved(run, target, &difference);
        apply_log_stale(options->log, plan, difference.message, &difference.details);
    }
    return difference.message == NULL;
}

/* What is planned under the lock and was not shown yet is shown and asked about. */
static bool
is_wanted(TargetRun *target, const ApplyOptions *options, TargetPlan *again)
{
    if (plan_same_steps(target->plan, again))
        return true;
    show_plan(target, again);
    return !options->ask || confirm(target, again);
}

/*
 * Planned again under the lock, because another apply may have run after the first plan. Everything
 * below judges this second plan.
 */
static int
apply_locked(TargetRun *target, const ApplyOptions *options)
{
    Session *other = NULL;
    TargetPlan *again = NULL;
    GError *error = NULL;
    int code = EXIT_CODE_DONE;

    if (!apply_lock_take(target->arena, target->session, options->wait_seconds, &error))
        return plan_run_fail(target, error);
    code = plan_run_target(target, &again, &other);
    session_close(other);
    if (code != EXIT_CODE_DONE)
        return code;
    if (!fits_saved_plan(target, options, again)) {
        report(target, RUN_OUTCOME_SAVED_PLAN_STALE, (RunProgress){ 0 });
        code = EXIT_CODE_SAFETY;
    } else if (is_refused(again)) {
        show_plan(target, again);
        code = refuse(target, again);
    } else if (again->steps.count == 0) {
        report(target, RUN_OUTCOME_ALREADY_APPLIED, (RunProgress){ 0 });
    } else if (!is_wanted(target, options, again)) {
        report(target, RUN_OUTCOME_DECLINED, (RunProgress){ 0 });
        code = EXIT_CODE_ENVIRONMENT;
    } else {
        code = run_steps(target, options, again);
    }
    target_plan_clear(again);
    return code;
}

/*
 * Where nobody is asked, the plan was made under the lock, so it is the one to run. Reading all
 * catalogs again would only double the time.
 *
 * plan_run_all() leaves the session open where there are few clusters; otherwise it is opened
 * again.
 */
static int
apply_connected(TargetRun *target, const ApplyOptions *options)
{
    ConnectionParameters parameters;
    GError *error = NULL;

    if (target->session != NULL && target->is_locked)
        return run_steps(target, options, target->plan);
    if (target->session == NULL &&
        (!plan_run_connection(target, &parameters, &error) ||
         (target->session = session_open(&parameters, "postgres", &error)) == NULL))
        return plan_run_fail(target, error);
    return apply_locked(target, options);
}

/*
 * Without a question the plan is shown here, next to its result. A plan with missing privileges is
 * refused even though it was shown.
 */
static void
apply_one(size_t at, void *data)
{
    const ApplyRun *apply = data;
    TargetRun *target = &apply->run->targets[at];

    target->code = EXIT_CODE_DONE;
    if (target->plan == NULL || !apply->confirmed[at])
        return;
    if (interrupt_requested()) {
        target->code = plan_run_fail(
            target, g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_INTERRUPTED,
                                "%s: interrupted before its first step", target->cluster->name));
        return;
    }
    if (!apply->options->ask)
        show_plan(target, target->plan);
    if (is_refused(target->plan))
        target->code = refuse(target, target->plan);
    else if (target->plan->skipped == NULL && target->plan->steps.count > 0)
        target->code = apply_connected(target, apply->options);
    g_clear_pointer(&target->session, session_close);
    session_pool_clear(target->sessions);
}

/*
 * The worst code of all targets is the run's, since one failure must not hide behind later
 * successes.
 */
static void
finish_one(size_t at, void *data)
{
    ApplyRun *apply = data;
    TargetRun *target = &apply->run->targets[at];

    output_buffer_flush(target->output);
    apply->code = exit_code_worse(apply->code, target->code);
    if (target->is_incomplete)
        apply->code = exit_code_worse(apply->code, EXIT_CODE_ENVIRONMENT);
}

/* A saved plan is one piece: one cluster that it does not fit refuses it for all. A server that
 * does not answer holds up itself only. */
static void
take_plan(size_t at, void *data)
{
    ApplyRun *apply = data;
    TargetRun *target = &apply->run->targets[at];

    apply->code = exit_code_worse(apply->code, target->code);
    if (target->plan != NULL)
        apply->is_stale = !fits_saved_plan(target, apply->options, target->plan) || apply->is_stale;
    else if (apply->run->saved != NULL && target->code != EXIT_CODE_ENVIRONMENT)
        apply->is_stale = true;
    output_buffer_flush(target->output);
}

/* Shows what there is to do and asks; where nobody is asked it is shown with what comes of it. */
static void
ask_about(ApplyRun *apply, size_t at)
{
    TargetRun *target = &apply->run->targets[at];

    apply->confirmed[at] = true;
    if (!apply->options->ask || target->plan == NULL)
        return;
    show_plan(target, target->plan);
    if (target->plan->skipped == NULL && target->plan->steps.count > 0 &&
        !is_refused(target->plan) && !confirm(target, target->plan)) {
        report(target, RUN_OUTCOME_DECLINED, (RunProgress){ 0 });
        apply->confirmed[at] = false;
        apply->code = exit_code_worse(apply->code, EXIT_CODE_ENVIRONMENT);
    }
    output_buffer_flush(target->output);
}

/*
 * Every cluster is planned before the first step is run. A mistake in the last cluster then shows
 * before the first one is changed.
 */
int
apply_run(PlanRun *run, const ApplyOptions *options)
{
    g_autofree bool *confirmed = g_new0(bool, run->clusters.count);
    ApplyRun apply = { .run = run, .options = options, .confirmed = confirmed };

    run->options.check_outcomes = true;
    run->options.lock_first = !options->ask && run->clusters.count <= run->width;
    plan_run_all(run, take_plan, &apply);
    run->options.lock_first = false;
    if (apply.is_stale) {
        run->events->ended(run->events->data, NULL, RUN_OUTCOME_SAVED_PLAN_STALE,
                           &(RunProgress){ 0 });
        return exit_code_worse(apply.code, EXIT_CODE_SAFETY);
    }
    for (size_t i = 0; i < run->clusters.count; i++)
        ask_about(&apply, i);
    /* Who reads what is printed may go away; that must not end the work between two steps. */
    signal(SIGPIPE, SIG_IGN);
    plan_run_each(run, apply_one, finish_one, &apply);
    return apply.code;
}
