/*
 * Snapshot: the access state of a server as a document (roles/state/state_text.h), for `plan
 * --state`. It holds what a plan with this inventory would read in any mode, and more than that:
 * the names of all objects and columns, so that the inventory may change while the file stays.
 */
#pragma once

#include "base/arena.h"
#include "base/finding.h"
#include "inventory/model/inventory.h"
#include "provisioner/server/session.h"

typedef struct SnapshotInput {
    Arena *arena;
    const Cluster *cluster;
    ConnectionParameters connection;
    const GDate *today;
    bool all_databases; /* not only those that a plan with the inventory looks into */
    Findings *notes;
} SnapshotInput;

/*
 * Appends the document. session is a connection to database postgres. FALSE with
 * PGCHARTER_ERROR_WORLD where something cannot be read or written as text.
 */
bool snapshot_take(const SnapshotInput *input, Session *session, GString *out, GError **error);
