/* pgcharter help: what --help prints, for any command, and the reference page. */
#include "provisioner/cli/command.h"
#include "provisioner/cli/help.h"

/* "help hba test" names a command in two words, so a group is followed by one more look-up. */
static int
help_on(CommandContext *context, const char *name, const CommandRow *group, GString *out)
{
    const char *full =
        group == NULL ? name : arena_printf(context->arena, "%s %s", group->name, name);
    const CommandRow *row = command_find(full);

    if (row == NULL)
        return command_fail_usage_with_hint(
            context, arena_printf(context->arena, "unknown command \"%s\"", full),
            command_line_suggest(context->arena, group, name));
    if (context->argc == 2 && group == NULL)
        return help_on(context, context->argv[1], row, out);
    help_render_command(row, out);
    return EXIT_CODE_DONE;
}

int
command_help(CommandContext *context)
{
    g_autoptr(GString) out = g_string_new(NULL);
    int code = EXIT_CODE_DONE;

    if (context->options.help_format == HELP_FORMAT_MARKDOWN)
        help_render_markdown(out);
    else if (context->argc == 0)
        help_render_overview(out);
    else
        code = help_on(context, context->argv[0], NULL, out);
    fputs(out->str, stdout);
    return code;
}
