/*
 * A plan for the comment of a pull request. Whatever comes from files and servers stands in code,
 * spans or fences, with more backticks around it than it holds: a name can then be no link, no
 * mention of a person and no end of the block it stands in.
 */
#include "base/printable.h"
#include "provisioner/output/plan_words.h"

/* CommonMark takes fewer backticks for a code span. */
#define FENCE_MIN 3

/* In CommonMark only a run of the same length closes a code span. */
static size_t
longest_backticks(const char *text)
{
    size_t longest = 0;
    size_t run = 0;

    for (const char *at = text; *at != '\0'; at++) {
        run = *at == '`' ? run + 1 : 0;
        longest = MAX(longest, run);
    }
    return longest;
}

static void
append_backticks(GString *out, size_t count)
{
    while (count-- > 0)
        g_string_append_c(out, '`');
}

/*
 * Markdown strips one blank on each side of a code span. Without the padding a backtick at an end
 * would count as part of the fence, and a name that begins with a blank would lose it.
 */
static void
append_code(GString *out, const char *text)
{
    g_autoptr(GString) printable = g_string_new(NULL);
    size_t fence = longest_backticks(text) + 1;
    bool is_padded = fence > 1 || g_str_has_prefix(text, " ") || g_str_has_suffix(text, " ");

    printable_append(printable, text);
    append_backticks(out, fence);
    g_string_append_printf(out, is_padded ? " %s " : "%s", printable->str);
    append_backticks(out, fence);
}

/* A fenced block needs at least three backticks, and more than any run inside of it. */
static void
append_sql_block(GString *out, const char *sql)
{
    size_t fence = MAX(longest_backticks(sql) + 1, (size_t)FENCE_MIN);

    append_backticks(out, fence);
    g_string_append_printf(out, "sql\n%s", sql);
    append_backticks(out, fence);
    g_string_append(out, "\n\n");
}

/* A destructive statement is marked inside the block, where the reviewer reads. */
static void
append_statements(GString *sql, const Step *step)
{
    if (step->destructive)
        g_string_append(sql, "-- destructive:\n");
    LIST_FOREACH (const ShownStatement, statement, &step->shown_briefly) {
        printable_append(sql, statement->text);
        g_string_append(sql, ";");
        if (!statement->is_helper) {
            g_string_append(sql, "  -- ");
            plan_append_place(sql, step->because);
        }
        g_string_append_c(sql, '\n');
    }
    if (step->difference != NULL) {
        g_string_append(sql, "--   ");
        printable_append(sql, step->difference);
        g_string_append_c(sql, '\n');
    }
}

static void
append_section_title(GString *out, const PlanSection *section)
{
    if (section->databases.count == 0)
        g_string_append(out, section->is_on_disk ? "### On disk" : "### Cluster-wide");
    else
        g_string_append(out,
                        section->databases.count == 1 ? "### In database" : "### In databases");
    LIST_FOREACH (const char, database, &section->databases) {
        g_string_append(out, database_at == 0 ? " " : ", ");
        append_code(out, database);
    }
    g_string_append(out, "\n\n");
}

static void
append_details(GString *out, const Step *step)
{
    LIST_FOREACH (const char, detail, &step->details) {
        g_string_append(out, "  - ");
        append_code(out, detail);
        g_string_append_c(out, '\n');
    }
}

/* The steps of one phase in one section, from `at` on; gives where the next ones begin. */
static size_t
append_phase(GString *out, const List *steps, size_t at)
{
    const Step *first = steps->items[at];
    g_autoptr(GString) sql = g_string_new(NULL);

    g_string_append_printf(out, "%s:\n\n", phase_name(first->phase));
    for (; at < steps->count; at++) {
        const Step *step = steps->items[at];

        if (!plan_same_phase(step, first))
            break;
        /* Thousands of statements have a summary, and many objects a first few: nobody reviews them
           one by one in a comment. */
        if (step->summary == NULL)
            append_statements(sql, step);
        if (step->summary != NULL) {
            g_string_append(out, "- ");
            append_code(out, step->summary);
            g_string_append_c(out, '\n');
            append_details(out, step);
        }
    }
    if (sql->len > 0)
        append_sql_block(out, sql->str);
    else
        g_string_append_c(out, '\n');
    return at;
}

static void
append_steps(GString *out, const List *steps)
{
    g_autoptr(Arena) arena = arena_new();
    const List sections = plan_sections(arena, steps);

    LIST_FOREACH (const PlanSection, section, &sections) {
        append_section_title(out, section);
        for (size_t at = 0; at < section->steps.count;)
            at = append_phase(out, &section->steps, at);
    }
}

static void
append_summary(GString *out, const TargetPlan *target)
{
    const PlanCounts counts = target_plan_counts(target);

    plan_append_counts(out, counts);
    if (counts.destructive > 0)
        g_string_append_printf(out, "; **%u destructive**", counts.destructive);
    g_string_append(out, "\n\n");
    if (target->set_role != NULL && target->steps.count > 0) {
        g_string_append(out, "statements run as ");
        append_code(out, target->set_role);
        g_string_append(out, "\n\n");
    }
}

/* Messages quote names from servers, so each part is a code span. */
static void
append_note(GString *out, const Finding *note)
{
    g_autoptr(GString) place = g_string_new(NULL);

    g_string_append_printf(out, "- %s ", severity_name(note->severity));
    if (note->pos.file != NULL) {
        plan_append_place(place, note->pos);
        append_code(out, place->str);
        g_string_append_c(out, ' ');
    }
    append_code(out, note->message);
    g_string_append_printf(out, " (%s)\n", note->kind->id);
    if (note->hint != NULL) {
        g_string_append(out, "  - hint: ");
        append_code(out, note->hint);
        g_string_append_c(out, '\n');
    }
}

/*
 * The version comes from the server, so it is a code span like every other text from outside. A
 * name as plain text could be a link or mention a person.
 */
static void
append_target(GString *out, const TargetPlan *target)
{
    g_autofree char *address = plan_server_address(&target->server);

    g_string_append(out, "## ");
    append_code(out, target->cluster->name);
    if (target->skipped != NULL) {
        g_string_append(out, "\n\nskipped: ");
        append_code(out, target->skipped);
        g_string_append(out, "\n\n");
        return;
    }
    g_string_append(out, " (");
    append_code(out, target->instance);
    if (address != NULL) {
        g_string_append(out, " at ");
        append_code(out, address);
    }
    g_string_append(out, ", PostgreSQL ");
    append_code(out, target->server.version);
    g_string_append(out, ")\n\n");
    append_summary(out, target);
    append_steps(out, &target->steps);
    if (target->withheld.count > 0)
        g_string_append(
            out, "### Not done in this mode: what would be taken away (with --mode adopt)\n\n");
    append_steps(out, &target->withheld);
    if (target->notes->items.count > 0)
        g_string_append(out, "### Notes\n\n");
    LIST_FOREACH (const Finding, note, &target->notes->items)
        append_note(out, note);
    if (target->notes->items.count > 0)
        g_string_append_c(out, '\n');
}

/* Every part ends in an empty line; the last one is cut off. */
void
plan_render_markdown(const Plan *plan, GString *out)
{
    LIST_FOREACH (const TargetPlan, target, &plan->targets)
        append_target(out, target);
    if (plan->targets.count != 1) {
        g_string_append_printf(out, "%zu clusters: ", plan->targets.count);
        plan_append_counts(out, plan_counts(plan));
        g_string_append(out, "\n\n");
    }
    g_string_truncate(out, out->len - 1);
}
