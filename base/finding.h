/*
 * Findings: what the author of a file should know, each with its place, severity, id and hint.
 * They are collected, never printed where they are found; the whole list is shown at the end and
 * any error in it refuses the run.
 *
 * A module lists its kinds of finding in a table FOLDER/findings.def and declares them from it:
 *
 *     findings_add(findings, &FINDING_KEY_DUPLICATE, key->pos, "remove one of the two",
 *                  "key \"%s\" is given twice", key->text);
 *
 * Messages are lower case without a full stop, hints are lower-case sentences without one, the
 * user's words stand in double quotes, and neither ever holds a secret.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json_writer.h"
#include "base/list.h"

/*
 * Who said what a position points to. It is a fact about the text, never read from a file's name:
 * a person's file may be called anything, policy:x.yml included.
 */
typedef enum Origin {
    ORIGIN_PERSON, /* somebody who uses this program: an inventory, a rule file, an option */
    ORIGIN_POLICY, /* the defaults, built in or from a file that pg_policy names */
    ORIGIN_NOBODY, /* nothing says it: what adopt and strict remove; there is no place */
} Origin;

/* What stands before the name of a policy, or the path of a policy's file, in SourcePos.file. */
#define SOURCE_POLICY_PREFIX "policy:"

/* A place in a file: 1-based line and column in characters. file NULL: no place. line 0: the whole
 * file. */
typedef struct SourcePos {
    const char *file; /* what people are shown; "policy:NAME" for a policy */
    uint32_t line;
    uint32_t column;
    Origin origin;
} SourcePos;

bool source_pos_is_policy(SourcePos pos);
/* file:line:column, for messages that name a second place. */
const char *pos_text(Arena *arena, SourcePos pos);
/*
 * A path that stands in a file counts from that file's folder, wherever the program was started.
 * An absolute path, and one that no file says (stdin, an option), stays as it is.
 */
const char *source_pos_path(Arena *arena, SourcePos named_at, const char *path);

typedef enum Severity {
    SEVERITY_ERROR,
    SEVERITY_WARNING,
    SEVERITY_INFO,
    SEVERITY_COUNT,
} Severity;

/* A kind of finding: its stable id, its severity and the line that the reference prints for it. */
typedef struct FindingKind {
    const char *id;
    Severity severity;
    int exit_code; /* of a run that it refuses; 0: it never does */
    const char *summary;
} FindingKind;

/*
 * The third column of findings.def as the two members severity and exit_code. A REFUSAL is an error
 * not in what somebody wrote but in what would be done: a safety rule says no.
 */
#define FINDING_COLUMN_ERROR   SEVERITY_ERROR, PGCHARTER_ERROR_INVENTORY
#define FINDING_COLUMN_REFUSAL SEVERITY_ERROR, PGCHARTER_ERROR_SAFETY
#define FINDING_COLUMN_WARNING SEVERITY_WARNING, 0
#define FINDING_COLUMN_INFO    SEVERITY_INFO, 0

typedef struct Finding {
    const FindingKind *kind;
    SourcePos pos;
    Severity severity;
    const char *message;
    const char *hint; /* NULL: none */
} Finding;

typedef struct Findings {
    Arena *arena;
    List items; /* Finding, in the order found until findings_sort */
    GHashTable *seen;
    size_t counts[SEVERITY_COUNT];
    size_t ignored; /* taken out by findings_ignore() */
} Findings;

Findings *findings_new(Arena *arena);
void findings_free(Findings *findings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Findings, findings_free)

/* Adds a finding unless the same one (place, id, message) is there already. hint may be NULL. */
void findings_add(Findings *findings, const FindingKind *kind, SourcePos pos, const char *hint,
                  const char *format, ...) G_GNUC_PRINTF(5, 6);
bool findings_has_errors(const Findings *findings);
/* Turns every warning into an error (`--strict`). */
void findings_make_strict(Findings *findings);
/* Takes out the findings of that kind, but never an error. */
void findings_ignore(Findings *findings, const FindingKind *kind);
/* By file, line, column; findings of one place stay in the order found. */
void findings_sort(Findings *findings);
/* Appends another list's findings. */
void findings_append(Findings *findings, const Findings *more);

const char *severity_name(Severity severity);
/* The escape sequence that a terminal shows it in. */
const char *severity_colour(Severity severity);

/* `file:line:column: error: message [id]` and under it `  hint: ...`; coloured when colour is set.
 */
typedef enum FindingColour {
    FINDING_PLAIN,
    FINDING_COLOURED
} FindingColour;

void finding_render(const Finding *finding, FindingColour colour, GString *out);
/* One object with the members file, line, column, severity, id, message, hint. */
void finding_write_json(const Finding *finding, JsonWriter *json);
/* "diagnostics": [...], "summary": {"errors", "warnings", "infos"}: members of an object */
void findings_write_json_members(const Findings *findings, JsonWriter *json);
/* An object of these. */
void findings_write_json(const Findings *findings, JsonWriter *json);
