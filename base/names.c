/* A hash table from text to id, an array back. */
#include "base/names.h"

struct Names {
    Arena *arena;
    GHashTable *ids;
    GPtrArray *texts;
};

/* Id 0 is NAME_NONE: the empty text takes its place in the array, so that ids need no offset. */
Names *
names_new(Arena *arena)
{
    Names *names = g_new0(Names, 1);

    names->arena = arena;
    names->ids = g_hash_table_new(g_str_hash, g_str_equal);
    names->texts = g_ptr_array_new();
    g_ptr_array_add(names->texts, arena_strdup(arena, ""));
    return names;
}

void
names_free(Names *names)
{
    if (names == NULL)
        return;
    g_hash_table_destroy(names->ids);
    g_ptr_array_free(names->texts, TRUE);
    g_free(names);
}

/* Ids are dense and never reused, so that they can index arrays. */
NameId
names_intern(Names *names, const char *text)
{
    NameId id = NAME_NONE;
    char *copy = NULL;

    if (text == NULL)
        return NAME_NONE;
    id = names_find(names, text);
    if (id != NAME_NONE)
        return id;
    copy = arena_strdup(names->arena, text);
    id = (NameId)names->texts->len;
    g_ptr_array_add(names->texts, copy);
    g_hash_table_insert(names->ids, copy, GUINT_TO_POINTER(id));
    return id;
}

/* Looking up does not intern: a question about an unknown name must not grow the table. */
NameId
names_find(const Names *names, const char *text)
{
    return text == NULL ? NAME_NONE : GPOINTER_TO_UINT(g_hash_table_lookup(names->ids, text));
}

const char *
names_text(const Names *names, NameId id)
{
    g_assert(id < names->texts->len);
    return g_ptr_array_index(names->texts, id);
}
