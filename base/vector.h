/*
 * Typed vectors: a growing array whose memory is an arena's, of values of one type. The vector owns
 * nothing; an empty one is all zeros, so a struct that holds one needs no initialiser. Where List
 * holds pointers of any type, the compiler knows what is in a vector.
 *
 *     VECTOR_DEFINE(NameIdVector, name_id_vector, NameId)
 *
 *     name_id_vector_add(arena, &vector, name);
 *     for (size_t i = 0; i < vector.count; i++)
 *         use(vector.items[i]);
 *
 * The item type has to be one that == compares.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"

/* clang-format off */
#define VECTOR_DEFINE(Vector, prefix, Item)                                                        \
    typedef struct Vector {                                                                        \
        Item *items;                                                                               \
        size_t count;                                                                              \
        size_t capacity;                                                                           \
    } Vector;                                                                                      \
                                                                                                   \
    static inline void prefix##_add(Arena *arena, Vector *vector, Item item)                       \
    {                                                                                              \
        if (vector->count == vector->capacity) {                                                   \
            size_t capacity = vector->capacity == 0 ? 4 : vector->capacity * 2;                    \
            Item *items = ARENA_NEW_ARRAY(arena, Item, capacity);                                  \
                                                                                                   \
            if (vector->count > 0)                                                                 \
                memcpy(items, vector->items, vector->count * sizeof(Item));                        \
            vector->items = items;                                                                 \
            vector->capacity = capacity;                                                           \
        }                                                                                          \
        vector->items[vector->count++] = item;                                                     \
    }                                                                                              \
                                                                                                   \
    static inline bool prefix##_contains(const Vector *vector, Item item)                          \
    {                                                                                              \
        for (size_t i = 0; i < vector->count; i++) {                                               \
            if (vector->items[i] == item)                                                          \
                return true;                                                                       \
        }                                                                                          \
        return false;                                                                              \
    }                                                                                              \
                                                                                                   \
    static inline void prefix##_add_once(Arena *arena, Vector *vector, Item item)                  \
    {                                                                                              \
        if (!prefix##_contains(vector, item))                                                      \
            prefix##_add(arena, vector, item);                                                     \
    }                                                                                              \
                                                                                                   \
    static inline void prefix##_add_all(Arena *arena, Vector *vector, const Vector *items)         \
    {                                                                                              \
        for (size_t i = 0; i < items->count; i++)                                                  \
            prefix##_add(arena, vector, items->items[i]);                                          \
    }                                                                                              \
                                                                                                   \
    /* The same items in the same order. */                                                        \
    static inline bool prefix##_equal(const Vector *a, const Vector *b)                            \
    {                                                                                              \
        return a->count == b->count &&                                                             \
               (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof(Item)) == 0);        \
    }                                                                                              \
                                                                                                   \
    /* A vector of its own with the same items. */                                                 \
    static inline Vector prefix##_copy(Arena *arena, const Vector *vector)                         \
    {                                                                                              \
        Vector copy = { 0 };                                                                       \
                                                                                                   \
        prefix##_add_all(arena, &copy, vector);                                                    \
        return copy;                                                                               \
    }
/* clang-format on */
