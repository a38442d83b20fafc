/* From options and selected clusters to target plans. */
#include "provisioner/run/plan_run.h"

#include <string.h>

#include "base/error.h"
#include "inventory/yaml/node.h"
#include "provisioner/catalog/catalog.h"
#include "provisioner/findings.h"
#include "provisioner/plan/declared_passwords.h"
#include "provisioner/plan/finding_filter.h"
#include "provisioner/plan/hba_plan.h"
#include "provisioner/server/apply_lock.h"
#include "provisioner/server/connection.h"
#include "provisioner/server/interrupt.h"
#include "roles/findings.h"
#include "roles/state/state_text.h"

/* Variables that are checked and shown, and that plan and apply do not carry out yet. */
static const char *const variables_to_come[] = {
    "pg_sources",   "pg_overrides", "pg_environments", "pg_capabilities", "pg_password_provider",
    "pg_container", NULL,
};

#define COMPARING_SHOWN_AFTER_US 500000

/* There is no target yet, or the error concerns all of them. */
static int
fail_run(const PlanRun *run, GError *error)
{
    int code = exit_code_of_error(error);

    run->events->failed(run->events->data, NULL, error);
    g_error_free(error);
    return code;
}

/* An empty list or text asks for nothing, so it is not a reason to refuse a run. */
static bool
is_something(const Node *value)
{
    return value != NULL && !node_is_null(value) &&
           (value->kind == NODE_SCALAR ? value->length > 0 : value->count > 0);
}

/* 0 jobs stay 0, which means one thread for each core. */
int
plan_run_cores(const PlanRun *run)
{
    return MIN(run->options.jobs, (int)g_get_num_processors());
}

static int
code_of_findings(const PlanRun *run, Findings *findings)
{
    if (!findings_has_errors(findings))
        return EXIT_CODE_DONE;
    run->events->found(run->events->data, NULL, findings);
    return EXIT_CODE_INVENTORY;
}

/* What this version does not do yet is refused, never left out without a word. */
static int
check_supported(const PlanRun *run)
{
    g_autoptr(Findings) findings = findings_new(run->arena);

    LIST_FOREACH (const Cluster, cluster, &run->clusters) {
        for (size_t i = 0; variables_to_come[i] != NULL; i++) {
            const Node *value = node_get(cluster->primary->variables, variables_to_come[i]);

            if (is_something(value))
                findings_add(findings, &FINDING_KEY_UNSUPPORTED, value->pos,
                             "remove it, or use a version that supports it",
                             "%s: not supported by this version", variables_to_come[i]);
        }
    }
    return code_of_findings(run, findings);
}

/*
 * Of the selected clusters only: who works on one environment need not have the vault passwords of
 * all others. A standby cluster gets no plan and needs no passwords.
 */
static int
open_passwords(const PlanRun *run)
{
    g_autoptr(Findings) findings = findings_new(run->arena);

    LIST_FOREACH (const Cluster, cluster, &run->clusters) {
        if (cluster->upstream == NULL)
            declared_passwords_open(run->arena, cluster, run->inventory->passwords,
                                    run->opened_passwords, findings);
    }
    return code_of_findings(run, findings);
}

/* An empty selection is an error: a pipeline with a misspelt -N must not report success. */
static int
select_targets(PlanRun *run)
{
    SavedDifference difference = { 0 };

    if (run->saved != NULL)
        difference = plan_run_select_saved(run);
    if (difference.message != NULL)
        return plan_run_refuse_saved(run, NULL, &difference);
    if (run->clusters.count > 0)
        return EXIT_CODE_DONE;
    return fail_run(run,
                    g_error_new_literal(PGCHARTER_ERROR, PGCHARTER_ERROR_USAGE,
                                        run->inventory->clusters.count == 0
                                            ? "the inventory declares no cluster"
                                            : "no cluster of the inventory matches -N, -R and -E"));
}

/*
 * PBKDF2 for thousands of roles takes long, for a few no time: nothing is drawn before half a
 * second is over.
 */
static void
show_comparing(void *data, size_t done, size_t total)
{
    TargetRun *target = data;
    int64_t now = g_get_monotonic_time();

    if (done == 0)
        target->comparing_since = now;
    else if (done == total)
        progress_end(&target->comparing);
    else if (target->comparing.view != NULL)
        progress_show(&target->comparing, (unsigned)done);
    else if (now - target->comparing_since > COMPARING_SHOWN_AFTER_US)
        progress_start(&target->comparing, target->run->options.progress, target->cluster->name,
                       (unsigned)total, "passwords");
}

/* The bars of several clusters would draw over each other. */
static void
watch_passwords(TargetRun *target)
{
    if (target->run->width == 1 && target->run->options.progress != NULL)
        password_checks_watch(target->passwords,
                              (PasswordWatch){ .compared = show_comparing, .data = target });
}

/*
 * Arenas and buffers are not shared between threads, so each target has its own. With a width of 1
 * output need not wait.
 */
static void
make_targets(PlanRun *run)
{
    run->width = fleet_width(run->options.jobs, run->clusters.count);
    run->targets = g_new0(TargetRun, run->clusters.count);
    for (size_t i = 0; i < run->clusters.count; i++) {
        Arena *arena = arena_new();

        run->targets[i] = (TargetRun){
            .run = run,
            .cluster = run->clusters.items[i],
            .arena = arena,
            .output =
                output_buffer_new(&run->events->sink, run->width == 1 ? OUTPUT_LIVE : OUTPUT_KEPT),
            .sessions = session_pool_new(),
            .passwords = password_checks_new(arena),
        };
        watch_passwords(&run->targets[i]);
    }
}

/* The arena goes last, because everything else may point into it. */
static void
clear_target(TargetRun *target)
{
    if (target->plan != NULL)
        target_plan_clear(target->plan);
    g_clear_pointer(&target->refused, findings_free);
    g_clear_pointer(&target->session, session_close);
    g_clear_pointer(&target->sessions, session_pool_free);
    g_clear_pointer(&target->passwords, password_checks_free);
    g_clear_pointer(&target->output, output_buffer_free);
    g_clear_pointer(&target->arena, arena_free);
}

/*
 * A misspelt name in --conninfo is refused: its cluster would be reached by the default connection.
 * The date is taken once, so that all targets agree on what has expired.
 */
int
plan_run_begin(PlanRun *run, const PlanRunInput *input)
{
    g_autoptr(GDateTime) now = g_date_time_new_from_unix_local(input->inventory->now);
    GError *error = NULL;
    int code = EXIT_CODE_DONE;

    *run = (PlanRun){
        .arena = input->arena,
        .inventory = input->inventory,
        .options = input->options,
        .events = input->events,
        .renderings = input->renderings,
        .saved = input->saved,
    };
    if (!connection_check_names(run->inventory, run->options.conninfos, &error))
        return fail_run(run, error);
    if (run->saved == NULL) {
        run->clusters = input->clusters;
        run->instances = input->instances;
    }
    code = select_targets(run);
    if (code != EXIT_CODE_DONE) {
        run->clusters = (List){ 0 };
        return code;
    }
    g_date_set_dmy(&run->today, (GDateDay)g_date_time_get_day_of_month(now),
                   (GDateMonth)g_date_time_get_month(now), (GDateYear)g_date_time_get_year(now));
    run->servers = g_hash_table_new(g_str_hash, g_str_equal);
    run->opened_passwords = g_hash_table_new(NULL, NULL);
    make_targets(run);
    code = check_supported(run);
    return exit_code_worse(code, open_passwords(run));
}

void
plan_run_clear(PlanRun *run)
{
    for (size_t i = 0; run->targets != NULL && i < run->clusters.count; i++)
        clear_target(&run->targets[i]);
    g_clear_pointer(&run->targets, g_free);
    g_clear_pointer(&run->servers, g_hash_table_destroy);
    g_clear_pointer(&run->opened_passwords, g_hash_table_destroy);
}

int
plan_run_fail(TargetRun *target, GError *error)
{
    const RunEvents *events = target->run->events;
    int code = exit_code_of_error(error);

    target->failure = arena_strdup(target->arena, error->message);
    events->failed(events->data, target, error);
    g_error_free(error);
    return code;
}

/* All sessions of a target are on one server, whatever plans they are for. */
bool
plan_run_connection(TargetRun *target, ConnectionParameters *ret_parameters, GError **error)
{
    if (!connection_resolve(target->arena, target->cluster, target->run->options.conninfos,
                            ret_parameters, error))
        return false;
    if (target->seen == NULL)
        target->seen = ret_parameters->seen;
    ret_parameters->seen = target->seen;
    ret_parameters->seen->limits.statement_timeout_ms = target->run->options.statement_timeout_ms;
    ret_parameters->is_interruptible = true;
    return true;
}

static List
instances_of(const TargetRun *target)
{
    List instances = { 0 };

    LIST_FOREACH (const Instance, instance, &target->run->instances) {
        if (instance->cluster == target->cluster)
            list_add(target->arena, &instances, instance);
    }
    return instances;
}

/* A skipped cluster stays in the plan with the reason, so that its absence is explained. */
static TargetPlan *
skipped_plan(const TargetRun *target, const char *reason)
{
    TargetPlan *plan = ARENA_NEW(target->arena, TargetPlan);

    *plan = (TargetPlan){
        .cluster = target->cluster,
        .instance = target->cluster->primary->name,
        .instances = instances_of(target),
        .notes = findings_new(target->arena),
        .skipped = reason,
    };
    return plan;
}

/*
 * Two clusters over one server would undo each other's work. The system identifier alone does not
 * tell: a physical copy has the same one, so the start time of the server is part of the identity.
 */
static bool
server_is_new(PlanRun *run, const TargetPlan *plan, GError **error)
{
    const char *identity = NULL;
    const char *other = NULL;

    if (plan->server.system_identifier == NULL)
        return true;
    identity =
        arena_printf(run->arena, "%s %s", plan->server.system_identifier, plan->server.started);
    other = g_hash_table_lookup(run->servers, identity);
    if (other != NULL && strcmp(other, plan->cluster->name) != 0) {
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                    "clusters \"%s\" and \"%s\" are the same server (system identifier %s)", other,
                    plan->cluster->name, plan->server.system_identifier);
        return false;
    }
    g_hash_table_insert(run->servers, (gpointer)identity, (gpointer)plan->cluster->name);
    return true;
}

/* Without a session, offline or with --state, there is no installed file to compare with. */
static bool
add_hba(const TargetRun *target, TargetPlan *plan, Session *session, GError **error)
{
    const PlanRun *run = target->run;
    const HbaPlanInput input = {
        .arena = target->arena,
        .renderings = run->renderings,
        .instances = run->instances,
        .conninfos = run->options.conninfos,
        .asked = run->options.hba,
        .look_at_all = run->options.look_at_all_hba,
        .session = session,
    };

    return session == NULL || hba_plan_add(&input, plan, error);
}

/* What is older or newer than the catalogs that are known is planned as the nearest of them. */
static int
offline_version_of(const TargetRun *target)
{
    const RunOptions *options = &target->run->options;

    if (!options->offline)
        return 0;
    return options->offline_version != 0
               ? options->offline_version
               : CLAMP(target->cluster->primary->version, CATALOG_VERSION_MIN, CATALOG_VERSION_MAX);
}

/* A folder holds a state for each cluster, named as `snapshot -d` names them. */
static const char *
state_path_of(const TargetRun *target)
{
    const char *state = target->run->options.state;

    if (state == NULL || !g_file_test(state, G_FILE_TEST_IS_DIR))
        return state;
    return arena_printf(target->arena, "%s/%s%s", state, target->cluster->name, STATE_FILE_SUFFIX);
}

static AccessMode
mode_of(const PlanRun *run, const Cluster *cluster)
{
    return run->options.mode == RUN_MODE_OF_CLUSTER ? cluster->mode : (AccessMode)run->options.mode;
}

/*
 * The session is handed over only with a plan; on every other path it closes itself. The HBA steps
 * come last because they need the plan to be added to.
 */
static TargetPlan *
build_plan(TargetRun *target, Session **ret_session, GError **error)
{
    const PlanRun *run = target->run;
    g_autoptr(Session) session = NULL;
    TargetPlan *plan = NULL;
    TargetInput input = {
        .arena = target->arena,
        .cluster = target->cluster,
        .offline_version = offline_version_of(target),
        .state_path = state_path_of(target),
        .sessions = target->sessions,
        .passwords = target->passwords,
        .opened_passwords = run->opened_passwords,
        .today = &run->today,
        .jobs = plan_run_cores(run),
        .mode = mode_of(run, target->cluster),
        .flags = (run->options.init ? TARGET_INIT : 0u) |
                 (run->options.allow_mass_removal ? TARGET_ALLOW_MASS_REMOVAL : 0u) |
                 (run->options.prune ? TARGET_PRUNE : 0u) |
                 (run->options.keep_preconditions ? TARGET_KEEP_PRECONDITIONS : 0u) |
                 (run->options.allow_data_loss ? TARGET_ALLOW_DATA_LOSS : 0u) |
                 (run->options.set_passwords ? TARGET_SET_PASSWORDS : 0u) |
                 (run->options.allow_superuser_code ? TARGET_ALLOW_SUPERUSER_CODE : 0u) |
                 (run->options.check_outcomes ? TARGET_CHECK_OUTCOMES : 0u),
    };

    if (run->saved != NULL)
        input.saved_facts = &saved_plan_target(run->saved, target->cluster->name)->starts_from;
    if (!run->options.offline && run->options.state == NULL) {
        if (!plan_run_connection(target, &input.connection, error))
            return NULL;
        session = session_open(&input.connection, "postgres", error);
        if (session == NULL ||
            (run->options.lock_first && !apply_lock_try(session, &target->is_locked, error)))
            return NULL;
    }
    plan = target_plan(&input, session, error);
    /* While somebody thinks about a question, nobody is to sit in databases. */
    if (!target->is_locked)
        session_pool_clear(target->sessions);
    if (plan != NULL && !add_hba(target, plan, session, error)) {
        target_plan_clear(plan);
        return NULL;
    }
    if (plan == NULL)
        return NULL;
    plan->instances = instances_of(target);
    *ret_session = g_steal_pointer(&session);
    return plan;
}

/*
 * Errors among the notes refuse the target, each with the exit code of its kind. A missing
 * privilege is shown with the whole plan; apply refuses it. The exit code comes from the kind of
 * finding, so a refusal by a safety check differs from a mistake in the inventory.
 */
static int
code_of_notes(const TargetPlan *plan)
{
    int code = EXIT_CODE_DONE;

    LIST_FOREACH (const Finding, note, &plan->notes->items) {
        if (note->severity == SEVERITY_ERROR && note->kind != &FINDING_INSUFFICIENT_PRIVILEGE)
            code = exit_code_worse(code, note->kind->exit_code);
    }
    return code;
}

/* Of several plans of one target the first one tells; the exit code of the run is 1. */
static void
report_unreadable(TargetRun *target, const TargetPlan *plan)
{
    LIST_FOREACH (const char, message, &plan->unreadable) {
        if (!target->is_incomplete)
            plan_run_fail(target,
                          g_error_new_literal(PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD, message));
    }
    target->is_incomplete = target->is_incomplete || plan->unreadable.count > 0;
}

/* A standby cluster is read-only and receives every change from its upstream. */
int
plan_run_target(TargetRun *target, TargetPlan **ret_plan, Session **ret_session)
{
    GError *error = NULL;
    TargetPlan *plan = NULL;
    int code = EXIT_CODE_DONE;

    *ret_plan = NULL;
    *ret_session = NULL;
    if (target->cluster->upstream != NULL) {
        *ret_plan =
            skipped_plan(target, arena_printf(target->arena, "it is a standby cluster of \"%s\"",
                                              target->cluster->upstream));
        return EXIT_CODE_DONE;
    }
    plan = build_plan(target, ret_session, &error);
    if (plan == NULL)
        return plan_run_fail(target, error);
    finding_filter_notes(target->cluster, plan->notes);
    code = code_of_notes(plan);
    if (code != EXIT_CODE_DONE) {
        target->run->events->found(target->run->events->data, target, plan->notes);
        g_clear_pointer(&target->refused, findings_free);
        target->refused = g_steal_pointer(&plan->notes);
        target_plan_clear(plan);
        g_clear_pointer(ret_session, session_close);
        return code;
    }
    report_unreadable(target, plan);
    *ret_plan = plan;
    return EXIT_CODE_DONE;
}

typedef struct PlanAll {
    PlanRun *run;
    FleetFunction *planned;
    void *data;
} PlanAll;

/*
 * With more clusters than threads the sessions are closed: hundreds of idle ones would wait for the
 * question of apply.
 */
static void
plan_one(size_t at, void *data)
{
    const PlanAll *all = data;
    TargetRun *target = &all->run->targets[at];

    if (interrupt_requested())
        target->code = plan_run_fail(
            target, g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_INTERRUPTED,
                                "%s: interrupted before it was read", target->cluster->name));
    else
        target->code = plan_run_target(target, &target->plan, &target->session);
    if (target->is_incomplete)
        target->code = exit_code_worse(target->code, EXIT_CODE_ENVIRONMENT);
    if (all->run->clusters.count > all->run->width)
        g_clear_pointer(&target->session, session_close);
}

/*
 * Which of two clusters that are one server is the second must not depend on which was faster. So
 * this is not checked in plan_one(), which runs in parallel, but here, where clusters come in
 * order.
 */
static void
finish_one(size_t at, void *data)
{
    const PlanAll *all = data;
    TargetRun *target = &all->run->targets[at];
    GError *error = NULL;

    if (target->plan != NULL && !server_is_new(all->run, target->plan, &error)) {
        target->code = exit_code_worse(target->code, plan_run_fail(target, error));
        target_plan_clear(target->plan);
        target->plan = NULL;
        g_clear_pointer(&target->session, session_close);
    }
    output_buffer_flush(target->output);
    all->planned(at, all->data);
}

/* Some are enough to see that something is wrong with a rack, a network or a version. */
#define CLUSTERS_NAMED_MAX 5

static void
report_wait(const FleetWait *wait, void *data)
{
    const PlanRun *run = data;
    g_autoptr(GString) out = g_string_new(NULL);

    g_string_append_printf(out, "%zu of %zu clusters are done after %u seconds; waiting for ",
                           wait->done_count, wait->count, wait->seconds);
    for (size_t i = 0; i < MIN(wait->at_work_count, CLUSTERS_NAMED_MAX); i++)
        g_string_append_printf(out, "%s%s", i > 0 ? ", " : "",
                               run->targets[wait->at_work[i]].cluster->name);
    if (wait->at_work_count > CLUSTERS_NAMED_MAX)
        g_string_append_printf(out, " and %zu more", wait->at_work_count - CLUSTERS_NAMED_MAX);
    run->events->waits(run->events->data, out->str);
}

void
plan_run_each(PlanRun *run, FleetFunction *work, FleetFunction *done, void *data)
{
    fleet_run(run->width, run->clusters.count, work, done, data, report_wait, run);
}

void
plan_run_all(PlanRun *run, FleetFunction *planned, void *data)
{
    PlanAll all = { .run = run, .planned = planned, .data = data };

    if (!run->options.offline && run->options.state == NULL)
        interrupt_watch();
    plan_run_each(run, plan_one, finish_one, &all);
}
