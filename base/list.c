/* Growth and stable sorting of a List. */
#include "base/list.h"

#include <string.h>

/*
 * Arrays that were outgrown stay in the arena. Doubling keeps their sum below the size of the last.
 */
void
list_add(Arena *arena, List *list, const void *item)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 4 : list->capacity * 2;
        void **items = ARENA_NEW_ARRAY(arena, void *, capacity);

        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof(void *));
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = (void *)item;
}

/* A function pointer does not fit into void * portably, so its bytes are copied. */
static int
compare_items(const void *a, const void *b, void *compare)
{
    int (*compare_function)(const void *, const void *) = NULL;

    memcpy(&compare_function, compare, sizeof compare_function);
    return compare_function(*(void *const *)a, *(void *const *)b);
}

void
list_sort(List *list, int (*compare)(const void *a, const void *b))
{
    /* GLib documents g_qsort_with_data as a stable merge sort. */
    g_qsort_with_data(list->items, (gint)list->count, sizeof(void *), compare_items, &compare);
}

static int
compare_texts(const void *a, const void *b)
{
    return strcmp(a, b);
}

void
list_sort_texts(List *list)
{
    list_sort(list, compare_texts);
}

/*
 * A List that is copied by value shares its array, so adding to one copy could write into the
 * other.
 */
List
list_duplicate(Arena *arena, const List *list)
{
    List copy = { 0 };

    for (size_t i = 0; i < list->count; i++)
        list_add(arena, &copy, list->items[i]);
    return copy;
}
