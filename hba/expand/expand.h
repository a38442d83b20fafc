/*
 * From the declarations of an instance to the rules of its file, in their order, with those that
 * are off for it marked. Everything wrong with them is reported; a file may be rendered only when
 * there were no errors.
 *
 *     g_autoptr(HbaExpander) expander = hba_expander_new(arena, findings);
 *
 *     LIST_FOREACH (const Instance, instance, &instances)
 *         rules = hba_expand(expander, instance, HBA_PROGRAM_POSTGRESQL);
 *
 * An expander remembers what a declaration became: instances that share declarations and facts get
 * the same objects, so a fleet costs little more than one instance.
 */
#pragma once

#include "base/arena.h"
#include "base/finding.h"
#include "hba/syntax/rule.h"

typedef struct HbaExpander HbaExpander;

/* Consecutive groups that other instances share: the same object where the same groups. */
typedef struct HbaRun {
    List groups; /* HbaGroup */
} HbaRun;

/* The rules of one file. */
typedef struct HbaRules {
    List groups; /* HbaGroup, in the order of the file */
    List runs;   /* HbaRun: the same groups, in larger pieces */
} HbaRules;

/* Arena and findings must outlive the expander; the groups live in the arena. */
HbaExpander *hba_expander_new(Arena *arena, Findings *findings);
void hba_expander_free(HbaExpander *expander);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HbaExpander, hba_expander_free)

/* Never NULL. */
const HbaRules *hba_expand(HbaExpander *expander, const Instance *instance, HbaProgram program);
