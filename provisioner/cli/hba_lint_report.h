/*
 * LintReport: the findings of lint over several instances. Instances whose rules and findings are
 * the same share one section, so that a fleet with one list of rules has one report.
 */
#pragma once

#include "provisioner/cli/command.h"

typedef struct LintReport LintReport;

LintReport *lint_report_new(Arena *arena);
void lint_report_free(LintReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LintReport, lint_report_free)

/*
 * Adds what was found in the rules (HbaRule) of an instance; what the instance's cluster ignores is
 * taken out before. The report keeps the findings.
 */
void lint_report_add(LintReport *report, const Instance *instance, const List *rules,
                     Findings *findings);
/*
 * Appends the report. TEXT has a section for each list of rules, under the names of its instances;
 * JSON has "lists" besides the findings of all. `others` are findings of no single instance.
 */
void lint_report_render(LintReport *report, Findings *others, FindingsFormat format,
                        FindingsStyle style, GString *out);
/* All findings, each once; of the report. */
Findings *lint_report_all(LintReport *report);
