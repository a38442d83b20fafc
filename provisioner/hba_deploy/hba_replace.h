/*
 * Replacing an HBA file, in two ways. FILE: a path on this machine, atomic, keeping owner, mode and
 * link. SERVER: the server writes it, with COPY TO over libpq: no shell, works on standbys, keeps
 * the file's inode, owner and mode, but is not atomic; so the new and the old bytes are written
 * beside it first, which proves that there is room.
 */
#pragma once

#include "base/arena.h"
#include "inventory/model/inventory.h"
#include "provisioner/catalog/hba_server.h"
#include "provisioner/server/session.h"

/*
 * `method` is FILE or SERVER. Puts bytes in the place of what server says is there. On failure the
 * old bytes are there still, or, with SERVER, an attempt was made to put them back and the error
 * says when it failed.
 */
bool hba_replace(Arena *arena, HbaInstallMethod method, Session *session, const HbaServer *server,
                 const char *bytes, size_t length, GError **error);
/* Puts the old bytes (server->bytes) back. */
bool hba_replace_undo(Arena *arena, HbaInstallMethod method, Session *session,
                      const HbaServer *server, GError **error);
