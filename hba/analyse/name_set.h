/*
 * NameSet: a set of names that may be everything but a few: what `all` means. Members are atoms
 * (NameId): names, and things that stand for unknown names, such as a regular expression. Names
 * that nobody mentions are in every set with `complement` and in no other. Const once made.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/names.h"

typedef struct NameSet {
    bool complement;   /* all but the ids */
    const NameId *ids; /* ascending, each once */
    size_t count;
} NameSet;

/* Sorts the ids in place. */
NameSet name_set_of(NameId *ids, size_t count);
NameSet name_set_all(void);
bool name_set_is_empty(const NameSet *set);
bool name_set_has(const NameSet *set, NameId id);
NameSet name_set_intersect(Arena *arena, const NameSet *a, const NameSet *b);
/* Without any work where one look tells that nothing is shared. */
NameSet name_set_subtract(Arena *arena, const NameSet *a, const NameSet *b);
bool name_set_overlaps(const NameSet *a, const NameSet *b);
/* Whether everything in a is in b. */
bool name_set_is_inside(const NameSet *a, const NameSet *b);
