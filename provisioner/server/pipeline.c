/* libpq's pipeline mode, with a queue of our own of what was sent. */
#include "provisioner/server/pipeline.h"

#include <errno.h>
#include <poll.h>

#include "base/error.h"
#include "provisioner/server/session_wait.h"

typedef struct Run {
    Session *session;
    size_t count;
    const PipelineHooks *hooks;
    size_t sent;
    size_t answered;
    bool sync_sent;
    bool synced;
    bool interrupted;
    bool failed;
    size_t failed_at;
    char *message;
    SessionWait wait; /* since the last answer */
} Run;

/*
 * Only the first error is the cause; after it the server answers PIPELINE_ABORTED to everything
 * until the sync (libpq, "Pipeline Mode").
 */
static void
remember_failure(Run *run, size_t at, char *message)
{
    if (run->failed) {
        g_free(message);
        return;
    }
    run->failed = true;
    run->failed_at = at;
    run->message = message;
}

/* A warning that a GRANT or REVOKE did nothing comes before the statement's own result. */
static void
check_warning(Run *run)
{
    char *warning = session_take_warning(run->session);

    if (warning != NULL)
        remember_failure(run, run->answered, warning);
}

static void
check_rows(Run *run, PGresult *result)
{
    char *wrong = run->hooks->rows(run->answered, result, run->hooks->data);

    if (wrong != NULL)
        remember_failure(run, run->answered, wrong);
}

#define IDLE_MILLISECONDS 250

/*
 * A cancel request that reaches the server between two statements does nothing, so it is sent again
 * as long as there are answers to come.
 */
static void
check_interrupt(Run *run)
{
    if (!run->hooks->interrupted(run->hooks->data))
        return;
    run->interrupted = true;
    if (run->answered >= run->sent)
        return;
    session_cancel(run->session);
}

/* Hands statements to libpq until its buffer is as full as one write should be. */
static bool
send_some(Run *run)
{
    const size_t batch = 64;
    PGconn *connection = run->session->connection;

    if (run->interrupted && run->sent < run->count) {
        remember_failure(run, run->sent, g_strdup("interrupted"));
        run->count = run->sent;
    }
    for (size_t i = 0; i < batch && run->sent < run->count; i++) {
        const char *text = run->hooks->text(run->sent, run->hooks->data);

        if (PQsendQueryParams(connection, text, 0, NULL, NULL, NULL, NULL, 0) != 1)
            return false;
        run->sent++;
    }
    if (run->sent == run->count && !run->sync_sent) {
        if (PQpipelineSync(connection) != 1)
            return false;
        run->sync_sent = true;
    }
    return true;
}

/* Takes every answer that is here; false when the connection is lost. */
static bool
take_answers(Run *run)
{
    PGconn *connection = run->session->connection;

    while (!run->synced && PQisBusy(connection) == 0) {
        g_autoptr(PGresult) result = PQgetResult(connection);

        switch (result == NULL ? PGRES_EMPTY_QUERY : PQresultStatus(result)) {
        case PGRES_EMPTY_QUERY: /* NULL: the end of one statement's results */
            if (run->answered >= run->sent)
                return PQstatus(connection) == CONNECTION_OK;
            check_warning(run);
            run->answered++;
            run->wait = session_wait_begin();
            run->hooks->progress(run->answered, run->hooks->data);
            break;
        case PGRES_PIPELINE_SYNC:
            run->synced = true;
            break;
        case PGRES_FATAL_ERROR:
            if (PQstatus(connection) != CONNECTION_OK)
                return false;
            if (!run->failed)
                session_remember_error(run->session, result);
            remember_failure(run, run->answered, session_result_error(result));
            break;
        case PGRES_TUPLES_OK:
            check_rows(run, result);
            break;
        default:
            break;
        }
    }
    return PQstatus(connection) == CONNECTION_OK;
}

/* The session is of no use then. */
static bool
is_over(Run *run)
{
    g_autoptr(GError) error = NULL;

    if (!session_wait_is_over(run->session, &run->wait, &error))
        return false;
    remember_failure(run, run->answered, g_strdup(error->message));
    return true;
}

/*
 * Reading is always waited for, too: a server that cannot send its answers stops reading, and both
 * sides would wait for each other.
 */
static bool
wait_for_socket(Run *run, bool to_write)
{
    struct pollfd item = { .fd = PQsocket(run->session->connection), .events = POLLIN };

    if (to_write)
        item.events |= POLLOUT;
    for (;;) {
        int ready = poll(&item, 1, IDLE_MILLISECONDS);

        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
        check_interrupt(run);
        if (run->interrupted && !run->sync_sent)
            return true;
        if (is_over(run))
            return false;
    }
}

static bool
exchange(Run *run)
{
    PGconn *connection = run->session->connection;

    while (!run->synced) {
        int flushed = 0;

        check_interrupt(run);
        if (!run->sync_sent && !send_some(run))
            return false;
        flushed = PQflush(connection);
        if (flushed < 0)
            return false;
        if ((flushed > 0 || run->sync_sent) &&
            (!wait_for_socket(run, flushed > 0) || PQconsumeInput(connection) != 1))
            return false;
        if (!take_answers(run))
            return false;
    }
    return true;
}

bool
pipeline_run(Session *session, size_t count, const PipelineHooks *hooks, size_t *ret_failed,
             GError **error)
{
    Run run = { .session = session, .count = count, .hooks = hooks, .wait = session_wait_begin() };
    PGconn *connection = session->connection;
    g_autofree char *message = NULL;
    bool alive = PQsetnonblocking(connection, 1) == 0 && PQenterPipelineMode(connection) == 1 &&
                 exchange(&run);

    if (alive) {
        PQexitPipelineMode(connection);
        PQsetnonblocking(connection, 0);
    } else {
        g_autofree char *reason = g_strdelimit(g_strdup(PQerrorMessage(connection)), "\n", ' ');

        remember_failure(&run, run.answered,
                         g_strdup_printf("the connection was lost: %s", g_strstrip(reason)));
    }
    message = run.message;
    if (!run.failed)
        return true;
    *ret_failed = MIN(run.failed_at, count - 1);
    g_set_error_literal(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD, message);
    return false;
}
