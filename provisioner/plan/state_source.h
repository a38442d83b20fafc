/*
 * State source: a saved state in place of a server. What the file holds beyond what a plan over a
 * session would have read is left out, and what the inventory needs beyond the file is noted: a
 * plan never takes "the file does not say" for "the server does not have it".
 */
#pragma once

#include "base/arena.h"
#include "inventory/model/inventory.h"
#include "provisioner/plan/plan.h"
#include "roles/state/access_state.h"
#include "roles/state/state_text.h"

typedef struct StateSource {
    Arena *arena;
    const Cluster *cluster;
    const char *path;
    AccessMode mode;
    bool prune;
    const GDate *today;
    TargetPlan *plan; /* its notes, and the server's version */
    StateText text;   /* state and timestamps: the caller's, new */
} StateSource;

/* Reads the file; false after a note that is an error. */
bool state_source_read(StateSource *source);
/* Leaves in the state what the plan looks at. */
void state_source_limit(StateSource *source);
