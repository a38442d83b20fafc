/*
 * HbaRendering: what the HBA file of one instance is to be, under the role that counts for it. It
 * is made from the inventory alone; hba_role.h says which role counts.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/list.h"
#include "inventory/model/inventory.h"

typedef struct HbaRendering {
    PgRole role;
    List rules;        /* HbaRule: those that are on, in order */
    List lines;        /* const char: the same as lines of the file, nothing else */
    const char *bytes; /* the whole file, comments included */
    size_t length;
} HbaRendering;

/* Makes renderings, and remembers what instances share. */
typedef struct HbaRenderings HbaRenderings;

HbaRenderings *hba_renderings_new(Arena *arena);
void hba_renderings_free(HbaRenderings *renderings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HbaRenderings, hba_renderings_free)

/* As if the instance had that role. The inventory has been checked: nothing is reported again. */
bool hba_renderings_make(HbaRenderings *renderings, const Instance *instance, PgRole role,
                         HbaRendering *ret_rendering, GError **error);

/* The lines of a file that are neither blank nor a comment, without blanks at both ends. */
List hba_file_rule_lines(Arena *arena, const char *bytes);
/* The first line in which two lists differ; the length of both when they do not. */
size_t hba_lines_differ_at(const List *a, const List *b);
bool hba_lines_equal(const List *a, const List *b);
