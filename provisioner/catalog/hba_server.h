/*
 * What a server knows of its HBA file: where it is, what is in it, what the server thinks of it;
 * and who is a member of whom there.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "hba/analyse/role_set.h"
#include "provisioner/server/session.h"

typedef struct HbaServer {
    const char *hba_file; /* its path on the server */
    const char *bytes;
    size_t length;
    bool changed_since_load;       /* the file is newer than what the server has loaded */
    bool maybe_changed_since_load; /* or changed within the same second: file times have no
                                      fractions */
    bool in_recovery;
    int major_version;
    const char *session_role;
    bool session_role_is_superuser; /* replacing the file requires it */
    const char *data_directory;
    const char *client_address; /* NULL: over the socket */
    bool ssl;
} HbaServer;

/* PGCHARTER_ERROR_WORLD, also when the session role may not read the file. */
bool hba_server_read(Arena *arena, Session *session, HbaServer *ret_server, GError **error);
/* PGCHARTER_ERROR_WORLD unless the session role may replace the file. */
bool hba_server_may_replace(const Session *session, const HbaServer *server, GError **error);
/* Adds the server's roles and memberships. */
bool hba_server_read_roles(Arena *arena, Session *session, HbaRoleSet *roles, GError **error);
/* Adds the names of the server's databases to the set. */
bool hba_server_read_databases(Arena *arena, Session *session, GHashTable *databases,
                               GError **error);
/*
 * The lines of the file on disk that the server does not take, "line 3: ..."; *ret_lines is NULL
 * where it takes all.
 */
bool hba_server_refused_lines(Arena *arena, Session *session, const char **ret_lines,
                              GError **error);
/* True when the server takes every line of the file on disk; the error names those that it does
 * not. */
bool hba_server_check_file(Arena *arena, Session *session, GError **error);
/* Reloads and waits until the server has read its configuration again. */
bool hba_server_reload(Session *session, GError **error);
/* Any file that the server may read, freed with g_free; a missing one is G_FILE_ERROR_NOENT. */
bool hba_server_read_file(Arena *arena, Session *session, const char *path, char **ret_bytes,
                          size_t *ret_length, GError **error);
/* Whether the server has something under that path. */
bool hba_server_has_file(Arena *arena, Session *session, const char *path, bool *ret_is_there,
                         GError **error);
/* The names in a folder on the server, freed with g_strfreev. */
char **hba_server_list_folder(Arena *arena, Session *session, const char *path, GError **error);
