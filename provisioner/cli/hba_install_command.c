/* pgcharter hba install: put the rendered rules of instances in force. */
#include <string.h>

#include "base/error.h"
#include "provisioner/cli/hba_commands.h"
#include "provisioner/hba_deploy/hba_install_patroni.h"
#include "provisioner/hba_deploy/hba_role.h"
#include "provisioner/hba_deploy/patroni.h"
#include "provisioner/server/connection.h"

/* A server that changes its role is away for a moment, and so is who had the lock. */
#define CALLBACK_PATIENCE_SECONDS 30
#define CALLBACK_POLL_US          200000

typedef struct InstallOptions {
    char *way;
    char *role_from_word;
    char **urls;
    gboolean allow_lockout;
    gboolean take_over;
    gboolean callback;
    HbaRoleFrom role_from;
    const char *callback_role; /* NULL: no callback */
} InstallOptions;

typedef struct InstallRun {
    CommandContext *context;
    const InstallOptions *options;
    HbaRenderings *renderings;
    Findings *findings;
} InstallRun;

static void
install_options_clear(InstallOptions *options)
{
    g_free(options->way);
    g_free(options->role_from_word);
    g_strfreev(options->urls);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(InstallOptions, install_options_clear)

/* What --way says, else pg_hba_install of the instance, else the file on this machine. */
static HbaInstall
choose_way(const InstallOptions *options, const Instance *instance)
{
    const char *way = options->way;

    if (way == NULL)
        return instance->hba_install == HBA_INSTALL_NONE ? HBA_INSTALL_FILE : instance->hba_install;
    if (strcmp(way, "patroni") == 0)
        return HBA_INSTALL_PATRONI;
    return strcmp(way, "server") == 0 ? HBA_INSTALL_SERVER : HBA_INSTALL_FILE;
}

static bool
choose_role(const InstallRun *run, const Instance *instance, bool in_recovery, PgRole *ret_role,
            GError **error)
{
    const InstallOptions *options = run->options;
    const char *word = options->callback_role;

    *ret_role = instance->role;
    if (word == NULL && options->role_from == HBA_ROLE_FROM_INVENTORY) {
        hba_role_compare(instance, in_recovery, run->findings);
        return true;
    }
    if (word == NULL && options->role_from == HBA_ROLE_FROM_SERVER) {
        *ret_role = hba_role_of_server(instance, in_recovery);
        return true;
    }
    if (word == NULL)
        word = patroni_read_role(run->context->arena,
                                 patroni_url(run->context->arena, instance, options->urls), error);
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
    gint64 patience = run->options->callback_role == NULL ? 0 : CALLBACK_PATIENCE_SECONDS;
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
    ret_member->url = patroni_url(context->arena, instance, run->options->urls);
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
        .wait_seconds = run->options->callback_role == NULL ? 0 : CALLBACK_PATIENCE_SECONDS,
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
read_callback(CommandContext *context, InstallOptions *options, const List *instances)
{
    const Instance *instance = instances->items[0];
    g_autofree char *message = NULL;

    if (instances->count != 1)
        return command_refuse_usage(
            context, "hba install --callback is for one instance: select it with -N");
    if (choose_way(options, instance) == HBA_INSTALL_PATRONI)
        return command_refuse_usage(
            context, "hba install --callback takes the way file or server: with a list in "
                     "Patroni's configuration all members have the same rules");
    options->callback_role = context->argv[1];
    if (strcmp(context->argv[2], instance->cluster->name) == 0)
        return true;
    message = g_strdup_printf("hba install --callback: Patroni's cluster is \"%s\", and instance "
                              "\"%s\" belongs to \"%s\"",
                              context->argv[2], instance->name, instance->cluster->name);
    return command_refuse_usage(context, message);
}

static bool
check_options(CommandContext *context, InstallOptions *options)
{
    static const char *const ways[] = { "file", "server", "patroni", NULL };
    GError *error = NULL;

    if (options->way != NULL && !g_strv_contains(ways, options->way))
        return command_refuse_usage(context, "--way takes file, server or patroni");
    if (!hba_role_from_parse(options->role_from_word, &options->role_from))
        return command_refuse_usage(context, "--pg-role-from takes inventory, server or patroni");
    if (options->callback && context->argc != 3)
        return command_refuse_usage(
            context, "hba install --callback takes what Patroni passes on: EVENT ROLE "
                     "CLUSTER");
    if (!options->callback && context->argc > 0)
        return command_refuse_usage(context, "hba install takes no arguments");
    if (patroni_check_urls(options->urls, &error))
        return true;
    context->exit_code = command_fail(context, error);
    return false;
}

int
hba_command_install(CommandContext *context)
{
    g_auto(InstallOptions) options = { 0 };
    GOptionEntry entries[] = {
        { "way", 0, 0, G_OPTION_ARG_STRING, &options.way,
          "file (on this machine), server (over libpq) or patroni (its dynamic configuration), "
          "instead of pg_hba_install",
          "WAY" },
        { "pg-role-from", 0, 0, G_OPTION_ARG_STRING, &options.role_from_word,
          "which role the rules are for: inventory (default), server or patroni", "WHO" },
        { "patroni-url", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.urls,
          "Patroni's REST API (default http://<pg_host>:8008)", "[INSTANCE=]URL" },
        { "take-over", 0, 0, G_OPTION_ARG_NONE, &options.take_over,
          "with the way patroni: begin a list where its configuration has none", NULL },
        { "allow-lockout", 0, 0, G_OPTION_ARG_NONE, &options.allow_lockout,
          "install rules that shut out dbsu, replication, the monitor user or this connection",
          NULL },
        { "callback", 0, 0, G_OPTION_ARG_NONE, &options.callback,
          "as Patroni's on_role_change: EVENT ROLE CLUSTER follow", NULL },
        { 0 },
    };
    g_autoptr(HbaRenderings) renderings = NULL;
    g_autoptr(Findings) findings = findings_new(context->arena);
    const InstallRun run = { .context = context,
                             .options = &options,
                             .renderings = renderings = hba_renderings_new(context->arena),
                             .findings = findings };
    const Inventory *inventory = NULL;
    List instances = { 0 };

    if (!command_parse(context, entries) || !check_options(context, &options))
        return context->exit_code;
    if (options.callback && strcmp(context->argv[0], "on_role_change") != 0)
        return EXIT_CODE_DONE;
    inventory = command_load_inventory(context);
    if (inventory == NULL)
        return context->exit_code;
    instances = command_select_instances(context, inventory);
    if (instances.count == 0) {
        command_refuse_usage(context, "no instance of the inventory matches -N, -R and -E");
        return context->exit_code;
    }
    if (options.callback && !read_callback(context, &options, &instances))
        return context->exit_code;
    return install_all(&run, &instances);
}
