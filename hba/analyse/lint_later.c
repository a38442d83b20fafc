/* Sending what reaches a rule on to the other rules. */
#include "hba/analyse/lint_later.h"

#include "hba/findings.h"

/* Upper bound on the parts that are followed; beyond it nothing is said about the rule. */
#define PARTS_MAX 2048

static const HbaRule *
rule_at(const LintRules *rules, uint32_t number)
{
    return ((const HbaLintRule *)rules->results.items[number])->rule;
}

static bool
overlaps_any(const List *parts, const RegionBox *box)
{
    LIST_FOREACH (const RegionBox, part, parts) {
        if (region_overlaps(part, box))
            return true;
    }
    return false;
}

static List
without(Arena *arena, const List *parts, const RegionBox *box)
{
    List left = { 0 };

    LIST_FOREACH (const RegionBox, part, parts)
        region_subtract(arena, part, box, &left);
    return left;
}

static bool
same_answer(const HbaRule *a, const HbaRule *b)
{
    return a->method == b->method && hba_options_equal(&a->options, &b->options);
}

/* Whether later rules with the same answer cover the parts, whatever comes between: the index finds
   them, and most rules end here. */
static bool
is_covered_later(const LintRules *rules, uint32_t number, List parts)
{
    const HbaRule *rule = rule_at(rules, number);
    g_autoptr(Arena) arena = arena_new();

    while (parts.count > 0 && parts.count <= PARTS_MAX) {
        const RegionBox *part = parts.items[parts.count - 1];
        g_autoptr(GArray) numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
        List left = { 0 };

        list_add(arena, &left, part);
        parts.count--;
        lint_index_find(rules->index, part, numbers);
        for (guint i = 0; i < numbers->len && left.count > 0; i++) {
            uint32_t later = g_array_index(numbers, uint32_t, i);

            if (later > number && same_answer(rule_at(rules, later), rule))
                left = without(arena, &left, g_ptr_array_index(rules->boxes, later));
        }
        if (left.count > 0)
            return false;
    }
    return parts.count == 0;
}

/*
 * Without the rule its connections go to the rules after it. HbaLintRule.rest may hold more than
 * those, so a redundant rule may be missed, and none is called so that is not. That no rule is met
 * is another answer than an explicit reject: whoever closes a list with one says so on purpose.
 */
static const HbaRule *
find_same_later(const LintRules *rules, uint32_t number)
{
    const HbaLintRule *result = rules->results.items[number];
    g_autoptr(Arena) arena = arena_new();
    const HbaRule *first = NULL;
    List parts = result->rest;

    if (!is_covered_later(rules, number, parts))
        return NULL;
    for (uint32_t later = number + 1;
         later < rules->results.count && parts.count > 0 && parts.count <= PARTS_MAX; later++) {
        const RegionBox *box = g_ptr_array_index(rules->boxes, later);

        if (!overlaps_any(&parts, box))
            continue;
        if (!same_answer(rule_at(rules, later), result->rule))
            return NULL;
        first = first == NULL ? rule_at(rules, later) : first;
        parts = without(arena, &parts, box);
    }
    return parts.count == 0 ? first : NULL;
}

/* The rule's connections over TLS that no earlier rule takes. HbaLintRule.rest may hold more: the
 * index leaves out what cannot cover a rule. */
static List
met_over_tls(const LintRules *rules, Arena *arena, uint32_t number)
{
    RegionBox *box = ARENA_NEW(arena, RegionBox);
    List parts = { 0 };

    *box = *(const RegionBox *)g_ptr_array_index(rules->boxes, number);
    box->transports &= REGION_TLS;
    list_add(arena, &parts, box);
    for (uint32_t earlier = 0; earlier < number && parts.count <= PARTS_MAX; earlier++) {
        const RegionBox *other = g_ptr_array_index(rules->boxes, earlier);

        if (overlaps_any(&parts, other))
            parts = without(arena, &parts, other);
    }
    return parts;
}

/* The first rule that lets in some of these connections when they come without TLS. */
static const HbaRule *
find_plain(const LintRules *rules, Arena *arena, const List *over_tls)
{
    List parts = { 0 };

    LIST_FOREACH (const RegionBox, part, over_tls) {
        RegionBox *plain = ARENA_NEW(arena, RegionBox);

        *plain = *part;
        plain->transports = REGION_PLAIN;
        if (part->transports & REGION_TLS)
            list_add(arena, &parts, plain);
    }
    for (uint32_t other = 0;
         other < rules->results.count && parts.count > 0 && parts.count <= PARTS_MAX; other++) {
        const RegionBox *box = g_ptr_array_index(rules->boxes, other);

        if (!overlaps_any(&parts, box))
            continue;
        if (rule_at(rules, other)->method != HBA_METHOD_REJECT)
            return rule_at(rules, other);
        parts = without(arena, &parts, box);
    }
    return NULL;
}

/*
 * libpq's default, sslmode=prefer, comes without TLS if the server offers none, and a client may
 * ask for that: who meets this rule over TLS then meets the first other rule that takes him. Where
 * more than what reaches the rule is refused, what reaches it is.
 */
static const HbaRule *
find_bypass(const LintRules *rules, uint32_t number)
{
    const HbaLintRule *result = rules->results.items[number];
    g_autoptr(Arena) arena = arena_new();
    List parts = { 0 };

    if (find_plain(rules, arena, &result->rest) == NULL)
        return NULL;
    parts = met_over_tls(rules, arena, number);
    return parts.count > PARTS_MAX ? NULL : find_plain(rules, arena, &parts);
}

void
lint_later(const LintRules *rules)
{
    Findings *findings = rules->lint->findings;

    for (uint32_t i = 0; i < rules->results.count; i++) {
        const HbaLintRule *result = rules->results.items[i];
        const HbaRule *other = NULL;

        if (result->reach == HBA_HIDDEN || result->reach == HBA_REACH_UNKNOWN)
            continue;
        other = find_same_later(rules, i);
        if (other != NULL)
            findings_add(
                findings, &FINDING_HBA_REDUNDANT, result->rule->pos, "removing it changes nothing",
                "this rule decides nothing: every connection that reaches it would meet the "
                "same method later, first at %s:%u",
                other->pos.file, other->pos.line);
        /* The author cannot mend what the policy says about TLS. */
        if (result->rule->type != HBA_TYPE_HOSTSSL || result->rule->method == HBA_METHOD_REJECT ||
            source_pos_is_policy(result->rule->pos))
            continue;
        other = find_bypass(rules, i);
        if (other != NULL)
            findings_add(findings, &FINDING_HBA_TLS_BYPASSED, result->rule->pos,
                         "put a rule after it that rejects the same connections without TLS",
                         "this rule demands TLS, but %s:%u lets some of its connections in without",
                         other->pos.file, other->pos.line);
    }
}
