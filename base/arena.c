/* Bump allocation in growing blocks, wiped on release. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include "base/wipe.h"

#define ARENA_BLOCK_FIRST ((size_t)16 * 1024)
#define ARENA_BLOCK_MAX   ((size_t)1024 * 1024)
#define ARENA_ALIGN       _Alignof(max_align_t)

typedef struct ArenaBlock ArenaBlock;

struct ArenaBlock {
    ArenaBlock *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) char bytes[];
};

struct Arena {
    ArenaBlock *blocks;
    size_t next_size;
};

/*
 * Blocks double from 16 KiB to 1 MiB: a run over one cluster touches few pages, one over thousands
 * does not call malloc for each of them.
 */
Arena *
arena_new(void)
{
    Arena *arena = g_new0(Arena, 1);

    arena->next_size = ARENA_BLOCK_FIRST;
    return arena;
}

/* Blocks are wiped, because inventories, verifiers and connection strings live in them. */
void
arena_free(Arena *arena)
{
    if (arena == NULL)
        return;
    while (arena->blocks != NULL) {
        ArenaBlock *block = arena->blocks;

        arena->blocks = block->next;
        wipe(block->bytes, block->used);
        g_free(block);
    }
    g_free(arena);
}

/*
 * The rest of a block that is too small is abandoned; keeping a list of such rests costs more than
 * it saves. Memory is zeroed, so structs need no initialiser.
 */
void *
arena_alloc(Arena *arena, size_t size)
{
    ArenaBlock *block = arena->blocks;
    void *memory = NULL;

    g_assert(size <= SIZE_MAX / 2);
    size = (size + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
    if (block == NULL || block->size - block->used < size) {
        size_t wanted = MAX(arena->next_size, size);

        block = g_malloc0(sizeof(ArenaBlock) + wanted);
        block->size = wanted;
        block->next = arena->blocks;
        arena->blocks = block;
        arena->next_size = MIN(arena->next_size * 2, ARENA_BLOCK_MAX);
    }
    memory = block->bytes + block->used;
    block->used += size;
    return memory;
}

char *
arena_strndup(Arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1);

    memcpy(copy, text, length);
    return copy;
}

char *
arena_strdup(Arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *
arena_printf(Arena *arena, const char *format, ...)
{
    va_list args;
    g_autofree char *text = NULL;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    return arena_strdup(arena, text);
}
