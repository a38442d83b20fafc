/* Facts first; a statement is named only where no fact explains why it differs. */
#include "provisioner/saved/saved_plan_changes.h"

#include <string.h>

#include "provisioner/plan/facts.h"

/* So many changes are named, and so much of each statement. */
#define NAMED_MAX       10
#define STEP_LENGTH_MAX 160

typedef struct Report {
    Arena *arena;
    const TargetPlan *saved;
    const TargetPlan *now;
    List lines; /* const char */
    List names; /* const char: of what they are about, as SQL */
    size_t more;
} Report;

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

/*
 * The statements of a step as people see them, with <secret> in place of secrets. A verifier has a
 * new salt in every plan, so comparing it would make every plan stale.
 */
static const char *
sql_of(Arena *arena, const Step *step)
{
    g_autofree char *sql = plan_step_sql(step);

    return sql == NULL ? NULL : arena_strdup(arena, sql);
}

/* Newlines separate the parts: none of them contains one, except the SQL, which is last. */
const char *
saved_plan_step_key(Arena *arena, const Step *step)
{
    return arena_printf(arena, "%s\n%s\n%s\n%s\n%s", action_name(step->action), step->name,
                        or_empty(step->database), or_empty(step->file),
                        or_empty(sql_of(arena, step)));
}

List
saved_plan_differing_steps(Arena *arena, const List *steps, const List *others)
{
    g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
    List differing = { 0 };

    LIST_FOREACH (const Step, step, others) {
        const char *key = saved_plan_step_key(arena, step);
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, key));

        g_hash_table_insert(counts, (gpointer)key, GUINT_TO_POINTER(count + 1));
    }
    LIST_FOREACH (const Step, step, steps) {
        const char *key = saved_plan_step_key(arena, step);
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, key));

        if (count > 0)
            g_hash_table_insert(counts, (gpointer)key, GUINT_TO_POINTER(count - 1));
        else
            list_add(arena, &differing, step);
    }
    return differing;
}

static void
add_line(Report *report, const char *line)
{
    if (report->lines.count < NAMED_MAX)
        list_add(report->arena, &report->lines, line);
    else
        report->more++;
}

/* ---- facts ---- */

static void
add_fact_line(Report *report, const Fact *fact, const char *sentence)
{
    const char *name = fact_name(report->arena, fact->subject);

    if (name != NULL)
        list_add(report->arena, &report->names, name);
    add_line(report, fact->database == NULL
                         ? arena_printf(report->arena, "%s%s", fact->subject, sentence)
                         : arena_printf(report->arena, "%s in database \"%s\"%s", fact->subject,
                                        fact->database, sentence));
}

/* What the saved steps were about and is different now. */
static void
add_changed_facts(Report *report)
{
    LIST_FOREACH (const Fact, fact, &report->saved->starts_from) {
        const Fact nothing = { .database = fact->database, .subject = fact->subject };
        const Fact *now = facts_find(report->now->facts, fact->database, fact->subject);
        List sentences = fact_differences(report->arena, fact, now == NULL ? &nothing : now);

        LIST_FOREACH (const char, sentence, &sentences)
            add_fact_line(report, fact, sentence);
    }
}

static bool
names_object(const Step *step, const char *database, const char *object)
{
    if (g_strcmp0(step->database, database) != 0)
        return false;
    LIST_FOREACH (const char, name, &step->objects) {
        if (strcmp(name, object) == 0)
            return true;
    }
    return false;
}

/* `: now needs GRANT SELECT TO "readers"`; NULL where the step is neither grant nor revoke. */
static const char *
need_of(Report *report, const Step *step)
{
    g_autoptr(GString) out = g_string_new(": now needs ");

    if (step->grantees.count == 0)
        return NULL;
    g_string_append_printf(out, "%s %s", step->action == ACTION_GRANT ? "GRANT" : "REVOKE",
                           privilege_set_text(report->arena, change_acl(step->change)->privileges));
    LIST_FOREACH (const char, grantee, &step->grantees)
        g_string_append_printf(out, "%s%s",
                               grantee_at > 0                 ? ", "
                               : step->action == ACTION_GRANT ? " TO "
                                                              : " FROM ",
                               grantee);
    return arena_strdup(report->arena, out->str);
}

static const char *
fact_key(Arena *arena, const Fact *fact)
{
    return arena_printf(arena, "%s\n%s", or_empty(fact->database), fact->subject);
}

static void
add_new_object(Report *report, const Fact *fact)
{
    const char *name = fact_name(report->arena, fact->subject);

    LIST_FOREACH (const Step, step, &report->now->steps) {
        const char *need =
            name != NULL && names_object(step, fact->database, name) ? need_of(report, step) : NULL;

        if (need != NULL)
            add_fact_line(report, fact, need);
    }
}

/* Objects that the saved plan had no step for, such as a new table. */
static void
add_new_objects(Report *report)
{
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);

    LIST_FOREACH (const Fact, fact, &report->saved->starts_from)
        g_hash_table_add(known, (gpointer)fact_key(report->arena, fact));
    LIST_FOREACH (const Fact, fact, &report->now->starts_from) {
        if (!g_hash_table_contains(known, fact_key(report->arena, fact)))
            add_new_object(report, fact);
    }
}

/* ---- statements ---- */

/* Cut at a character, not at a byte: names may be in any script. */
static const char *
shortened(Arena *arena, const char *text)
{
    const char *end = NULL;

    if (g_utf8_strlen(text, -1) <= STEP_LENGTH_MAX)
        return text;
    end = g_utf8_offset_to_pointer(text, STEP_LENGTH_MAX);
    return arena_printf(arena, "%.*s...", (int)(end - text), text);
}

/* A step without SQL replaces a file: it is described by its action, its path and its instance. */
static const char *
describe(Arena *arena, const Step *step)
{
    const char *sql = sql_of(arena, step);

    if (sql == NULL)
        return arena_printf(arena, "%s \"%s\" of %s", action_name(step->action),
                            or_empty(step->file), step->name);
    if (step->database == NULL)
        return shortened(arena, sql);
    return arena_printf(arena, "in database \"%s\": %s", step->database, shortened(arena, sql));
}

/* Statements that name many objects look alike, and which objects differ was said. */
static bool
is_of_objects(const Step *step)
{
    static const char *const others[] = { "role",   "membership",        "database",
                                          "schema", "default-privilege", "hba" };

    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        if (strcmp(step->kind, others[i]) == 0)
            return false;
    }
    return true;
}

static bool
is_explained(const Report *report, const Step *step)
{
    const char *sql = NULL;

    if (is_of_objects(step))
        return report->names.count > 0;
    sql = sql_of(report->arena, step);
    LIST_FOREACH (const char, name, &report->names) {
        if (sql != NULL && strstr(sql, name) != NULL)
            return true;
    }
    return false;
}

static void
add_steps(Report *report, const List *steps, const List *others, const char *word)
{
    const List differing = saved_plan_differing_steps(report->arena, steps, others);

    LIST_FOREACH (const Step, step, &differing) {
        if (!is_explained(report, step))
            add_line(report,
                     arena_printf(report->arena, "%s: %s", word, describe(report->arena, step)));
    }
}

/*
 * Where the steps are the same. A precondition that contains a password or a whole file is stored
 * as a digest; two digests say nothing to a reader.
 */
static void
add_preconditions(Report *report)
{
    const List *before = &report->saved->steps;
    const List *now = &report->now->steps;

    for (size_t i = 0; i < before->count && before->count == now->count; i++) {
        const Step *left = before->items[i];
        const char *then = left->rests_on;
        const Step *right = now->items[i];
        const char *today = right->rests_on;
        const char *what = NULL;

        if (g_strcmp0(then, today) == 0 || is_explained(report, left) ||
            strcmp(saved_plan_step_key(report->arena, left),
                   saved_plan_step_key(report->arena, right)) != 0)
            continue;
        what =
            arena_printf(report->arena, "precondition changed: %s", describe(report->arena, left));
        if (strstr(or_empty(then), "sha256:") == NULL && strstr(or_empty(today), "sha256:") == NULL)
            what = arena_printf(report->arena, "%s (then: %s; now: %s)", what,
                                then == NULL ? "nothing" : then, today == NULL ? "nothing" : today);
        add_line(report, what);
    }
}

List
saved_plan_changes(Arena *arena, const TargetPlan *saved, const TargetPlan *now)
{
    Report report = { .arena = arena, .saved = saved, .now = now };

    if (now->facts != NULL && saved->starts_from.count > 0) {
        add_changed_facts(&report);
        add_new_objects(&report);
    }
    if (now->steps.count > 0) {
        add_steps(&report, &saved->steps, &now->steps, "no longer needed");
        add_steps(&report, &now->steps, &saved->steps, "needed now");
    }
    add_preconditions(&report);
    if (report.more > 0)
        list_add(arena, &report.lines, arena_printf(arena, "and %zu more", report.more));
    return report.lines;
}
