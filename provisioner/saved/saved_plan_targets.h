/*
 * The targets of a saved plan, from JSON back into the structures that every form of a plan is
 * written from: what `show FILE` prints is what `plan` printed. Only what apply alone needs is not
 * there: changes, refusals, secrets.
 */
#pragma once

#include <jansson.h>

#include "provisioner/plan/plan.h"

/*
 * Mode, targets and failures of the document; the inventory's findings as well. Everything is the
 * arena's, so the plan is not to be cleared. False where a member is missing or has the wrong type.
 * A file of an earlier version has fewer members: then a step's statements are one.
 */
bool saved_plan_read_targets(Arena *arena, const json_t *document, Plan *ret_plan);
/* The arena's; NULL where there is no such member or no text. */
const char *saved_plan_text(Arena *arena, const json_t *object, const char *key);
