/*
 * Findings as text, in the formats that `validate` and `hba lint` share. Text goes through the
 * verbosity of the run: errors down to -1, warnings down to 0, infos from 1; the other formats are
 * for programs and always hold everything.
 */
#pragma once

#include <glib.h>

#include "base/finding.h"

typedef enum FindingsFormat {
    FINDINGS_FORMAT_TEXT,
    FINDINGS_FORMAT_JSON,
    FINDINGS_FORMAT_SARIF,
    FINDINGS_FORMAT_GITHUB,
    FINDINGS_FORMAT_COUNT,
} FindingsFormat;

/* NULL-terminated, in the order of FindingsFormat. */
extern const char *const findings_format_words[];

typedef struct FindingsStyle {
    FindingColour colour;
    int verbosity; /* how many -v, less how many -q */
} FindingsStyle;

/* Appends the findings that the verbosity lets through, sorted, as text. */
void findings_render_text(Findings *findings, FindingsStyle style, GString *out);
/* Appends the line under a report: the counts, unless the verbosity leaves them out. */
void findings_append_totals(const Findings *findings, FindingsStyle style, GString *out);
/* Appends all of a report: sorted, and with TEXT the counts under it. */
void findings_render_report(Findings *findings, FindingsFormat format, FindingsStyle style,
                            GString *out);
