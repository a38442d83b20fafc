/* Merging sorted ids; the four combinations of plain and complement are one merge with a rule. */
#include "hba/analyse/name_set.h"

#include <stdlib.h>

static int
compare_ids(const void *a, const void *b)
{
    NameId left = *(const NameId *)a;
    NameId right = *(const NameId *)b;

    return left < right ? -1 : left > right;
}

NameSet
name_set_of(NameId *ids, size_t count)
{
    size_t kept = 0;

    if (count > 1)
        qsort(ids, count, sizeof *ids, compare_ids);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || ids[kept - 1] != ids[i])
            ids[kept++] = ids[i];
    }
    return (NameSet){ .ids = ids, .count = kept };
}

NameSet
name_set_all(void)
{
    return (NameSet){ .complement = true };
}

bool
name_set_is_empty(const NameSet *set)
{
    return !set->complement && set->count == 0;
}

static bool
is_listed(const NameSet *set, NameId id)
{
    return set->count > 0 && bsearch(&id, set->ids, set->count, sizeof id, compare_ids) != NULL;
}

bool
name_set_has(const NameSet *set, NameId id)
{
    return is_listed(set, id) != set->complement;
}

/* Which listed ids go into the result: those only in a, only in b, in both. */
typedef struct MergeRule {
    bool only_a;
    bool only_b;
    bool both;
} MergeRule;

/* The result ascends because both inputs do. */
static NameSet
merge(Arena *arena, const NameSet *a, const NameSet *b, MergeRule rule, bool complement)
{
    NameId *ids = ARENA_NEW_ARRAY(arena, NameId, a->count + b->count);
    size_t count = 0;
    size_t i = 0;
    size_t j = 0;

    while (i < a->count || j < b->count) {
        if (j == b->count || (i < a->count && a->ids[i] < b->ids[j])) {
            if (rule.only_a)
                ids[count++] = a->ids[i];
            i++;
        } else if (i == a->count || b->ids[j] < a->ids[i]) {
            if (rule.only_b)
                ids[count++] = b->ids[j];
            j++;
        } else {
            if (rule.both)
                ids[count++] = a->ids[i];
            i++;
            j++;
        }
    }
    return (NameSet){ .complement = complement, .ids = ids, .count = count };
}

/* The listed ones of a few names that the other set has, without walking the other set. */
static NameSet
filter(Arena *arena, const NameSet *few, const NameSet *set)
{
    NameId *ids = ARENA_NEW_ARRAY(arena, NameId, few->count);
    size_t count = 0;

    for (size_t i = 0; i < few->count; i++) {
        if (name_set_has(set, few->ids[i]))
            ids[count++] = few->ids[i];
    }
    return (NameSet){ .ids = ids, .count = count };
}

/*
 * Two complements leave out whatever one of them leaves out. In every other case the result is part
 * of a listed set, and the shorter one is filtered.
 */
NameSet
name_set_intersect(Arena *arena, const NameSet *a, const NameSet *b)
{
    static const MergeRule any = { .only_a = true, .only_b = true, .both = true };

    if (a->complement && b->complement)
        return merge(arena, a, b, any, true);
    if (b->complement || (!a->complement && a->count <= b->count))
        return filter(arena, a, b);
    return filter(arena, b, a);
}

/* a without b is a and not b, so that no fifth merge rule is needed. */
NameSet
name_set_subtract(Arena *arena, const NameSet *a, const NameSet *b)
{
    const NameSet not_b = { .complement = !b->complement, .ids = b->ids, .count = b->count };

    return name_set_intersect(arena, a, &not_b);
}

/* Two complements always overlap, in the names that neither mentions. */
bool
name_set_overlaps(const NameSet *a, const NameSet *b)
{
    const NameSet *few = a;
    const NameSet *other = b;

    if (a->complement && b->complement)
        return true;
    if (a->complement || (!b->complement && b->count < a->count)) {
        few = b;
        other = a;
    }
    for (size_t i = 0; i < few->count; i++) {
        if (name_set_has(other, few->ids[i]))
            return true;
    }
    return false;
}

bool
name_set_is_inside(const NameSet *a, const NameSet *b)
{
    if (a->complement) {
        /* All but a's ids are inside all but b's, when a leaves out what b does. */
        for (size_t i = 0; b->complement && i < b->count; i++) {
            if (name_set_has(a, b->ids[i]))
                return false;
        }
        return b->complement;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!name_set_has(b, a->ids[i]))
            return false;
    }
    return true;
}
