/* pgcharter hba install: put the rendered rules of instances in force. */
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/printable.h"
#include "provisioner/cli/command.h"
#include "provisioner/cli/log_file.h"
#include "provisioner/cli/terminal.h"
#include "provisioner/hba_deploy/hba_deploy.h"
#include "provisioner/hba_deploy/patroni.h"
#include "provisioner/plan/finding_filter.h"

/* While a server changes its role it may refuse sessions, and the old lock holder is still there.
 */
#define CALLBACK_PATIENCE_SECONDS 30

typedef struct InstallRun {
    CommandContext *context;
    const ApplyLog *log; /* NULL: none is kept */
    HbaDeployment deployment;
} InstallRun;

/* What --way says, else pg_hba_install of the instance, else the file on this machine. */
static HbaInstallMethod
choose_method(const CommandOptions *options, const Instance *instance)
{
    /* The words of --way are those of pg_hba_install from the second on. */
    if (options->way != OPTION_NOT_GIVEN)
        return (HbaInstallMethod)(options->way + HBA_INSTALL_FILE);
    return instance->hba_install == HBA_INSTALL_NONE ? HBA_INSTALL_FILE : instance->hba_install;
}

/* A name in the rules or in a session may hold whatever a terminal acts on. */
static void
print_preview(const HbaPreview *preview)
{
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "%s:\n", preview->instance->name);
    LIST_FOREACH (const char, line, &preview->lines) {
        g_string_append(text, "  ");
        printable_append(text, line);
        g_string_append_c(text, '\n');
    }
    fputs(text->str, stdout);
    fflush(stdout);
}

/* Shown whether or not somebody is asked: with --yes it is the record of what was done. */
static bool
confirm(void *data, const List *previews, Findings *findings)
{
    const InstallRun *run = data;
    const CommandOptions *options = &run->context->options;
    const HbaPreview *first = previews->items[0];
    g_autofree char *question = NULL;

    LIST_FOREACH (const HbaPreview, preview, previews)
        print_preview(preview);
    finding_filter_notes(first->instance->cluster, findings);
    command_print_findings(run->context, findings, stderr);
    if (options->yes || options->callback)
        return true;
    question = g_strdup_printf("\ninstall these rules on %s? [y/N] ",
                               previews->count == 1 ? first->instance->name
                                                    : first->instance->cluster->name);
    return terminal_ask(question);
}

static int
exit_code_of(HbaInstallOutcome outcome)
{
    return outcome == HBA_OUTCOME_DECLINED ? EXIT_CODE_ENVIRONMENT : EXIT_CODE_DONE;
}

static int
fail_log(const InstallRun *run, const char *name)
{
    return command_fail(run->context,
                        g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                                    "%s: nothing is done that --log cannot record", name));
}

/* `name` is the instance's, or with Patroni the cluster's. */
static int
report_end(const InstallRun *run, const Cluster *cluster, const char *name, const char *what,
           HbaInstallOutcome outcome, GError *error)
{
    const char *text = hba_install_outcome_text(outcome);

    apply_log_hba_end(run->log, cluster, name, error == NULL ? text : NULL,
                      error == NULL ? NULL : error->message);
    if (error != NULL)
        return command_fail(run->context, error);
    printf("%s: %s: %s\n", name, what, text);
    return exit_code_of(outcome);
}

static int
install_instance(const InstallRun *run, const Instance *instance, HbaInstallMethod method)
{
    HbaInstallOutcome outcome = HBA_OUTCOME_UNCHANGED;
    GError *error = NULL;

    if (!apply_log_hba_start(run->log, instance->cluster, instance->name,
                             method == HBA_INSTALL_FILE ? "file" : "server"))
        return fail_log(run, instance->name);
    hba_deploy_instance(&run->deployment, instance, method, &outcome, &error);
    return report_end(run, instance->cluster, instance->name, "pg_hba.conf", outcome, error);
}

static int
install_cluster(const InstallRun *run, const Cluster *cluster)
{
    HbaInstallOutcome outcome = HBA_OUTCOME_UNCHANGED;
    GError *error = NULL;

    if (!apply_log_hba_start(run->log, cluster, cluster->name, "patroni"))
        return fail_log(run, cluster->name);
    hba_deploy_cluster(&run->deployment, cluster, &outcome, &error);
    return report_end(run, cluster, cluster->name, "pg_hba of Patroni", outcome, error);
}

/*
 * Patroni keeps one list for a cluster, so it is written once however many of its instances are
 * selected. An instance that fails does not stop the others: the worst exit code counts.
 */
static int
install_all(const InstallRun *run, const List *instances)
{
    g_autoptr(GHashTable) clusters = g_hash_table_new(NULL, NULL);
    int code = EXIT_CODE_DONE;

    LIST_FOREACH (const Instance, instance, instances) {
        HbaInstallMethod method = choose_method(&run->context->options, instance);

        if (method != HBA_INSTALL_PATRONI)
            code = exit_code_worse(code, install_instance(run, instance, method));
        else if (g_hash_table_add(clusters, (gpointer)instance->cluster))
            code = exit_code_worse(code, install_cluster(run, instance->cluster));
    }
    command_print_findings(run->context, run->deployment.notes, stderr);
    return code;
}

/*
 * Patroni appends three words to the callback's command: event, role, name of its cluster. A
 * callback runs on one member for itself, so a selection of several, or another cluster's name, is
 * a mistake in the configuration that must not change rules.
 */
static bool
check_callback(CommandContext *context, const List *instances)
{
    const Instance *instance = instances->items[0];
    g_autofree char *message = NULL;

    if (instances->count != 1)
        return command_refuse_usage(
            context, "hba install --callback is for one instance: select it with -N");
    if (choose_method(&context->options, instance) == HBA_INSTALL_PATRONI)
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

/* Addresses of Patroni are checked before anything is rendered or connected. */
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
    /* Patroni calls from no terminal, and has nobody to ask. */
    if (!options->yes && !options->callback && isatty(STDIN_FILENO) != 1)
        return command_refuse_usage(context,
                                    "without a terminal to ask on, hba install needs --yes");
    if (patroni_check_urls(options->patroni_urls, &error))
        return true;
    context->exit_code = command_fail(context, error);
    return false;
}

int
hba_command_install(CommandContext *context)
{
    const CommandOptions *options = &context->options;
    g_autoptr(Findings) findings = findings_new(context->arena);
    InstallRun run = {
        .context = context,
        .deployment = { .arena = context->arena,
                        .conninfos = options->conninfos,
                        .patroni_urls = options->patroni_urls,
                        .role_from =
                            (HbaRoleFrom)option_or(options->pg_role_from, HBA_ROLE_FROM_INVENTORY),
                        .role_report = HBA_ROLE_REPORTED,
                        .allow_lockout = options->allow_lockout,
                        .take_over = options->take_over,
                        .confirms = confirm,
                        .confirms_data = &run,
                        .notes = findings },
    };
    const Inventory *inventory = NULL;
    List instances = { 0 };
    LogFile log = { 0 };

    if (!check_options(context))
        return context->exit_code;
    /* Patroni calls on_start, on_stop and others, too, when they are set to the same command. */
    if (options->callback && strcmp(context->argv[0], "on_role_change") != 0)
        return EXIT_CODE_DONE;
    inventory = command_load_inventory(context);
    if (inventory == NULL)
        return context->exit_code;
    run.deployment.renderings = context->renderings;
    instances = command_select_instances(context, inventory);
    if (instances.count == 0)
        return command_fail_usage(context, "no instance of the inventory matches -N, -R and -E");
    if (options->callback && !check_callback(context, &instances))
        return context->exit_code;
    if (options->callback) {
        run.deployment.patroni_role = context->argv[1];
        run.deployment.connect_wait_seconds = CALLBACK_PATIENCE_SECONDS;
        run.deployment.wait_seconds = CALLBACK_PATIENCE_SECONDS;
    }
    if (!log_file_open(&log, context))
        return context->exit_code;
    run.log = log_file_log(&log);
    return log_file_close(&log, context, install_all(&run, &instances));
}
