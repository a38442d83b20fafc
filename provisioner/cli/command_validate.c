/* pgcharter validate: every finding about the inventory, in one run and without a server. */
#include "provisioner/cli/command.h"

/*
 * The findings are the result here, so they go to stdout, where other commands print them to
 * stderr. --strict only changes severities, so that a pipeline can fail for warnings.
 */
int
command_validate(CommandContext *context)
{
    const CommandOptions *options = &context->options;
    g_autoptr(GString) out = g_string_new(NULL);

    context->inventory_flags |= INVENTORY_NO_CONNECTIONS;
    if (command_check_inventory(context) == NULL)
        return context->exit_code;
    if (options->strict)
        findings_make_strict(context->findings);
    findings_render_report(
        context->findings,
        (FindingsFormat)option_or(options->findings_format, FINDINGS_FORMAT_TEXT),
        command_findings_style(context, stdout), out);
    fputs(out->str, stdout);
    return findings_has_errors(context->findings) ? EXIT_CODE_INVENTORY : EXIT_CODE_DONE;
}
