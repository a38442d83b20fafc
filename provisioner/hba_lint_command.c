/* pgcharter hba lint: what is doubtful about the rules of an instance or a file. */
#include "base/error.h"
#include "hba/lint.h"
#include "provisioner/findings_output.h"
#include "provisioner/hba_commands.h"
#include "provisioner/hba_subject.h"

typedef struct LintOptions {
    HbaSubjectOptions subject;
    char *format;
    gboolean strict;
} LintOptions;

static void
lint_options_clear(LintOptions *options)
{
    hba_subject_options_clear(&options->subject);
    g_free(options->format);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(LintOptions, lint_options_clear)

/* Besides its own findings those that reading the rules gave. */
static void
take_hba_findings(Findings *findings, const Findings *read)
{
    LIST_FOREACH (const Finding, finding, &read->items) {
        if (g_str_has_prefix(finding->kind->id, "hba-"))
            findings_add(findings, finding->kind, finding->pos, finding->hint, "%s",
                         finding->message);
    }
}

int
hba_command_lint(CommandContext *context)
{
    g_auto(LintOptions) options = { 0 };
    g_auto(HbaSubject) subject = { 0 };
    g_autoptr(Findings) findings = findings_new(context->arena);
    g_autoptr(Names) names = names_new(context->arena);
    HbaLint lint = { .arena = context->arena, .findings = findings };
    GOptionEntry entries[HBA_SUBJECT_ENTRY_COUNT + 3] = {
        { "format", 0, 0, G_OPTION_ARG_STRING, &options.format, FINDINGS_OUTPUT_FORMATS, "FORMAT" },
        { "strict", 0, 0, G_OPTION_ARG_NONE, &options.strict, "warnings are errors", NULL },
    };

    hba_subject_entries(&options.subject, &entries[2]);
    if (!command_parse(context, entries))
        return context->exit_code;
    if (!findings_output_knows(options.format) || context->argc > 0)
        return command_fail(context,
                            g_error_new_literal(PGCHARTER_ERROR, PGCHARTER_ERROR_USAGE,
                                                context->argc == 0
                                                    ? "--format takes " FINDINGS_OUTPUT_FORMATS
                                                    : "hba lint takes no arguments"));
    if (!hba_subject_load(context, &options.subject, &subject))
        return context->exit_code;
    lint.program = subject.program;
    lint.version = subject.version;
    lint.roles = subject.roles_known ? subject.roles : NULL;
    lint.instance = subject.instance;
    hba_lint(&lint, names, &subject.rules);
    take_hba_findings(findings, context->findings);
    if (options.strict)
        findings_make_strict(findings);
    findings_output(context, findings, options.format);
    return findings_has_errors(findings) ? EXIT_CODE_INVENTORY : EXIT_CODE_DONE;
}
