/*
 * LockWait: notices that a statement makes no progress, and asks a second session who is in its
 * way.
 */
#pragma once

#include <glib.h>

#include "provisioner/server/session.h"

typedef struct LockWait {
    Arena *arena;
    const ConnectionParameters *connection;
    int backend_pid; /* of the session that may wait */
    gint64 since;    /* when it last got an answer, in monotonic microseconds */
    bool is_reported;
} LockWait;

/* An answer has arrived. */
void lock_wait_reset(LockWait *wait);
/*
 * Who blocks the session: `pid 4711 (role "dave", since 2026-11-28 00:10:00+00)`, several with
 * commas; NULL where it waits less than a second or for nobody, or this was reported. To be
 * called every now and then.
 */
const char *lock_wait_blockers(LockWait *wait);
