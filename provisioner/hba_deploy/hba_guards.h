/* Who must still be let in by an instance's new HBA rules, asked before anything is written. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/finding.h"
#include "inventory/model/inventory.h"
#include "provisioner/catalog/hba_server.h"
#include "provisioner/server/session.h"

typedef struct HbaGuardInput {
    Arena *arena;
    const Instance *instance;
    const List *rules; /* HbaRule: those that are on, in order */
    Session *session;  /* to that instance */
    const HbaServer *server;
    bool allow_lockout;
    Findings *notes;
} HbaGuardInput;

/*
 * The connection that asks, dbsu over the socket, the monitor user and the replication of the other
 * members. PGCHARTER_ERROR_SAFETY names who would be shut out and by which line.
 */
bool hba_guards_pass(const HbaGuardInput *input, GError **error);
