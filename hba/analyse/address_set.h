/*
 * AddressSet: client addresses, as ranges of IPv4 and IPv6, together with addresses that only a
 * server or a resolver could tell: a host name, samehost, samenet, a mask that is not a prefix.
 * Such an unknown part is inside everything of its family and overlaps nothing else that is known.
 * Const once made.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/names.h"
#include "hba/analyse/name_set.h"
#include "hba/syntax/address.h"

typedef enum AddressFamily {
    ADDRESS_FAMILY_V4,
    ADDRESS_FAMILY_V6,
    ADDRESS_FAMILY_COUNT,
} AddressFamily;

/* 128 bits; IPv4 uses the low 32. */
typedef struct AddressNumber {
    uint64_t high;
    uint64_t low;
} AddressNumber;

typedef struct AddressRange {
    AddressNumber first;
    AddressNumber last;
} AddressRange;

typedef struct AddressSet {
    const AddressRange *ranges[ADDRESS_FAMILY_COUNT]; /* ascending, apart from each other */
    size_t counts[ADDRESS_FAMILY_COUNT];
    NameSet unknown[ADDRESS_FAMILY_COUNT]; /* never a complement */
} AddressSet;

/* `names` gives the unknown parts their ids, by their text. */
AddressSet address_set_of(Arena *arena, Names *names, const HbaAddress *address);
AddressSet address_set_all(Arena *arena);
bool address_set_is_empty(const AddressSet *set);
/* Whether it holds every address of the family. */
bool address_set_is_whole(const AddressSet *set, AddressFamily family);
bool address_set_overlaps(const AddressSet *a, const AddressSet *b);
AddressSet address_set_intersect(Arena *arena, const AddressSet *a, const AddressSet *b);
AddressSet address_set_subtract(Arena *arena, const AddressSet *a, const AddressSet *b);
/* Everything that is in one of the sets (const AddressSet). */
AddressSet address_set_union(Arena *arena, const List *sets);
/* "10.0.0.1", "10.0.0.0/8" or "10.0.0.1-10.0.0.9". */
const char *address_range_text(Arena *arena, AddressFamily family, const AddressRange *range);
