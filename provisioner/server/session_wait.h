/*
 * SessionWait: waiting for a server's answers, with an end. A server that hangs keeps its TCP
 * connection alive, so keepalives do not notice it; a statement that the server itself should have
 * ended some seconds ago is given up. SIGINT and SIGTERM cancel the statement on the server.
 */
#pragma once

#include "provisioner/server/session.h"

/* Since when the next answer is waited for. */
typedef struct SessionWait {
    gint64 since;       /* g_get_monotonic_time() */
    gint64 interrupted; /* when the end was asked for; 0: it was not */
} SessionWait;

SessionWait session_wait_begin(void);
/*
 * Waits until the connection can be read, or with to_write written. False with
 * PGCHARTER_ERROR_WORLD where the time is up or the connection is lost, and with
 * PGCHARTER_ERROR_INTERRUPTED where nothing answers a cancel request; the session is of no use
 * then.
 */
bool session_wait_ready(Session *session, SessionWait *wait, bool to_write, GError **error);
/* The time is up: an error, and a session of no use. To be asked where somebody else polls. */
bool session_wait_is_over(Session *session, const SessionWait *wait, GError **error);
/* Sends a cancel request in a thread of its own, because a server that hangs does not take it. */
void session_cancel(Session *session);
/*
 * PQexec() with an end: the last result, or the first one that failed. NULL with an error as from
 * session_wait_ready(), and without one where the connection is lost.
 */
PGresult *session_run(Session *session, const char *sql, GError **error);
/* PQgetResult() with an end, in the same way. *ret_ok: NULL is the end of a statement's results. */
PGresult *session_next_result(Session *session, SessionWait *wait, bool *ret_ok, GError **error);
