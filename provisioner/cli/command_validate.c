/* pgcharter validate: every finding about the inventory, in one run and without a server. */
#include "provisioner/cli/command.h"
#include "provisioner/cli/findings_output.h"

int
command_validate(CommandContext *context)
{
    g_autofree char *format_name = NULL;
    gboolean strict = FALSE;
    GOptionEntry entries[] = {
        { "format", 0, 0, G_OPTION_ARG_STRING, &format_name, FINDINGS_OUTPUT_FORMATS, "FORMAT" },
        { "strict", 0, 0, G_OPTION_ARG_NONE, &strict, "warnings are errors", NULL },
        { 0 },
    };

    if (!command_parse(context, entries))
        return context->exit_code;
    if (!findings_output_knows(format_name) || context->argc > 0)
        return command_fail_usage(context, context->argc == 0
                                               ? "--format takes " FINDINGS_OUTPUT_FORMATS
                                               : "validate takes no arguments");
    if (command_check_inventory(context) == NULL)
        return context->exit_code;
    if (strict)
        findings_make_strict(context->findings);
    findings_output(context, context->findings, format_name);
    return findings_has_errors(context->findings) ? EXIT_CODE_INVENTORY : EXIT_CODE_DONE;
}
