/* pgcharter hba lint: what is doubtful about the rules of instances or a file. */
#include <arpa/inet.h>

#include "base/json_writer.h"
#include "hba/analyse/lint.h"
#include "hba/analyse/witness.h"
#include "provisioner/cli/command.h"
#include "provisioner/cli/hba_lint_report.h"
#include "provisioner/cli/hba_subject.h"
#include "provisioner/plan/finding_filter.h"

/*
 * Besides its own findings those that reading the rules gave. Only those about HBA rules: loading
 * the inventory also finds what has nothing to do with this command.
 */
static void
take_hba_findings(Findings *findings, const Findings *read)
{
    LIST_FOREACH (const Finding, finding, &read->items) {
        if (g_str_has_prefix(finding->kind->id, "hba-"))
            findings_add(findings, finding->kind, finding->pos, finding->hint, "%s",
                         finding->message);
    }
}

static void
write_connection(JsonWriter *json, const HbaConnection *connection)
{
    char address[INET6_ADDRSTRLEN] = "";

    if (!connection->is_local)
        inet_ntop(connection->is_v6 ? AF_INET6 : AF_INET, connection->address, address,
                  sizeof address);
    json_begin_object(json, "connection");
    json_write_string(json, "user", connection->user);
    json_write_string(json, "database",
                      connection->replication == HBA_REPLICATION_PHYSICAL ? NULL
                                                                          : connection->database);
    json_write_string(json, "address", connection->is_local ? NULL : address);
    json_write_bool(json, "ssl", connection->ssl);
    json_write_bool(json, "gss", connection->gss);
    json_write_bool(json, "replication", connection->replication == HBA_REPLICATION_PHYSICAL);
    json_end_object(json);
}

/*
 * A rule without a witness is not necessarily unreachable: where only unknown parts are left no
 * connection can be made up, so both members are written.
 */
static int
write_witnesses(CommandContext *context, const HbaSubject *subject, const Names *names,
                const List *results)
{
    const HbaEvaluator evaluator = hba_subject_evaluator(subject, context->arena);
    g_autoptr(GString) out = g_string_new(NULL);
    JsonWriter json;

    json_writer_init(&json, out);
    json_begin_object(&json, NULL);
    json_begin_array(&json, "rules");
    LIST_FOREACH (const HbaLintRule, result, results) {
        HbaConnection connection;

        json_begin_object(&json, NULL);
        json_write_string(&json, "file", result->rule->pos.file);
        json_write_int(&json, "line", result->rule->pos.line);
        json_write_bool(&json, "reachable", result->reach != HBA_HIDDEN);
        if (result->reach != HBA_HIDDEN && hba_witness(&evaluator, names, &subject->rules,
                                                       result->rule, &result->rest, &connection))
            write_connection(&json, &connection);
        else
            json_write_null(&json, "connection");
        json_end_object(&json);
    }
    json_end_array(&json);
    json_end_object(&json);
    fputs(out->str, stdout);
    return EXIT_CODE_DONE;
}

/* A list of findings of its own for each subject, so that --strict makes nothing else an error. */
static List
lint_subject(CommandContext *context, const HbaSubject *subject, Names *names, Findings *findings)
{
    const KnownNames known = hba_subject_known_names(subject);
    const HbaLint lint = {
        .arena = context->arena,
        .program = subject->program,
        .version = subject->version,
        .roles = known.roles,
        .databases = known.databases,
        .instance = subject->instance,
        .findings = findings,
    };

    return hba_lint(&lint, names, &subject->rules);
}

static FindingsFormat
format_of(const CommandContext *context)
{
    return (FindingsFormat)option_or(context->options.findings_format, FINDINGS_FORMAT_TEXT);
}

static int
print_report(const Findings *findings, const GString *report)
{
    fputs(report->str, stdout);
    return findings_has_errors(findings) ? EXIT_CODE_INVENTORY : EXIT_CODE_DONE;
}

/* A file, or the one instance that is selected. */
static int
lint_one(CommandContext *context, const HbaSubject *subject)
{
    g_autoptr(Findings) findings = findings_new(context->arena);
    g_autoptr(Names) names = names_new(context->arena);
    g_autoptr(GString) out = g_string_new(NULL);
    List results = lint_subject(context, subject, names, findings);

    if (context->options.witnesses)
        return write_witnesses(context, subject, names, &results);
    take_hba_findings(findings, context->findings);
    if (subject->instance != NULL)
        finding_filter_notes(subject->instance->cluster, findings);
    if (context->options.strict)
        findings_make_strict(findings);
    findings_render_report(findings, format_of(context), command_findings_style(context, stdout),
                           out);
    return print_report(findings, out);
}

/* With --live a server may not answer; the others are looked at all the same. */
static int
add_to_report(CommandContext *context, const Instance *instance, LintReport *report)
{
    g_auto(HbaSubject) subject = { 0 };
    g_autoptr(Names) names = names_new(context->arena);
    Findings *findings = NULL;

    if (!hba_subject_of_instance(context, &context->options, instance, &subject))
        return context->exit_code;
    findings = findings_new(context->arena);
    lint_subject(context, &subject, names, findings);
    if (context->options.strict)
        findings_make_strict(findings);
    lint_report_add(report, instance, &subject.rules, findings);
    return EXIT_CODE_DONE;
}

static int
lint_several(CommandContext *context, const List *instances)
{
    g_autoptr(LintReport) report = lint_report_new(context->arena);
    g_autoptr(Findings) others = findings_new(context->arena);
    g_autoptr(GString) out = g_string_new(NULL);
    int code = EXIT_CODE_DONE;

    if (context->options.witnesses)
        return command_fail_usage(context, "--witnesses is for one instance: select it with -N");
    LIST_FOREACH (const Instance, instance, instances)
        code = exit_code_worse(code, add_to_report(context, instance, report));
    take_hba_findings(others, context->findings);
    if (context->options.strict)
        findings_make_strict(others);
    lint_report_render(report, others, format_of(context), command_findings_style(context, stdout),
                       out);
    return exit_code_worse(code, print_report(lint_report_all(report), out));
}

int
hba_command_lint(CommandContext *context)
{
    const CommandOptions *options = &context->options;
    g_auto(HbaSubject) subject = { 0 };
    List instances = { 0 };

    if (options->file != NULL) {
        if (!hba_subject_load(context, options, &subject))
            return context->exit_code;
        return lint_one(context, &subject);
    }
    if (!hba_subject_instances(context, options, &instances) || !command_accept_findings(context))
        return context->exit_code;
    if (instances.count > 1)
        return lint_several(context, &instances);
    if (!hba_subject_of_instance(context, options, instances.items[0], &subject))
        return context->exit_code;
    return lint_one(context, &subject);
}
