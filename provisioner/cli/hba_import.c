/* pgcharter hba import: an existing HBA file as rule groups of an inventory. */
#include "hba/import/import.h"
#include "hba/read/file.h"
#include "provisioner/cli/hba_commands.h"
#include "provisioner/cli/hba_subject.h"

static int
import_file(CommandContext *context, const HbaSubjectOptions *options)
{
    HbaCheck check = { 0 };
    List lines = { 0 };
    g_autoptr(GString) out = g_string_new(NULL);
    GError *error = NULL;

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

int
hba_command_import(CommandContext *context)
{
    g_auto(HbaSubjectOptions) options = { 0 };
    GOptionEntry entries[] = {
        { "file", 0, 0, G_OPTION_ARG_FILENAME, &options.file, "the HBA file", "FILE" },
        { "pg-version", 0, 0, G_OPTION_ARG_STRING, &options.pg_version,
          "the version that the file is for (default 18; PgBouncer 1.18)", "N" },
        { "dialect", 0, 0, G_OPTION_ARG_STRING, &options.dialect, "postgresql or pgbouncer",
          "WORD" },
        { 0 },
    };

    if (!command_parse(context, entries))
        return context->exit_code;
    if (options.file == NULL || context->argc > 0)
        return command_fail_usage(context, "hba import takes --file FILE and no arguments");
    return import_file(context, &options);
}
