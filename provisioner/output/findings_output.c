/* One writer for each format of findings. */
#include "provisioner/output/findings_output.h"

#include "base/json_writer.h"
#include "base/printable.h"

typedef void FindingsWriter(const Findings *findings, FindingsStyle style, GString *out);

/* The lowest verbosity at which findings of a severity are shown. */
static const int shown_from[] = {
    [SEVERITY_ERROR] = -1,
    [SEVERITY_WARNING] = 0,
    [SEVERITY_INFO] = 1,
};

_Static_assert(G_N_ELEMENTS(shown_from) == SEVERITY_COUNT, "a verbosity for each severity");

/* finding_render() begins with FILE:LINE:COLUMN as compilers do, so that editors can jump there. */
static void
append_shown(const Findings *findings, FindingsStyle style, GString *out)
{
    LIST_FOREACH (const Finding, finding, &findings->items) {
        if (style.verbosity >= shown_from[finding->severity])
            finding_render(finding, style.colour, out);
    }
}

static const char *
plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* -q leaves out the totals too: only errors are wanted then. */
void
findings_append_totals(const Findings *findings, FindingsStyle style, GString *out)
{
    size_t errors = findings->counts[SEVERITY_ERROR];
    size_t warnings = findings->counts[SEVERITY_WARNING];

    if (style.verbosity > -1)
        g_string_append_printf(out, "%zu error%s, %zu warning%s", errors, plural(errors), warnings,
                               plural(warnings));
    if (style.verbosity > 0 && findings->ignored > 0)
        g_string_append_printf(out, "; %zu ignored by pg_ignore_findings", findings->ignored);
    if (style.verbosity > -1)
        g_string_append_c(out, '\n');
}

static void
write_text_findings(const Findings *findings, FindingsStyle style, GString *out)
{
    append_shown(findings, style, out);
    findings_append_totals(findings, style, out);
}

/* Whatever the verbosity, a program gets all findings and filters them itself. */
static void
write_json_findings(const Findings *findings, FindingsStyle style, GString *out)
{
    JsonWriter json;

    (void)style;
    json_writer_init(&json, out);
    findings_write_json(findings, &json);
}

/* What GitHub's workflow commands call the severities. */
static const char *const github_levels[] = {
    [SEVERITY_ERROR] = "error",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_INFO] = "notice",
};

/*
 * The escapes of workflow commands. A colon or comma ends a property, and escaping them in a
 * message does no harm, so one function serves both; a newline, which would end the command, is
 * made visible before.
 */
static void
append_github_text(GString *out, const char *text)
{
    g_autofree char *printable = printable_new(text);

    for (const char *at = printable; *at != '\0'; at++) {
        if (*at == '%' || *at == ':' || *at == ',')
            g_string_append_printf(out, "%%%02X", (unsigned char)*at);
        else
            g_string_append_c(out, *at);
    }
}

/* An annotation has no place for a hint, so it follows the message after an escaped newline. */
static void
write_github_findings(const Findings *findings, FindingsStyle style, GString *out)
{
    (void)style;
    LIST_FOREACH (const Finding, finding, &findings->items) {
        g_string_append_printf(out, "::%s ", github_levels[finding->severity]);
        if (finding->pos.file != NULL) {
            g_string_append(out, "file=");
            append_github_text(out, finding->pos.file);
            g_string_append_printf(out, ",line=%u,col=%u,", finding->pos.line, finding->pos.column);
        }
        g_string_append_printf(out, "title=%s::", finding->kind->id);
        append_github_text(out, finding->message);
        if (finding->hint != NULL) {
            g_string_append(out, "%0Ahint%3A ");
            append_github_text(out, finding->hint);
        }
        g_string_append_c(out, '\n');
    }
}

/* The levels of SARIF 2.1.0, in which an info is called a note. */
static const char *const sarif_levels[] = {
    [SEVERITY_ERROR] = "error",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_INFO] = "note",
};

_Static_assert(G_N_ELEMENTS(github_levels) == SEVERITY_COUNT, "a level for each severity");
_Static_assert(G_N_ELEMENTS(sarif_levels) == SEVERITY_COUNT, "a level for each severity");

/* SARIF counts lines and columns from 1, while a finding about a whole file has no line. */
static void
write_sarif_result(JsonWriter *json, const Finding *finding)
{
    json_begin_object(json, NULL);
    json_write_string(json, "ruleId", finding->kind->id);
    json_write_string(json, "level", sarif_levels[finding->severity]);
    json_begin_object(json, "message");
    json_write_string(json, "text", finding->message);
    json_end_object(json);
    json_begin_array(json, "locations");
    if (finding->pos.file != NULL) {
        json_begin_object(json, NULL);
        json_begin_object(json, "physicalLocation");
        json_begin_object(json, "artifactLocation");
        json_write_string(json, "uri", finding->pos.file);
        json_end_object(json);
        json_begin_object(json, "region");
        json_write_int(json, "startLine", MAX(finding->pos.line, 1));
        json_write_int(json, "startColumn", MAX(finding->pos.column, 1));
        json_end_object(json);
        json_end_object(json);
        json_end_object(json);
    }
    json_end_array(json);
    json_end_object(json);
}

/*
 * Little more than what SARIF 2.1.0 requires: the version, and a run with its tool's driver and the
 * results.
 */
static void
write_sarif_findings(const Findings *findings, FindingsStyle style, GString *out)
{
    JsonWriter json;

    (void)style;
    json_writer_init(&json, out);
    json_begin_object(&json, NULL);
    json_write_string(&json, "version", "2.1.0");
    json_write_string(&json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    json_begin_array(&json, "runs");
    json_begin_object(&json, NULL);
    json_begin_object(&json, "tool");
    json_begin_object(&json, "driver");
    json_write_string(&json, "name", "pgcharter");
    json_write_string(&json, "version", PGCHARTER_VERSION);
    json_end_object(&json);
    json_end_object(&json);
    json_begin_array(&json, "results");
    LIST_FOREACH (const Finding, finding, &findings->items)
        write_sarif_result(&json, finding);
    json_end_array(&json);
    json_end_object(&json);
    json_end_array(&json);
    json_end_object(&json);
}

const char *const findings_format_words[] = {
    [FINDINGS_FORMAT_TEXT] = "text",   [FINDINGS_FORMAT_JSON] = "json",
    [FINDINGS_FORMAT_SARIF] = "sarif", [FINDINGS_FORMAT_GITHUB] = "github",
    [FINDINGS_FORMAT_COUNT] = NULL,
};

/* Indexed by format: a new one is a row here and one among the words, and no caller changes. */
static FindingsWriter *const writers[FINDINGS_FORMAT_COUNT] = {
    [FINDINGS_FORMAT_TEXT] = write_text_findings,
    [FINDINGS_FORMAT_JSON] = write_json_findings,
    [FINDINGS_FORMAT_SARIF] = write_sarif_findings,
    [FINDINGS_FORMAT_GITHUB] = write_github_findings,
};

void
findings_render_text(Findings *findings, FindingsStyle style, GString *out)
{
    findings_sort(findings);
    append_shown(findings, style, out);
}

/* Sorted first, so that the report does not depend on the order of the checks. */
void
findings_render_report(Findings *findings, FindingsFormat format, FindingsStyle style, GString *out)
{
    findings_sort(findings);
    writers[format](findings, style, out);
}
