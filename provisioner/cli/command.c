/* What all commands share: options, loading the inventory, selectors, reporting. */
#include "provisioner/cli/command.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/printable.h"
#include "hba/expand/expand.h"
#include "inventory/load/inventory_load.h"

void
command_print_usage_error(const char *message, const char *hint)
{
    g_autoptr(GString) text = g_string_new("pgcharter: error: ");

    /* The words are the caller's own, and may hold whatever a shell passes on. */
    printable_append(text, message);
    g_string_append(text, "\n  hint: ");
    printable_append(text, hint);
    g_string_append_c(text, '\n');
    fputs(text->str, stderr);
}

int
command_fail_usage_with_hint(CommandContext *context, const char *message, const char *hint)
{
    command_print_usage_error(message, hint);
    context->exit_code = EXIT_CODE_USAGE;
    return EXIT_CODE_USAGE;
}

int
command_fail_usage(CommandContext *context, const char *message)
{
    return command_fail_usage_with_hint(context, message,
                                        arena_printf(context->arena,
                                                     "pgcharter help %s lists the options",
                                                     context->command->name));
}

bool
command_refuse_usage(CommandContext *context, const char *message)
{
    command_fail_usage(context, message);
    return false;
}

int
command_verbosity(const CommandContext *context)
{
    return context->options.verbose - context->options.quiet;
}

int
option_or(int value, int otherwise)
{
    return value == OPTION_NOT_GIVEN ? otherwise : value;
}

/* NO_COLOR wins even over --color always: no-color.org asks so of everything that prints. */
bool
command_colours(const CommandContext *context, FILE *stream)
{
    int when = option_or(context->options.color, COLOR_AUTO);
    const char *no_color = getenv("NO_COLOR");

    if (when == COLOR_NEVER || (no_color != NULL && *no_color != '\0'))
        return false;
    return when == COLOR_ALWAYS || isatty(fileno(stream)) == 1;
}

FindingsStyle
command_findings_style(const CommandContext *context, FILE *stream)
{
    return (FindingsStyle){
        .colour = command_colours(context, stream) ? FINDING_COLOURED : FINDING_PLAIN,
        .verbosity = command_verbosity(context),
    };
}

void
command_print_findings(const CommandContext *context, Findings *findings, FILE *stream)
{
    g_autoptr(GString) text = g_string_new(NULL);

    findings_render_text(findings, command_findings_style(context, stream), text);
    fputs(text->str, stream);
}

bool
command_accept_findings(CommandContext *context)
{
    if (!findings_has_errors(context->findings))
        return true;
    command_print_findings(context, context->findings, stderr);
    context->exit_code = EXIT_CODE_INVENTORY;
    return false;
}

static const char *const *
inventory_paths(CommandContext *context)
{
    static const char *const defaults[] = { "pgcharter.yml", "pigsty.yml" };
    const char *from_environment = getenv("PGCHARTER_INVENTORY");
    const char **paths = ARENA_NEW_ARRAY(context->arena, const char *, 2);

    if (context->options.inventories != NULL)
        return (const char *const *)context->options.inventories;
    if (from_environment != NULL && *from_environment != '\0') {
        paths[0] = arena_strdup(context->arena, from_environment);
        return paths;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(defaults); i++) {
        if (access(defaults[i], F_OK) == 0) {
            paths[0] = defaults[i];
            return paths;
        }
    }
    return NULL;
}

/* What hba/ has to say about every instance; it remembers what instances share. */
static void
check_hba_rules(CommandContext *context, const Inventory *inventory)
{
    g_autoptr(HbaExpander) expander = hba_expander_new(context->arena, context->findings);

    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        LIST_FOREACH (const Instance, instance, &cluster->instances) {
            hba_expand(expander, instance, HBA_PROGRAM_POSTGRESQL);
            hba_expand(expander, instance, HBA_PROGRAM_PGBOUNCER);
        }
    }
}

const Inventory *
command_check_inventory(CommandContext *context)
{
    InventoryOptions options = { .paths = inventory_paths(context),
                                 .flags = context->inventory_flags };
    const Inventory *inventory = NULL;

    if (options.paths == NULL) {
        context->exit_code =
            command_fail_usage(context, "no inventory: give -i PATH or set PGCHARTER_INVENTORY");
        return NULL;
    }
    inventory = inventory_load(context->arena, &options, context->findings);
    check_hba_rules(context, inventory);
    return inventory;
}

const Inventory *
command_load_inventory(CommandContext *context)
{
    const Inventory *inventory = command_check_inventory(context);

    if (inventory == NULL)
        return NULL;
    command_print_findings(context, context->findings, stderr);
    if (findings_has_errors(context->findings)) {
        context->exit_code = EXIT_CODE_INVENTORY;
        return NULL;
    }
    return inventory;
}

/* The one place that compares a name with a selector's glob. */
static bool
glob_matches(char *const *globs, const char *name)
{
    for (; name != NULL && *globs != NULL; globs++) {
        if (fnmatch(*globs, name, 0) == 0)
            return true;
    }
    return false;
}

static bool
role_is_declared(const Cluster *cluster, char *const *names)
{
    LIST_FOREACH (const RoleDecl, role, &cluster->roles) {
        if (glob_matches(names, role->name))
            return true;
    }
    return false;
}

static bool
env_is_below(const char *env, char *const *paths)
{
    for (; env != NULL && *paths != NULL; paths++) {
        size_t length = strlen(*paths);

        if (strncmp(env, *paths, length) == 0 && (env[length] == '\0' || env[length] == '/'))
            return true;
    }
    return false;
}

static bool
is_selected(const CommandContext *context, const Instance *instance)
{
    const CommandOptions *options = &context->options;

    if (options->nodes != NULL && !glob_matches(options->nodes, instance->name) &&
        !glob_matches(options->nodes, instance->cluster->name) &&
        !glob_matches(options->nodes, instance->host))
        return false;
    if (options->roles != NULL && !role_is_declared(instance->cluster, options->roles))
        return false;
    return options->envs == NULL || env_is_below(instance->env, options->envs);
}

List
command_select_instances(CommandContext *context, const Inventory *inventory)
{
    List selected = { 0 };

    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        LIST_FOREACH (const Instance, instance, &cluster->instances) {
            if (is_selected(context, instance))
                list_add(context->arena, &selected, instance);
        }
    }
    return selected;
}

List
command_select_clusters(CommandContext *context, const Inventory *inventory)
{
    List selected = { 0 };

    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        LIST_FOREACH (const Instance, instance, &cluster->instances) {
            if (is_selected(context, instance)) {
                list_add(context->arena, &selected, cluster);
                break;
            }
        }
    }
    return selected;
}

int
command_fail(CommandContext *context, GError *error)
{
    g_autoptr(GString) message = g_string_new(NULL);
    int code = exit_code_take_error(error, message);

    (void)context;
    fputs(message->str, stderr);
    return code;
}
