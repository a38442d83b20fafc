/* Sections by what is in them, not by cluster. */
#include "provisioner/cli/hba_lint_report.h"

#include "provisioner/hba_deploy/hba_installed.h"
#include "provisioner/plan/finding_filter.h"

#define NAMES_SHOWN_MAX 8

typedef struct Section {
    List instances; /* const Instance */
    Findings *findings;
} Section;

struct LintReport {
    Arena *arena;
    List sections;      /* Section, in the order of their first instance */
    GHashTable *by_key; /* of rules and findings -> Section */
    Findings *all;
};

LintReport *
lint_report_new(Arena *arena)
{
    LintReport *report = g_new0(LintReport, 1);

    report->arena = arena;
    report->by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    report->all = findings_new(arena);
    return report;
}

void
lint_report_free(LintReport *report)
{
    if (report == NULL)
        return;
    LIST_FOREACH (Section, section, &report->sections)
        findings_free(section->findings);
    findings_free(report->all);
    g_hash_table_destroy(report->by_key);
    g_free(report);
}

/*
 * Equal rules are not enough: another cluster may know other roles, and then the same rules have
 * other findings.
 */
static char *
key_of(Arena *arena, const List *rules, Findings *findings)
{
    const List keys = hba_rule_keys(arena, rules);
    GString *key = g_string_new(NULL);
    JsonWriter json;

    LIST_FOREACH (const char, rule, &keys)
        g_string_append_printf(key, "%s\n", rule);
    json_writer_init_line(&json, key);
    findings_write_json(findings, &json);
    return g_string_free(key, FALSE);
}

void
lint_report_add(LintReport *report, const Instance *instance, const List *rules, Findings *findings)
{
    g_autofree char *key = NULL;
    Section *section = NULL;

    finding_filter_notes(instance->cluster, findings);
    findings_sort(findings);
    key = key_of(report->arena, rules, findings);
    section = g_hash_table_lookup(report->by_key, key);
    if (section == NULL) {
        section = ARENA_NEW(report->arena, Section);
        section->findings = findings;
        findings_append(report->all, findings);
        report->all->ignored += findings->ignored;
        list_add(report->arena, &report->sections, section);
        g_hash_table_insert(report->by_key, g_steal_pointer(&key), section);
    } else {
        findings_free(findings);
    }
    list_add(report->arena, &section->instances, instance);
}

Findings *
lint_report_all(LintReport *report)
{
    return report->all;
}

static void
append_title(const Section *section, GString *out)
{
    const List *instances = &section->instances;

    for (size_t i = 0; i < instances->count && i < NAMES_SHOWN_MAX; i++)
        g_string_append_printf(out, "%s%s", i == 0 ? "" : ", ",
                               ((const Instance *)instances->items[i])->name);
    if (instances->count > NAMES_SHOWN_MAX)
        g_string_append_printf(out, " and %zu more", instances->count - NAMES_SHOWN_MAX);
    g_string_append(out, ":\n");
}

/* A section without anything to say has no title either. */
static void
append_section(const Section *section, FindingsStyle style, GString *out)
{
    g_autoptr(GString) text = g_string_new(NULL);

    findings_render_text(section->findings, style, text);
    if (text->len == 0)
        return;
    append_title(section, out);
    g_string_append_printf(out, "%s\n", text->str);
}

static void
write_json(const LintReport *report, GString *out)
{
    JsonWriter json;

    json_writer_init(&json, out);
    json_begin_object(&json, NULL);
    findings_write_json_members(report->all, &json);
    json_begin_array(&json, "lists");
    LIST_FOREACH (const Section, section, &report->sections) {
        json_begin_object(&json, NULL);
        json_begin_array(&json, "instances");
        LIST_FOREACH (const Instance, instance, &section->instances)
            json_write_string(&json, NULL, instance->name);
        json_end_array(&json);
        findings_write_json_members(section->findings, &json);
        json_end_object(&json);
    }
    json_end_array(&json);
    json_end_object(&json);
}

void
lint_report_render(LintReport *report, Findings *others, FindingsFormat format, FindingsStyle style,
                   GString *out)
{
    findings_append(report->all, others);
    findings_sort(report->all);
    if (format == FINDINGS_FORMAT_JSON) {
        write_json(report, out);
        return;
    }
    if (format != FINDINGS_FORMAT_TEXT) {
        findings_render_report(report->all, format, style, out);
        return;
    }
    findings_render_text(others, style, out);
    LIST_FOREACH (const Section, section, &report->sections)
        append_section(section, style, out);
    findings_append_totals(report->all, style, out);
}
