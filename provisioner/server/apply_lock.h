/*
 * The lock that keeps two applies from one server: a session advisory lock in database postgres
 * (advisory locks are per database), so it goes with the session that took it, whatever happens to
 * the program.
 */
#pragma once

#include <stdbool.h>

#include "provisioner/server/session.h"

/* Takes it where it is free; false only with an error. */
bool apply_lock_try(Session *session, bool *ret_taken, GError **error);
/* Waits at most that many seconds. PGCHARTER_ERROR_WORLD tells who holds it. */
bool apply_lock_take(Arena *arena, Session *session, int wait_seconds, GError **error);
