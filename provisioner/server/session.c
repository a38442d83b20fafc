/* Asking, over libpq. */
#include "provisioner/server/session.h"

#include <string.h>

#include "base/error.h"
#include "provisioner/server/interrupt.h"
#include "provisioner/server/session_wait.h"

/*
 * libpq's messages have several lines, one for each host that was tried; an error here is one line.
 */
char *
session_one_line(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    g_autoptr(GString) out = g_string_new(NULL);

    for (char **line = lines; *line != NULL; line++) {
        g_strstrip(*line);
        if (**line == '\0')
            continue;
        if (out->len > 0)
            g_string_append(out, "; ");
        g_string_append(out, *line);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

void
session_close(Session *session)
{
    if (session == NULL)
        return;
    g_clear_pointer(&session->ahead, g_hash_table_destroy);
    PQfinish(session->connection);
    g_free(session->warning);
    g_free(session);
}

/* privilege_not_revoked and privilege_not_granted: the statement did nothing, or not all. */
static const char *const refused_states[] = { "01006", "01007", NULL };

/*
 * Errors come as results; what else a server says (that MD5 is going out of use, for each password)
 * is not for the terminal, where it would stand between our own lines. But GRANT and REVOKE only
 * warn of what they do not do (aclchk.c restrict_and_check_grant()).
 */
static void
take_notice(void *data, const PGresult *result)
{
    Session *session = data;
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    if (state == NULL || !g_strv_contains(refused_states, state) || session->warning != NULL)
        return;
    session->warning = session_result_error(result);
    session_remember_error(session, result);
}

char *
session_take_warning(Session *session)
{
    return g_steal_pointer(&session->warning);
}

void
session_watch_warnings(Session *session)
{
    PQsetNoticeReceiver(session->connection, take_notice, session);
}

/*
 * The SQLSTATE is in the text for people to search for; code uses last_error, because messages are
 * translated.
 */
char *
session_result_error(const PGresult *result)
{
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    g_autofree char *text = NULL;

    if (message == NULL)
        return session_one_line(PQresultErrorMessage(result));
    text = detail == NULL ? session_one_line(message) : g_strdup_printf("%s (%s)", message, detail);
    return g_strdup_printf("%s [SQLSTATE %s]", text, state);
}

/* The source function tells apart errors that share XX000 (internal error): see apply.c. */
void
session_remember_error(Session *session, const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    SessionError *last = &session->last_error;

    g_strlcpy(last->sqlstate, sqlstate == NULL ? "" : sqlstate, sizeof last->sqlstate);
    g_strlcpy(last->source_function, function == NULL ? "" : function,
              sizeof last->source_function);
}

static void
clear_result(gpointer result)
{
    PQclear(result);
}

/* False where a statement failed, or the server does not answer. */
static bool
read_ahead(Session *session, const List *statements, size_t sent)
{
    SessionWait wait = session_wait_begin();
    bool failed = false;
    bool ok = true;

    for (size_t i = 0; i < sent && ok && PQstatus(session->connection) == CONNECTION_OK; i++) {
        PGresult *result = session_next_result(session, &wait, &ok, NULL);

        wait.since = g_get_monotonic_time();
        failed = failed || PQresultStatus(result) == PGRES_FATAL_ERROR;
        g_hash_table_insert(session->ahead, g_strdup(statements->items[i]), result);
        if (result != NULL) /* NULL: the end of one statement's results */
            PQclear(session_next_result(session, &wait, &ok, NULL));
    }
    if (ok)
        PQclear(session_next_result(session, &wait, &ok, NULL)); /* of the sync */
    return ok && !failed;
}

void
session_ask_ahead(Session *session, const List *statements)
{
    PGconn *connection = session->connection;
    size_t sent = 0;
    bool failed = false;

    g_clear_pointer(&session->ahead, g_hash_table_destroy);
    session->ahead = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, clear_result);
    if (PQenterPipelineMode(connection) != 1)
        return;
    /* A connection that is not non-blocking reads while it cannot write: no deadlock. */
    while (sent < statements->count && PQsendQueryParams(connection, statements->items[sent], 0,
                                                         NULL, NULL, NULL, NULL, 0) == 1)
        sent++;
    PQpipelineSync(connection);
    if (!read_ahead(session, statements, sent))
        failed = true;
    PQexitPipelineMode(connection);
    if (!failed)
        return;
    /* What came after the error has no answer: all is asked again, one by one. */
    g_clear_pointer(&session->ahead, g_hash_table_destroy);
    session_rollback(session);
}

/*
 * What was asked ahead, or NULL. Answers are found by the text of the statement, so a caller need
 * not know whether it was asked ahead.
 */
static PGresult *
take_answer(Session *session, const char *sql)
{
    gpointer key = NULL;
    gpointer result = NULL;

    if (session->ahead == NULL || !g_hash_table_steal_extended(session->ahead, sql, &key, &result))
        return NULL;
    g_free(key);
    return result;
}

/* query_canceled comes of statement_timeout, too. */
static int
error_code(const Session *session)
{
    bool is_cancelled = strcmp(session->last_error.sqlstate, "57014") == 0;

    return is_cancelled && session->is_interruptible && interrupt_requested()
               ? PGCHARTER_ERROR_INTERRUPTED
               : PGCHARTER_ERROR_WORLD;
}

/*
 * A result is always complete: row-by-row mode would hold the connection while rows are processed.
 */
PGresult *
session_query(Session *session, const char *sql, GError **error)
{
    g_autoptr(GError) no_answer = NULL;
    g_autoptr(PGresult) result = take_answer(session, sql);
    ExecStatusType status;

    if (result == NULL)
        result = session_run(session, sql, &no_answer);
    if (no_answer != NULL) {
        session_remember_error(session, NULL);
        g_propagate_error(error, g_steal_pointer(&no_answer));
        return NULL;
    }
    status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        g_autofree char *reason = result == NULL
                                      ? session_one_line(PQerrorMessage(session->connection))
                                      : session_result_error(result);

        session_remember_error(session, result);
        g_set_error(error, PGCHARTER_ERROR, error_code(session), "%s: %s", session->label, reason);
        return NULL;
    }
    return g_steal_pointer(&result);
}

bool
session_execute(Session *session, const char *sql, GError **error)
{
    g_autoptr(PGresult) result = session_query(session, sql, error);

    return result != NULL;
}

void
session_rollback(Session *session)
{
    bool was_interruptible = session->is_interruptible;

    session->is_interruptible = false;
    session_execute(session, "ROLLBACK", NULL);
    session->is_interruptible = was_interruptible;
}

bool
session_limit_statements(Session *session, int statement_timeout_ms, GError **error)
{
    g_autofree char *sql = g_strdup_printf("SET statement_timeout = %d", statement_timeout_ms);

    if (!session_execute(session, sql, error))
        return false;
    session->statement_timeout_ms = statement_timeout_ms;
    return true;
}

bool
session_allow_writes(Session *session, int lock_timeout_ms, int statement_timeout_ms,
                     GError **error)
{
    g_autofree char *sql = g_strdup_printf("SET default_transaction_read_only = off;"
                                           "SET lock_timeout = %d;"
                                           "SET statement_timeout = %d;"
                                           "SET idle_in_transaction_session_timeout = '600s'",
                                           lock_timeout_ms, statement_timeout_ms);

    if (!session_execute(session, sql, error))
        return false;
    session->statement_timeout_ms = statement_timeout_ms;
    return true;
}

/* A column that is missing is an error of the program: the query is in templates/. */
const char *
session_text(const PGresult *result, int row, const char *column)
{
    int index = PQfnumber(result, column);

    g_assert(index >= 0);
    return PQgetisnull(result, row, index) ? NULL : PQgetvalue(result, row, index);
}

bool
session_bool(const PGresult *result, int row, const char *column)
{
    return g_strcmp0(session_text(result, row, column), "t") == 0;
}

int
session_pid(const PGresult *result)
{
    const char *pid = session_text(result, 0, "pid");

    return pid == NULL ? 0 : (int)g_ascii_strtoll(pid, NULL, 10);
}
