/* Comparing what is left of each rule on both sides. */
#include "hba/analyse/diff.h"

#include <string.h>

#include "hba/analyse/evaluate.h"

/* A rule and the connections that reach it; the last piece of a list has no rule: nothing matched.
 */
typedef struct Piece {
    const HbaRule *rule;
    List boxes; /* RegionBox */
} Piece;

static const char *const kind_names[] = {
    [HBA_DIFF_ALLOWED] = "allowed",
    [HBA_DIFF_REFUSED] = "refused",
    [HBA_DIFF_METHOD] = "method",
};

_Static_assert(G_N_ELEMENTS(kind_names) == HBA_DIFF_KIND_COUNT, "a name for each kind");

const char *
hba_diff_kind_name(HbaDiffKind kind)
{
    return kind_names[kind];
}

static void
subtract_from_all(Arena *arena, List *boxes, const RegionBox *taken)
{
    List left = { 0 };

    LIST_FOREACH (const RegionBox, box, boxes)
        region_subtract(arena, box, taken, &left);
    *boxes = left;
}

/*
 * The socket gets a box of its own, since it has no addresses and REGION_LOCAL is never together
 * with other transports.
 */
static void
add_everything(Arena *arena, HbaProgram program, List *boxes)
{
    RegionBox *local = ARENA_NEW(arena, RegionBox);
    RegionBox *network = ARENA_NEW(arena, RegionBox);

    *network = (RegionBox){
        .transports = REGION_PLAIN | REGION_TLS,
        .databases = name_set_all(),
        .replication = program == HBA_PROGRAM_POSTGRESQL,
        .users = name_set_all(),
        .addresses = address_set_all(arena),
    };
    if (program == HBA_PROGRAM_POSTGRESQL)
        network->transports |= REGION_GSS;
    *local = *network;
    local->transports = REGION_LOCAL;
    list_add(arena, boxes, local);
    list_add(arena, boxes, network);
}

/*
 * Each rule takes its share of what the rules before it have left over: what it takes is its piece.
 * The left-over starts as everything, so that the pieces are apart from each other and together
 * everything.
 */
static List
pieces_of(RegionContext *context, const List *rules)
{
    Arena *arena = context->arena;
    List pieces = { 0 };
    List left = { 0 };
    Piece *nothing = ARENA_NEW(arena, Piece);

    add_everything(arena, context->program, &left);
    LIST_FOREACH (const HbaRule, rule, rules) {
        Piece *piece = NULL;
        RegionBox box;

        if (rule->is_comment || rule->include != NULL)
            continue;
        piece = ARENA_NEW(arena, Piece);
        piece->rule = rule;
        box = region_of_rule(context, rule);
        LIST_FOREACH (const RegionBox, rest, &left) {
            RegionBox *share = NULL;

            if (!region_overlaps(rest, &box))
                continue;
            share = ARENA_NEW(arena, RegionBox);
            *share = region_intersect(arena, rest, &box);
            list_add(arena, &piece->boxes, share);
        }
        subtract_from_all(arena, &left, &box);
        list_add(arena, &pieces, piece);
    }
    nothing->boxes = left;
    list_add(arena, &pieces, nothing);
    return pieces;
}

/*
 * No matching rule and reject are the same answer: check_hba() makes up a reject rule at the end.
 */
static bool
lets_in(const HbaRule *rule)
{
    return rule != NULL && rule->method != HBA_METHOD_REJECT;
}

/*
 * Which line gives an answer does not count. The effective method counts, so that ident and peer on
 * a local line are no change.
 */
static bool
same_answer(const HbaRule *a, const HbaRule *b)
{
    if (!lets_in(a) || !lets_in(b))
        return lets_in(a) == lets_in(b);
    return strcmp(hba_rule_effective_method(a), hba_rule_effective_method(b)) == 0 &&
           hba_options_equal(&a->options, &b->options);
}

/* Whether the two answers differ, and how. */
static bool
differ(const HbaRule *before, const HbaRule *after, HbaDiffKind *ret_kind)
{
    if (same_answer(before, after))
        return false;
    if (!lets_in(before))
        *ret_kind = HBA_DIFF_ALLOWED;
    else
        *ret_kind = lets_in(after) ? HBA_DIFF_METHOD : HBA_DIFF_REFUSED;
    return true;
}

/* The ids ascend without duplicates, so equal sets have equal arrays. */
static bool
sets_equal(const NameSet *a, const NameSet *b)
{
    return a->complement == b->complement && a->count == b->count &&
           (a->count == 0 || memcmp(a->ids, b->ids, a->count * sizeof *a->ids) == 0);
}

/* Ranges ascend and never touch (join_ranges()), so equal sets have equal arrays. */
static bool
addresses_equal(const AddressSet *a, const AddressSet *b)
{
    for (unsigned family = 0; family < ADDRESS_FAMILY_COUNT; family++) {
        if (a->counts[family] != b->counts[family] ||
            !sets_equal(&a->unknown[family], &b->unknown[family]) ||
            (a->counts[family] > 0 && memcmp(a->ranges[family], b->ranges[family],
                                             a->counts[family] * sizeof *a->ranges[family]) != 0))
            return false;
    }
    return true;
}

static NameSet
unite_names(Arena *arena, const NameSet *a, const NameSet *b)
{
    /* a or b is what is in neither's complement */
    const NameSet not_a = { .complement = !a->complement, .ids = a->ids, .count = a->count };
    NameSet neither = name_set_subtract(arena, &not_a, b);

    neither.complement = !neither.complement;
    return neither;
}

/*
 * Joins b into a when they are equal in all dimensions but one. With two different dimensions the
 * joined box would contain connections that are in neither.
 */
static bool
join_boxes(Arena *arena, RegionBox *a, const RegionBox *b)
{
    bool transports = a->transports == b->transports;
    bool databases = sets_equal(&a->databases, &b->databases) && a->replication == b->replication;
    bool users = sets_equal(&a->users, &b->users);
    bool addresses = addresses_equal(&a->addresses, &b->addresses);
    List both = { 0 };

    if (transports + databases + users + addresses < 3)
        return false;
    /* The socket has no addresses, so it stays apart. */
    if (!transports && ((a->transports | b->transports) & REGION_LOCAL) != 0)
        return false;
    a->transports |= b->transports;
    if (!databases)
        a->databases = unite_names(arena, &a->databases, &b->databases);
    a->replication = a->replication || b->replication;
    if (!users)
        a->users = unite_names(arena, &a->users, &b->users);
    if (!addresses) {
        list_add(arena, &both, &a->addresses);
        list_add(arena, &both, &b->addresses);
        a->addresses = address_set_union(arena, &both);
    }
    return true;
}

static bool
same_answers(const HbaDiffEntry *a, const HbaDiffEntry *b)
{
    return a->kind == b->kind && same_answer(a->before, b->before) &&
           same_answer(a->after, b->after);
}

/* Joins entries until no two can be joined; the list is as small as greedy joining makes it. */
static List
join_entries(Arena *arena, const List *entries)
{
    List joined = *entries;
    bool changed = true;

    while (changed) {
        List next = { 0 };

        changed = false;
        LIST_FOREACH (HbaDiffEntry, entry, &joined) {
            bool taken = false;

            LIST_FOREACH (HbaDiffEntry, kept, &next) {
                if (same_answers(kept, entry) && join_boxes(arena, &kept->box, &entry->box)) {
                    taken = true;
                    changed = true;
                    break;
                }
            }
            if (!taken)
                list_add(arena, &next, entry);
        }
        joined = next;
    }
    return joined;
}

/* The pieces of one side are disjoint, so that no connection is reported twice. */
static void
compare_pieces(Arena *arena, const Piece *before, const Piece *after, List *entries)
{
    HbaDiffKind kind = HBA_DIFF_METHOD;

    if (!differ(before->rule, after->rule, &kind))
        return;
    LIST_FOREACH (const RegionBox, left, &before->boxes) {
        LIST_FOREACH (const RegionBox, right, &after->boxes) {
            HbaDiffEntry *entry = NULL;

            if (!region_overlaps(left, right))
                continue;
            entry = ARENA_NEW(arena, HbaDiffEntry);
            *entry = (HbaDiffEntry){
                .kind = kind,
                .box = region_intersect(arena, left, right),
                .before = before->rule,
                .after = after->rule,
            };
            list_add(arena, entries, entry);
        }
    }
}

/* Comparing pieces and not rules is what makes order, spelling and redundant rules irrelevant. */
List
hba_diff(RegionContext *context, const List *before, const List *after)
{
    List old_pieces = pieces_of(context, before);
    List new_pieces = pieces_of(context, after);
    List entries = { 0 };

    LIST_FOREACH (const Piece, old_piece, &old_pieces) {
        LIST_FOREACH (const Piece, new_piece, &new_pieces)
            compare_pieces(context->arena, old_piece, new_piece, &entries);
    }
    return join_entries(context->arena, &entries);
}
