/* The notes of a plan as text: those of one kind together, with their hint once. */
#pragma once

#include "provisioner/plan/plan.h"

/*
 * Appends the notes that the verbosity lets through, with a heading; false where there is none.
 * From 1 on each note stands for itself and what was ignored is counted; from -1 on only errors.
 */
bool plan_append_notes(const Findings *notes, PlanTextStyle style, GString *out);
