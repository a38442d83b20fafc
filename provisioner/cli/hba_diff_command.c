/* pgcharter hba diff: which connections new rules treat otherwise than old ones. */
#include "base/json_writer.h"
#include "base/printable.h"
#include "hba/analyse/diff.h"
#include "hba/analyse/region_text.h"
#include "hba/read/file.h"
#include "hba/syntax/rule_text.h"
#include "provisioner/catalog/hba_server.h"
#include "provisioner/cli/command.h"
#include "provisioner/cli/hba_subject.h"
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

/* A server's files are read by the server: included ones and files of names, too. */
typedef struct ServerFiles {
    Arena *arena;
    Session *session;
} ServerFiles;

/*
 * Through the server's own functions, because includes and @files are on its disk and readable for
 * its user alone.
 */
static bool
read_server_file(void *data, const char *path, char **ret_bytes, size_t *ret_length, GError **error)
{
    ServerFiles *files = data;

    return hba_server_read_file(files->arena, files->session, path, ret_bytes, ret_length, error);
}

static char **
list_server_folder(void *data, const char *path, GError **error)
{
    ServerFiles *files = data;

    return hba_server_list_folder(files->arena, files->session, path, error);
}

/*
 * The rules that are installed on the instance, with the roles that its server knows. Parsed as the
 * version of the running server and not as pg_version says: the installed file means what that
 * server makes of it.
 */
static bool
read_installed(CommandContext *context, const HbaSubject *now, List *ret_rules, GError **error)
{
    ConnectionParameters parameters = { 0 };
    g_autoptr(Session) session = NULL;
    HbaServer server = { 0 };
    ServerFiles files = { .arena = context->arena };
    const HbaFileSource source = { .read = read_server_file,
                                   .list = list_server_folder,
                                   .data = &files };
    HbaCheck check = {
        .arena = context->arena,
        .findings = context->findings,
        .program = now->program,
        .server = "the server",
        .enabled = true,
    };

    if (!connection_resolve_instance(context->arena, now->instance, context->options.conninfos,
                                     &parameters, error))
        return false;
    session = session_open(&parameters, "postgres", error);
    if (session == NULL || !hba_server_read(context->arena, session, &server, error) ||
        !hba_server_read_roles(context->arena, session, now->roles, error))
        return false;
    files.session = session;
    check.version = server.major_version;
    hba_file_parse(&check, &source, server.hba_file, server.bytes, server.length, ret_rules);
    return true;
}

static bool
load_old(CommandContext *context, const HbaSubject *now, List *ret_rules)
{
    const CommandOptions *options = &context->options;
    GError *error = NULL;

    if (options->file != NULL)
        return read_old_file(context, now, options->file, ret_rules);
    if (read_installed(context, now, ret_rules, &error))
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

static const char *
answer_of(Arena *arena, const HbaRule *rule)
{
    if (rule == NULL)
        return "no rule";
    return arena_printf(arena, "%s (%s:%u)", hba_rule_effective_method(rule), rule->pos.file,
                        rule->pos.line);
}

/* Names come from files, so the whole line is escaped for the terminal. */
static void
write_text(CommandContext *context, const Names *names, const List *entries, GString *out)
{
    static const char signs[] = {
        [HBA_DIFF_ALLOWED] = '+', [HBA_DIFF_REFUSED] = '-', [HBA_DIFF_METHOD] = '~'
    };
    Arena *arena = context->arena;

    if (entries->count == 0)
        g_string_append(out, "no changes\n");
    LIST_FOREACH (const HbaDiffEntry, entry, entries) {
        g_autoptr(GString) line = g_string_new(NULL);

        g_string_append_printf(line, "%c %-7s %s  database %s  user %s", signs[entry->kind],
                               hba_diff_kind_name(entry->kind),
                               region_transports_text(arena, entry->box.transports),
                               region_databases_text(arena, names, &entry->box),
                               region_users_text(arena, names, &entry->box));
        if (entry->box.transports != REGION_LOCAL)
            g_string_append_printf(line, "  from %s",
                                   region_addresses_text(arena, names, &entry->box));
        g_string_append_printf(line, ": %s, was %s", answer_of(arena, entry->after),
                               answer_of(arena, entry->before));
        printable_append(out, line->str);
        g_string_append_c(out, '\n');
    }
}

static void
write_answer(JsonWriter *json, const char *key, const HbaRule *rule)
{
    json_begin_object(json, key);
    json_write_string(json, "method", rule == NULL ? "reject" : hba_rule_effective_method(rule));
    json_write_string(json, "file", rule == NULL ? NULL : rule->pos.file);
    if (rule == NULL)
        json_write_null(json, "line");
    else
        json_write_int(json, "line", rule->pos.line);
    json_end_object(json);
}

static void
write_json(CommandContext *context, const Names *names, const List *entries, GString *out)
{
    Arena *arena = context->arena;
    JsonWriter json;

    json_writer_init(&json, out);
    json_begin_object(&json, NULL);
    json_begin_array(&json, "changes");
    LIST_FOREACH (const HbaDiffEntry, entry, entries) {
        json_begin_object(&json, NULL);
        json_write_string(&json, "change", hba_diff_kind_name(entry->kind));
        json_write_string(&json, "type", region_transports_text(arena, entry->box.transports));
        json_write_string(&json, "database", region_databases_text(arena, names, &entry->box));
        json_write_string(&json, "user", region_users_text(arena, names, &entry->box));
        json_write_string(&json, "address", region_addresses_text(arena, names, &entry->box));
        write_answer(&json, "before", entry->before);
        write_answer(&json, "after", entry->after);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_end_object(&json);
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
    List before = { 0 };
    List entries = { 0 };

    if (options->new_file != NULL && options->file == NULL)
        return command_fail_usage(context, "--new goes with --file, which names the old file");
    if (!load_new(context, &now) || !load_old(context, &now, &before))
        return context->exit_code;
    region = region_context(context->arena, names, now.program, now.version,
                            now.roles_known ? now.roles : NULL);
    entries = hba_diff(&region, &before, &now.rules);
    region_context_clear(&region);
    if (options->answer_format == ANSWER_FORMAT_JSON)
        write_json(context, names, &entries, out);
    else
        write_text(context, names, &entries, out);
    fputs(out->str, stdout);
    return options->detailed_exitcode && entries.count > 0 ? EXIT_CODE_PENDING : EXIT_CODE_DONE;
}
