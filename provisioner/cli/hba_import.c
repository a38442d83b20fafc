/* pgcharter hba import: an existing HBA file as rule groups of an inventory. */
#include "hba/import/import.h"
#include "hba/read/file.h"
#include "provisioner/cli/command.h"
#include "provisioner/cli/hba_subject.h"

/* Nothing is printed when there are errors: half of a file would look like all of it. */
int
hba_command_import(CommandContext *context)
{
    const CommandOptions *options = &context->options;
    HbaCheck check = { 0 };
    List lines = { 0 };
    g_autoptr(GString) out = g_string_new(NULL);
    GError *error = NULL;

    if (options->file == NULL)
        return command_fail_usage(context, "hba import needs --file FILE");
    if (!hba_subject_check(context, options, &check))
        return context->exit_code;
    if (!hba_file_read_lines(&check, &hba_file_source_local, options->file, &lines, &error))
        return command_fail(context, error);
    if (!findings_has_errors(context->findings))
        hba_import_render(&check, &lines, out);
    if (context->findings->items.count > 0)
        command_print_findings(context, context->findings, stderr);
    if (findings_has_errors(context->findings))
        return EXIT_CODE_INVENTORY;
    fputs(out->str, stdout);
    return EXIT_CODE_DONE;
}
