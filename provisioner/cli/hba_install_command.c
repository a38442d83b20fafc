/* pgcharter hba install: put the rendered rules of instances in force. */
#include <string.h>

#include "base/error.h"
#include "provisioner/cli/command.h"
#include "provisioner/hba_deploy/hba_install_patroni.h"
#include "provisioner/hba_deploy/hba_role.h"
#include "provisioner/hba_deploy/patroni.h"
#include "provisioner/server/connection.h"

/* A server that changes its role is away for a moment, and so is who had the lock. */
#define CALLBACK_PATIENCE_SECONDS 30
#define CALLBACK_POLL_US          200000

typedef struct InstallRun {
    CommandContext *context;
    const CommandOptions *options;
    const char *callback_role; /* NULL: no callback */
    HbaRenderings *renderings;
    Findings *findings;
} InstallRun;

/* What --way says, else pg_hba_install of the instance, else the file on this machine. */
static HbaInstall
choose_way(const CommandOptions *options, const Instance *instance)
{
    /* The words of --way are those of pg_hba_install from the second on. */
    if (options->way != OPTION_NOT_GIVEN)
        return (HbaInstall)(options->way + HBA_INSTALL_FILE);
    return instance->hba_install == HBA_INSTALL_NONE ? HBA_INSTALL_FILE : instance->hba_install;
}

static bool
choose_role(const InstallRun *run, const Instance *instance, bool in_recovery, PgRole *ret_role,
            GError **error)
{
    HbaRoleFrom role_from =
        (HbaRoleFrom)option_or(run->options->pg_role_from, HBA_ROLE_FROM_INVENTORY);
    const char *word = run->callback_role;

    *ret_role = instance->role;
    if (word == NULL && role_from == HBA_ROLE_FROM_INVENTORY) {
        hba_role_compare(instance, in_recovery, run->findings);
        return true;
    }
    if (word == NULL && role_from == HBA_ROLE_FROM_SERVER) {
        *ret_role = hba_role_of_server(instance, in_recovery);
        return true;
    }
    if (word == NULL)
        word = patroni_read_role(
            run->context->arena,
            patroni_url(run->context->arena, instance, run->options->patroni_urls), error);
    if (word == NULL || hba_role_of_patroni(instance, word, ret_role))
        return word != NULL;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: Patroni says that its role is \"%s\", which this version does not know",
                instance->name, word);
    return false;
}

static Session *
open_session(const InstallRun *run, const ConnectionParameters *connection, GError **error)
{
    gint64 patience = run->callback_role == NULL ? 0 : CALLBACK_PATIENCE_SECONDS;
    gint64 deadline = g_get_monotonic_time() + patience * G_USEC_PER_SEC;

    for (;;) {
        g_autoptr(GError) failure = NULL;
        Session *session = session_open(connection, "postgres", &failure);

        if (session != NULL)
            return session;
        if (g_get_monotonic_time() >= deadline) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
        g_usleep(CALLBACK_POLL_US);
    }
}

/* Connects, learns the role and renders; the session stays open for whoever wants it. */
static Session *
prepare(const InstallRun *run, const Instance *instance, HbaMember *ret_member, GError **error)
{
    CommandContext *context = run->context;
    g_autoptr(Session) session = NULL;
    HbaServer server = { 0 };
    PgRole role = instance->role;

    ret_member->instance = instance;
    ret_member->url = patroni_url(context->arena, instance, run->options->patroni_urls);
    if (!connection_resolve_instance(context->arena, instance, context->options.conninfos,
                                     &ret_member->connection, error))
        return NULL;
    session = open_session(run, &ret_member->connection, error);
    if (session == NULL || !hba_server_read(context->arena, session, &server, error) ||
        !choose_role(run, instance, server.in_recovery, &role, error) ||
        !hba_renderings_make(run->renderings, instance, role, &ret_member->wanted, error))
        return NULL;
    return g_steal_pointer(&session);
}

static int
install_instance(const InstallRun *run, const Instance *instance, HbaWay way)
{
    HbaMember member = { 0 };
    HbaInstallOutcome outcome = HBA_INSTALL_UNCHANGED;
    GError *error = NULL;
    g_autoptr(Session) session = prepare(run, instance, &member, &error);
    HbaInstallInput input = {
        .arena = run->context->arena,
        .instance = instance,
        .wanted = &member.wanted,
        .way = way,
        .allow_lockout = run->options->allow_lockout,
        .wait_seconds = run->callback_role == NULL ? 0 : CALLBACK_PATIENCE_SECONDS,
        .connection = member.connection,
        .notes = run->findings,
    };

    if (session == NULL || !hba_install(&input, session, &outcome, &error))
        return command_fail(run->context, error);
    printf("%s: pg_hba.conf: %s\n", instance->name, hba_install_outcome_text(outcome));
    return EXIT_CODE_DONE;
}

/* All members of the cluster, whichever were selected: Patroni's list is theirs together. */
static int
install_cluster(const InstallRun *run, const Cluster *cluster)
{
    HbaPatroniInput input = {
        .arena = run->context->arena,
        .cluster = cluster,
        .take_over = run->options->take_over,
        .allow_lockout = run->options->allow_lockout,
        .notes = run->findings,
    };
    HbaInstallOutcome outcome = HBA_INSTALL_UNCHANGED;
    GError *error = NULL;

    LIST_FOREACH (const Instance, instance, &cluster->instances) {
        HbaMember *member = ARENA_NEW(run->context->arena, HbaMember);
        g_autoptr(Session) session = prepare(run, instance, member, &error);

        if (session == NULL)
            return command_fail(run->context, error);
        list_add(run->context->arena, &input.members, member);
    }
    if (!hba_install_patroni(&input, &outcome, &error))
        return command_fail(run->context, error);
    printf("%s: pg_hba of Patroni: %s\n", cluster->name, hba_install_outcome_text(outcome));
    return EXIT_CODE_DONE;
}

static int
install_all(const InstallRun *run, const List *instances)
{
    g_autoptr(GHashTable) clusters = g_hash_table_new(NULL, NULL);
    int code = EXIT_CODE_DONE;

    LIST_FOREACH (const Instance, instance, instances) {
        HbaInstall way = choose_way(run->options, instance);

        if (way != HBA_INSTALL_PATRONI)
            code = exit_code_worse(
                code, install_instance(run, instance,
                                       way == HBA_INSTALL_SERVER ? HBA_WAY_SERVER : HBA_WAY_FILE));
        else if (g_hash_table_add(clusters, (gpointer)instance->cluster))
            code = exit_code_worse(code, install_cluster(run, instance->cluster));
    }
    command_print_findings(run->context, run->findings, stderr);
    return code;
}

/* Patroni appends three words to the callback's command: event, role, name of its cluster. */
static bool
check_callback(CommandContext *context, const List *instances)
{
    const Instance *instance = instances->items[0];
    g_autofree char *message = NULL;

    if (instances->count != 1)
        return command_refuse_usage(
            context, "hba install --callback is for one instance: select it with -N");
    if (choose_way(&context->options, instance) == HBA_INSTALL_PATRONI)
        return command_refuse_usage(
            context, "hba install --callback takes the way file or server: with a list in "
                     "Patroni's configuration all members have the same rules");
    if (strcmp(context->argv[2], instance->cluster->name) == 0)
        return true;
    message = g_strdup_printf("hba install --callback: Patroni's cluster is \"%s\", and instance "
                              "\"%s\" belongs to \"%s\"",
                              context->argv[2], instance->name, instance->cluster->name);
    return command_refuse_usage(context, message);
}

static bool
check_options(CommandContext *context)
{
    const CommandOptions *options = &context->options;
    GError *error = NULL;

    if (options->callback && context->argc != 3)
        return command_refuse_usage(
            context, "hba install --callback takes what Patroni passes on: EVENT ROLE "
                     "CLUSTER");
    if (!options->callback && context->argc > 0)
        return command_refuse_usage(context, "hba install takes no arguments without --callback");
    if (patroni_check_urls(options->patroni_urls, &error))
        return true;
    context->exit_code = command_fail(context, error);
    return false;
}

int
hba_command_install(CommandContext *context)
{
    const CommandOptions *options = &context->options;
    g_autoptr(HbaRenderings) renderings = hba_renderings_new(context->arena);
    g_autoptr(Findings) findings = findings_new(context->arena);
    InstallRun run = {
        .context = context, .options = options, .renderings = renderings, .findings = findings
    };
    const Inventory *inventory = NULL;
    List instances = { 0 };

    if (!check_options(context))
        return context->exit_code;
    /* Patroni calls on_start, on_stop and others, too, when they are set to the same command. */
    if (options->callback && strcmp(context->argv[0], "on_role_change") != 0)
        return EXIT_CODE_DONE;
    inventory = command_load_inventory(context);
    if (inventory == NULL)
        return context->exit_code;
    instances = command_select_instances(context, inventory);
    if (instances.count == 0)
        return command_fail_usage(context, "no instance of the inventory matches -N, -R and -E");
    if (options->callback && !check_callback(context, &instances))
        return context->exit_code;
    if (options->callback)
        run.callback_role = context->argv[1];
    return install_all(&run, &instances);
}
