/* What all commands share: options, loading the inventory, selectors, reporting. */
#include "provisioner/cli/command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/printable.h"
#include "provisioner/cli/terminal.h"
#include "provisioner/plan/finding_filter.h"

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

/* The hint names the command: its own help is shorter than the overview and lists what it takes. */
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

/* What PostgreSQL takes, but without a unit it is seconds, as for --wait. */
bool
command_read_duration(CommandContext *context, const char *option, const char *text,
                      int *ret_milliseconds)
{
    static const struct {
        const char *unit;
        gint64 milliseconds;
    } units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "min", 60000 }, { "h", 3600000 } };

    char *end = NULL;
    gint64 number = 0;

    if (text == NULL)
        return true;
    number = g_ascii_strtoll(text, &end, 10);
    for (size_t i = 0; g_ascii_isdigit(*text) && i < G_N_ELEMENTS(units); i++) {
        if (g_strcmp0(end, units[i].unit) == 0 && number <= G_MAXINT / 2 / units[i].milliseconds) {
            *ret_milliseconds = (int)(number * units[i].milliseconds);
            return true;
        }
    }
    return command_refuse_usage(
        context,
        arena_printf(context->arena, "%s \"%s\" is not a duration such as 10, 500ms or 2min",
                     option, text));
}

int
command_verbosity(const CommandContext *context)
{
    return context->options.verbose - context->options.quiet;
}

/* 0 is a valid number and the first word of a list, so "not given" has a value of its own. */
int
option_or(int value, int otherwise)
{
    return value == OPTION_NOT_GIVEN ? otherwise : value;
}

/*
 * An option beats the environment: no-color.org says so of its NO_COLOR. TERM=dumb is what Emacs
 * and CI runners call a terminal that would print the escape sequences.
 */
bool
command_colours(const CommandContext *context, FILE *stream)
{
    int when = option_or(context->options.color, COLOR_AUTO);
    const char *no_color = getenv("NO_COLOR");

    if (when != COLOR_AUTO)
        return when == COLOR_ALWAYS;
    return (no_color == NULL || *no_color == '\0') && g_strcmp0(getenv("TERM"), "dumb") != 0 &&
           isatty(fileno(stream)) == 1;
}

PlanTextStyle
command_plan_style(const CommandContext *context, FILE *stream)
{
    return (PlanTextStyle){
        .coloured = command_colours(context, stream),
        .verbosity = command_verbosity(context),
        .width = terminal_width(stream),
    };
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

/*
 * Findings of a file go to stderr and end the command as an inventory with errors would, so that a
 * script sees one exit code for "what you wrote is wrong".
 */
bool
command_accept_findings(CommandContext *context)
{
    if (!findings_has_errors(context->findings))
        return true;
    command_print_findings(context, context->findings, stderr);
    context->exit_code = EXIT_CODE_INVENTORY;
    return false;
}

/*
 * -i wins over the environment and the environment over the two names in the current folder: the
 * nearer to the call, the stronger.
 */
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

/*
 * The environment variable is Ansible's own, so a shell that is set up for Ansible is set up for
 * this. NULL after a usage error.
 */
static VaultPasswords *
vault_passwords(CommandContext *context)
{
    VaultPasswords *passwords = vault_passwords_new(context->arena);
    const char *from_environment = getenv("ANSIBLE_VAULT_PASSWORD_FILE");
    char **files = context->options.vault_password_files;
    char **ids = context->options.vault_ids;

    for (size_t i = 0; ids != NULL && ids[i] != NULL; i++) {
        const char *problem = vault_passwords_add_id(passwords, ids[i]);

        if (problem != NULL) {
            command_fail_usage(context, problem);
            return NULL;
        }
    }
    for (size_t i = 0; files != NULL && files[i] != NULL; i++)
        vault_passwords_add(passwords, VAULT_LABEL_DEFAULT, files[i]);
    if (files == NULL && from_environment != NULL && *from_environment != '\0')
        vault_passwords_add(passwords, VAULT_LABEL_DEFAULT, from_environment);
    return passwords;
}

/*
 * A misspelt -N selects nothing, and a pipeline would take that for success. Errors of the
 * inventory come first: what they leave out may be what is selected.
 */
static bool
selection_is_good(CommandContext *context, const Inventory *inventory)
{
    const Selection selection = command_selection(context);
    const char *hint = NULL;
    const char *problem = NULL;

    if (findings_has_errors(context->findings))
        return true;
    problem = selection_problem(&selection, context->arena, inventory, &hint);
    if (problem != NULL)
        command_fail_usage_with_hint(context, problem, hint);
    return problem == NULL;
}

/*
 * The HBA rules are expanded here although not every command needs them: mistakes in them must show
 * in validate and before any apply.
 */
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
    if (context->options.no_commands)
        options.flags |= INVENTORY_NO_COMMANDS;
    options.passwords = vault_passwords(context);
    if (options.passwords == NULL)
        return NULL;
    inventory = inventory_load(context->arena, &options, context->findings);
    context->renderings = hba_renderings_new(context->findings);
    hba_renderings_check(context->renderings, inventory);
    finding_filter_check(inventory, context->findings);
    finding_filter_inventory(inventory, context->findings);
    return selection_is_good(context, inventory) ? inventory : NULL;
}

/* Warnings go to stderr, so that stdout stays the command's result and can be piped. */
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

Selection
command_selection(const CommandContext *context)
{
    return (Selection){
        .nodes = context->options.nodes,
        .roles = context->options.roles,
        .envs = context->options.envs,
    };
}

List
command_select_instances(CommandContext *context, const Inventory *inventory)
{
    const Selection selection = command_selection(context);

    return selection_instances(&selection, context->arena, inventory);
}

/*
 * Messages quote servers and files, so control characters are escaped before a terminal sees them.
 */
void
command_append_error(const GError *error, GString *out)
{
    g_string_append(out, "pgcharter: error: ");
    printable_append(out, error->message);
    g_string_append_c(out, '\n');
}

int
command_fail(CommandContext *context, GError *error)
{
    g_autoptr(GString) message = g_string_new(NULL);
    int code = exit_code_of_error(error);

    (void)context;
    command_append_error(error, message);
    fputs(message->str, stderr);
    g_error_free(error);
    return code;
}
