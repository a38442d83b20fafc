/* pgcharter hba diff: which connections new rules treat otherwise than old ones. */
#include "base/json_writer.h"
#include "base/printable.h"
#include "hba/analyse/diff_text.h"
#include "hba/read/file.h"
#include "provisioner/cli/command.h"
#include "provisioner/cli/hba_subject.h"
#include "provisioner/hba_deploy/hba_installed.h"
#include "provisioner/hba_deploy/hba_sessions.h"
#include "provisioner/plan/finding_filter.h"
#include "provisioner/server/connection.h"

/* The old rules from a file; it is read as the version and dialect of the new rules read it. */
static bool
read_old_file(CommandContext *context, const HbaSubject *now, const char *path, List *ret_rules)
{
    const HbaCheck check = {
        .arena = context->arena,
        .findings = context->findings,
        .program = now->program,
        .version = now->version,
        .server = "the server",
        .enabled = true,
    };
    GError *error = NULL;

    if (!hba_file_read(&check, &hba_file_source_local, path, ret_rules, &error)) {
        context->exit_code = command_fail(context, error);
        return false;
    }
    return command_accept_findings(context);
}

/* Sessions of the server whose rules are compared. */
typedef struct ServerSide {
    bool is_asked;
    HbaSessions sessions;
    List verdicts; /* HbaSessionVerdict by the new rules */
} ServerSide;

/*
 * The rules that are installed on the instance, with the roles that its server knows. A broken file
 * has no meaning to compare: the server runs on what it loaded before, and would not come up again.
 */
static bool
read_installed(CommandContext *context, const HbaSubject *now, List *ret_rules,
               ServerSide *ret_side, GError **error)
{
    Arena *arena = context->arena;
    const HbaEvaluator evaluator = hba_subject_evaluator(now, arena);
    ConnectionParameters parameters = { 0 };
    g_autoptr(Session) session = NULL;
    HbaServer server = { 0 };
    HbaInstalled installed = { 0 };

    if (!connection_resolve_instance(arena, now->instance, context->options.conninfos, &parameters,
                                     error))
        return false;
    session = session_open(&parameters, "postgres", error);
    if (session == NULL || !hba_server_read(arena, session, &server, error) ||
        !hba_server_check_file(arena, session, error) ||
        !hba_server_read_roles(arena, session, now->roles, error) ||
        !hba_sessions_read(arena, session, &ret_side->sessions, error))
        return false;
    installed = hba_installed_read(arena, session, &server);
    *ret_rules = installed.rules;
    ret_side->is_asked = true;
    ret_side->verdicts = hba_sessions_judge(&evaluator, &now->rules, &ret_side->sessions);
    return true;
}

static bool
load_old(CommandContext *context, const HbaSubject *now, List *ret_rules, ServerSide *ret_side)
{
    const CommandOptions *options = &context->options;
    GError *error = NULL;

    if (options->file != NULL)
        return read_old_file(context, now, options->file, ret_rules);
    if (now->program == HBA_PROGRAM_PGBOUNCER)
        return command_refuse_usage(
            context, "PgBouncer is not asked for its rules: name the old ones with --file");
    if (read_installed(context, now, ret_rules, ret_side, &error))
        return true;
    context->exit_code = command_fail(context, error);
    return false;
}

/*
 * The new rules: an instance's, or those of --new FILE. The options are copied with --new in the
 * place of --file, so that one loader serves both sides.
 */
static bool
load_new(CommandContext *context, HbaSubject *ret_subject)
{
    CommandOptions subject = context->options;

    subject.file = subject.new_file;
    return hba_subject_load(context, &subject, ret_subject);
}

/* Names come from files, so every line is escaped for the terminal. */
static void
write_text(CommandContext *context, const Names *names, const List *entries, GString *out)
{
    const List lines = hba_diff_lines(context->arena, names, entries);

    if (lines.count == 0)
        g_string_append(out, "no changes\n");
    LIST_FOREACH (const char, line, &lines) {
        printable_append(out, line);
        g_string_append_c(out, '\n');
    }
}

static void
write_json(CommandContext *context, const Names *names, const List *entries, const ServerSide *side,
           GString *out)
{
    JsonWriter json;

    json_writer_init(&json, out);
    json_begin_object(&json, NULL);
    hba_diff_write_json(&json, context->arena, names, entries);
    if (side->is_asked)
        hba_sessions_write_json(&json, &side->sessions, &side->verdicts);
    json_end_object(&json);
}

/* Findings like those of a plan, on stderr: stdout is the diff. */
static void
report_sessions(CommandContext *context, const Instance *instance, const ServerSide *side)
{
    g_autoptr(Findings) findings = findings_new(context->arena);

    hba_sessions_report(&side->sessions, &side->verdicts, instance, findings);
    finding_filter_notes(instance->cluster, findings);
    command_print_findings(context, findings, stderr);
}

/* The new side first: it decides program and version, with which an old file is read. */
int
hba_command_diff(CommandContext *context)
{
    const CommandOptions *options = &context->options;
    g_auto(HbaSubject) now = { 0 };
    g_autoptr(Names) names = names_new(context->arena);
    g_autoptr(GString) out = g_string_new(NULL);
    RegionContext region = { 0 };
    ServerSide side = { 0 };
    List before = { 0 };
    List entries = { 0 };

    if (options->new_file != NULL && options->file == NULL)
        return command_fail_usage(context, "--new goes with --file, which names the old file");
    if (!load_new(context, &now) || !load_old(context, &now, &before, &side))
        return context->exit_code;
    region = region_context(context->arena, names, now.program, now.version,
                            now.roles_known ? now.roles : NULL);
    entries = hba_diff(&region, &before, &now.rules);
    region_context_clear(&region);
    if (options->answer_format == ANSWER_FORMAT_JSON)
        write_json(context, names, &entries, &side, out);
    else
        write_text(context, names, &entries, out);
    fputs(out->str, stdout);
    if (side.is_asked && options->answer_format != ANSWER_FORMAT_JSON)
        report_sessions(context, now.instance, &side);
    return options->detailed_exitcode && entries.count > 0 ? EXIT_CODE_PENDING : EXIT_CODE_DONE;
}
