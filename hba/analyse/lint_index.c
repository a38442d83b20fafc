/* Buckets by (user, database), each sorted by where its address ranges begin. */
#include "hba/analyse/lint_index.h"

#include <string.h>

/* Sets of more names than this stand in one bucket for all of them. */
#define NAMES_MAX 64

/* Keys that are no name: names_intern() gives small numbers from 1 on. */
#define KEY_ALL         ((NameId)UINT32_MAX)
#define KEY_WIDE        ((NameId)UINT32_MAX - 1)
#define KEY_REPLICATION ((NameId)UINT32_MAX - 2)

/* One range of a box; a box with several ranges, or with unknown addresses, stands in `wide`. */
typedef struct Entry {
    AddressRange range;
    uint32_t number;
} Entry;

/*
 * Invariant: entries ascend by first address, and no range in them is longer than span. So whatever
 * reaches an address begins at most span before it, and a search needs to look at that stretch
 * only.
 */
typedef struct Bucket {
    GArray *entries[ADDRESS_FAMILY_COUNT];    /* Entry, by first address, then by number */
    AddressNumber span[ADDRESS_FAMILY_COUNT]; /* the longest range, last - first */
    GArray *wide;                             /* uint32_t */
} Bucket;

struct LintIndex {
    Arena *arena;
    GHashTable *buckets; /* (user key, database key) -> Bucket */
};

static void
free_bucket(gpointer data)
{
    Bucket *bucket = data;

    for (unsigned family = 0; family < ADDRESS_FAMILY_COUNT; family++)
        g_array_free(bucket->entries[family], TRUE);
    g_array_free(bucket->wide, TRUE);
    g_free(bucket);
}

LintIndex *
lint_index_new(Arena *arena)
{
    LintIndex *index = g_new0(LintIndex, 1);

    index->arena = arena;
    index->buckets = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, free_bucket);
    return index;
}

void
lint_index_free(LintIndex *index)
{
    if (index == NULL)
        return;
    g_hash_table_destroy(index->buckets);
    g_free(index);
}

/* Both ids have 32 bits, so the pair is one 64-bit key. */
static Bucket *
find_bucket(const LintIndex *index, NameId user, NameId database)
{
    gint64 key = (gint64)(((guint64)user << 32) | database);

    return g_hash_table_lookup(index->buckets, &key);
}

static Bucket *
ensure_bucket(LintIndex *index, NameId user, NameId database)
{
    Bucket *bucket = find_bucket(index, user, database);
    gint64 *key = NULL;

    if (bucket != NULL)
        return bucket;
    key = ARENA_NEW(index->arena, gint64);
    *key = (gint64)(((guint64)user << 32) | database);
    bucket = g_new0(Bucket, 1);
    for (unsigned family = 0; family < ADDRESS_FAMILY_COUNT; family++)
        bucket->entries[family] = g_array_new(FALSE, FALSE, sizeof(Entry));
    bucket->wide = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    g_hash_table_insert(index->buckets, key, bucket);
    return bucket;
}

/* The keys under which a set of names stands, or is looked for. */
typedef struct Keys {
    NameId ids[NAMES_MAX + 3];
    size_t count;
} Keys;

/*
 * A bucket for each of many names would multiply with the databases, so long lists go into a bucket
 * that every listed set searches.
 */
static void
add_names(Keys *keys, const NameSet *set)
{
    if (set->complement) {
        keys->ids[keys->count++] = KEY_ALL;
    } else if (set->count > NAMES_MAX) {
        keys->ids[keys->count++] = KEY_WIDE;
    } else if (set->count > 0) {
        memcpy(keys->ids + keys->count, set->ids, set->count * sizeof(NameId));
        keys->count += set->count;
    }
}

/*
 * Where to look: under its own names, and under those that hold many or all. A complement needs to
 * search for complements only: listed names never cover the ones that nobody mentions.
 */
static Keys
keys_to_find(const NameSet *set, bool replication)
{
    Keys keys = { .count = 0 };

    add_names(&keys, set);
    if (!set->complement) {
        keys.ids[keys.count++] = KEY_ALL;
        if (set->count <= NAMES_MAX)
            keys.ids[keys.count++] = KEY_WIDE;
    }
    if (replication)
        keys.ids[keys.count++] = KEY_REPLICATION;
    return keys;
}

static int
compare_numbers(AddressNumber a, AddressNumber b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return a.low < b.low ? -1 : a.low > b.low;
}

/* The first entry that begins at the number or after it. */
static guint
find_entry(const GArray *entries, AddressNumber number)
{
    guint low = 0;
    guint high = entries->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;

        if (compare_numbers(g_array_index(entries, Entry, middle).range.first, number) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static AddressNumber
minus(AddressNumber a, AddressNumber b)
{
    return (AddressNumber){ a.high - b.high - (a.low < b.low), a.low - b.low };
}

/* An unknown part has no position among ranges, so it keeps the box out of the sorted entries. */
static bool
is_single_range(const AddressSet *set, AddressFamily *ret_family)
{
    size_t ranges = 0;

    for (unsigned family = 0; family < ADDRESS_FAMILY_COUNT; family++) {
        if (set->unknown[family].count > 0)
            return false;
        ranges += set->counts[family];
        if (set->counts[family] > 0)
            *ret_family = (AddressFamily)family;
    }
    return ranges == 1;
}

static void
add_to_bucket(Bucket *bucket, const RegionBox *box, uint32_t number)
{
    AddressFamily family = ADDRESS_FAMILY_V4;
    Entry entry = { .number = number };
    AddressNumber span;

    /* A whole family holds unknown addresses, too, which have no range to be found by. */
    if (!is_single_range(&box->addresses, &family) ||
        address_set_is_whole(&box->addresses, family)) {
        g_array_append_val(bucket->wide, number);
        return;
    }
    entry.range = box->addresses.ranges[family][0];
    span = minus(entry.range.last, entry.range.first);
    if (compare_numbers(bucket->span[family], span) < 0)
        bucket->span[family] = span;
    g_array_insert_val(bucket->entries[family],
                       find_entry(bucket->entries[family], entry.range.first), entry);
}

void
lint_index_add(LintIndex *index, const RegionBox *box, uint32_t number)
{
    Keys users = { .count = 0 };
    Keys databases = { .count = 0 };

    add_names(&users, &box->users);
    add_names(&databases, &box->databases);
    if (box->replication)
        databases.ids[databases.count++] = KEY_REPLICATION;
    for (size_t i = 0; i < users.count; i++) {
        for (size_t j = 0; j < databases.count; j++)
            add_to_bucket(ensure_bucket(index, users.ids[i], databases.ids[j]), box, number);
    }
}

static void
find_in_bucket(const Bucket *bucket, const RegionBox *box, GArray *ret_numbers)
{
    g_array_append_vals(ret_numbers, bucket->wide->data, bucket->wide->len);
    for (unsigned family = 0; family < ADDRESS_FAMILY_COUNT; family++) {
        const GArray *entries = bucket->entries[family];

        for (size_t i = 0; i < box->addresses.counts[family]; i++) {
            const AddressRange *range = &box->addresses.ranges[family][i];
            AddressNumber from = { 0, 0 };

            /* No range of the bucket that begins further back reaches this one. */
            if (compare_numbers(range->first, bucket->span[family]) > 0)
                from = minus(range->first, bucket->span[family]);
            for (guint at = find_entry(entries, from); at < entries->len; at++) {
                const Entry *entry = &g_array_index(entries, Entry, at);

                if (compare_numbers(entry->range.first, range->last) > 0)
                    break;
                if (compare_numbers(entry->range.last, range->first) >= 0)
                    g_array_append_val(ret_numbers, entry->number);
            }
        }
    }
}

static int
compare_uint32(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;

    return left < right ? -1 : left > right;
}

/*
 * A rule with several names is in several buckets and comes back once for each. The numbers are
 * sorted, because the caller subtracts in the order of the file.
 */
void
lint_index_find(LintIndex *index, const RegionBox *box, GArray *ret_numbers)
{
    Keys users = keys_to_find(&box->users, false);
    Keys databases = keys_to_find(&box->databases, box->replication);
    guint kept = 0;

    for (size_t i = 0; i < users.count; i++) {
        for (size_t j = 0; j < databases.count; j++) {
            const Bucket *bucket = find_bucket(index, users.ids[i], databases.ids[j]);

            if (bucket != NULL)
                find_in_bucket(bucket, box, ret_numbers);
        }
    }
    g_array_sort(ret_numbers, compare_uint32);
    for (guint i = 0; i < ret_numbers->len; i++) {
        uint32_t number = g_array_index(ret_numbers, uint32_t, i);

        if (kept == 0 || g_array_index(ret_numbers, uint32_t, kept - 1) != number)
            g_array_index(ret_numbers, uint32_t, kept++) = number;
    }
    g_array_set_size(ret_numbers, kept);
}
