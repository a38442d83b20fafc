/* Subtracting the rules before from each rule. */
#include "hba/analyse/lint.h"

#include <string.h>

#include "hba/analyse/lint_advice.h"
#include "hba/analyse/lint_index.h"
#include "hba/analyse/lint_later.h"
#include "hba/findings.h"

/* Upper bound on the parts that one rule is cut into; beyond it the rule is not judged. */
#define PARTS_MAX 2048
/* Upper bound on the rules that are named as hiding one together; each is tried for being needed.
 */
#define HIDERS_NAMED_MAX 8

typedef struct Run {
    const HbaLint *lint;
    RegionContext *context;
    List results;     /* HbaLintRule */
    GPtrArray *boxes; /* RegionBox of each result */
    LintIndex *index;
    GArray *numbers; /* scratch: uint32_t */
} Run;

static const HbaRule *
rule_at(const Run *run, uint32_t number)
{
    return ((const HbaLintRule *)run->results.items[number])->rule;
}

static const RegionBox *
box_at(const Run *run, uint32_t number)
{
    return g_ptr_array_index(run->boxes, number);
}

/* What that box leaves of the parts; whether it took anything. */
static bool
take_away(Arena *arena, List *parts, const RegionBox *box)
{
    List left = { 0 };
    bool took = false;

    LIST_FOREACH (const RegionBox, part, parts) {
        if (region_overlaps(part, box)) {
            took = true;
            region_subtract(arena, part, box, &left);
        } else {
            list_add(arena, &left, part);
        }
    }
    if (took)
        *parts = left;
    return took;
}

/* In an arena of its own, because the parts of each attempt are thrown away at once. */
static bool
covers(const Run *run, const RegionBox *box, const GArray *numbers, uint32_t without)
{
    g_autoptr(Arena) scratch = arena_new();
    List parts = { 0 };

    list_add(scratch, &parts, box);
    for (guint i = 0; i < numbers->len && parts.count > 0; i++) {
        uint32_t number = g_array_index(numbers, uint32_t, i);

        if (number != without)
            take_away(scratch, &parts, box_at(run, number));
    }
    return parts.count == 0;
}

/*
 * Leaves only those that are needed: together they hide it, and no rule is listed unnecessarily.
 * From the last rule on, so that what remains are the first rules, which are also the ones that a
 * connection meets.
 */
static void
keep_needed(const Run *run, const RegionBox *box, GArray *takers)
{
    if (takers->len > HIDERS_NAMED_MAX * 4)
        return;
    for (guint i = takers->len; i-- > 0 && takers->len > 1;) {
        if (covers(run, box, takers, g_array_index(takers, uint32_t, i)))
            g_array_remove_index(takers, i);
    }
}

/* Whether only the addresses of `by` can be in the way of its covering the box. */
static bool
spans(const RegionBox *by, const RegionBox *box)
{
    return (box->transports & ~by->transports) == 0 && (by->replication || !box->replication) &&
           name_set_is_inside(&box->databases, &by->databases) &&
           name_set_is_inside(&box->users, &by->users);
}

/*
 * Earlier rules that differ from this one in their addresses only are one rule with all their
 * addresses: subtracting ten thousand of them one by one would take the square of that.
 */
static void
take_spanning(Run *run, HbaLintRule *result, const RegionBox *box, GArray *takers)
{
    Arena *arena = run->context->arena;
    g_autoptr(Arena) scratch = arena_new();
    List sets = { 0 };
    RegionBox together = *box;

    for (guint i = 0; i < run->numbers->len; i++) {
        uint32_t number = g_array_index(run->numbers, uint32_t, i);
        const RegionBox *earlier = box_at(run, number);

        if (!spans(earlier, box) || !address_set_overlaps(&earlier->addresses, &box->addresses))
            continue;
        list_add(scratch, &sets, &earlier->addresses);
        g_array_append_val(takers, number);
    }
    if (sets.count == 0)
        return;
    together.addresses = address_set_union(scratch, &sets);
    take_away(arena, &result->rest, &together);
}

static int
compare_takers(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

/* Subtracts the earlier rules; result->reach, rest and hidden_by are set. */
static void
reach_of(Run *run, HbaLintRule *result, const RegionBox *box)
{
    Arena *arena = run->context->arena;
    g_autoptr(GArray) takers = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    list_add(arena, &result->rest, box);
    g_array_set_size(run->numbers, 0);
    lint_index_find(run->index, box, run->numbers);
    take_spanning(run, result, box, takers);
    for (guint i = 0; i < run->numbers->len && result->rest.count > 0; i++) {
        uint32_t number = g_array_index(run->numbers, uint32_t, i);

        if (result->rest.count > PARTS_MAX) {
            result->reach = HBA_REACH_UNKNOWN;
            return;
        }
        /* What those that span it take is removed already, and they overlap nothing that is left.
         */
        if (take_away(arena, &result->rest, box_at(run, number)))
            g_array_append_val(takers, number);
    }
    /* Those that span the rule were collected before the others. */
    g_array_sort(takers, compare_takers);
    result->reach = takers->len == 0          ? HBA_REACHED
                    : result->rest.count == 0 ? HBA_HIDDEN
                                              : HBA_PARTLY_REACHED;
    if (result->reach != HBA_HIDDEN)
        return;
    keep_needed(run, box, takers);
    for (guint i = 0; i < takers->len; i++)
        list_add(arena, &result->hidden_by, rule_at(run, g_array_index(takers, uint32_t, i)));
}

static const char *
place(Arena *arena, SourcePos pos)
{
    return arena_printf(arena, "%s:%u", pos.file, pos.line);
}

/* Rules that one declaration became stand at one place. */
static List
distinct_places(Arena *arena, const List *rules)
{
    List distinct = { 0 };
    const HbaRule *last = NULL;

    LIST_FOREACH (const HbaRule, rule, rules) {
        if (last == NULL || strcmp(last->pos.file, rule->pos.file) != 0 ||
            last->pos.line != rule->pos.line)
            list_add(arena, &distinct, rule);
        last = rule;
    }
    return distinct;
}

/* "a:1", "a:1 and a:2", "a:1, a:2 and 5 more" */
static const char *
places(const Run *run, const List *rules)
{
    Arena *arena = run->context->arena;
    List distinct = distinct_places(arena, rules);
    g_autoptr(GString) out = g_string_new(NULL);

    for (size_t i = 0; i < distinct.count; i++) {
        const HbaRule *rule = distinct.items[i];
        bool is_last = i + 1 == distinct.count;

        if (i == HIDERS_NAMED_MAX) {
            g_string_append_printf(out, " and %zu more", distinct.count - i);
            break;
        }
        if (i > 0)
            g_string_append(out, is_last ? " and " : ", ");
        g_string_append(out, place(arena, rule->pos));
    }
    return arena_strdup(arena, out->str);
}

/*
 * Hidden by the same answer, the rule is only superfluous. Hidden by another answer, the author
 * expected something that does not happen.
 */
static void
report_hidden(const Run *run, const HbaLintRule *result)
{
    const HbaRule *rule = result->rule;
    bool same_answer = true;

    LIST_FOREACH (const HbaRule, hider, &result->hidden_by)
        same_answer = same_answer && hider->method == rule->method &&
                      hba_options_equal(&hider->options, &rule->options);
    if (same_answer)
        findings_add(run->lint->findings, &FINDING_HBA_REDUNDANT, rule->pos,
                     "removing it changes nothing",
                     "this rule decides nothing: every connection it is for meets the same method "
                     "at %s",
                     places(run, &result->hidden_by));
    else
        findings_add(run->lint->findings, &FINDING_HBA_UNREACHABLE, rule->pos,
                     "move it above those rules, or remove it",
                     "no connection reaches this rule: %s %s first%s",
                     places(run, &result->hidden_by),
                     result->hidden_by.count == 1 ? "matches" : "match",
                     result->hidden_by.count == 1 ? "" : ", together");
}

static bool
is_inside(const RegionBox *a, const RegionBox *b)
{
    g_autoptr(Arena) scratch = arena_new();
    List rest = { 0 };

    region_subtract(scratch, a, b, &rest);
    return rest.count == 0;
}

/*
 * A narrow rule before a wide one is how exceptions are written; only rules that cross each other
 * and answer differently are worth a word.
 */
static void
report_crossing(Run *run, const HbaLintRule *result, const RegionBox *box)
{
    for (guint i = 0; i < run->numbers->len; i++) {
        uint32_t number = g_array_index(run->numbers, uint32_t, i);
        const HbaRule *earlier = rule_at(run, number);

        if (earlier->method == result->rule->method || !region_overlaps(box_at(run, number), box) ||
            is_inside(box_at(run, number), box))
            continue;
        findings_add(run->lint->findings, &FINDING_HBA_PARTLY_SHADOWED, result->rule->pos, NULL,
                     "some of this rule's connections meet %s first, which answers with %s",
                     place(run->context->arena, earlier->pos),
                     hba_methods[earlier->method].keyword);
        return;
    }
}

/* The rule enters the index last: it must not be found among the rules before it. */
static void
lint_rule(Run *run, const HbaRule *rule)
{
    Arena *arena = run->context->arena;
    HbaLintRule *result = ARENA_NEW(arena, HbaLintRule);
    RegionBox *box = ARENA_NEW(arena, RegionBox);
    uint32_t number = (uint32_t)run->results.count;

    *box = region_of_rule(run->context, rule);
    result->rule = rule;
    reach_of(run, result, box);
    if (region_is_empty(box)) {
        result->reach = HBA_HIDDEN;
        findings_add(run->lint->findings, &FINDING_HBA_MATCHES_NOBODY, rule->pos,
                     "check the spelling of the roles it names",
                     "this rule matches nobody: no known role is a member of what it names");
    } else if (result->reach == HBA_HIDDEN) {
        report_hidden(run, result);
    } else if (result->reach == HBA_PARTLY_REACHED) {
        report_crossing(run, result, box);
    }
    list_add(arena, &run->results, result);
    g_ptr_array_add(run->boxes, box);
    lint_index_add(run->index, box, number);
}

List
hba_lint(const HbaLint *lint, Names *names, const List *rules)
{
    RegionContext context =
        region_context(lint->arena, names, lint->program, lint->version, lint->roles);
    g_autoptr(GPtrArray) boxes = g_ptr_array_new();
    g_autoptr(LintIndex) index = lint_index_new(lint->arena);
    g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    Run run = {
        .lint = lint, .context = &context, .boxes = boxes, .index = index, .numbers = numbers
    };

    LIST_FOREACH (const HbaRule, rule, rules) {
        if (!rule->is_comment && rule->include == NULL)
            lint_rule(&run, rule);
    }
    region_context_clear(&context);
    lint_later(
        &(LintRules){ .lint = lint, .results = run.results, .boxes = boxes, .index = index });
    hba_lint_advise(lint, rules);
    return run.results;
}
