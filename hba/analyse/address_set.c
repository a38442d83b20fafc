/* Arithmetic on sorted ranges. */
#include "hba/analyse/address_set.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static const AddressNumber family_last[] = {
    [ADDRESS_FAMILY_V4] = { 0, UINT32_MAX },
    [ADDRESS_FAMILY_V6] = { UINT64_MAX, UINT64_MAX },
};

static int
compare(AddressNumber a, AddressNumber b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return a.low < b.low ? -1 : a.low > b.low;
}

/* Wraps to zero after the last address of IPv6; no caller depends on the result there. */
static AddressNumber
next(AddressNumber number)
{
    number.low++;
    number.high += number.low == 0;
    return number;
}

static AddressNumber
previous(AddressNumber number)
{
    number.high -= number.low == 0;
    number.low--;
    return number;
}

/*
 * The bytes are in network order, so that the order of the numbers is the order of the addresses.
 */
static AddressNumber
number_of_bytes(const uint8_t *bytes, size_t count)
{
    AddressNumber number = { 0, 0 };

    for (size_t i = 0; i < count; i++) {
        number.high = (number.high << 8) | (number.low >> 56);
        number.low = (number.low << 8) | bytes[i];
    }
    return number;
}

static void
set_whole_family(Arena *arena, AddressSet *set, AddressFamily family)
{
    AddressRange *range = ARENA_NEW(arena, AddressRange);

    range->last = family_last[family];
    set->ranges[family] = range;
    set->counts[family] = 1;
}

AddressSet
address_set_all(Arena *arena)
{
    AddressSet set = { .counts = { 0 } };

    set_whole_family(arena, &set, ADDRESS_FAMILY_V4);
    set_whole_family(arena, &set, ADDRESS_FAMILY_V6);
    return set;
}

/*
 * The id comes from the text: the same host name in two rules is the same part, and two names are
 * never taken for the same, even if they resolve alike.
 */
static void
add_unknown(Arena *arena, Names *names, AddressSet *set, AddressFamily family, const char *text)
{
    NameId *id = ARENA_NEW(arena, NameId);

    *id = names_intern(names, text);
    set->unknown[family] = name_set_of(id, 1);
}

/*
 * A mask with holes is not one range but many, so it becomes an unknown part. That can only make
 * the analysis miss that a rule is covered, never claim it wrongly.
 */
static AddressSet
network_set(Arena *arena, Names *names, const HbaAddress *address)
{
    AddressFamily family = address->is_v6 ? ADDRESS_FAMILY_V6 : ADDRESS_FAMILY_V4;
    size_t bytes = address->is_v6 ? 16 : 4;
    uint8_t first[HBA_ADDRESS_BYTES] = { 0 };
    uint8_t last[HBA_ADDRESS_BYTES] = { 0 };
    AddressRange *range = ARENA_NEW(arena, AddressRange);
    AddressSet set = { .counts = { 0 } };

    if (address->bits < 0) {
        add_unknown(arena, names, &set, family, hba_address_network(arena, address));
        return set;
    }
    for (size_t i = 0; i < bytes; i++) {
        first[i] = address->address[i] & address->mask[i];
        last[i] = (uint8_t)(address->address[i] | (uint8_t)~address->mask[i]);
    }
    range->first = number_of_bytes(first, bytes);
    range->last = number_of_bytes(last, bytes);
    set.ranges[family] = range;
    set.counts[family] = 1;
    return set;
}

/*
 * hostname_match() ignores case, so the names are folded. A name may resolve to addresses of both
 * families.
 */
AddressSet
address_set_of(Arena *arena, Names *names, const HbaAddress *address)
{
    AddressSet set = { .counts = { 0 } };
    g_autofree char *folded = NULL;

    switch (address->kind) {
    case HBA_ADDRESS_NONE:
    case HBA_ADDRESS_ALL:
        return address_set_all(arena);
    case HBA_ADDRESS_NETWORK:
        return network_set(arena, names, address);
    case HBA_ADDRESS_SAMEHOST:
    case HBA_ADDRESS_SAMENET:
    case HBA_ADDRESS_HOST_NAME:
        break;
    }
    folded = g_ascii_strdown(address->text, -1);
    add_unknown(arena, names, &set, ADDRESS_FAMILY_V4, folded);
    add_unknown(arena, names, &set, ADDRESS_FAMILY_V6, folded);
    return set;
}

bool
address_set_is_empty(const AddressSet *set)
{
    for (unsigned family = 0; family < ADDRESS_FAMILY_COUNT; family++) {
        if (set->counts[family] > 0 || set->unknown[family].count > 0)
            return false;
    }
    return true;
}

bool
address_set_is_whole(const AddressSet *set, AddressFamily family)
{
    return set->counts[family] == 1 &&
           compare(set->ranges[family][0].first, (AddressNumber){ 0, 0 }) == 0 &&
           compare(set->ranges[family][0].last, family_last[family]) == 0;
}

/*
 * The first range of a sorted array that does not end before the number. By the last address:
 * ranges are disjoint and ascending, so the ends ascend as well.
 */
static size_t
find_range(const AddressRange *ranges, size_t count, AddressNumber number)
{
    size_t low = 0;

    while (low < count) {
        size_t middle = low + (count - low) / 2;

        if (compare(ranges[middle].last, number) < 0)
            low = middle + 1;
        else
            count = middle;
    }
    return low;
}

/*
 * A binary search for each range of the smaller set: one network often meets a set of ten thousand
 * in the lint.
 */
static bool
ranges_overlap(const AddressSet *a, const AddressSet *b, AddressFamily family)
{
    const AddressSet *few = a->counts[family] <= b->counts[family] ? a : b;
    const AddressSet *many = few == a ? b : a;

    for (size_t i = 0; i < few->counts[family]; i++) {
        const AddressRange *range = &few->ranges[family][i];
        size_t at = find_range(many->ranges[family], many->counts[family], range->first);

        if (at < many->counts[family] && compare(many->ranges[family][at].first, range->last) <= 0)
            return true;
    }
    return false;
}

/*
 * Nothing is known of an unknown part but its family. It counts as overlapping itself and the whole
 * family only, so that a rule is never called covered because of a host name.
 */
bool
address_set_overlaps(const AddressSet *a, const AddressSet *b)
{
    for (unsigned family = 0; family < ADDRESS_FAMILY_COUNT; family++) {
        if (ranges_overlap(a, b, (AddressFamily)family) ||
            name_set_overlaps(&a->unknown[family], &b->unknown[family]) ||
            (a->unknown[family].count > 0 && address_set_is_whole(b, (AddressFamily)family)) ||
            (b->unknown[family].count > 0 && address_set_is_whole(a, (AddressFamily)family)))
            return true;
    }
    return false;
}

/* Both arrays ascend, so one merge finds every overlap and its result ascends again. */
static void
intersect_ranges(Arena *arena, const AddressSet *a, const AddressSet *b, AddressFamily family,
                 AddressSet *ret_set)
{
    AddressRange *ranges =
        ARENA_NEW_ARRAY(arena, AddressRange, a->counts[family] + b->counts[family]);
    size_t count = 0;
    size_t i = 0;
    size_t j = 0;

    while (i < a->counts[family] && j < b->counts[family]) {
        const AddressRange *left = &a->ranges[family][i];
        const AddressRange *right = &b->ranges[family][j];
        AddressRange both = {
            .first = compare(left->first, right->first) > 0 ? left->first : right->first,
            .last = compare(left->last, right->last) < 0 ? left->last : right->last,
        };

        if (compare(both.first, both.last) <= 0)
            ranges[count++] = both;
        if (compare(left->last, right->last) < 0)
            i++;
        else
            j++;
    }
    ret_set->ranges[family] = ranges;
    ret_set->counts[family] = count;
}

AddressSet
address_set_intersect(Arena *arena, const AddressSet *a, const AddressSet *b)
{
    AddressSet set = { .counts = { 0 } };

    for (unsigned at = 0; at < ADDRESS_FAMILY_COUNT; at++) {
        AddressFamily family = (AddressFamily)at;

        intersect_ranges(arena, a, b, family, &set);
        if (address_set_is_whole(b, family))
            set.unknown[at] = a->unknown[at];
        else if (address_set_is_whole(a, family))
            set.unknown[at] = b->unknown[at];
        else
            set.unknown[at] = name_set_intersect(arena, &a->unknown[at], &b->unknown[at]);
    }
    return set;
}

/* Each range of b adds at most one piece to the result, hence `room`. */
static void
subtract_ranges(Arena *arena, const AddressSet *a, const AddressSet *b, AddressFamily family,
                AddressSet *ret_set)
{
    size_t room = a->counts[family] + b->counts[family] + 1;
    AddressRange *ranges = ARENA_NEW_ARRAY(arena, AddressRange, room);
    size_t count = 0;

    for (size_t i = 0; i < a->counts[family]; i++) {
        AddressRange rest = a->ranges[family][i];
        size_t j = find_range(b->ranges[family], b->counts[family], rest.first);
        bool left = true;

        for (; left && j < b->counts[family]; j++) {
            const AddressRange *cut = &b->ranges[family][j];

            if (compare(cut->first, rest.last) > 0)
                break;
            if (compare(cut->first, rest.first) > 0)
                ranges[count++] = (AddressRange){ rest.first, previous(cut->first) };
            left = compare(cut->last, rest.last) < 0;
            rest.first = next(cut->last);
        }
        if (left)
            ranges[count++] = rest;
    }
    ret_set->ranges[family] = ranges;
    ret_set->counts[family] = count;
}

/* An unknown part disappears only under the whole family or under itself. */
AddressSet
address_set_subtract(Arena *arena, const AddressSet *a, const AddressSet *b)
{
    AddressSet set = { .counts = { 0 } };

    for (unsigned at = 0; at < ADDRESS_FAMILY_COUNT; at++) {
        AddressFamily family = (AddressFamily)at;

        subtract_ranges(arena, a, b, family, &set);
        if (!address_set_is_whole(b, family))
            set.unknown[at] = name_set_subtract(arena, &a->unknown[at], &b->unknown[at]);
    }
    return set;
}

static int
compare_ranges(const void *a, const void *b)
{
    return compare(((const AddressRange *)a)->first, ((const AddressRange *)b)->first);
}

/*
 * Sorts the ranges and joins those that overlap or touch. Touching ranges must become one:
 * address_set_is_whole() and the equality of sets rely on there being no neighbours without a gap.
 */
static size_t
join_ranges(AddressRange *ranges, size_t count)
{
    size_t kept = 0;

    if (count > 1)
        qsort(ranges, count, sizeof *ranges, compare_ranges);
    for (size_t i = 0; i < count; i++) {
        AddressRange *last = kept == 0 ? NULL : &ranges[kept - 1];
        bool touches = last != NULL && (compare(ranges[i].first, last->last) <= 0 ||
                                        compare(ranges[i].first, next(last->last)) == 0);

        if (!touches)
            ranges[kept++] = ranges[i];
        else if (compare(last->last, ranges[i].last) < 0)
            last->last = ranges[i].last;
    }
    return kept;
}

/* All sets at once with one sort: uniting them one by one would be quadratic. */
static void
unite_family(Arena *arena, const List *sets, AddressFamily family, AddressSet *ret_set)
{
    size_t ranges_room = 0;
    size_t ids_room = 0;
    AddressRange *ranges = NULL;
    NameId *ids = NULL;
    size_t range_count = 0;
    size_t id_count = 0;

    LIST_FOREACH (const AddressSet, set, sets) {
        ranges_room += set->counts[family];
        ids_room += set->unknown[family].count;
    }
    ranges = ARENA_NEW_ARRAY(arena, AddressRange, ranges_room);
    ids = ARENA_NEW_ARRAY(arena, NameId, ids_room);
    LIST_FOREACH (const AddressSet, set, sets) {
        for (size_t i = 0; i < set->counts[family]; i++)
            ranges[range_count++] = set->ranges[family][i];
        for (size_t i = 0; i < set->unknown[family].count; i++)
            ids[id_count++] = set->unknown[family].ids[i];
    }
    ret_set->ranges[family] = ranges;
    ret_set->counts[family] = join_ranges(ranges, range_count);
    ret_set->unknown[family] = name_set_of(ids, id_count);
}

AddressSet
address_set_union(Arena *arena, const List *sets)
{
    AddressSet set = { .counts = { 0 } };

    unite_family(arena, sets, ADDRESS_FAMILY_V4, &set);
    unite_family(arena, sets, ADDRESS_FAMILY_V6, &set);
    return set;
}

static void
number_text(AddressFamily family, AddressNumber number, char text[INET6_ADDRSTRLEN])
{
    uint8_t bytes[16];

    for (unsigned i = 0; i < 16; i++)
        bytes[i] = (uint8_t)((i < 8 ? number.high : number.low) >> (56 - 8 * (i % 8)));
    if (family == ADDRESS_FAMILY_V4)
        inet_ntop(AF_INET, bytes + 12, text, INET6_ADDRSTRLEN);
    else
        inet_ntop(AF_INET6, bytes, text, INET6_ADDRSTRLEN);
}

/*
 * The prefix length when the range is a network, else -1. first ^ last has ones exactly in the host
 * bits of a network, and x & (x + 1) is zero for ones at the low end only.
 */
static int
prefix_of(AddressFamily family, const AddressRange *range)
{
    uint64_t high = range->first.high ^ range->last.high;
    uint64_t low = range->first.low ^ range->last.low;
    int host_bits = 0;

    if ((high != 0 && low != UINT64_MAX) || (high & (high + 1)) != 0 || (low & (low + 1)) != 0 ||
        (range->first.high & high) != 0 || (range->first.low & low) != 0)
        return -1;
    for (; low != 0; low >>= 1)
        host_bits++;
    for (; high != 0; high >>= 1)
        host_bits++;
    return (family == ADDRESS_FAMILY_V4 ? 32 : 128) - host_bits;
}

const char *
address_range_text(Arena *arena, AddressFamily family, const AddressRange *range)
{
    char first[INET6_ADDRSTRLEN];
    char last[INET6_ADDRSTRLEN];
    int prefix = prefix_of(family, range);

    number_text(family, range->first, first);
    if (compare(range->first, range->last) == 0)
        return arena_strdup(arena, first);
    if (prefix >= 0)
        return arena_printf(arena, "%s/%d", first, prefix);
    number_text(family, range->last, last);
    return arena_printf(arena, "%s-%s", first, last);
}
