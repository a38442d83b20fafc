/* Opening, configuring and asking, over libpq. */
#include "provisioner/server/session.h"

#include <string.h>

#include "base/error.h"

#define CONNECT_TIMEOUT_SECONDS "10"

/* What every session gets as soon as it stands; settings in the startup packet would not pass a
 * pooler. */
static const char session_settings[] = "SET default_transaction_read_only = on;"
                                       "SET search_path = '';"
                                       "SET standard_conforming_strings = on;"
                                       "SET client_min_messages = warning;"
                                       "SET bytea_output = 'hex';"
                                       "SET extra_float_digits = 3;"
                                       "SET DateStyle = 'ISO, YMD'";

static const char write_settings[] = "SET default_transaction_read_only = off;"
                                     "SET lock_timeout = '5s';"
                                     "SET statement_timeout = '300s';"
                                     "SET idle_in_transaction_session_timeout = '600s'";

/*
 * libpq's messages have several lines, one for each host that was tried; an error here is one line.
 */
static char *
one_line(const char *text)
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

/*
 * Parameters of our own come last and win. client_encoding is UTF8 so that names compare by bytes.
 */
static PGconn *
connect_to(const ConnectionParameters *parameters, const char *database)
{
    size_t count = g_strv_length((char **)(void *)parameters->keywords);
    g_autofree const char **keywords = g_new0(const char *, count + 5);
    g_autofree const char **values = g_new0(const char *, count + 5);
    bool has_timeout = g_strv_contains(parameters->keywords, "connect_timeout");

    memcpy(keywords, parameters->keywords, count * sizeof *keywords);
    memcpy(values, parameters->values, count * sizeof *values);
    keywords[count] = "dbname";
    values[count++] = database;
    keywords[count] = "application_name";
    values[count++] = "pgcharter";
    keywords[count] = "client_encoding";
    values[count++] = "UTF8";
    if (!has_timeout) {
        keywords[count] = "connect_timeout";
        values[count] = CONNECT_TIMEOUT_SECONDS;
    }
    return PQconnectdbParams(keywords, values, 0);
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

/*
 * The version is checked here, once for every command, because no query of templates/ was tried on
 * older servers.
 */
Session *
session_open(const ConnectionParameters *parameters, const char *database, GError **error)
{
    g_autoptr(Session) session = g_new0(Session, 1);

    session->label = parameters->label;
    session->connection = connect_to(parameters, database);
    if (PQstatus(session->connection) != CONNECTION_OK) {
        g_autofree char *reason = one_line(PQerrorMessage(session->connection));

        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                    "%s: cannot connect to database \"%s\": %s", session->label, database, reason);
        return NULL;
    }
    PQsetNoticeReceiver(session->connection, take_notice, session);
    if (PQserverVersion(session->connection) < SESSION_VERSION_MIN * 10000) {
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                    "%s: PostgreSQL %d is too old: version %d is the oldest that can be managed",
                    session->label, PQserverVersion(session->connection) / 10000,
                    SESSION_VERSION_MIN);
        return NULL;
    }
    if (!session_execute(session, session_settings, error))
        return NULL;
    return g_steal_pointer(&session);
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
        return one_line(PQresultErrorMessage(result));
    text = detail == NULL ? one_line(message) : g_strdup_printf("%s (%s)", message, detail);
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
    for (size_t i = 0; i < sent && PQstatus(connection) == CONNECTION_OK; i++) {
        PGresult *result = PQgetResult(connection);

        failed = failed || PQresultStatus(result) == PGRES_FATAL_ERROR;
        g_hash_table_insert(session->ahead, g_strdup(statements->items[i]), result);
        if (result != NULL)
            PQclear(PQgetResult(connection)); /* NULL: the end of one statement's results */
    }
    PQclear(PQgetResult(connection));
    PQexitPipelineMode(connection);
    if (!failed)
        return;
    /* What came after the error has no answer: all is asked again, one by one. */
    g_clear_pointer(&session->ahead, g_hash_table_destroy);
    PQclear(PQexec(connection, "ROLLBACK"));
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

/*
 * A result is always complete: row-by-row mode would hold the connection while rows are processed.
 */
PGresult *
session_query(Session *session, const char *sql, GError **error)
{
    PGresult *known = take_answer(session, sql);
    g_autoptr(PGresult) result = known != NULL ? known : PQexec(session->connection, sql);
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        g_autofree char *reason = result == NULL ? one_line(PQerrorMessage(session->connection))
                                                 : session_result_error(result);

        session_remember_error(session, result);
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD, "%s: %s", session->label,
                    reason);
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

bool
session_allow_writes(Session *session, GError **error)
{
    return session_execute(session, write_settings, error);
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
