/*
 * What has changed on a server since a plan for it was saved: object by object, and only where
 * nothing is known of an object by the statements that differ.
 */
#pragma once

#include "provisioner/plan/plan.h"

/* Two steps with the same key do the same (the arena's). */
const char *saved_plan_step_key(Arena *arena, const Step *step);
/* Those of `steps` that are not among `others` (const Step): they are counted, as two may be equal.
 */
List saved_plan_differing_steps(Arena *arena, const List *steps, const List *others);
/* Sentences (const char), ten at most and then how many more there are. */
List saved_plan_changes(Arena *arena, const TargetPlan *saved, const TargetPlan *now);
