/* From options and selected clusters to target plans. */
#include "provisioner/plan_run.h"

#include <string.h>

#include "base/error.h"
#include "inventory/node.h"
#include "provisioner/connection.h"
#include "provisioner/findings.h"
#include "provisioner/hba_plan.h"
#include "roles/findings.h"

void
plan_run_entries(PlanRun *run, GOptionEntry *ret_entries)
{
    const GOptionEntry entries[PLAN_RUN_ENTRY_COUNT] = {
        { "mode", 0, 0, G_OPTION_ARG_STRING, &run->mode_word,
          "additive, adopt or strict, instead of pg_access_mode", "MODE" },
        { "init", 0, 0, G_OPTION_ARG_NONE, &run->init,
          "allow a first run on a server with other login roles", NULL },
        { "allow-mass-removal", 0, 0, G_OPTION_ARG_NONE, &run->allow_mass_removal,
          "allow more than 20 % and more than 5 roles to be disabled or dropped", NULL },
        { "prune", 0, 0, G_OPTION_ARG_NONE, &run->prune,
          "drop the roles that have left, and what is declared absent", NULL },
        { "allow-data-loss", 0, 0, G_OPTION_ARG_NONE, &run->allow_data_loss,
          "with --prune: drop databases and schemas that are not empty", NULL },
        { "hba", 0, 0, G_OPTION_ARG_NONE, &run->hba,
          "install HBA files, too, where pg_hba_install does not ask for it", NULL },
        { "set-passwords", 0, 0, G_OPTION_ARG_NONE, &run->set_passwords,
          "set declared passwords that cannot be compared, each time", NULL },
    };

    memcpy(ret_entries, entries, sizeof entries);
}

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
    return run->mode.given ? (AccessMode)run->mode.value : cluster->mode;
}

static bool
read_mode(PlanRun *run)
{
    if (run->mode_word == NULL)
        return true;
    for (unsigned i = 0; i < ACCESS_MODE_COUNT; i++) {
        if (strcmp(run->mode_word, access_mode_name((AccessMode)i)) == 0) {
            run->mode = (OptInt){ .given = true, .value = i };
            return true;
        }
    }
    return command_refuse_usage(run->context, "--mode takes additive, adopt or strict");
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

bool
plan_run_begin(PlanRun *run, CommandContext *context)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    GError *error = NULL;

    run->context = context;
    if (!read_mode(run))
        return false;
    if (run->keep_basis)
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
    run->renderings = hba_renderings_new(context->arena);
    run->passwords = password_verdicts_new(context->arena);
    run->servers = g_hash_table_new(g_str_hash, g_str_equal);
    return check_supported(run);
}

void
plan_run_clear(PlanRun *run)
{
    g_clear_pointer(&run->passwords, password_verdicts_free);
    g_clear_pointer(&run->renderings, hba_renderings_free);
    g_clear_pointer(&run->servers, g_hash_table_destroy);
    g_clear_pointer(&run->mode_word, g_free);
}

bool
plan_run_connection(PlanRun *run, const Cluster *cluster, ConnectionParameters *ret_parameters,
                    GError **error)
{
    return connection_resolve(run->context->arena, cluster, run->context->options.conninfos,
                              ret_parameters, error);
}

static List
instances_of(const PlanRun *run, const Cluster *cluster)
{
    List instances = { 0 };

    LIST_FOREACH (const Instance, instance, &run->instances) {
        if (instance->cluster == cluster)
            list_add(run->context->arena, &instances, instance);
    }
    return instances;
}

static TargetPlan *
skipped_plan(PlanRun *run, const Cluster *cluster, const char *reason)
{
    TargetPlan *plan = ARENA_NEW(run->context->arena, TargetPlan);

    *plan = (TargetPlan){
        .cluster = cluster,
        .instance = cluster->primary->name,
        .instances = instances_of(run, cluster),
        .notes = findings_new(run->context->arena),
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
add_hba(PlanRun *run, TargetPlan *plan, Session *session, GError **error)
{
    const HbaPlanInput input = {
        .arena = run->context->arena,
        .renderings = run->renderings,
        .instances = run->instances,
        .conninfos = run->context->options.conninfos,
        .asked = run->hba,
        .look_at_all = run->context->options.verbosity > 0,
        .session = session,
    };

    return session == NULL || hba_plan_add(&input, plan, error);
}

static TargetPlan *
build_plan(PlanRun *run, const Cluster *cluster, Session **ret_session, GError **error)
{
    g_autoptr(Session) session = NULL;
    TargetPlan *plan = NULL;
    TargetInput input = {
        .arena = run->context->arena,
        .cluster = cluster,
        .offline_version = run->offline_version,
        .passwords = run->passwords,
        .today = &run->today,
        .jobs = run->context->options.jobs,
        .mode = plan_run_mode(run, cluster),
        .flags = (run->init ? TARGET_INIT : 0u) |
                 (run->allow_mass_removal ? TARGET_ALLOW_MASS_REMOVAL : 0u) |
                 (run->prune ? TARGET_PRUNE : 0u) | (run->keep_basis ? TARGET_KEEP_BASIS : 0u) |
                 (run->allow_data_loss ? TARGET_ALLOW_DATA_LOSS : 0u) |
                 (run->set_passwords ? TARGET_SET_PASSWORDS : 0u),
    };

    if (run->offline_version == 0) {
        if (!plan_run_connection(run, cluster, &input.connection, error))
            return NULL;
        session = session_open(&input.connection, "postgres", error);
        if (session == NULL)
            return NULL;
    }
    plan = target_plan(&input, session, error);
    if (plan != NULL && (!server_is_new(run, plan, error) || !add_hba(run, plan, session, error))) {
        target_plan_clear(plan);
        return NULL;
    }
    if (plan == NULL)
        return NULL;
    plan->instances = instances_of(run, cluster);
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
plan_run_target(PlanRun *run, const Cluster *cluster, TargetPlan **ret_plan, Session **ret_session)
{
    GError *error = NULL;
    TargetPlan *plan = NULL;
    int code = EXIT_CODE_DONE;

    *ret_plan = NULL;
    *ret_session = NULL;
    if (cluster->upstream != NULL) {
        *ret_plan =
            skipped_plan(run, cluster,
                         arena_printf(run->context->arena, "it is a standby cluster of \"%s\"",
                                      cluster->upstream));
        return EXIT_CODE_DONE;
    }
    plan = build_plan(run, cluster, ret_session, &error);
    if (plan == NULL)
        return command_fail(run->context, error);
    code = code_of_notes(plan);
    if (code != EXIT_CODE_DONE) {
        command_print_findings(run->context, plan->notes, stderr);
        target_plan_clear(plan);
        g_clear_pointer(ret_session, session_close);
        return code;
    }
    *ret_plan = plan;
    return EXIT_CODE_DONE;
}
