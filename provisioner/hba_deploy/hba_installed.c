/* Includes and files of names are on the server's disk, and readable for its account alone. */
#include "provisioner/hba_deploy/hba_installed.h"

#include "hba/read/file.h"
#include "provisioner/findings.h"

typedef struct ServerFiles {
    Arena *arena;
    Session *session;
} ServerFiles;

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

static const char *
first_error(Arena *arena, const Findings *findings)
{
    LIST_FOREACH (const Finding, finding, &findings->items) {
        if (finding->severity == SEVERITY_ERROR)
            return arena_printf(arena, "%s:%u: %s", finding->pos.file, finding->pos.line,
                                finding->message);
    }
    return NULL;
}

/* Findings about a file that others wrote are not this run's to report, except that it is broken.
 */
HbaInstalled
hba_installed_parse(Arena *arena, Session *session, const HbaServer *server, const char *bytes,
                    size_t length)
{
    g_autoptr(Findings) findings = findings_new(arena);
    ServerFiles files = { .arena = arena, .session = session };
    const HbaFileSource source = { .read = read_server_file,
                                   .list = list_server_folder,
                                   .data = &files };
    const HbaCheck check = {
        .arena = arena,
        .findings = findings,
        .program = HBA_PROGRAM_POSTGRESQL,
        .version = server->major_version,
        .server = "the server",
        .enabled = true,
    };
    HbaInstalled installed = { 0 };

    hba_file_parse(&check, &source, server->hba_file, bytes, length, &installed.rules);
    installed.broken = first_error(arena, findings);
    return installed;
}

HbaInstalled
hba_installed_read(Arena *arena, Session *session, const HbaServer *server)
{
    return hba_installed_parse(arena, session, server, server->bytes, server->length);
}

static bool
has_include(const List *rules)
{
    LIST_FOREACH (const HbaRule, rule, rules) {
        if (rule->include != NULL)
            return true;
    }
    return false;
}

/* What a rule means depends on the version: before 16 /name is a plain name. */
HbaInstalled
hba_installed_from(Arena *arena, Session *session, const HbaServer *server,
                   const Instance *instance, const HbaRendering *rendering)
{
    if (server->major_version == instance->version && !has_include(&rendering->rules))
        return (HbaInstalled){ .rules = rendering->rules };
    return hba_installed_parse(arena, session, server, rendering->bytes, rendering->length);
}

void
hba_version_compare(const Instance *instance, const HbaServer *server, Findings *findings)
{
    if (server->major_version != instance->version)
        findings_add(
            findings, &FINDING_HBA_VERSION_DIFFERS, instance->pos,
            arena_printf(findings->arena, "set pg_version: %d", server->major_version),
            "the server of instance \"%s\" is PostgreSQL %d, and pg_version is %d: its HBA "
            "rules are judged again as %d reads them",
            instance->name, server->major_version, instance->version, server->major_version);
}

/* A unit separator is in no word of a rule: hba_line_parse() refuses control characters. */
#define KEY_SEPARATOR '\x1f'

static void
append_tokens(const List *tokens, GString *out)
{
    LIST_FOREACH (const HbaToken, token, tokens)
        g_string_append_printf(out, "%c%d%s", KEY_SEPARATOR, (int)token->kind, token->text);
    g_string_append_c(out, '\n');
}

/* A network is its numbers, however they are written: 10.0.0.0/8 and a mask are one. */
static void
append_address(const HbaAddress *address, GString *out)
{
    g_string_append_printf(out, "%d%d", (int)address->kind, address->is_v6);
    if (address->kind == HBA_ADDRESS_HOST_NAME)
        g_string_append(out, address->text);
    for (size_t i = 0; address->kind == HBA_ADDRESS_NETWORK && i < HBA_ADDRESS_BYTES; i++)
        g_string_append_printf(out, "%02x%02x", address->address[i], address->mask[i]);
}

static void
append_key(const HbaRule *rule, GString *out)
{
    g_string_append_printf(out, "%d%c%d%c", (int)rule->type, KEY_SEPARATOR, (int)rule->method,
                           KEY_SEPARATOR);
    append_tokens(&rule->databases, out);
    append_tokens(&rule->users, out);
    append_address(&rule->address, out);
    LIST_FOREACH (const HbaOption, option, &rule->options)
        g_string_append_printf(out, "%c%d%s", KEY_SEPARATOR, (int)option->name, option->value);
}

List
hba_rule_keys(Arena *arena, const List *rules)
{
    List keys = { 0 };

    LIST_FOREACH (const HbaRule, rule, rules) {
        g_autoptr(GString) key = g_string_new(NULL);

        append_key(rule, key);
        list_add(arena, &keys, arena_strndup(arena, key->str, key->len));
    }
    return keys;
}
