/* pgcharter hba install: put the rendered rules of instances in force. */
#include <string.h>

#include "base/error.h"
#include "hba/expand.h"
#include "hba/render.h"
#include "provisioner/connection.h"
#include "provisioner/hba_commands.h"
#include "provisioner/hba_install.h"

typedef struct InstallOptions {
    char *way;
    gboolean allow_lockout;
} InstallOptions;

typedef struct InstallRun {
    CommandContext *context;
    const InstallOptions *options;
    HbaExpander *expander;
    HbaRenderer *renderer;
} InstallRun;

static const char *const outcomes[] = {
    [HBA_INSTALL_UNCHANGED] = "no changes",
    [HBA_INSTALL_RELOADED] = "the file was in place and is loaded now",
    [HBA_INSTALL_REPLACED] = "replaced, reloaded and tried with a new connection",
};

static int
usage(CommandContext *context, const char *message)
{
    return command_fail(context,
                        g_error_new_literal(PGCHARTER_ERROR, PGCHARTER_ERROR_USAGE, message));
}

/* What --way says, else pg_hba_install of the instance, else the file on this machine. */
static bool
choose_way(const InstallRun *run, const Instance *instance, HbaWay *ret_way, GError **error)
{
    const char *way = run->options->way;
    HbaInstall declared = instance->hba_install;

    *ret_way = HBA_WAY_FILE;
    if (way == NULL ? declared == HBA_INSTALL_PATRONI : strcmp(way, "patroni") == 0) {
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_USAGE,
                    "%s: this version does not install by way of Patroni", instance->name);
        return false;
    }
    if (way == NULL ? declared == HBA_INSTALL_SERVER : strcmp(way, "server") == 0)
        *ret_way = HBA_WAY_SERVER;
    return true;
}

static bool
install_instance(InstallRun *run, const Instance *instance, HbaInstallOutcome *ret_outcome,
                 GError **error)
{
    CommandContext *context = run->context;
    const HbaRules *rules = hba_expand(run->expander, instance, HBA_PROGRAM_POSTGRESQL);
    g_autoptr(GString) text = g_string_new(NULL);
    List active = { 0 };
    HbaInstallInput input = {
        .arena = context->arena,
        .instance = instance,
        .rules = &active,
        .allow_lockout = run->options->allow_lockout,
        .notes = context->findings,
    };

    LIST_FOREACH (const HbaGroup, group, &rules->groups) {
        for (size_t i = 0; group->enabled && i < group->rules.count; i++)
            list_add(context->arena, &active, group->rules.items[i]);
    }
    if (!choose_way(run, instance, &input.way, error) ||
        !hba_render(run->renderer, instance, HBA_PROGRAM_POSTGRESQL, rules, text, error) ||
        !connection_resolve_instance(context->arena, instance, context->options.conninfos,
                                     &input.connection, error))
        return false;
    input.bytes = text->str;
    input.length = text->len;
    return hba_install(&input, ret_outcome, error);
}

int
hba_command_install(CommandContext *context)
{
    static const char *const ways[] = { "file", "server", "patroni", NULL };
    g_autofree char *way = NULL;
    InstallOptions options = { 0 };
    GOptionEntry entries[] = {
        { "way", 0, 0, G_OPTION_ARG_STRING, &way,
          "file (on this machine) or server (over libpq), instead of pg_hba_install", "WAY" },
        { "allow-lockout", 0, 0, G_OPTION_ARG_NONE, &options.allow_lockout,
          "install rules that shut out dbsu, replication, the monitor user or this connection",
          NULL },
        { 0 },
    };
    g_autoptr(HbaExpander) expander = NULL;
    g_autoptr(HbaRenderer) renderer = NULL;
    InstallRun run = { .context = context, .options = &options };
    const Inventory *inventory = NULL;
    List instances = { 0 };
    int code = EXIT_CODE_DONE;

    if (!command_parse(context, entries))
        return context->exit_code;
    options.way = way;
    if (context->argc > 0 || (way != NULL && !g_strv_contains(ways, way)))
        return usage(context, "hba install takes --way file or --way server, and no arguments");
    inventory = command_load_inventory(context);
    if (inventory == NULL)
        return context->exit_code;
    instances = command_select_instances(context, inventory);
    if (instances.count == 0)
        return usage(context, "no instance of the inventory matches -N, -R and -E");
    run.expander = expander = hba_expander_new(context->arena, context->findings);
    run.renderer = renderer = hba_renderer_new(context->arena);
    LIST_FOREACH (const Instance, instance, &instances) {
        HbaInstallOutcome outcome = HBA_INSTALL_UNCHANGED;
        GError *error = NULL;

        if (install_instance(&run, instance, &outcome, &error))
            printf("%s: pg_hba.conf: %s\n", instance->name, outcomes[outcome]);
        else
            code = exit_code_worse(code, command_fail(context, error));
    }
    return code;
}
