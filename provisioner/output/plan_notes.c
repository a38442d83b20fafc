/* Thirty notes on thirty roles are one sentence and its examples. */
#include "provisioner/output/plan_notes.h"

#include <string.h>

#include "base/printable.h"
#include "provisioner/output/wrap.h"

/* Of several notes of one kind, how many are shown without -v. */
#define EXAMPLES_MAX 3

#define NOTE_INDENT    4
#define EXAMPLE_INDENT 6

typedef struct NoteGroup {
    List notes; /* const Finding, of one kind and severity */
    bool same_hint;
} NoteGroup;

static NoteGroup *
group_of(List *groups, Arena *arena, const Finding *note, PlanTextStyle style)
{
    NoteGroup *group = NULL;

    for (size_t i = 0; style.verbosity <= 0 && i < groups->count; i++) {
        NoteGroup *other = groups->items[i];
        const Finding *first = other->notes.items[0];

        if (first->kind == note->kind && first->severity == note->severity)
            return other;
    }
    group = ARENA_NEW(arena, NoteGroup);
    group->same_hint = true;
    list_add(arena, groups, group);
    return group;
}

/* In the order of the first note of each kind. */
static List
group_notes(Arena *arena, const Findings *notes, PlanTextStyle style)
{
    List groups = { 0 };

    LIST_FOREACH (const Finding, note, &notes->items) {
        NoteGroup *group = NULL;
        const Finding *first = NULL;

        if (style.verbosity < 0 && note->severity != SEVERITY_ERROR)
            continue;
        group = group_of(&groups, arena, note, style);
        list_add(arena, &group->notes, note);
        first = group->notes.items[0];
        group->same_hint = group->same_hint && g_strcmp0(first->hint, note->hint) == 0;
    }
    return groups;
}

/* Appends the sentence in lines; those after the first are indented by two more. */
static void
append_sentence(GString *out, PlanTextStyle style, size_t indent, const char *sentence)
{
    g_autofree char *printable = printable_new(sentence);

    g_string_append_printf(out, "%*s", (int)indent, "");
    wrap_text(out, (WrapStyle){ .width = style.width, .indent = indent + 2 }, printable);
    g_string_append_c(out, '\n');
}

/* "file:line:column: ", or nothing. */
static char *
place_of(const Finding *note)
{
    if (note->pos.file == NULL)
        return g_strdup("");
    if (note->pos.line == 0)
        return g_strdup_printf("%s: ", note->pos.file);
    return g_strdup_printf("%s:%u:%u: ", note->pos.file, note->pos.line, note->pos.column);
}

/* The word of the severity, which stands after `from`, gets its colour when the lines are broken.
 */
static void
colour_severity(GString *out, size_t from, Severity severity)
{
    const char *word = strstr(out->str + from, severity_name(severity));
    gssize at = word == NULL ? -1 : word - out->str;

    if (at < 0)
        return;
    g_string_insert(out, at + (gssize)strlen(severity_name(severity)), "\033[0m");
    g_string_insert(out, at, severity_colour(severity));
}

static void
append_hint(GString *out, PlanTextStyle style, size_t indent, const char *hint)
{
    g_autofree char *sentence = g_strdup_printf("hint: %s", hint == NULL ? "" : hint);

    if (hint != NULL)
        append_sentence(out, style, indent, sentence);
}

static void
append_one(GString *out, PlanTextStyle style, const Finding *note)
{
    g_autofree char *place = place_of(note);
    g_autofree char *sentence = g_strdup_printf(
        "%s%s: %s [%s]", place, severity_name(note->severity), note->message, note->kind->id);
    size_t start = out->len + NOTE_INDENT + strlen(place);

    append_sentence(out, style, NOTE_INDENT, sentence);
    if (style.coloured)
        colour_severity(out, MIN(start, out->len), note->severity);
    append_hint(out, style, EXAMPLE_INDENT, note->hint);
}

static void
append_several(GString *out, PlanTextStyle style, const NoteGroup *group)
{
    const Finding *first = group->notes.items[0];
    size_t shown = MIN(group->notes.count, (size_t)EXAMPLES_MAX);
    size_t start = out->len;

    g_string_append_printf(out, "%*s%s: %zu times [%s]\n", NOTE_INDENT, "",
                           severity_name(first->severity), group->notes.count, first->kind->id);
    if (style.coloured)
        colour_severity(out, start, first->severity);
    for (size_t i = 0; i < shown; i++) {
        const Finding *note = group->notes.items[i];
        g_autofree char *place = place_of(note);
        g_autofree char *sentence = g_strconcat(place, note->message, NULL);

        append_sentence(out, style, EXAMPLE_INDENT, sentence);
        if (!group->same_hint)
            append_hint(out, style, EXAMPLE_INDENT + 2, note->hint);
    }
    if (shown < group->notes.count)
        g_string_append_printf(out, "%*sand %zu more (-v shows each)\n", EXAMPLE_INDENT, "",
                               group->notes.count - shown);
    if (group->same_hint)
        append_hint(out, style, EXAMPLE_INDENT, first->hint);
}

bool
plan_append_notes(const Findings *notes, PlanTextStyle style, GString *out)
{
    g_autoptr(Arena) arena = arena_new();
    const List groups = group_notes(arena, notes, style);
    bool counts_ignored = style.verbosity > 0 && notes->ignored > 0;

    if (groups.count == 0 && !counts_ignored)
        return false;
    g_string_append(out, "\n  notes\n");
    LIST_FOREACH (const NoteGroup, group, &groups) {
        if (group->notes.count == 1)
            append_one(out, style, group->notes.items[0]);
        else
            append_several(out, style, group);
    }
    if (counts_ignored)
        g_string_append_printf(out, "%*s%zu ignored by pg_ignore_findings\n", NOTE_INDENT, "",
                               notes->ignored);
    return true;
}
