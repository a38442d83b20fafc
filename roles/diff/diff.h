/*
 * Diff: walks the declarations of one cluster over the state of its server, moves the state to what
 * they want and keeps a journal. What is in the journal and still makes a difference at the end
 * becomes a Change: a privilege that is granted and revoked again on the way, or that is there
 * already, never does. Afterwards the state is what the server will be once the changes are
 * applied.
 *
 *     run = diff_begin(&input);
 *     unnamed = diff_unnamed(run);         objects that differ and whose names were not read
 *     ...                                  read them, into the groups
 *     changes = diff_finish(run);
 *
 * A server may have 100,000 tables of which a plan names ten, so names are read last, for those
 * groups only that differ. The diff itself never talks to a server.
 */
#pragma once

#include "base/finding.h"
#include "base/list.h"
#include "inventory/model/inventory.h"
#include "roles/change/change.h"
#include "roles/password/password_check.h"
#include "roles/state/access_state.h"

typedef struct DiffInput {
    const Cluster *cluster;
    AccessState *state; /* moved to the declared state */
    AccessMode mode;    /* --mode, or the cluster's pg_access_mode */
    bool prune;         /* departed roles and what is declared absent are dropped */
    const GDate *today; /* the local date, for expire_in */
    /* Text of a timestamp (as declared) -> double *, seconds since 1970 as the server reads it. A
       text that is missing counts as different from whatever the server has. */
    GHashTable *timestamps;
    GHashTable *passwords;   /* role name -> const PasswordResult, for the roles that have one */
    bool keep_preconditions; /* fill Change.preconditions, for a plan that is saved or was */
    Findings *notes;
} DiffInput;

/* The timestamps that the server has to be asked about: const char, each once. */
List diff_timestamps(Arena *arena, const Cluster *cluster, const GDate *today);

typedef struct DiffRun DiffRun;

/* Objects of one database whose names diff_finish() needs. */
typedef struct UnnamedObjects {
    StateDatabase *database;
    List groups; /* ObjectGroup, none of them named */
} UnnamedObjects;

/* The input must live until diff_finish(). */
DiffRun *diff_begin(const DiffInput *input);
/* UnnamedObjects. A database whose groups stay unnamed gets no changes to its objects. */
List diff_unnamed(const DiffRun *run);
/* Change, in an order in which each could be run. Errors are among the notes. Once. */
List diff_finish(DiffRun *run);
void diff_free(DiffRun *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DiffRun, diff_free)
