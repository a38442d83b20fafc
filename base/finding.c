/* Collecting, ordering and writing findings. */
#include "base/finding.h"

#include <stdarg.h>
#include <string.h>

#include "base/printable.h"

static const char *const severity_names[] = {
    [SEVERITY_ERROR] = "error",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_INFO] = "info",
};
static const char *const severity_colours[] = {
    [SEVERITY_ERROR] = "\033[1;31m",
    [SEVERITY_WARNING] = "\033[1;33m",
    [SEVERITY_INFO] = "\033[1;36m",
};

_Static_assert(G_N_ELEMENTS(severity_names) == SEVERITY_COUNT, "a name for each severity");
_Static_assert(G_N_ELEMENTS(severity_colours) == SEVERITY_COUNT, "a colour for each severity");

bool
source_pos_is_policy(SourcePos pos)
{
    return pos.origin == ORIGIN_POLICY;
}

const char *
pos_text(Arena *arena, SourcePos pos)
{
    return arena_printf(arena, "%s:%u:%u", pos.file == NULL ? "" : pos.file, pos.line, pos.column);
}

const char *
source_pos_path(Arena *arena, SourcePos named_at, const char *path)
{
    g_autofree char *folder = NULL;
    g_autofree char *joined = NULL;
    const char *file = named_at.file;

    if (g_path_is_absolute(path) || file == NULL)
        return path;
    if (source_pos_is_policy(named_at) && g_str_has_prefix(file, SOURCE_POLICY_PREFIX))
        file += strlen(SOURCE_POLICY_PREFIX);
    folder = g_path_get_dirname(file);
    if (strcmp(folder, ".") == 0)
        return path;
    joined = g_build_filename(folder, path, NULL);
    return arena_strdup(arena, joined);
}

/* Findings of one run share its arena; only the hash table needs to be freed. */
Findings *
findings_new(Arena *arena)
{
    Findings *findings = g_new0(Findings, 1);

    findings->arena = arena;
    findings->seen = g_hash_table_new(g_str_hash, g_str_equal);
    return findings;
}

void
findings_free(Findings *findings)
{
    if (findings == NULL)
        return;
    g_hash_table_destroy(findings->seen);
    g_free(findings);
}

/*
 * The same mistake is often met several times, for instance by each instance that shares a list.
 * One place, id and message is one finding.
 */
static void
add_finding(Findings *findings, const Finding *finding)
{
    const char *key =
        arena_printf(findings->arena, "%s:%u:%u:%s:%s", finding->pos.file ? finding->pos.file : "",
                     finding->pos.line, finding->pos.column, finding->kind->id, finding->message);
    Finding *copy = NULL;

    if (!g_hash_table_add(findings->seen, (gpointer)key))
        return;
    copy = ARENA_NEW(findings->arena, Finding);
    *copy = *finding;
    list_add(findings->arena, &findings->items, copy);
    findings->counts[copy->severity]++;
}

/* Message and hint are copied: callers format them from buffers of their own. */
void
findings_add(Findings *findings, const FindingKind *kind, SourcePos pos, const char *hint,
             const char *format, ...)
{
    Finding finding = { .kind = kind, .pos = pos, .severity = kind->severity };
    g_autofree char *message = NULL;
    va_list args;

    va_start(args, format);
    message = g_strdup_vprintf(format, args);
    va_end(args);
    finding.message = arena_strdup(findings->arena, message);
    finding.hint = hint == NULL ? NULL : arena_strdup(findings->arena, hint);
    add_finding(findings, &finding);
}

/* Counted while they are added, because it is asked after each phase. */
bool
findings_has_errors(const Findings *findings)
{
    return findings->counts[SEVERITY_ERROR] > 0;
}

/* Infos stay infos: they say what was left out by design. */
void
findings_make_strict(Findings *findings)
{
    LIST_FOREACH (Finding, finding, &findings->items) {
        if (finding->severity == SEVERITY_WARNING)
            finding->severity = SEVERITY_ERROR;
    }
    findings->counts[SEVERITY_ERROR] += findings->counts[SEVERITY_WARNING];
    findings->counts[SEVERITY_WARNING] = 0;
}

/* An error refuses the run: leaving it out would only hide the reason. */
void
findings_ignore(Findings *findings, const FindingKind *kind)
{
    size_t kept = 0;

    for (size_t i = 0; i < findings->items.count; i++) {
        const Finding *finding = findings->items.items[i];

        if (finding->kind == kind && finding->severity != SEVERITY_ERROR) {
            findings->counts[finding->severity]--;
            findings->ignored++;
        } else {
            findings->items.items[kept++] = findings->items.items[i];
        }
    }
    findings->items.count = kept;
}

/*
 * Files in the order of their names, because that is how a reader looks for them, not in the order
 * in which they were read.
 */
static int
compare_place(const void *a, const void *b)
{
    const SourcePos *left = &((const Finding *)a)->pos;
    const SourcePos *right = &((const Finding *)b)->pos;
    int order = g_strcmp0(left->file, right->file);

    if (order != 0)
        return order;
    if (left->line != right->line)
        return left->line < right->line ? -1 : 1;
    if (left->column != right->column)
        return left->column < right->column ? -1 : 1;
    return 0;
}

void
findings_sort(Findings *findings)
{
    list_sort(&findings->items, compare_place);
}

void
findings_append(Findings *findings, const Findings *more)
{
    LIST_FOREACH (const Finding, finding, &more->items)
        add_finding(findings, finding);
}

const char *
severity_name(Severity severity)
{
    return severity_names[severity];
}

const char *
severity_colour(Severity severity)
{
    return severity_colours[severity];
}

/*
 * The shape that compilers use, so that editors can jump to the place. Control characters are
 * escaped: names come from files and servers that may be hostile to a terminal.
 */
void
finding_render(const Finding *finding, FindingColour colour, GString *out)
{
    bool coloured = colour == FINDING_COLOURED;

    if (finding->pos.file != NULL) {
        printable_append(out, finding->pos.file);
        if (finding->pos.line > 0)
            g_string_append_printf(out, ":%u:%u", finding->pos.line, finding->pos.column);
        g_string_append(out, ": ");
    }
    g_string_append_printf(out, "%s%s%s: ", coloured ? severity_colours[finding->severity] : "",
                           severity_names[finding->severity], coloured ? "\033[0m" : "");
    printable_append(out, finding->message);
    g_string_append_printf(out, " [%s]\n", finding->kind->id);
    if (finding->hint != NULL) {
        g_string_append(out, "  hint: ");
        printable_append(out, finding->hint);
        g_string_append_c(out, '\n');
    }
}

void
finding_write_json(const Finding *finding, JsonWriter *json)
{
    json_begin_object(json, NULL);
    json_write_string(json, "file", finding->pos.file);
    json_write_int(json, "line", (int64_t)finding->pos.line);
    json_write_int(json, "column", (int64_t)finding->pos.column);
    json_write_string(json, "severity", severity_names[finding->severity]);
    json_write_string(json, "id", finding->kind->id);
    json_write_string(json, "message", finding->message);
    json_write_string(json, "hint", finding->hint);
    json_end_object(json);
}

void
findings_write_json_members(const Findings *findings, JsonWriter *json)
{
    json_begin_array(json, "diagnostics");
    LIST_FOREACH (const Finding, finding, &findings->items)
        finding_write_json(finding, json);
    json_end_array(json);
    json_begin_object(json, "summary");
    json_write_int(json, "errors", (int64_t)findings->counts[SEVERITY_ERROR]);
    json_write_int(json, "warnings", (int64_t)findings->counts[SEVERITY_WARNING]);
    json_write_int(json, "infos", (int64_t)findings->counts[SEVERITY_INFO]);
    json_end_object(json);
}

void
findings_write_json(const Findings *findings, JsonWriter *json)
{
    json_begin_object(json, NULL);
    findings_write_json_members(findings, json);
    json_end_object(json);
}
