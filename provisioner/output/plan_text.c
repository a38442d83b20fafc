/* A plan for people: grouped by database and phase, each statement followed by its cause. */
#include <string.h>

#include "base/printable.h"
#include "provisioner/plan/plan.h"

/*
 * Causes begin in one column where the statement leaves room; a longer statement shifts only its
 * own.
 */
#define CAUSE_COLUMN 88

/* Green adds, yellow changes, red removes. A drop is bold, because it cannot be undone. */
static const char *const action_colours[] = {
    [ACTION_CREATE] = "\033[32m", [ACTION_ALTER] = "\033[33m",  [ACTION_GRANT] = "\033[32m",
    [ACTION_REVOKE] = "\033[31m", [ACTION_DROP] = "\033[1;31m", [ACTION_DISABLE] = "\033[31m",
    [ACTION_WRITE] = "\033[33m",  [ACTION_RELOAD] = "\033[33m",
};
static const char action_signs[] = {
    [ACTION_CREATE] = '+', [ACTION_ALTER] = '~',   [ACTION_GRANT] = '+', [ACTION_REVOKE] = '-',
    [ACTION_DROP] = '-',   [ACTION_DISABLE] = '-', [ACTION_WRITE] = '~', [ACTION_RELOAD] = '~',
};

_Static_assert(G_N_ELEMENTS(action_colours) == ACTION_COUNT, "a colour for each action");
_Static_assert(G_N_ELEMENTS(action_signs) == ACTION_COUNT, "a sign for each action");

/* In characters, so that the causes line up after names that are not ASCII. */
static void
append_cause(GString *out, size_t line_start, SourcePos because)
{
    glong width = g_utf8_strlen(out->str + line_start, (gssize)(out->len - line_start));

    if (because.file == NULL)
        return;
    for (glong i = width; i < CAUSE_COLUMN; i++)
        g_string_append_c(out, ' ');
    g_string_append_printf(out, "  -- %s:%u", because.file, because.line);
}

/* The colours come last, because their escape sequences must not count as width. */
static void
append_line(GString *out, const Step *step, const char *text, const char *end, PlanColour colour)
{
    size_t line_start = out->len;

    g_string_append_printf(out, "    %c ", action_signs[step->action]);
    printable_append(out, text);
    g_string_append(out, end);
    append_cause(out, line_start, step->because);
    if (colour == PLAN_COLOURED) {
        g_string_insert(out, (gssize)line_start, action_colours[step->action]);
        g_string_append(out, "\033[0m");
    }
    g_string_append_c(out, '\n');
}

/* Thousands of statements have a summary, which is shown in their place. */
static void
append_step(GString *out, const Step *step, PlanColour colour)
{
    if (step->summary != NULL) {
        append_line(out, step, step->summary, "", colour);
        return;
    }
    LIST_FOREACH (const char, statement, step_shown_statements(step))
        append_line(out, step, statement, ";", colour);
}

/* Where a step happens, as a heading: in a database, cluster-wide, or on disk. */
static void
append_place(GString *out, const Step *step)
{
    if (step->hba != NULL) {
        g_string_append(out, "\n  on disk\n");
    } else if (step->database == NULL) {
        g_string_append(out, "\n  cluster-wide\n");
    } else {
        g_string_append(out, "\n  in database \"");
        printable_append(out, step->database);
        g_string_append(out, "\"\n");
    }
}

static void
append_summary(GString *out, const TargetPlan *target)
{
    const char *separator = "";

    for (unsigned action = 0; action < ACTION_COUNT; action++) {
        unsigned count = target_plan_count(target, (Action)action);

        if (count == 0)
            continue;
        g_string_append_printf(out, "%s%u to %s", separator, count, action_name((Action)action));
        separator = ", ";
    }
}

static void
append_steps(GString *out, const TargetPlan *target, PlanColour colour)
{
    const Step *before = NULL;

    LIST_FOREACH (const Step, step, &target->steps) {
        bool new_place = before == NULL || g_strcmp0(before->database, step->database) != 0 ||
                         (before->hba == NULL) != (step->hba == NULL);

        if (new_place)
            append_place(out, step);
        if (new_place || before->phase != step->phase)
            g_string_append_printf(out, "   %s\n", phase_name(step->phase));
        append_step(out, step, colour);
        before = step;
    }
}

/* The notes come last, directly above the question of apply. */
static void
append_target(GString *out, const TargetPlan *target, PlanColour colour)
{
    g_string_append_printf(out, "%s (%s, PostgreSQL %s): ", target->cluster->name, target->instance,
                           target->server.version);
    if (target->steps.count == 0)
        g_string_append(out, "no changes\n");
    else {
        append_summary(out, target);
        g_string_append_c(out, '\n');
        if (target->set_role != NULL)
            g_string_append_printf(out, "  statements run as \"%s\"\n", target->set_role);
        append_steps(out, target, colour);
    }
    if (target->notes->items.count > 0)
        g_string_append(out, "\n  notes\n");
    LIST_FOREACH (const Finding, note, &target->notes->items) {
        g_string_append(out, "    ");
        finding_render(note, colour == PLAN_COLOURED ? FINDING_COLOURED : FINDING_PLAIN, out);
    }
}

/* A single target reports "no changes" in its own line. */
void
plan_render_text(const Plan *plan, PlanColour colour, GString *out)
{
    bool is_first = true;

    LIST_FOREACH (const TargetPlan, target, &plan->targets) {
        if (!is_first)
            g_string_append_c(out, '\n');
        is_first = false;
        if (target->skipped != NULL)
            g_string_append_printf(out, "%s: skipped: %s\n", target->cluster->name,
                                   target->skipped);
        else
            append_target(out, target, colour);
    }
    if (plan_is_empty(plan) && plan->targets.count != 1)
        g_string_append(out, "no changes\n");
}
