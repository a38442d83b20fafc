/* From options and selected clusters to target plans. */
#include "provisioner/cli/plan_run.h"

#include <string.h>

#include "base/error.h"
#include "inventory/load/inventory_load.h"
#include "inventory/yaml/node.h"
#include "provisioner/findings.h"
#include "provisioner/plan/hba_plan.h"
#include "provisioner/server/connection.h"
#include "roles/findings.h"

static bool
refuse(CommandContext *context, int code, const char *message)
{
    context->exit_code = command_fail(context, g_error_new_literal(PGCHARTER_ERROR, code, message));
    return false;
}

/* Variables that are checked and shown, and that plan and apply do not carry out yet. */
static const char *const variables_to_come[] = {
    "pg_sources",   "pg_overrides", "pg_environments", "pg_capabilities", "pg_password_provider",
    "pg_container", NULL,
};

static void
add_to_come(PlanRun *run, SourcePos pos, const char *what)
{
    findings_add(run->context->findings, &FINDING_NOT_IN_THIS_VERSION, pos,
                 "take it out, or use a version that carries it out",
                 "%s: this version does not carry it out, and leaves nothing out in silence", what);
}

static bool
is_something(const Node *value)
{
    return value != NULL && !node_is_null(value) &&
           (value->kind == NODE_SCALAR ? value->length > 0 : value->count > 0);
}

AccessMode
plan_run_mode(const PlanRun *run, const Cluster *cluster)
{
    return (AccessMode)option_or(run->options.mode, (int)cluster->mode);
}

int
plan_run_cores(const PlanRun *run)
{
    return run->options.jobs == OPTION_NOT_GIVEN
               ? 0
               : MIN(run->options.jobs, (int)g_get_num_processors());
}

static void
check_cluster(PlanRun *run, const Cluster *cluster)
{
    for (size_t i = 0; variables_to_come[i] != NULL; i++) {
        const Node *value = node_get(cluster->primary->variables, variables_to_come[i]);

        if (is_something(value))
            add_to_come(run, value->pos, variables_to_come[i]);
    }
}

/* What this version does not do yet is refused, never left out in silence. */
static bool
check_supported(PlanRun *run)
{
    CommandContext *context = run->context;

    LIST_FOREACH (const Cluster, cluster, &run->clusters)
        check_cluster(run, cluster);
    return command_accept_findings(context);
}

static bool
select_targets(PlanRun *run)
{
    CommandContext *context = run->context;

    if (run->saved != NULL)
        return plan_run_select_saved(run);
    run->clusters = command_select_clusters(context, run->inventory);
    run->instances = command_select_instances(context, run->inventory);
    return run->clusters.count > 0 || refuse(context, PGCHARTER_ERROR_USAGE,
                                             "no cluster of the inventory matches -N, -R and -E");
}

static void
make_targets(PlanRun *run)
{
    run->width = fleet_width(option_or(run->options.jobs, 0), run->clusters.count);
    run->targets = g_new0(TargetRun, run->clusters.count);
    for (size_t i = 0; i < run->clusters.count; i++) {
        Arena *arena = arena_new();

        run->targets[i] = (TargetRun){
            .run = run,
            .cluster = run->clusters.items[i],
            .arena = arena,
            .transcript = transcript_new(),
            .passwords = password_checks_new(arena),
        };
        run->targets[i].transcript->is_live = run->width == 1;
    }
}

static void
clear_target(TargetRun *target)
{
    if (target->plan != NULL)
        target_plan_clear(target->plan);
    g_clear_pointer(&target->session, session_close);
    g_clear_pointer(&target->passwords, password_checks_free);
    g_clear_pointer(&target->transcript, transcript_free);
    g_clear_pointer(&target->arena, arena_free);
}

bool
plan_run_begin(PlanRun *run, CommandContext *context)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    GError *error = NULL;

    run->context = context;
    if (run->keep_preconditions)
        context->inventory_flags |= INVENTORY_DIGESTS;
    run->inventory = command_load_inventory(context);
    if (run->inventory == NULL)
        return false;
    if (!connection_check_names(run->inventory, context->options.conninfos, &error)) {
        context->exit_code = command_fail(context, error);
        return false;
    }
    if (!select_targets(run))
        return false;
    g_date_set_dmy(&run->today, (GDateDay)g_date_time_get_day_of_month(now),
                   (GDateMonth)g_date_time_get_month(now), (GDateYear)g_date_time_get_year(now));
    run->renderings_arena = arena_new();
    run->renderings = hba_renderings_new(run->renderings_arena);
    run->servers = g_hash_table_new(g_str_hash, g_str_equal);
    make_targets(run);
    return check_supported(run);
}

void
plan_run_clear(PlanRun *run)
{
    for (size_t i = 0; run->targets != NULL && i < run->clusters.count; i++)
        clear_target(&run->targets[i]);
    g_clear_pointer(&run->targets, g_free);
    g_clear_pointer(&run->renderings, hba_renderings_free);
    g_clear_pointer(&run->renderings_arena, arena_free);
    g_clear_pointer(&run->servers, g_hash_table_destroy);
}

int
plan_run_fail(TargetRun *target, GError *error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int code = exit_code_take_error(error, text);

    transcript_say(target->transcript, stderr, text->str);
    return code;
}

void
plan_run_say_findings(TargetRun *target, Findings *findings)
{
    g_autoptr(GString) text = g_string_new(NULL);

    findings_render_text(findings, command_findings_style(target->run->context, stderr), text);
    transcript_say(target->transcript, stderr, text->str);
}

bool
plan_run_connection(TargetRun *target, ConnectionParameters *ret_parameters, GError **error)
{
    return connection_resolve(target->arena, target->cluster,
                              target->run->context->options.conninfos, ret_parameters, error);
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

/* Two clusters over one server would undo each other's work. */
static bool
server_is_new(PlanRun *run, const TargetPlan *plan, GError **error)
{
    const char *identity = NULL;
    const char *other = NULL;

    if (plan->server.system_identifier == NULL)
        return true;
    identity = arena_printf(run->context->arena, "%s %s", plan->server.system_identifier,
                            plan->server.started);
    other = g_hash_table_lookup(run->servers, identity);
    if (other != NULL && strcmp(other, plan->cluster->name) != 0) {
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                    "clusters \"%s\" and \"%s\" turn out to be one server (system identifier %s)",
                    other, plan->cluster->name, plan->server.system_identifier);
        return false;
    }
    g_hash_table_insert(run->servers, (gpointer)identity, (gpointer)plan->cluster->name);
    return true;
}

static bool
add_hba(const TargetRun *target, TargetPlan *plan, Session *session, GError **error)
{
    const PlanRun *run = target->run;
    const HbaPlanInput input = {
        .arena = target->arena,
        .renderings = run->renderings,
        .instances = run->instances,
        .conninfos = run->context->options.conninfos,
        .asked = run->options.hba,
        .look_at_all = command_verbosity(run->context) > 0,
        .session = session,
    };

    return session == NULL || hba_plan_add(&input, plan, error);
}

static TargetPlan *
build_plan(TargetRun *target, Session **ret_session, GError **error)
{
    const PlanRun *run = target->run;
    g_autoptr(Session) session = NULL;
    TargetPlan *plan = NULL;
    TargetInput input = {
        .arena = target->arena,
        .cluster = target->cluster,
        .offline_version = target->offline_version,
        .state_path = target->state_path,
        .passwords = target->passwords,
        .today = &run->today,
        .jobs = plan_run_cores(run),
        .mode = plan_run_mode(run, target->cluster),
        .flags = (run->options.init ? TARGET_INIT : 0u) |
                 (run->options.allow_mass_removal ? TARGET_ALLOW_MASS_REMOVAL : 0u) |
                 (run->options.prune ? TARGET_PRUNE : 0u) |
                 (run->keep_preconditions ? TARGET_KEEP_PRECONDITIONS : 0u) |
                 (run->options.allow_data_loss ? TARGET_ALLOW_DATA_LOSS : 0u) |
                 (run->options.set_passwords ? TARGET_SET_PASSWORDS : 0u),
    };

    if (target->offline_version == 0 && target->state_path == NULL) {
        if (!plan_run_connection(target, &input.connection, error))
            return NULL;
        session = session_open(&input.connection, "postgres", error);
        if (session == NULL)
            return NULL;
    }
    plan = target_plan(&input, session, error);
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

/* Errors among the notes refuse the target; what is protected is a safety rule, the rest are
 * findings. A missing right is shown with the whole plan; apply refuses it. */
static int
code_of_notes(const TargetPlan *plan)
{
    int code = EXIT_CODE_DONE;

    LIST_FOREACH (const Finding, note, &plan->notes->items) {
        if (note->severity != SEVERITY_ERROR || note->kind == &FINDING_MISSING_RIGHT)
            continue;
        code = exit_code_worse(code, g_str_has_prefix(note->kind->id, "protected-")
                                         ? EXIT_CODE_SAFETY
                                         : EXIT_CODE_INVENTORY);
    }
    return code;
}

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
    code = code_of_notes(plan);
    if (code != EXIT_CODE_DONE) {
        plan_run_say_findings(target, plan->notes);
        target_plan_clear(plan);
        g_clear_pointer(ret_session, session_close);
        return code;
    }
    *ret_plan = plan;
    return EXIT_CODE_DONE;
}

typedef struct PlanAll {
    PlanRun *run;
    FleetFunction *tell;
    void *data;
} PlanAll;

static void
plan_one(size_t at, void *data)
{
    const PlanAll *all = data;
    TargetRun *target = &all->run->targets[at];

    target->code = plan_run_target(target, &target->plan, &target->session);
    if (all->run->clusters.count > all->run->width)
        g_clear_pointer(&target->session, session_close);
}

/* Which of two clusters that are one server is the second must not depend on which was faster. */
static void
tell_one(size_t at, void *data)
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
    transcript_tell(target->transcript);
    all->tell(at, all->data);
}

void
plan_run_all(PlanRun *run, FleetFunction *tell, void *data)
{
    PlanAll all = { .run = run, .tell = tell, .data = data };

    fleet_run(run->width, run->clusters.count, plan_one, tell_one, &all);
}
