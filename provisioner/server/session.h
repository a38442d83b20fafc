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

G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGresult, PQclear)

/* How to reach a server: libpq's keywords and values, without dbname. */
typedef struct ConnectionParameters {
    const char *const *keywords; /* NULL-terminated */
    const char *const *values;
    const char *label; /* what messages call the server: the cluster's or instance's name */
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
    GHashTable *ahead; /* statement -> PGresult that nobody has asked for yet */
    char *warning;     /* see session_take_warning() */
} Session;

/* insufficient_privilege */
#define SQLSTATE_INSUFFICIENT_PRIVILEGE "42501"

/* The oldest server that a session is opened to. */
#define SESSION_VERSION_MIN 13

/* NULL with PGCHARTER_ERROR_WORLD; the message is one line and holds no password. */
Session *session_open(const ConnectionParameters *parameters, const char *database, GError **error);
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
/* Lifts the read-only setting and sets the time limits of an apply. */
bool session_allow_writes(Session *session, GError **error);
/* "ERROR text (SQLSTATE 42501)", in one line, of a failed result. */
char *session_result_error(const PGresult *result);

/*
 * What the server said of a GRANT or REVOKE that did not do all it says (SQLSTATE 01006, 01007), in
 * one line; NULL where it did. The caller's to free; the next call speaks of what came after.
 */
char *session_take_warning(Session *session);
/* Keeps what a failed result says for session->last_error. */
void session_remember_error(Session *session, const PGresult *result);

/* Column access by name; NULL for SQL NULL. */
const char *session_text(const PGresult *result, int row, const char *column);
bool session_bool(const PGresult *result, int row, const char *column);
