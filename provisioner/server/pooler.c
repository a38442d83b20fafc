/* A second connection tries to get the server connection of the first one. */
#include "provisioner/server/pooler.h"

#include "base/error.h"
#include "provisioner/server/answer.h"

/* A pool with room for one session only does not answer the second one. */
#define SECOND_SESSION_TIMEOUT_MS 5000

static bool
ask_pid(Session *session, int *ret_pid, GError **error)
{
    g_autoptr(PGresult) result = answer_query(session, "SELECT pg_catalog.pg_backend_pid() AS pid",
                                              "row: pid integer", error);

    if (result == NULL)
        return false;
    *ret_pid = session_pid(result);
    return true;
}

/*
 * PgBouncer gives the server connection that was used last, or with server_round_robin the next
 * one: in the first case the other session gets ours, in the second one we get another. While the
 * other session holds a transaction open, what it has got is not free.
 */
static bool
try_to_share(Session *session, Session *other, bool *ret_shared, GError **error)
{
    int again = 0;
    int others = 0;
    int last = 0;

    if (!ask_pid(session, &again, error) || !session_execute(other, "BEGIN", error) ||
        !ask_pid(other, &others, error) || !ask_pid(session, &last, error) ||
        !session_execute(other, "ROLLBACK", error))
        return false;
    *ret_shared = again != session->backend_pid || last != session->backend_pid || others == again;
    return true;
}

bool
pooler_keeps_session(Session *session, const ConnectionParameters *parameters, GError **error)
{
    const char *database = PQdb(session->connection);
    g_autoptr(Session) other = session_open_unsettled(parameters, database, error);
    bool is_shared = false;

    if (other == NULL)
        return false;
    other->statement_timeout_ms = SECOND_SESSION_TIMEOUT_MS;
    if (!try_to_share(session, other, &is_shared, error)) {
        g_prefix_error(error,
                       "%s: a connection pooler is in between, and whether it keeps "
                       "sessions cannot be found out: ",
                       session->label);
        return false;
    }
    if (is_shared)
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                    "%s: a connection pooler in transaction mode is in between (database \"%s\"); "
                    "pgcharter needs sessions of its own: give it the server's address, or a pool "
                    "with pool_mode = session",
                    session->label, database);
    return !is_shared;
}
