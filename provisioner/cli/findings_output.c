/* One writer for each format of findings. */
#include "provisioner/cli/findings_output.h"

#include <string.h>

#include "base/json_writer.h"

typedef void FindingsFormatter(const CommandContext *context, Findings *findings);

static void
write_json_findings(const CommandContext *context, Findings *findings)
{
    g_autoptr(GString) out = g_string_new(NULL);
    JsonWriter json;

    (void)context;
    json_writer_init(&json, out);
    findings_write_json(findings, &json);
    fputs(out->str, stdout);
}

static void
write_text_findings(const CommandContext *context, Findings *findings)
{
    command_print_findings(context, findings, stdout);
    if (context->options.verbosity > -1)
        printf("%zu errors, %zu warnings\n", findings->counts[SEVERITY_ERROR],
               findings->counts[SEVERITY_WARNING]);
}

/* What GitHub's workflow commands call the severities. */
static const char *const github_levels[] = {
    [SEVERITY_ERROR] = "error",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_INFO] = "notice",
};

/* The escapes of workflow commands: a newline would end the command. */
static void
append_github_text(GString *out, const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '%' || *at == '\r' || *at == '\n' || *at == ':' || *at == ',')
            g_string_append_printf(out, "%%%02X", (unsigned char)*at);
        else
            g_string_append_c(out, *at);
    }
}

static void
write_github_findings(const CommandContext *context, Findings *findings)
{
    (void)context;
    LIST_FOREACH (const Finding, finding, &findings->items) {
        g_autoptr(GString) out = g_string_new(NULL);

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
        puts(out->str);
    }
}

static const char *const sarif_levels[] = {
    [SEVERITY_ERROR] = "error",
    [SEVERITY_WARNING] = "warning",
    [SEVERITY_INFO] = "note",
};

_Static_assert(G_N_ELEMENTS(github_levels) == SEVERITY_COUNT, "a level for each severity");
_Static_assert(G_N_ELEMENTS(sarif_levels) == SEVERITY_COUNT, "a level for each severity");

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

static void
write_sarif_findings(const CommandContext *context, Findings *findings)
{
    g_autoptr(GString) out = g_string_new(NULL);
    JsonWriter json;

    (void)context;
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
    fputs(out->str, stdout);
}

typedef struct FormatRow {
    const char *name;
    FindingsFormatter *write;
} FormatRow;

static const FormatRow formats[] = {
    { "text", write_text_findings },
    { "json", write_json_findings },
    { "github", write_github_findings },
    { "sarif", write_sarif_findings },
};

static const FormatRow *
find_format(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (name == NULL || strcmp(formats[i].name, name) == 0)
            return &formats[i];
    }
    return NULL;
}

bool
findings_output_knows(const char *format)
{
    return find_format(format) != NULL;
}

void
findings_output(const CommandContext *context, Findings *findings, const char *format)
{
    findings_sort(findings);
    find_format(format)->write(context, findings);
}
