/*
 * Replacing an HBA file, in two ways. FILE: a path on this machine, atomic, keeping owner, mode and
 * link. SERVER: the server writes it, with COPY TO over libpq: no shell, works on standbys, keeps
 * the file's inode, owner and mode, but is not atomic; so the new and the old bytes are written
 * beside it first and read back, which proves that there is room and that the old file can be put
 * back byte by byte.
 */
#pragma once

#include "base/arena.h"
#include "inventory/model/inventory.h"
#include "provisioner/catalog/hba_server.h"
#include "provisioner/server/session.h"

typedef struct HbaReplacement {
    Arena *arena;
    HbaInstallMethod method; /* FILE or SERVER */
    Session *session;
    const HbaServer *server; /* the file in place */
    const char *kept_at;     /* where it is kept first; NULL: nowhere */
} HbaReplacement;

/*
 * Puts bytes in the place of what server says is there. On failure the old bytes are there still,
 * or, with SERVER, an attempt was made to put them back and the error says when it failed.
 */
bool hba_replace(const HbaReplacement *replacement, const char *bytes, size_t length,
                 GError **error);
/* Once the new file is in force: empties the copies that SERVER has written beside it. */
void hba_replace_tidy(const HbaReplacement *replacement);
/* Puts the old bytes (server->bytes) back and compares them. */
bool hba_replace_undo(const HbaReplacement *replacement, GError **error);

/*
 * Where the file in place is kept before it is replaced; NULL where it need not be: pgcharter or
 * Patroni has written it, or a copy is there already. Beside it; with SERVER in the data directory,
 * where no other account may look: what COPY writes is readable for everybody.
 */
bool hba_keep_find(const HbaReplacement *replacement, const char **ret_path, GError **error);
/* Keeps it there. */
bool hba_keep(const HbaReplacement *replacement, GError **error);
/* Whether Patroni has written the file, from its dynamic configuration or a member's own list. */
bool hba_is_of_patroni(const char *bytes);
