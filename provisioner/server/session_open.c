/* Connecting, and finding out what the connection leads to before anything is set there. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "provisioner/server/answer.h"
#include "provisioner/server/pooler.h"
#include "provisioner/server/session.h"
#include "provisioner/server/session_wait.h"

#define CONNECT_TIMEOUT_SECONDS "10"

/* What a person wrote as `options`, which ours are added to; libpq's environment is the default. */
static const char *
own_options(const ConnectionParameters *parameters)
{
    const char *own = NULL;

    for (size_t i = 0; parameters->keywords[i] != NULL; i++) {
        if (strcmp(parameters->keywords[i], "options") == 0)
            own = parameters->values[i];
    }
    return own != NULL ? own : getenv("PGOPTIONS");
}

/*
 * Parameters of our own come last and win. client_encoding is UTF8 so that names compare by bytes
 * (for SQL_ASCII see below).
 */
static PGconn *
connect_to(const ConnectionParameters *parameters, const char *database)
{
    g_autofree char *options =
        session_setting_options(&parameters->seen->limits, own_options(parameters));
    const char *const ours[][2] = { { "dbname", database },
                                    { "application_name", "pgcharter" },
                                    { "client_encoding", "UTF8" },
                                    { "options", options },
                                    { "connect_timeout", CONNECT_TIMEOUT_SECONDS } };
    bool has_timeout = g_strv_contains(parameters->keywords, "connect_timeout");
    size_t count = g_strv_length((char **)(void *)parameters->keywords);
    g_autofree const char **keywords = g_new0(const char *, count + G_N_ELEMENTS(ours) + 1);
    g_autofree const char **values = g_new0(const char *, count + G_N_ELEMENTS(ours) + 1);

    memcpy(keywords, parameters->keywords, count * sizeof *keywords);
    memcpy(values, parameters->values, count * sizeof *values);
    for (size_t i = 0; i < G_N_ELEMENTS(ours) - (has_timeout ? 1 : 0); i++) {
        keywords[count] = ours[i][0];
        values[count++] = ours[i][1];
    }
    return PQconnectdbParams(keywords, values, 0);
}

/*
 * Which settings a server knows depends on its version, which is known too late: that of the
 * inventory is tried first, then less of it, and a newer server gets the rest with a second
 * connection, so that a trigger on login finds them all.
 */
static PGconn *
connect_with_settings(const ConnectionParameters *parameters, const char *database)
{
    StartupLimits *limits = &parameters->seen->limits;
    bool was_refused = false;

    for (;;) {
        PGconn *connection = connect_to(parameters, database);
        int version = PQserverVersion(connection) / 10000;

        if (PQstatus(connection) != CONNECTION_OK) {
            if (!session_setting_refused(limits, PQerrorMessage(connection)))
                return connection;
            was_refused = true;
        } else if (was_refused || version <= limits->version) {
            return connection;
        } else {
            limits->version = version;
        }
        PQfinish(connection);
    }
}

/* The query that may not be asked by everybody is tried once for each target. */
static PGresult *
ask_what_it_is(Session *session, ServerSeen *seen, Arena *arena, int pid, GError **error)
{
    g_autofree char *settings = session_setting_values(&seen->limits);
    g_autofree char *pid_text = g_strdup_printf("%d", pid);
    const SqlValue values[] = { { "pid", pid_text }, { "settings", settings }, { 0 } };
    g_autoptr(GError) failure = NULL;
    PGresult *result = NULL;

    if (!seen->hides_identifier)
        result = answer_ask(arena, session, "catalog/session.sql", values, &failure);
    if (result != NULL)
        return result;
    if (failure != NULL &&
        strcmp(session->last_error.sqlstate, SQLSTATE_INSUFFICIENT_PRIVILEGE) != 0) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    seen->hides_identifier = true;
    return answer_ask(arena, session, "catalog/session_without_identifier.sql", values, error);
}

/*
 * Behind an address that leads to several servers, or after a failover, each session could be on
 * another one. A physical copy has the same identifier, but was started at another time.
 */
static bool
is_same_server(const Session *session, ServerSeen *seen, const PGresult *result, GError **error)
{
    const char *started = session_text(result, 0, "started");
    const char *identifier = session_text(result, 0, "system_identifier");

    if (seen->started == NULL) {
        seen->started = arena_strdup(seen->arena, started == NULL ? "" : started);
        seen->system_identifier = identifier == NULL ? NULL : arena_strdup(seen->arena, identifier);
        return true;
    }
    if (g_strcmp0(seen->started, started) == 0 &&
        g_strcmp0(seen->system_identifier, identifier) == 0)
        return true;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: the session in database \"%s\" is on another server than the first one, or "
                "the server was restarted: system identifier %s, started %s UTC; the first was "
                "%s, started %s UTC",
                session->label, PQdb(session->connection),
                identifier == NULL ? "unknown" : identifier, started,
                seen->system_identifier == NULL ? "unknown" : seen->system_identifier,
                seen->started);
    return false;
}

/*
 * A pooler answers with a process id of its own, so the settings did not take effect. Where the
 * session keeps its server they are set in a second try.
 */
static bool
settle(Session *session, const ConnectionParameters *parameters, GError **error)
{
    g_autoptr(Arena) arena = arena_new();
    int pid = PQbackendPID(session->connection);
    g_autoptr(PGresult) result = ask_what_it_is(session, parameters->seen, arena, pid, error);
    g_autoptr(PGresult) again = NULL;

    if (result == NULL)
        return false;
    session->backend_pid = session_pid(result);
    if (session->backend_pid != pid) {
        if (!pooler_keeps_session(session, parameters, error))
            return false;
        again = ask_what_it_is(session, parameters->seen, arena, session->backend_pid, error);
        if (again == NULL)
            return false;
    }
    return is_same_server(session, parameters->seen, result, error);
}

/*
 * The version is checked here, once for every command, because no query of templates/ was tried on
 * older servers.
 */
static bool
check_version(const Session *session, GError **error)
{
    int version = PQserverVersion(session->connection) / 10000;

    if (version >= SESSION_VERSION_MIN)
        return true;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: PostgreSQL %d is too old: version %d is the oldest that can be managed",
                session->label, version, SESSION_VERSION_MIN);
    return false;
}

Session *
session_open_unsettled(const ConnectionParameters *parameters, const char *database, GError **error)
{
    g_autoptr(Session) session = g_new0(Session, 1);

    session->label = parameters->label;
    session->statement_timeout_ms = parameters->seen->limits.statement_timeout_ms;
    session->is_interruptible = parameters->is_interruptible;
    session->connection = connect_with_settings(parameters, database);
    if (PQstatus(session->connection) != CONNECTION_OK) {
        g_autofree char *reason = session_one_line(PQerrorMessage(session->connection));

        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                    "%s: cannot connect to database \"%s\": %s", session->label, database, reason);
        return NULL;
    }
    session_watch_warnings(session);
    return g_steal_pointer(&session);
}

/*
 * The server checks that what it sends from a SQL_ASCII database is UTF-8 and fails at the first
 * comment that is not, whoever's it is (pg_server_to_client() in mbutils.c). The bytes are taken as
 * they are instead; answer.h says what becomes of them.
 */
static bool
take_bytes_of_sql_ascii(Session *session, GError **error)
{
    const char *encoding = PQparameterStatus(session->connection, "server_encoding");
    g_autofree char *reason = NULL;

    if (g_strcmp0(encoding, "SQL_ASCII") != 0 ||
        PQsetClientEncoding(session->connection, encoding) == 0)
        return true;
    reason = session_one_line(PQerrorMessage(session->connection));
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: cannot set client_encoding in database \"%s\": %s", session->label,
                PQdb(session->connection), reason);
    return false;
}

Session *
session_open(const ConnectionParameters *parameters, const char *database, GError **error)
{
    g_autoptr(Session) session = session_open_unsettled(parameters, database, error);

    if (session == NULL || !check_version(session, error) || !settle(session, parameters, error) ||
        !take_bytes_of_sql_ascii(session, error))
        return NULL;
    return g_steal_pointer(&session);
}
