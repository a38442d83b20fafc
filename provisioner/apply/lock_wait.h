/*
 * LockWait: notices that a statement makes no progress, asks a second session who is in its way,
 * and ends the sessions of roles that leave. Anybody can lock his own row of pg_authid (ALTER ROLE
 * CURRENT_USER PASSWORD in an open transaction), so a role could otherwise keep its LOGIN. They end
 * while the statement waits: it is first in the queue then, whoever connects again comes behind it.
 */
#pragma once

#include <glib.h>

#include "provisioner/plan/plan.h"
#include "provisioner/server/session.h"

typedef struct LockWait {
    Arena *arena;
    const ConnectionParameters *connection;
    const TargetPlan *target; /* roles that it disables or drops leave */
    int backend_pid;          /* of the session that may wait */
    int lock_timeout_ms;      /* of that session; 0: none */
    Session *session;         /* the second one; NULL: not needed yet */
    gint64 since;             /* when something was last heard, in monotonic microseconds */
    const char *blockers;     /* who was in the way when last asked; NULL: nobody, or not asked */
} LockWait;

/* An answer has arrived. */
void lock_wait_reset(LockWait *wait);
/*
 * Who blocks the session: `pid 4711 (role "dave", since 2026-11-28 00:10:00+00)`, several with
 * commas; NULL where it waits less than a second (or a quarter of the lock timeout) or for nobody,
 * or this was reported. To be called every now and then.
 */
const char *lock_wait_blockers(LockWait *wait);
/* Closes the second session. */
void lock_wait_clear(LockWait *wait);
