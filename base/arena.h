/*
 * Arena: memory for the data of one run. What is allocated here lives until the arena is freed and
 * is never freed singly, so pointers between such objects cannot dangle. All memory is zeroed when
 * handed out and wiped when the arena is freed: secrets pass through it.
 */
#pragma once

#include <glib.h>
#include <stddef.h>

typedef struct Arena Arena;

Arena *arena_new(void);
void arena_free(Arena *arena);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Arena, arena_free)

/* Never NULL; zeroed; aligned for any type. */
void *arena_alloc(Arena *arena, size_t size);
char *arena_strdup(Arena *arena, const char *text);
/* length bytes and a closing NUL; the text may itself hold NUL bytes. */
char *arena_strndup(Arena *arena, const char *text, size_t length);
char *arena_printf(Arena *arena, const char *format, ...) G_GNUC_PRINTF(2, 3);

#define ARENA_NEW(arena, type)              ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_NEW_ARRAY(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (count)))
