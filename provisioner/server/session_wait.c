/* poll(2) in slices: a signal may reach another thread than the one that waits. */
#include "provisioner/server/session_wait.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/error.h"
#include "provisioner/server/interrupt.h"

#define SLICE_MILLISECONDS 250

/* For the answer of a server to arrive that has ended a statement itself. */
#define GRACE_SECONDS 10
/* For the answer to a cancel request. */
#define CANCEL_SECONDS 5

SessionWait
session_wait_begin(void)
{
    return (SessionWait){ .since = g_get_monotonic_time() };
}

static gpointer
send_cancel(gpointer data)
{
    char reason[256];
    PGcancel *cancel = data;

    PQcancel(cancel, reason, sizeof reason);
    PQfreeCancel(cancel);
    return NULL;
}

/* PQcancel() connects and waits for the end of that connection, without a limit. */
void
session_cancel(Session *session)
{
    PGcancel *cancel = PQgetCancel(session->connection);

    if (cancel != NULL)
        g_thread_unref(g_thread_new("cancel", send_cancel, cancel));
}

/* Whatever is asked later fails at once: libpq sees the end of the connection. */
static void
give_up(Session *session)
{
    shutdown(PQsocket(session->connection), SHUT_RDWR);
    PQconsumeInput(session->connection);
}

bool
session_wait_is_over(Session *session, const SessionWait *wait, GError **error)
{
    gint64 waited = (g_get_monotonic_time() - wait->since) / G_USEC_PER_SEC;

    if (session->statement_timeout_ms == 0 ||
        waited < session->statement_timeout_ms / 1000 + GRACE_SECONDS)
        return false;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: the server has not answered for %d s in database \"%s\"; the connection is "
                "given up",
                session->label, (int)waited, PQdb(session->connection));
    give_up(session);
    return true;
}

/*
 * A cancel request that reaches the server between two statements does nothing, so it is sent again
 * as long as there is an answer to come.
 */
static bool
is_interrupted_for_good(Session *session, SessionWait *wait, GError **error)
{
    gint64 now = g_get_monotonic_time();

    if (!session->is_interruptible || !interrupt_requested())
        return false;
    if (wait->interrupted == 0)
        wait->interrupted = now;
    session_cancel(session);
    if (now - wait->interrupted < (gint64)CANCEL_SECONDS * G_USEC_PER_SEC)
        return false;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_INTERRUPTED,
                "%s: interrupted; the server does not answer the request to cancel",
                session->label);
    give_up(session);
    return true;
}

bool
session_wait_ready(Session *session, SessionWait *wait, bool to_write, GError **error)
{
    struct pollfd item = { .fd = PQsocket(session->connection), .events = POLLIN };

    if (to_write)
        item.events |= POLLOUT;
    for (;;) {
        int ready = poll(&item, 1, SLICE_MILLISECONDS);

        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR) {
            g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD, "%s: %s", session->label,
                        g_strerror(errno));
            return false;
        }
        if (is_interrupted_for_good(session, wait, error) ||
            session_wait_is_over(session, wait, error))
            return false;
    }
}

PGresult *
session_next_result(Session *session, SessionWait *wait, bool *ret_ok, GError **error)
{
    PGconn *connection = session->connection;

    *ret_ok = false;
    while (PQisBusy(connection) == 1) {
        if (!session_wait_ready(session, wait, false, error))
            return NULL;
        if (PQconsumeInput(connection) != 1)
            break;
    }
    *ret_ok = true;
    return PQgetResult(connection);
}

static bool
send_all(Session *session, SessionWait *wait, const char *sql, GError **error)
{
    PGconn *connection = session->connection;
    int left = 0;

    if (PQsendQuery(connection, sql) != 1)
        return false;
    while ((left = PQflush(connection)) == 1) {
        if (!session_wait_ready(session, wait, true, error) || PQconsumeInput(connection) != 1)
            return false;
    }
    return left == 0;
}

/* The rest is read, too, or the connection could not be used again. */
static PGresult *
receive_all(Session *session, SessionWait *wait, GError **error)
{
    g_autoptr(PGresult) last = NULL;
    bool ok = false;

    for (;;) {
        PGresult *result = session_next_result(session, wait, &ok, error);

        if (!ok)
            return NULL;
        if (result == NULL)
            return g_steal_pointer(&last);
        if (last != NULL && PQresultStatus(last) == PGRES_FATAL_ERROR) {
            PQclear(result);
            continue;
        }
        PQclear(last);
        last = result;
    }
}

PGresult *
session_run(Session *session, const char *sql, GError **error)
{
    PGconn *connection = session->connection;
    SessionWait wait = session_wait_begin();
    PGresult *result = NULL;

    if (session->is_interruptible && interrupt_requested()) {
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_INTERRUPTED, "%s: interrupted",
                    session->label);
        return NULL;
    }
    if (PQsetnonblocking(connection, 1) == 0 && send_all(session, &wait, sql, error))
        result = receive_all(session, &wait, error);
    PQsetnonblocking(connection, 0);
    return result;
}
