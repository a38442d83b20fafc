/* pgcharter validate: every finding about the inventory, in one run and without a server. */
#include "provisioner/cli/command.h"

int
command_validate(CommandContext *context)
{
    const CommandOptions *options = &context->options;
    g_autoptr(GString) out = g_string_new(NULL);

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
