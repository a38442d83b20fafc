/*
 * Names: every name of a run, interned once. Two names are equal exactly when their NameId are
 * equal, so comparing access states is comparing integers. NAME_NONE (0) stands for "no name".
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/vector.h"

typedef uint32_t NameId;

#define NAME_NONE ((NameId)0)

VECTOR_DEFINE(NameIdVector, name_id_vector, NameId)

typedef struct Names Names;

Names *names_new(Arena *arena);
void names_free(Names *names);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Names, names_free)

/* NULL gives NAME_NONE; the text is copied. */
NameId names_intern(Names *names, const char *text);
/* NAME_NONE when the text was never interned. */
NameId names_find(const Names *names, const char *text);
/* Valid as long as the arena; "" for NAME_NONE. */
const char *names_text(const Names *names, NameId id);
