/*
 * Desired: walks the declarations of one cluster in Pigsty's order over the state of its server,
 * moves the state to what they want and keeps a journal. What is in the journal and still makes a
 * difference at the end becomes a Change: a privilege that is granted and taken away again on the
 * way, or that is there already, never does. Afterwards the state is what the server will be once
 * the changes are applied.
 */
#pragma once

#include "base/finding.h"
#include "base/list.h"
#include "inventory/model/inventory.h"
#include "roles/change/change.h"
#include "roles/password/password_check.h"
#include "roles/state/access_state.h"

typedef struct DesiredInput {
    const Cluster *cluster;
    AccessState *state; /* moved to the desired state */
    AccessMode mode;    /* --mode, or the cluster's pg_access_mode */
    bool prune;         /* what has left is dropped */
    const GDate *today; /* the local date, for expire_in */
    /* Text of a timestamp (as declared) -> double *, seconds since 1970 as the server reads it. A
       text that is missing counts as different from whatever the server has. */
    GHashTable *timestamps;
    GHashTable *passwords; /* role name -> const PasswordResult, for the roles that have one */
    /* Reads the names of the groups (ObjectGroup) of a database; NULL where all are named. False
       when it cannot: then the changes are incomplete. */
    bool (*name_objects)(StateDatabase *database, const List *groups, void *data);
    void *name_objects_data;
    bool keep_preconditions; /* fill Change.preconditions, for a plan that is saved or was */
    Findings *notes;
} DesiredInput;

/* The timestamps that the server has to be asked about: const char, each once. */
List desired_timestamps(Arena *arena, const Cluster *cluster, const GDate *today);
/* Change, in an order in which each could be run. Errors are among the notes. */
List desired_changes(const DesiredInput *input);
