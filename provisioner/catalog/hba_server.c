/* The questions about HBA files that a server answers. */
#include "provisioner/catalog/hba_server.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "provisioner/server/answer.h"

#define RELOAD_TIMEOUT_SECONDS 10
#define RELOAD_POLL_US         20000

static PGresult *
run(Arena *arena, Session *session, const char *path, GError **error)
{
    return answer_ask(arena, session, path, NULL, error);
}

/* bytea_output is hex in our sessions; PQunescapeBytea() would need a copy to be freed by libpq. */
static char *
bytes_of_hex(Arena *arena, const char *hex, size_t *ret_length)
{
    size_t length = strlen(hex) / 2;
    char *bytes = arena_alloc(arena, length + 1);

    for (size_t i = 0; i < length; i++)
        bytes[i] =
            (char)(g_ascii_xdigit_value(hex[2 * i]) * 16 + g_ascii_xdigit_value(hex[2 * i + 1]));
    *ret_length = length;
    return bytes;
}

/*
 * The path comes from the server (SHOW hba_file), because it may lie outside the data directory, as
 * on Debian.
 */
bool
hba_server_read(Arena *arena, Session *session, HbaServer *ret_server, GError **error)
{
    g_autoptr(PGresult) result = run(arena, session, "catalog/hba_server.sql", error);
    const char *address = NULL;

    if (result == NULL)
        return false;
    address = session_text(result, 0, "client_address");
    *ret_server = (HbaServer){
        .hba_file = arena_strdup(arena, session_text(result, 0, "hba_file")),
        .changed_since_load = session_bool(result, 0, "changed_since_load"),
        .maybe_changed_since_load = session_bool(result, 0, "maybe_changed_since_load"),
        .in_recovery = session_bool(result, 0, "in_recovery"),
        .major_version = (int)strtol(session_text(result, 0, "major_version"), NULL, 10),
        .session_role = arena_strdup(arena, session_text(result, 0, "session_role")),
        .session_role_is_superuser = session_bool(result, 0, "session_role_is_superuser"),
        .data_directory = arena_strdup(arena, session_text(result, 0, "data_directory")),
        .client_address = address == NULL ? NULL : arena_strdup(arena, address),
        .ssl = session_bool(result, 0, "ssl"),
    };
    ret_server->bytes = bytes_of_hex(arena, session_text(result, 0, "bytes"), &ret_server->length);
    return true;
}

bool
hba_server_may_replace(const Session *session, const HbaServer *server, GError **error)
{
    if (server->session_role_is_superuser)
        return true;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: role \"%s\" is not a superuser; replacing the HBA file requires superuser",
                session->label, server->session_role);
    return false;
}

/* Memberships as the server has them now, because +role in the new rules is judged by these. */
bool
hba_server_read_roles(Arena *arena, Session *session, HbaRoleSet *roles, GError **error)
{
    g_autoptr(PGresult) result = run(arena, session, "catalog/hba_members.sql", error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        const char *role = session_text(result, row, "role");
        const char *member = session_text(result, row, "member");

        if (role == NULL)
            hba_role_set_add(roles, member);
        else
            hba_role_set_grant(roles, role, member);
    }
    return true;
}

bool
hba_server_read_databases(Arena *arena, Session *session, GHashTable *databases, GError **error)
{
    g_autoptr(PGresult) result = run(arena, session, "catalog/hba_databases.sql", error);

    for (int row = 0; result != NULL && row < PQntuples(result); row++)
        g_hash_table_add(databases, arena_strdup(arena, session_text(result, row, "name")));
    return result != NULL;
}

/*
 * A row of pg_hba_file_rules with an error is a line that the server cannot use; with such a line a
 * reload keeps the old rules, and a restart fails.
 */
bool
hba_server_refused_lines(Arena *arena, Session *session, const char **ret_lines, GError **error)
{
    g_autoptr(PGresult) result = run(arena, session, "catalog/hba_broken_lines.sql", error);
    g_autoptr(GString) lines = g_string_new(NULL);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++)
        g_string_append_printf(lines, "%sline %s: %s", row > 0 ? "; " : "",
                               session_text(result, row, "line_number"),
                               session_text(result, row, "error"));
    *ret_lines = lines->len == 0 ? NULL : arena_strndup(arena, lines->str, lines->len);
    return true;
}

bool
hba_server_check_file(Arena *arena, Session *session, GError **error)
{
    const char *lines = NULL;

    if (!hba_server_refused_lines(arena, session, &lines, error))
        return false;
    if (lines != NULL)
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD, "%s: the server refuses %s",
                    session->label, lines);
    return lines == NULL;
}

static char *
load_time(Session *session, GError **error)
{
    g_autoptr(PGresult) result = answer_query(
        session, "SELECT pg_catalog.pg_conf_load_time()::text AS at", "row: at", error);

    return result == NULL ? NULL : g_strdup(session_text(result, 0, "at"));
}

/*
 * pg_reload_conf() only sends a signal. That the postmaster has acted on it shows in
 * pg_conf_load_time().
 */
bool
hba_server_reload(Session *session, GError **error)
{
    g_autofree char *before = load_time(session, error);
    gint64 deadline = g_get_monotonic_time() + RELOAD_TIMEOUT_SECONDS * G_USEC_PER_SEC;

    if (before == NULL || !session_execute(session, "SELECT pg_catalog.pg_reload_conf()", error))
        return false;
    while (g_get_monotonic_time() < deadline) {
        g_autofree char *now = load_time(session, error);

        if (now == NULL)
            return false;
        if (strcmp(before, now) != 0)
            return true;
        g_usleep(RELOAD_POLL_US);
    }
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: the server did not load its configuration again within %d seconds",
                session->label, RELOAD_TIMEOUT_SECONDS);
    return false;
}

/* undefined_file of the server's errcodes. */
#define SQLSTATE_UNDEFINED_FILE "58P01"

/* A missing file is recognized by its SQLSTATE: the message is translated. */
bool
hba_server_read_file(Arena *arena, Session *session, const char *path, char **ret_bytes,
                     size_t *ret_length, GError **error)
{
    const SqlValue values[] = { { "path", path }, { 0 } };
    g_autoptr(GError) failure = NULL;
    g_autoptr(PGresult) result =
        answer_ask(arena, session, "catalog/read_file.sql", values, &failure);
    const char *bytes = NULL;

    if (result == NULL) {
        bool missing = strcmp(session->last_error.sqlstate, SQLSTATE_UNDEFINED_FILE) == 0;

        g_set_error_literal(error, G_FILE_ERROR, missing ? G_FILE_ERROR_NOENT : G_FILE_ERROR_FAILED,
                            failure->message);
        return false;
    }
    bytes = bytes_of_hex(arena, session_text(result, 0, "bytes"), ret_length);
    *ret_bytes = g_memdup2(bytes, *ret_length + 1);
    return true;
}

bool
hba_server_has_file(Arena *arena, Session *session, const char *path, bool *ret_is_there,
                    GError **error)
{
    const SqlValue values[] = { { "path", path }, { 0 } };
    g_autoptr(PGresult) result =
        answer_ask(arena, session, "catalog/file_exists.sql", values, error);

    if (result == NULL)
        return false;
    *ret_is_there = session_bool(result, 0, "is_there");
    return true;
}

char **
hba_server_list_folder(Arena *arena, Session *session, const char *path, GError **error)
{
    const SqlValue values[] = { { "path", path }, { 0 } };
    g_autoptr(PGresult) result =
        answer_ask(arena, session, "catalog/list_folder.sql", values, error);
    char **names = NULL;

    if (result == NULL)
        return NULL;
    names = g_new0(char *, (size_t)PQntuples(result) + 1);
    for (int row = 0; row < PQntuples(result); row++)
        names[row] = g_strdup(session_text(result, row, "name"));
    return names;
}
