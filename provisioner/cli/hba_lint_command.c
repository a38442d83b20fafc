/* pgcharter hba lint: what is doubtful about the rules of an instance or a file. */
#include <arpa/inet.h>

#include "base/json_writer.h"
#include "hba/analyse/lint.h"
#include "hba/analyse/witness.h"
#include "provisioner/cli/command.h"
#include "provisioner/cli/hba_subject.h"

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

/* The lint gets a list of findings of its own, so that --strict makes nothing else an error. */
int
hba_command_lint(CommandContext *context)
{
    const CommandOptions *options = &context->options;
    g_auto(HbaSubject) subject = { 0 };
    g_autoptr(Findings) findings = findings_new(context->arena);
    g_autoptr(Names) names = names_new(context->arena);
    HbaLint lint = { .arena = context->arena, .findings = findings };
    List results = { 0 };
    g_autoptr(GString) out = g_string_new(NULL);

    if (!hba_subject_load(context, options, &subject))
        return context->exit_code;
    lint.program = subject.program;
    lint.version = subject.version;
    lint.roles = subject.roles_known ? subject.roles : NULL;
    lint.instance = subject.instance;
    results = hba_lint(&lint, names, &subject.rules);
    if (options->witnesses)
        return write_witnesses(context, &subject, names, &results);
    take_hba_findings(findings, context->findings);
    if (options->strict)
        findings_make_strict(findings);
    findings_render_report(
        findings, (FindingsFormat)option_or(options->findings_format, FINDINGS_FORMAT_TEXT),
        command_findings_style(context, stdout), out);
    fputs(out->str, stdout);
    return findings_has_errors(findings) ? EXIT_CODE_INVENTORY : EXIT_CODE_DONE;
}
