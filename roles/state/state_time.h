/* Moments as a state file has them. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

/*
 * 2030-12-31T23:59:59Z, infinity or -infinity; the number of seconds since 1970 where that form
 * would lose something. The inverse of state_time_parse().
 */
char *state_time_text(Arena *arena, double seconds);
bool state_time_parse(const char *text, double *ret_seconds);
/*
 * A timestamp in the forms that an inventory may hold (inventory/decl/expiry.c), in a time zone of
 * that name where it says none. False for the name of a zone in the text, which only a server
 * knows, and for a zone that this machine does not know.
 */
bool state_time_in_zone(const char *text, const char *time_zone, double *ret_seconds);
