/*
 * Session: one connection to one database of a server. Every session is read-only until
 * session_allow_writes, has an empty search_path, reads string literals the standard way, and is
 * named pgcharter.
 */
#pragma once

#include <glib.h>
#include <libpq-fe.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/list.h"
#include "provisioner/server/session_setting.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGresult, PQclear)

/*
 * What the sessions of one target have learnt of its server: the first one says which server it is,
 * and all others have to be on the same.
 */
typedef struct ServerSeen {
    Arena *arena;
    StartupLimits limits;
    bool hides_identifier;         /* pg_control_system() is not for the session role */
    const char *started;           /* NULL: there was no session yet */
    const char *system_identifier; /* NULL: unknown */
} ServerSeen;

/* How to reach a server: libpq's keywords and values, without dbname. */
typedef struct ConnectionParameters {
    const char *const *keywords; /* NULL-terminated */
    const char *const *values;
    const char *label; /* what messages call the server: the cluster's or instance's name */
    ServerSeen *seen;
    bool is_interruptible; /* SIGINT and SIGTERM cancel its statements */
} ConnectionParameters;

/* The last error a server gave: what decides whether to try again. Texts are translated, these are
 * not. */
typedef struct SessionError {
    char sqlstate[6];         /* "" for none */
    char source_function[32]; /* of the server's code; cut where it is longer */
} SessionError;

typedef struct Session {
    PGconn *connection;
    const char *label;
    SessionError last_error;
    GHashTable *ahead;        /* statement -> PGresult that nobody has asked for yet */
    char *warning;            /* see session_take_warning() */
    int backend_pid;          /* the server's, also behind a pooler */
    int statement_timeout_ms; /* what the server ends statements after; 0: it does not */
    bool is_interruptible;
} Session;

/* insufficient_privilege */
#define SQLSTATE_INSUFFICIENT_PRIVILEGE "42501"

/* The oldest server that a session is opened to. */
#define SESSION_VERSION_MIN 13

/* How long a statement may take, where nobody says otherwise. */
#define STATEMENT_TIMEOUT_MS_DEFAULT 300000

/*
 * NULL with PGCHARTER_ERROR_WORLD; the message is one line and holds no password. A session that is
 * on another server than the first one of these parameters is refused, and so is one behind a
 * pooler that changes servers between transactions.
 */
Session *session_open(const ConnectionParameters *parameters, const char *database, GError **error);
/* Connected, but nothing is known or set yet: for the two files that find out. */
Session *session_open_unsettled(const ConnectionParameters *parameters, const char *database,
                                GError **error);
void session_close(Session *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Session, session_close)

/*
 * Sends the statements (const char, none of them several in one) in one go and keeps the answers:
 * session_query() of one of these texts gives its answer without asking again. With an error among
 * them nothing is kept, and all is asked again one by one: what may not be read has another query.
 */
void session_ask_ahead(Session *session, const List *statements);
/* A query that gives rows. NULL with PGCHARTER_ERROR_WORLD: message and SQLSTATE. */
PGresult *session_query(Session *session, const char *sql, GError **error);
/* A statement whose result does not matter. */
bool session_execute(Session *session, const char *sql, GError **error);
/* Lifts the read-only setting and sets the time limits of an apply; 0: no limit. */
bool session_allow_writes(Session *session, int lock_timeout_ms, int statement_timeout_ms,
                          GError **error);
/* What the server ends statements after; 0: nothing. */
bool session_limit_statements(Session *session, int statement_timeout_ms, GError **error);
/* Ends a transaction that failed, whoever wants the program to end. */
void session_rollback(Session *session);
/* libpq's message, which may have several lines, as one; the caller's to free. */
char *session_one_line(const char *text);
/* "ERROR text (SQLSTATE 42501)", in one line, of a failed result. */
char *session_result_error(const PGresult *result);

/*
 * What the server said of a GRANT or REVOKE that did not do all it says (SQLSTATE 01006, 01007), in
 * one line; NULL where it did. The caller's to free; the next call speaks of what came after.
 */
char *session_take_warning(Session *session);
/* Begins to keep warnings for session_take_warning(); called when a session is opened. */
void session_watch_warnings(Session *session);
/* Keeps what a failed result says for session->last_error. */
void session_remember_error(Session *session, const PGresult *result);

/* The process id in column "pid". */
int session_pid(const PGresult *result);
/* Column access by name; NULL for SQL NULL. */
const char *session_text(const PGresult *result, int row, const char *column);
bool session_bool(const PGresult *result, int row, const char *column);
