/* Lines to rules, with everything that brings in other files. */
#include "hba/file.h"

#include <stdlib.h>
#include <string.h>

#include "hba/line.h"
#include "hba/tokens.h"

/* CONF_FILE_MAX_DEPTH of the server; a loop of includes ends there. */
#define FILE_DEPTH_MAX 10

#define CONTINUATION_SINCE 14

typedef struct Reading {
    const HbaCheck *check;
    const HbaFileSource *source;
    unsigned depth;
    List *rules;
} Reading;

static bool
read_local(void *data, const char *path, char **ret_bytes, size_t *ret_length, GError **error)
{
    (void)data;
    return g_file_get_contents(path, ret_bytes, ret_length, error);
}

static char **
list_local(void *data, const char *path, GError **error)
{
    g_autoptr(GDir) folder = g_dir_open(path, 0, error);
    g_autoptr(GPtrArray) names = g_ptr_array_new();

    (void)data;
    if (folder == NULL)
        return NULL;
    for (const char *name = g_dir_read_name(folder); name != NULL; name = g_dir_read_name(folder))
        g_ptr_array_add(names, g_strdup(name));
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

const HbaFileSource hba_file_source_local = { .read = read_local, .list = list_local };

/* A relative name is looked for beside the file that says it. */
static const char *
resolve_path(Arena *arena, const char *from, const char *name)
{
    g_autofree char *folder = NULL;
    g_autofree char *path = NULL;

    if (g_path_is_absolute(name))
        return name;
    folder = g_path_get_dirname(from);
    path = g_build_filename(folder, name, NULL);
    return arena_strdup(arena, path);
}

static bool
too_deep(const Reading *reading, SourcePos pos, const char *path)
{
    if (reading->depth < FILE_DEPTH_MAX)
        return false;
    findings_add(reading->check->findings, &FINDING_HBA_INCLUDE_LOOP, pos,
                 hba_check_hint(reading->check, "look for a file that includes itself",
                                "maximum nesting depth exceeded"),
                 "including \"%s\" here goes deeper than %d files", path, FILE_DEPTH_MAX);
    return true;
}

static void parse_bytes(const Reading *reading, const char *path, const char *bytes, size_t length);

static void
read_included(const Reading *reading, SourcePos pos, const char *path, bool may_be_missing)
{
    Reading inner = *reading;
    g_autofree char *bytes = NULL;
    g_autoptr(GError) error = NULL;
    size_t length = 0;

    if (too_deep(reading, pos, path))
        return;
    inner.depth++;
    if (reading->source->read(reading->source->data, path, &bytes, &length, &error)) {
        parse_bytes(&inner, path, bytes, length);
        return;
    }
    if (may_be_missing && g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return;
    findings_add(reading->check->findings, &FINDING_HBA_INCLUDE_UNREADABLE, pos, NULL,
                 "the included file cannot be read: %s", error->message);
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The files of a folder that the server takes: *.conf, not hidden, in the order of their bytes. */
static void
read_included_folder(const Reading *reading, SourcePos pos, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) names = reading->source->list(reading->source->data, path, &error);

    if (names == NULL) {
        findings_add(reading->check->findings, &FINDING_HBA_INCLUDE_UNREADABLE, pos, NULL,
                     "the included folder cannot be read: %s", error->message);
        return;
    }
    qsort(names, g_strv_length(names), sizeof *names, compare_names);
    for (char **name = names; *name != NULL; name++) {
        g_autofree char *file = NULL;

        if (**name == '.' || !g_str_has_suffix(*name, ".conf") || strlen(*name) <= strlen(".conf"))
            continue;
        file = g_build_filename(path, *name, NULL);
        read_included(reading, pos, arena_strdup(reading->check->arena, file), false);
    }
}

static void
take_rule(const Reading *reading, const char *path, const HbaRule *rule)
{
    const char *included = NULL;

    if (rule->is_comment)
        return;
    if (rule->include == NULL) {
        list_add(reading->check->arena, reading->rules, rule);
        return;
    }
    included = resolve_path(reading->check->arena, path, rule->include);
    if (rule->type == HBA_TYPE_INCLUDE_DIR)
        read_included_folder(reading, rule->pos, included);
    else
        read_included(reading, rule->pos, included, rule->type == HBA_TYPE_INCLUDE_IF_EXISTS);
}

/*
 * The words of an @file: all of its lines, one after the other, with @files inside. A file that
 * cannot be read makes the line that names it broken.
 */
static bool
load_names(void *data, const HbaCheck *check, SourcePos pos, const char *name, List *ret_tokens)
{
    Reading inner = *(const Reading *)data;
    const char *path = resolve_path(check->arena, pos.file, name);
    g_autofree char *bytes = NULL;
    g_auto(GStrv) lines = NULL;
    g_autoptr(GError) error = NULL;
    size_t length = 0;

    if (too_deep(&inner, pos, path))
        return false;
    inner.depth++;
    if (!inner.source->read(inner.source->data, path, &bytes, &length, &error)) {
        findings_add(check->findings, &FINDING_HBA_INCLUDE_UNREADABLE, pos, NULL,
                     "the file of names \"%s\" cannot be read: %s", name, error->message);
        return false;
    }
    lines = g_strsplit(bytes, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        HbaLine words = hba_tokenize(check->arena, check->program, *line);

        LIST_FOREACH (const List, field, &words.fields) {
            LIST_FOREACH (const HbaToken, token, field) {
                if (token->quoted || token->text[0] != '@' || token->text[1] == '\0') {
                    list_add(check->arena, ret_tokens, token);
                } else if (!load_names(&inner, check, (SourcePos){ .file = path, .line = pos.line },
                                       token->text + 1, ret_tokens)) {
                    return false;
                }
            }
        }
    }
    return true;
}

static size_t
length_without_line_end(const char *text, size_t length)
{
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    return length;
}

/* Appends one physical line without its end; whether the next one continues it. */
static bool
append_line(const Reading *reading, const char *text, size_t length, GString *line)
{
    bool continues = reading->check->program == HBA_PROGRAM_POSTGRESQL &&
                     reading->check->version >= CONTINUATION_SINCE;
    size_t plain = length_without_line_end(text, length);

    g_string_append_len(line, text, (gssize)plain);
    if (!continues || plain == 0 || text[plain - 1] != '\\')
        return false;
    g_string_truncate(line, line->len - 1);
    return true;
}

static void
parse_bytes(const Reading *reading, const char *path, const char *bytes, size_t length)
{
    HbaCheck check = *reading->check;
    Reading here = *reading;
    const char *file = arena_strdup(check.arena, path);
    g_autoptr(GString) line = g_string_new(NULL);
    const char *at = bytes;
    const char *end = bytes + length;
    SourcePos pos = { .file = file, .line = 1, .column = 1 };
    uint32_t number = 0;
    bool continues = false;

    check.load_names = load_names;
    check.load_names_data = &here;
    check.is_file = true;
    here.check = &check;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t size = newline == NULL ? (size_t)(end - at) : (size_t)(newline - at) + 1;
        const HbaRule *rule = NULL;

        number++;
        if (!continues) {
            pos.line = number;
            g_string_truncate(line, 0);
        }
        continues = append_line(&here, at, size, line);
        at += size;
        if (continues && at < end)
            continue;
        rule = hba_line_parse(&check, pos, line->str);
        if (rule != NULL)
            take_rule(&here, file, rule);
    }
}

void
hba_file_parse(const HbaCheck *check, const HbaFileSource *source, const char *path,
               const char *bytes, size_t length, List *ret_rules)
{
    const Reading reading = { .check = check, .source = source, .rules = ret_rules };

    parse_bytes(&reading, path, bytes, length);
}

bool
hba_file_read(const HbaCheck *check, const HbaFileSource *source, const char *path, List *ret_rules,
              GError **error)
{
    g_autofree char *bytes = NULL;
    size_t length = 0;

    if (!source->read(source->data, path, &bytes, &length, error))
        return false;
    hba_file_parse(check, source, path, bytes, length, ret_rules);
    return true;
}
