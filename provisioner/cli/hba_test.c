/* pgcharter hba test: which line a connection meets. */
#include <string.h>

#include "base/error.h"
#include "base/json_writer.h"
#include "base/printable.h"
#include "hba/findings.h"
#include "hba/syntax/rule_text.h"
#include "provisioner/cli/command.h"
#include "provisioner/cli/hba_subject.h"
#include "provisioner/plan/finding_filter.h"

/* In the order of replication_words. */
static const HbaReplication replications[] = { HBA_REPLICATION_PHYSICAL, HBA_REPLICATION_LOGICAL };

static HbaReplication
replication_of(const CommandOptions *options)
{
    return options->replication == OPTION_NOT_GIVEN ? HBA_REPLICATION_NONE
                                                    : replications[options->replication];
}

/*
 * Physical replication needs no database: check_db() of the server does not look at one. TLS and
 * GSS encryption exclude each other in the protocol, as a client negotiates one of them.
 */
static bool
check_options(CommandContext *context)
{
    const CommandOptions *options = &context->options;

    if (options->user == NULL ||
        (options->database == NULL && replication_of(options) != HBA_REPLICATION_PHYSICAL))
        return command_refuse_usage(context, "hba test needs --user and --database");
    if ((options->address != NULL) == options->local)
        return command_refuse_usage(context, "hba test needs either --addr ADDRESS or --local");
    if (options->local && (options->ssl || options->gss))
        return command_refuse_usage(context,
                                    "a local connection has neither TLS nor GSS encryption");
    if (options->ssl && options->gss)
        return command_refuse_usage(context, "a connection has either TLS or GSS encryption");
    return true;
}

/* A database may be missing only for physical replication, which looks at none. */
static bool
make_connection(CommandContext *context, HbaConnection *connection)
{
    const CommandOptions *options = &context->options;

    *connection = (HbaConnection){
        .user = options->user,
        .database = options->database == NULL ? "" : options->database,
        .is_local = options->local,
        .ssl = options->ssl,
        .gss = options->gss,
        .replication = replication_of(options),
        .host_names = (const char *const *)options->host_names,
    };
    if (options->address != NULL && !hba_connection_set_address(connection, options->address))
        return command_refuse_usage(context, "--addr takes an IPv4 or IPv6 address");
    if (options->server_address != NULL) {
        HbaAddress *own = ARENA_NEW(context->arena, HbaAddress);

        if (hba_address_parse(context->arena, options->server_address, false, NULL, own) !=
                HBA_ADDRESS_FINE ||
            own->kind != HBA_ADDRESS_NETWORK)
            return command_refuse_usage(
                context, "--server-addr takes an address with its prefix, 10.0.0.5/24");
        list_add(context->arena, &connection->server_networks, own);
    }
    return true;
}

static void
write_place(JsonWriter *json, const HbaRule *rule)
{
    json_write_int(json, "line", rule->pos.line);
    json_write_string(json, "file", rule->pos.file);
}

/*
 * "reject" without a line is what the server does when nothing matches, so programs need no special
 * case.
 */
static void
write_json(CommandContext *context, const HbaVerdict *verdict, const Findings *notes, GString *out)
{
    JsonWriter json;

    json_writer_init(&json, out);
    json_begin_object(&json, NULL);
    json_write_bool(&json, "matched", verdict->rule != NULL);
    if (verdict->rule != NULL) {
        write_place(&json, verdict->rule);
        json_write_string(&json, "type", hba_types[verdict->rule->type].keyword);
        json_write_string(&json, "method", hba_rule_effective_method(verdict->rule));
        json_begin_array(&json, "options");
        LIST_FOREACH (const HbaOption, option, &verdict->rule->options)
            json_write_string(&json, NULL, hba_option_describe(context->arena, option));
        json_end_array(&json);
        json_write_string(&json, "rule", hba_rule_describe(context->arena, verdict->rule));
    } else {
        json_write_string(&json, "method", "reject");
    }
    json_begin_array(&json, "why");
    LIST_FOREACH (const HbaPassed, passed, &verdict->passed) {
        json_begin_object(&json, NULL);
        write_place(&json, passed->rule);
        json_write_string(&json, "rule", hba_rule_describe(context->arena, passed->rule));
        json_write_string(&json, "reason", passed->reason);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_begin_array(&json, "notes");
    LIST_FOREACH (const Finding, note, &notes->items)
        finding_write_json(note, &json);
    json_end_array(&json);
    json_end_object(&json);
}

/* FILE:LINE: RULE. The file and what is in it may be somebody else's. */
static void
append_rule(CommandContext *context, const HbaRule *rule, GString *out)
{
    printable_append(out, rule->pos.file);
    g_string_append_printf(out, ":%u: ", rule->pos.line);
    printable_append(out, hba_rule_describe(context->arena, rule));
}

/* Where no line matches, the reasons are the answer and are shown without -v. */
static void
write_text(CommandContext *context, const HbaVerdict *verdict, GString *out)
{
    if (verdict->rule != NULL) {
        g_string_append_printf(out, "%s: ", hba_rule_effective_method(verdict->rule));
        append_rule(context, verdict->rule, out);
        g_string_append_c(out, '\n');
    } else {
        g_string_append(out, "reject: no line matches\n");
    }
    if (command_verbosity(context) < 1 && verdict->rule != NULL)
        return;
    LIST_FOREACH (const HbaPassed, passed, &verdict->passed) {
        g_string_append(out, "  passed over ");
        append_rule(context, passed->rule, out);
        g_string_append(out, ": ");
        printable_append(out, passed->reason);
        g_string_append_c(out, '\n');
    }
}

/*
 * A name that nothing declares is let in or refused like any other, but is often a typing error: in
 * the question, or in a rule that was tried for it.
 */
static void
look_for_unknown_names(CommandContext *context, const HbaSubject *subject,
                       const HbaConnection *connection, const HbaVerdict *verdict,
                       Findings *findings)
{
    const CommandOptions *options = &context->options;
    const KnownNames known = hba_subject_known_names(subject);
    const SourcePos nowhere = { 0 };

    if (!known_names_have_role(&known, options->user))
        findings_add(findings, &FINDING_HBA_ROLE_NOT_FOUND, nowhere, NULL,
                     "the user of this connection is not known: role \"%s\"", options->user);
    if (connection->replication != HBA_REPLICATION_PHYSICAL &&
        !known_names_have_database(&known, options->database))
        findings_add(findings, &FINDING_HBA_DATABASE_NOT_FOUND, nowhere, NULL,
                     "the database of this connection is not known: \"%s\"", options->database);
    LIST_FOREACH (const HbaPassed, passed, &verdict->passed)
        known_names_check(&known, passed->rule, findings);
    if (verdict->rule != NULL)
        known_names_check(&known, verdict->rule, findings);
    if (subject->instance != NULL)
        finding_filter_notes(subject->instance->cluster, findings);
}

/* What cannot be judged is refused rather than guessed at. */
static int
fail_unknown(CommandContext *context, const HbaVerdict *verdict)
{
    return command_fail(context, g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                                             "%s:%u: cannot tell whether this line matches: %s",
                                             verdict->rule->pos.file, verdict->rule->pos.line,
                                             verdict->unknown));
}

/* --expect compares the method that is in force, so "peer" fits an ident rule on a local line. */
static int
answer(CommandContext *context, const HbaSubject *subject, const HbaConnection *connection)
{
    const CommandOptions *options = &context->options;
    const HbaEvaluator evaluator = hba_subject_evaluator(subject, context->arena);
    HbaVerdict verdict = hba_evaluate(&evaluator, &subject->rules, connection);
    const char *method = verdict.rule == NULL ? "reject" : hba_rule_effective_method(verdict.rule);
    g_autoptr(Findings) notes = findings_new(context->arena);
    g_autoptr(GString) out = g_string_new(NULL);

    look_for_unknown_names(context, subject, connection, &verdict, notes);
    if (verdict.match == HBA_MATCH_UNKNOWN)
        return fail_unknown(context, &verdict);
    if (options->answer_format == ANSWER_FORMAT_JSON)
        write_json(context, &verdict, notes, out);
    else
        write_text(context, &verdict, out);
    fputs(out->str, stdout);
    if (options->answer_format != ANSWER_FORMAT_JSON)
        command_print_findings(context, notes, stderr);
    if (options->expect == NULL || strcmp(options->expect, method) == 0)
        return EXIT_CODE_DONE;
    return command_fail(context,
                        g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                                    "expected %s, the answer is %s", options->expect, method));
}

int
hba_command_test(CommandContext *context)
{
    g_auto(HbaSubject) subject = { 0 };
    HbaConnection connection = { 0 };

    if (!check_options(context) || !make_connection(context, &connection) ||
        !hba_subject_load(context, &context->options, &subject))
        return context->exit_code;
    return answer(context, &subject, &connection);
}
