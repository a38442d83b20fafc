/*
 * List: a growing array of pointers whose memory is an arena's. The list owns nothing; an empty
 * List is all zeros, so a struct that holds one needs no initialiser.
 *
 *     LIST_FOREACH (const RoleDecl, role, &cluster->roles)
 *         ...;
 */
#pragma once

#include "base/arena.h"

typedef struct List {
    void **items;
    size_t count;
    size_t capacity;
} List;

void list_add(Arena *arena, List *list, const void *item);
/* Of texts (const char), by their bytes. */
void list_sort_texts(List *list);
/* A list of its own with the same items. */
List list_duplicate(Arena *arena, const List *list);
/* Stable; compare gets the items themselves, not pointers to them. */
void list_sort(List *list, int (*compare)(const void *a, const void *b));

/*
 * `item` is declared as `type *item` for the loop; needs no braces of its own. break and continue
 * work as in any loop: the inner one runs once, and leaves `_whole` unset when it was broken out
 * of. `list` is evaluated again for each item. `&`, not `&&`: one branch, which every loop takes
 * both ways, where two would leave one that a loop without break never takes.
 */
#define LIST_FOREACH(type, item, list)                                                             \
    for (size_t item##_at = 0, item##_whole = 1; item##_whole & (item##_at < (list)->count);       \
         item##_at++)                                                                              \
        for (type *item = (item##_whole = 0, (type *)(list)->items[item##_at]); item##_whole == 0; \
             item##_whole = 1)
