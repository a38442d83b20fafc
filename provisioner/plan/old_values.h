/*
 * OldValues: what roles, databases, schemas and settings were before the diff moved the state, so
 * that a plan can show both ends of a change. Its memory is an arena's.
 *
 *     old = old_values_new(arena, state);              before diff_begin()
 *     step->difference = old_values_text(old, change);
 */
#pragma once

#include "roles/change/change.h"
#include "roles/state/access_state.h"

typedef struct OldValues OldValues;

OldValues *old_values_new(Arena *arena, const AccessState *state);
void old_values_free(OldValues *old);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OldValues, old_values_free)

/* A moment of VALID UNTIL, in UTC (free with g_free()). */
char *old_values_time(double seconds);
/*
 * "NOLOGIN -> LOGIN, CONNECTION LIMIT -1 -> 5" (the arena's); NULL where nothing was there before,
 * or where it may not be shown.
 */
const char *old_values_text(const OldValues *old, const Change *change);
