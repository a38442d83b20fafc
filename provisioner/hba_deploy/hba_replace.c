/* The two ways to put bytes in a file's place. */
#include "provisioner/hba_deploy/hba_replace.h"

#include <string.h>

#include "base/durable_file.h"
#include "base/error.h"
#include "provisioner/server/sql_text.h"

#define NEW_SUFFIX ".pgcharter-new"
#define OLD_SUFFIX ".pgcharter-old"

/* ---- FILE ---- */

/* The file that the server reads must be the one that this machine has under that path. */
static bool
is_the_servers_file(const HbaServer *server, GError **error)
{
    g_autofree char *bytes = NULL;
    gsize length = 0;

    if (!g_file_get_contents(server->hba_file, &bytes, &length, error)) {
        g_prefix_error(error, "the server's HBA file cannot be read on this machine: ");
        return false;
    }
    if (length == server->length && memcmp(bytes, server->bytes, length) == 0)
        return true;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "\"%s\" on this machine is not the file that the server reads", server->hba_file);
    return false;
}

static bool
write_file(const HbaServer *server, const char *bytes, size_t length, GError **error)
{
    return durable_file_replace(server->hba_file, bytes, length, error);
}

/* ---- SERVER ---- */

/* One array element a line; the last line must end in a newline, as every COPY row does. */
static const char *
lines_as_literals(Arena *arena, const char *bytes)
{
    g_auto(GStrv) lines = g_strsplit(bytes, "\n", -1);
    size_t count = g_strv_length(lines);
    g_autoptr(GString) out = g_string_new(NULL);

    if (count > 0 && *lines[count - 1] == '\0')
        count--;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            g_string_append(out, ", ");
        sql_append_literal(out, lines[i]);
    }
    return arena_strndup(arena, out->str, out->len);
}

/*
 * COPY ... TO a file writes as the server's account, needs no shell, and works on a standby,
 * because it changes no data. Large objects (lo_export) would fail there.
 */
static bool
copy_to(Arena *arena, Session *session, const char *path, const char *bytes, GError **error)
{
    const SqlValue values[] = { { "lines", lines_as_literals(arena, bytes) },
                                { "path", path },
                                { 0 } };

    return session_execute(session, sql_render(arena, "statement/copy_lines_to_file.sql", values),
                           error);
}

/*
 * The server says that COPY succeeded before its file is compared: a full disk can cut the last
 * block.
 */
static bool
server_has(Arena *arena, Session *session, const char *bytes, size_t length, GError **error)
{
    HbaServer now = { 0 };

    if (!hba_server_read(arena, session, &now, error))
        return false;
    if (now.length == length && memcmp(now.bytes, bytes, length) == 0)
        return true;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: the server did not write the file byte by byte", session->label);
    return false;
}

/*
 * New and old bytes are written next to the file first. That proves that there is space for both,
 * and leaves the old ones where an administrator finds them if the server dies in between.
 */
static bool
write_over_server(Arena *arena, Session *session, const HbaServer *server, const char *bytes,
                  size_t length, GError **error)
{
    const char *beside_new = arena_printf(arena, "%s" NEW_SUFFIX, server->hba_file);
    const char *beside_old = arena_printf(arena, "%s" OLD_SUFFIX, server->hba_file);

    return copy_to(arena, session, beside_new, bytes, error) &&
           copy_to(arena, session, beside_old, server->bytes, error) &&
           copy_to(arena, session, server->hba_file, bytes, error) &&
           server_has(arena, session, bytes, length, error);
}

bool
hba_replace(Arena *arena, HbaInstallMethod method, Session *session, const HbaServer *server,
            const char *bytes, size_t length, GError **error)
{
    if (method == HBA_INSTALL_FILE)
        return is_the_servers_file(server, error) && write_file(server, bytes, length, error);
    return write_over_server(arena, session, server, bytes, length, error);
}

/* The method that wrote the file also restores it: the other one may not reach it. */
bool
hba_replace_undo(Arena *arena, HbaInstallMethod method, Session *session, const HbaServer *server,
                 GError **error)
{
    if (method == HBA_INSTALL_FILE)
        return write_file(server, server->bytes, server->length, error);
    return copy_to(arena, session, server->hba_file, server->bytes, error);
}
