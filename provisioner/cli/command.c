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

/* Global options that take a value, so that their value is not taken for a command's name or verb.
 */
static const char *const options_with_value[] = {
    "-i", "--inventory", "--conninfo", "-N",    "--node",  "-R", "--role",
    "-E", "--env",       "--jobs",     "--log", "--color", NULL,
};

static gboolean
count_verbose(const char *name, const char *value, void *data, GError **error)
{
    CommandContext *context = data;

    (void)value;
    (void)error;
    context->options.verbosity += strchr(name, 'q') != NULL ? -1 : 1;
    return TRUE;
}

static void
add_global_options(CommandContext *context, GOptionContext *parser)
{
    GlobalOptions *options = &context->options;
    const GOptionEntry entries[] = {
        { "inventory", 'i', 0, G_OPTION_ARG_FILENAME_ARRAY, &options->inventories,
          "inventory file or folder (default $PGCHARTER_INVENTORY, pgcharter.yml, pigsty.yml)",
          "PATH" },
        { "conninfo", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->conninfos,
          "how to reach a cluster or instance in this run", "NAME=CONNINFO" },
        { "node", 'N', 0, G_OPTION_ARG_STRING_ARRAY, &options->nodes,
          "only these instances, clusters or hosts (globs)", "NAME" },
        { "role", 'R', 0, G_OPTION_ARG_STRING_ARRAY, &options->roles,
          "only clusters where this role is declared", "NAME" },
        { "env", 'E', 0, G_OPTION_ARG_STRING_ARRAY, &options->envs,
          "only instances whose pg_env is PATH or below it", "PATH" },
        { "jobs", 0, 0, G_OPTION_ARG_INT, &options->jobs, "targets worked on at once (default 64)",
          "N" },
        { "log", 0, 0, G_OPTION_ARG_FILENAME, &options->log, "append what is done as JSON lines",
          "FILE" },
        { "color", 0, 0, G_OPTION_ARG_STRING, &options->color, "auto, always or never", "WHEN" },
        { "verbose", 'v', G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, (gpointer)count_verbose,
          "say more", NULL },
        { "quiet", 'q', G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, (gpointer)count_verbose,
          "say less", NULL },
        { 0 },
    };
    GOptionGroup *group = g_option_group_new(
        "global", "Options of every command:", "Options of every command", context, NULL);

    g_option_group_add_entries(group, entries);
    g_option_context_set_main_group(parser, group);
}

int
command_fail_usage(CommandContext *context, const char *message)
{
    fprintf(stderr, "pgcharter: error: %s\n", message);
    fprintf(stderr, "  hint: pgcharter %s --help lists the options\n", context->command);
    context->exit_code = EXIT_CODE_USAGE;
    return EXIT_CODE_USAGE;
}

bool
command_refuse_usage(CommandContext *context, const char *message)
{
    command_fail_usage(context, message);
    return false;
}

static bool
check_global_options(CommandContext *context)
{
    static const char *const colours[] = { "auto", "always", "never", NULL };
    const GlobalOptions *options = &context->options;

    if (options->color != NULL && !g_strv_contains(colours, options->color)) {
        command_fail_usage(context, "--color takes auto, always or never");
        return false;
    }
    if (options->jobs < 0) {
        command_fail_usage(context, "--jobs takes a number of at least 1");
        return false;
    }
    for (char **item = options->conninfos; item != NULL && *item != NULL; item++) {
        const char *equals = strchr(*item, '=');

        if (equals == NULL || equals == *item) {
            command_fail_usage(context, "--conninfo takes NAME=CONNINFO");
            return false;
        }
    }
    return true;
}

int
command_find_word(int argc, char *const *argv)
{
    for (int i = 0; i < argc; i++) {
        if (argv[i][0] != '-')
            return i;
        if (g_strv_contains(options_with_value, argv[i]))
            i++;
    }
    return argc;
}

bool
command_parse(CommandContext *context, const GOptionEntry *entries)
{
    g_autoptr(GOptionContext) parser = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) arguments = g_new0(char *, (size_t)context->argc + 2);
    GOptionGroup *own = NULL;

    arguments[0] = g_strdup_printf("pgcharter %s", context->command);
    for (int i = 0; i < context->argc; i++)
        arguments[i + 1] = g_strdup(context->argv[i]);
    add_global_options(context, parser);
    if (entries != NULL) {
        own = g_option_group_new(
            context->command, "Options of this command:", "Options of this command", context, NULL);
        g_option_group_add_entries(own, entries);
        g_option_context_add_group(parser, own);
    }
    g_option_context_set_help_enabled(parser, FALSE);
    for (char **argument = arguments + 1; *argument != NULL; argument++) {
        if (strcmp(*argument, "--help") == 0 || strcmp(*argument, "-h") == 0) {
            g_autofree char *help = NULL;

            g_set_prgname(arguments[0]);
            help = g_option_context_get_help(parser, FALSE, NULL);
            fputs(help, stdout);
            context->exit_code = EXIT_CODE_DONE;
            return false;
        }
    }
    if (!g_option_context_parse_strv(parser, &arguments, &error)) {
        command_fail_usage(context, error->message);
        return false;
    }
    context->argc = (int)g_strv_length(arguments) - 1;
    context->argv = ARENA_NEW_ARRAY(context->arena, char *, (size_t)context->argc + 1);
    for (int i = 0; i < context->argc; i++)
        context->argv[i] = arena_strdup(context->arena, arguments[i + 1]);
    return check_global_options(context);
}

bool
command_colours(const CommandContext *context, FILE *stream)
{
    const char *color = context->options.color;
    const char *no_color = getenv("NO_COLOR");

    if (color != NULL && strcmp(color, "always") == 0)
        return no_color == NULL || *no_color == '\0';
    if (color != NULL && strcmp(color, "never") == 0)
        return false;
    return (no_color == NULL || *no_color == '\0') && isatty(fileno(stream)) == 1;
}

void
command_render_findings(const CommandContext *context, Findings *findings, FILE *stream,
                        GString *out)
{
    FindingColour colour = command_colours(context, stream) ? FINDING_COLOURED : FINDING_PLAIN;

    findings_sort(findings);
    LIST_FOREACH (const Finding, finding, &findings->items) {
        if (finding->severity == SEVERITY_ERROR     ? context->options.verbosity > -2
            : finding->severity == SEVERITY_WARNING ? context->options.verbosity > -1
                                                    : context->options.verbosity > 0)
            finding_render(finding, colour, out);
    }
}

void
command_print_findings(const CommandContext *context, Findings *findings, FILE *stream)
{
    g_autoptr(GString) text = g_string_new(NULL);

    command_render_findings(context, findings, stream, text);
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

bool
command_glob_matches(char *const *globs, const char *name)
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
        if (command_glob_matches(names, role->name))
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
    const GlobalOptions *options = &context->options;

    if (options->nodes != NULL && !command_glob_matches(options->nodes, instance->name) &&
        !command_glob_matches(options->nodes, instance->cluster->name) &&
        !command_glob_matches(options->nodes, instance->host))
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
command_describe_error(GError *error, GString *out)
{
    int code = error->domain == PGCHARTER_ERROR ? error->code : EXIT_CODE_WORLD;

    g_string_append(out, "pgcharter: error: ");
    printable_append(out, error->message);
    g_string_append_c(out, '\n');
    g_error_free(error);
    return code;
}

int
command_fail(CommandContext *context, GError *error)
{
    g_autoptr(GString) message = g_string_new(NULL);
    int code = command_describe_error(error, message);

    (void)context;
    fputs(message->str, stderr);
    return code;
}

int
exit_code_worse(int a, int b)
{
    static const int ranks[] = {
        EXIT_CODE_USAGE, EXIT_CODE_INVENTORY, EXIT_CODE_SAFETY, EXIT_CODE_WORLD, EXIT_CODE_PENDING,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(ranks); i++) {
        if (a == ranks[i] || b == ranks[i])
            return ranks[i];
    }
    return EXIT_CODE_DONE;
}
