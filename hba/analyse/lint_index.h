/*
 * Index of boxes: which earlier rules can take connections away from a rule, without looking at all
 * of them. A box that leaves out unknown names can never help to cover one that holds them, so a
 * box for all users asks only for others of that kind; the rest goes by name, then by address.
 */
#pragma once

#include "hba/analyse/region.h"

typedef struct LintIndex LintIndex;

LintIndex *lint_index_new(Arena *arena);
void lint_index_free(LintIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LintIndex, lint_index_free)

/* number: the rule's place, ascending from call to call. The box must live as long as the index. */
void lint_index_add(LintIndex *index, const RegionBox *box, uint32_t number);
/* Appends to ret_numbers (uint32_t) the boxes that may overlap this one, ascending, each once. */
void lint_index_find(LintIndex *index, const RegionBox *box, GArray *ret_numbers);
