/* A plan for people: grouped by database and phase, each statement with the place that asked. */
#include "base/printable.h"
#include "provisioner/output/plan_notes.h"
#include "provisioner/output/plan_words.h"
#include "provisioner/output/wrap.h"

/* Further lines of a statement, and a place that has no room beside it, begin here. */
#define STATEMENT_INDENT 8
/* Places end here at most: far to the right of a wide terminal nobody finds them. */
#define PLACE_END_MAX 120

#define DIM   "\033[2m"
#define RESET "\033[0m"

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

typedef struct PlanText {
    PlanTextStyle style;
    GString *out;
} PlanText;

/* A colour ends with its line: pagers forget it there. */
static void
append_coloured(PlanText *text, const char *colour, const char *line)
{
    if (text->style.coloured)
        g_string_append_printf(text->out, "%s%s" RESET, colour, line);
    else
        g_string_append(text->out, line);
}

static void
append_coloured_lines(PlanText *text, const char *colour, const char *lines)
{
    g_auto(GStrv) each = g_strsplit(lines, "\n", -1);

    for (char **line = each; *line != NULL; line++) {
        if (line != each)
            g_string_append_c(text->out, '\n');
        append_coloured(text, colour, *line);
    }
}

/*
 * The place that asked for a step: at the right end of the line where there is room, else on a line
 * of its own. `column` is where the line ends, escape sequences not counted.
 */
static void
append_place(PlanText *text, size_t column, SourcePos because)
{
    g_autoptr(GString) place = g_string_new("-- ");
    size_t end = MIN(text->style.width, (size_t)PLACE_END_MAX);
    size_t columns = 0;

    plan_append_place(place, because);
    columns = wrap_columns(place->str);
    if (column + 2 + columns > text->style.width)
        g_string_append_printf(text->out, "\n%*s", STATEMENT_INDENT, "");
    else
        g_string_append_printf(text->out, "%*s",
                               (int)(MAX(column + 2 + columns, end) - columns - column), "");
    append_coloured(text, DIM, place->str);
}

/* because NULL: the place stands beside another line of the step. */
static void
append_line(PlanText *text, char sign, const char *colour, const char *line,
            const SourcePos *because)
{
    g_autofree char *printable = printable_new(line);
    g_autoptr(GString) lines = g_string_new(NULL);

    g_string_append_printf(lines, "    %c ", sign);
    wrap_sql(lines, (WrapStyle){ .width = text->style.width, .indent = STATEMENT_INDENT },
             printable);
    append_coloured_lines(text, colour, lines->str);
    if (because != NULL && (because->file != NULL || because->origin == ORIGIN_NOBODY))
        append_place(text, wrap_column_of(lines), *because);
    g_string_append_c(text->out, '\n');
}

/* A setting for the transaction is shown, because it is run, but not as a change. */
static void
append_statements(PlanText *text, const Step *step)
{
    const List *shown = text->style.verbosity > 0 ? &step->shown : &step->shown_briefly;
    const SourcePos *because = &step->because;

    LIST_FOREACH (const ShownStatement, statement, shown) {
        g_autofree char *line = g_strconcat(
            statement->text, g_str_has_prefix(statement->text, "--") ? NULL : ";", NULL);

        if (statement->is_helper) {
            append_line(text, ' ', DIM, line, NULL);
            continue;
        }
        append_line(text, action_signs[step->action], action_colours[step->action], line, because);
        because = NULL;
    }
}

/* What it was and what it becomes: the statement itself only says the latter. */
static void
append_difference(PlanText *text, const char *difference)
{
    g_autofree char *printable = printable_new(difference);
    g_autoptr(GString) lines = g_string_new(NULL);

    g_string_append_printf(lines, "%*s", STATEMENT_INDENT, "");
    wrap_sql(lines, (WrapStyle){ .width = text->style.width, .indent = STATEMENT_INDENT + 2 },
             printable);
    append_coloured_lines(text, DIM, lines->str);
    g_string_append_c(text->out, '\n');
}

/* Thousands of statements have a summary, which is shown in their place. */
static void
append_step(PlanText *text, const Step *step)
{
    if (step->summary != NULL)
        append_line(text, action_signs[step->action], action_colours[step->action], step->summary,
                    &step->because);
    else
        append_statements(text, step);
    if (step->difference != NULL)
        append_difference(text, step->difference);
    LIST_FOREACH (const char, detail, &step->details)
        append_difference(text, detail);
}

static void
append_section_title(PlanText *text, const PlanSection *section)
{
    g_autoptr(GString) title = g_string_new("  ");

    if (section->databases.count == 0)
        g_string_append(title, section->is_on_disk ? "on disk" : "cluster-wide");
    else
        g_string_append(title, section->databases.count == 1 ? "in database" : "in databases");
    LIST_FOREACH (const char, database, &section->databases) {
        g_autofree char *name = printable_new(database);
        g_autofree char *word = g_strdup_printf(
            " \"%s\"%s", name, database_at + 1 < section->databases.count ? "," : "");

        wrap_sql(title, (WrapStyle){ .width = text->style.width, .indent = 4 }, word);
    }
    g_string_append_printf(text->out, "\n%s\n", title->str);
}

static void
append_section(PlanText *text, const PlanSection *section)
{
    const Step *before = NULL;

    append_section_title(text, section);
    LIST_FOREACH (const Step, step, &section->steps) {
        if (before == NULL || !plan_same_phase(before, step))
            g_string_append_printf(text->out, "   %s\n", phase_name(step->phase));
        append_step(text, step);
        before = step;
    }
}

static void
append_steps(PlanText *text, const TargetPlan *target)
{
    g_autoptr(Arena) arena = arena_new();
    const List sections = plan_sections(arena, &target->steps);

    if (target->set_role != NULL) {
        g_autofree char *role = printable_new(target->set_role);

        g_string_append_printf(text->out, "  statements run as \"%s\"\n", role);
    }
    LIST_FOREACH (const PlanSection, section, &sections)
        append_section(text, section);
}

/* What adopt would take: shown where additive leaves it, and counted nowhere. */
static void
append_withheld(PlanText *text, const TargetPlan *target)
{
    g_autoptr(Arena) arena = arena_new();
    const List sections = plan_sections(arena, &target->withheld);

    if (target->withheld.count == 0)
        return;
    g_string_append(text->out,
                    "\n  not done in this mode: what would be taken away (with --mode adopt)\n");
    LIST_FOREACH (const PlanSection, section, &sections)
        append_section(text, section);
}

/* A sentence beside the steps; further lines are indented. */
static void
append_wrapped(PlanText *text, const char *sentence)
{
    g_autofree char *printable = printable_new(sentence);
    g_autoptr(GString) lines = g_string_new(NULL);

    wrap_text(lines, (WrapStyle){ .width = text->style.width, .indent = 2 }, printable);
    g_string_append_printf(text->out, "%s\n", lines->str);
}

static void
append_sum(PlanText *text, const char *of, PlanCounts counts)
{
    g_autoptr(GString) sum = g_string_new(of);

    g_string_append(sum, ": ");
    plan_append_counts(sum, counts);
    append_wrapped(text, sum->str);
}

/* cluster (instance at host:port, PostgreSQL 18.1): the counts */
static void
append_head(PlanText *text, const TargetPlan *target, PlanCounts counts)
{
    g_autofree char *address = plan_server_address(&target->server);
    g_autoptr(GString) head = g_string_new(NULL);

    g_string_append_printf(head, "%s (%s%s%s, PostgreSQL %s): ", target->cluster->name,
                           target->instance, address == NULL ? "" : " at ",
                           address == NULL ? "" : address, target->server.version);
    plan_append_counts(head, counts);
    append_wrapped(text, head->str);
}

/* The counts stand at both ends: the first line of a long plan has scrolled away. */
static void
append_target(PlanText *text, const TargetPlan *target)
{
    const PlanCounts counts = target_plan_counts(target);
    bool has_notes = false;

    append_head(text, target, counts);
    if (target->steps.count > 0)
        append_steps(text, target);
    append_withheld(text, target);
    has_notes = plan_append_notes(target->notes, text->style, text->out);
    if (target->steps.count == 0 && target->withheld.count == 0 && !has_notes)
        return;
    g_string_append_c(text->out, '\n');
    append_sum(text, target->cluster->name, counts);
}

static void
append_skipped(PlanText *text, const TargetPlan *target)
{
    g_autofree char *line =
        g_strdup_printf("%s: skipped: %s", target->cluster->name, target->skipped);

    append_wrapped(text, line);
}

/* Over several clusters: how many there are and what is to be done on all of them. */
static void
append_total(PlanText *text, const Plan *plan)
{
    size_t count = plan->targets.count + plan->failures.count;
    g_autoptr(GString) clusters = g_string_new(NULL);

    g_string_append_printf(clusters, "%zu clusters", count);
    if (plan->failures.count > 0)
        g_string_append_printf(clusters, ", %zu failed", plan->failures.count);
    g_string_append_c(text->out, '\n');
    append_sum(text, clusters->str, plan_counts(plan));
}

void
plan_render_text(const Plan *plan, PlanTextStyle style, GString *out)
{
    PlanText text = { .style = style, .out = out };

    LIST_FOREACH (const TargetPlan, target, &plan->targets) {
        if (target_at > 0)
            g_string_append_c(out, '\n');
        if (target->skipped != NULL)
            append_skipped(&text, target);
        else
            append_target(&text, target);
    }
    if (plan->targets.count + plan->failures.count != 1)
        append_total(&text, plan);
}
