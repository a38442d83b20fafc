/* Lines to rules, with everything that brings in other files. */
#include "hba/read/file.h"

#include <stdlib.h>
#include <string.h>

#include "base/file_read.h"
#include "hba/read/file_lines.h"
#include "hba/read/line.h"
#include "hba/read/line_words.h"
#include "hba/syntax/tokens.h"

/* CONF_FILE_MAX_DEPTH of the server; a loop of includes ends there. */
#define FILE_DEPTH_MAX 10
/* Ten lines that include the file they are in make 10^10 reads before each has come to that depth.
 */
#define FILES_MAX 100000

/* What all files of one reading share. */
typedef struct Includes {
    unsigned count;
    bool ended; /* one went too deep, or there were too many: no more are read */
} Includes;

typedef struct Reading {
    const HbaCheck *check;
    const HbaFileSource *source;
    Includes *includes;
    unsigned depth;
    const char *from;    /* the file that is being read */
    bool keeps_comments; /* and include lines */
    List *rules;
} Reading;

static bool
read_local(void *data, const char *path, char **ret_bytes, size_t *ret_length, GError **error)
{
    (void)data;
    return file_read(path, FILE_READ_MAX, ret_bytes, ret_length, error);
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

/* AbsoluteConfigLocation(): dots and trailing slashes are taken out of the path as a text. */
static const char *
canonicalize(Arena *arena, const char *path)
{
    g_autofree char *canonical = NULL;
    size_t length = strlen(path);

    if (g_path_is_absolute(path)) {
        canonical = g_canonicalize_filename(path, NULL);
        return arena_strdup(arena, canonical);
    }
    while (length > 1 && path[length - 1] == '/')
        length--;
    return arena_strndup(arena, path, length);
}

/*
 * Relative to the folder of the file that contains the name and not to the data directory:
 * AbsoluteConfigLocation(), and tokenize_inc_file() before 16. PgBouncer's path_join_dirname() does
 * the same but does not canonicalize.
 */
static const char *
resolve_path(const Reading *reading, const char *name)
{
    Arena *arena = reading->check->arena;
    g_autofree char *folder = NULL;
    g_autofree char *path = NULL;

    if (g_path_is_absolute(name))
        return name;
    folder = g_path_get_dirname(reading->from);
    path = g_build_filename(folder, name, NULL);
    return reading->check->program == HBA_PROGRAM_POSTGRESQL ? canonicalize(arena, path)
                                                             : arena_strdup(arena, path);
}

/*
 * By depth, as the server does it. Remembering the visited files instead would refuse a file that
 * is included twice, which is legal. After the first finding no other file is read: what they hold
 * is refused anyway.
 */
static bool
too_deep(const Reading *reading, SourcePos pos, const char *path)
{
    Includes *includes = reading->includes;

    if (includes->ended)
        return true;
    if (++includes->count > FILES_MAX) {
        includes->ended = true;
        findings_add(reading->check->findings, &FINDING_HBA_INCLUDE_CYCLE, pos,
                     "look for files that include each other several times",
                     "including \"%s\" here is more than %d files", path, FILES_MAX);
        return true;
    }
    if (reading->depth < FILE_DEPTH_MAX)
        return false;
    includes->ended = true;
    findings_add(reading->check->findings, &FINDING_HBA_INCLUDE_CYCLE, pos,
                 hba_check_hint(reading->check, "look for a file that includes itself",
                                "maximum nesting depth exceeded"),
                 "including \"%s\" here goes deeper than %d files", path, FILE_DEPTH_MAX);
    return true;
}

static void parse_bytes(const Reading *reading, const char *path, const char *bytes, size_t length);

/*
 * include_if_exists forgives a missing file only (ENOENT); one that cannot be read is an error for
 * the server as well.
 */
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

/*
 * The files of a folder that the server takes: *.conf, not hidden, in the order of their bytes. The
 * order matters because the first matching rule decides.
 */
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

/*
 * Included rules take the place of the include line: the server expands it there, and a rule below
 * it comes later.
 */
static void
take_rule(const Reading *reading, const HbaRule *rule)
{
    const char *included = NULL;

    bool is_rule = !rule->is_comment && rule->include == NULL;

    if (is_rule || reading->keeps_comments)
        list_add(reading->check->arena, reading->rules, rule);
    if (rule->include == NULL)
        return;
    included = resolve_path(reading, rule->include);
    if (rule->type == HBA_TYPE_INCLUDE_DIR)
        read_included_folder(reading, rule->pos, included);
    else
        read_included(reading, rule->pos, included, rule->type == HBA_TYPE_INCLUDE_IF_EXISTS);
}

static bool load_names(void *data, const HbaCheck *check, SourcePos pos, const char *name,
                       List *ret_tokens);

/* parse_namefile() of PgBouncer wants names on every line and takes the first list of each. */
static bool
check_pgbouncer_names(const HbaCheck *check, SourcePos pos, const char *path, const HbaLine *line)
{
    if (check->program != HBA_PROGRAM_PGBOUNCER ||
        (line->problem == HBA_LINE_FINE && line->fields.count == 1))
        return true;
    findings_add(check->findings, &FINDING_HBA_PGB_NAMES, pos,
                 "write one list on each line of the file, and no comments or blank lines",
                 "%s skips or misreads the rule: a line of \"%s\" is not a list of names",
                 check->server, path);
    return false;
}

/*
 * The words of one line of an @file, in which a line may again include another. The server
 * tokenizes an @file like the HBA file itself, so comments, continued lines and, since 16, include
 * lines work in it.
 */
static bool
take_names(Reading *reading, SourcePos pos, const char *text, List *ret_tokens)
{
    const HbaCheck *check = reading->check;
    HbaLine line = hba_tokenize(check->arena, check->program, text);
    const char *included = hba_line_include(check, &line);

    if (!check_pgbouncer_names(check, pos, reading->from, &line))
        return false;
    if (included != NULL)
        return load_names(reading, check, pos, included, ret_tokens);
    LIST_FOREACH (const List, field, &line.fields) {
        LIST_FOREACH (const HbaToken, token, field) {
            if (!hba_token_is_file(token))
                list_add(check->arena, ret_tokens, token);
            else if (!load_names(reading, check, pos, token->text + 1, ret_tokens))
                return false;
        }
    }
    return true;
}

/*
 * The words of an @file: all of its lines, one after the other, with @files inside. A file that
 * cannot be read makes the line that names it broken.
 */
static bool
load_names(void *data, const HbaCheck *check, SourcePos pos, const char *name, List *ret_tokens)
{
    Reading inner = *(const Reading *)data;
    const char *path = resolve_path(&inner, name);
    g_autofree char *bytes = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    HbaFileLines lines;
    size_t length = 0;

    if (too_deep(&inner, pos, path))
        return false;
    inner.depth++;
    inner.from = path;
    if (!inner.source->read(inner.source->data, path, &bytes, &length, &error)) {
        findings_add(check->findings, &FINDING_HBA_INCLUDE_UNREADABLE, pos, NULL,
                     "the file of names \"%s\" cannot be read: %s", name, error->message);
        return false;
    }
    lines = hba_file_lines_begin(check, bytes, length);
    while (hba_file_lines_next(&lines, text)) {
        if (!take_names(&inner, pos, text->str, ret_tokens))
            return false;
    }
    return true;
}

/*
 * The check is copied, because load_names must resolve @files against this file and not against the
 * one that includes it.
 */
static void
parse_bytes(const Reading *reading, const char *path, const char *bytes, size_t length)
{
    HbaCheck check = *reading->check;
    Reading here = *reading;
    const char *file = arena_strdup(check.arena, path);
    g_autoptr(GString) text = g_string_new(NULL);
    HbaFileLines lines = hba_file_lines_begin(&check, bytes, length);

    check.load_names = load_names;
    check.load_names_data = &here;
    check.is_file = true;
    here.check = &check;
    here.from = file;
    while (hba_file_lines_next(&lines, text)) {
        const SourcePos pos = { .file = file, .line = lines.first, .column = 1 };
        const HbaRule *rule = hba_line_parse(&check, pos, text->str);

        if (rule != NULL)
            take_rule(&here, rule);
    }
}

void
hba_file_parse(const HbaCheck *check, const HbaFileSource *source, const char *path,
               const char *bytes, size_t length, List *ret_rules)
{
    Includes includes = { 0 };
    const Reading reading = {
        .check = check, .source = source, .includes = &includes, .rules = ret_rules
    };

    parse_bytes(&reading, path, bytes, length);
}

static bool
read_whole(Reading *reading, const char *path, GError **error)
{
    g_autofree char *bytes = NULL;
    size_t length = 0;

    if (!reading->source->read(reading->source->data, path, &bytes, &length, error))
        return false;
    parse_bytes(reading, path, bytes, length);
    return true;
}

bool
hba_file_read(const HbaCheck *check, const HbaFileSource *source, const char *path, List *ret_rules,
              GError **error)
{
    Includes includes = { 0 };
    Reading reading = {
        .check = check, .source = source, .includes = &includes, .rules = ret_rules
    };

    return read_whole(&reading, path, error);
}

bool
hba_file_read_lines(const HbaCheck *check, const HbaFileSource *source, const char *path,
                    List *ret_lines, GError **error)
{
    Includes includes = { 0 };
    Reading reading = { .check = check,
                        .source = source,
                        .includes = &includes,
                        .keeps_comments = true,
                        .rules = ret_lines };

    return read_whole(&reading, path, error);
}
