/*
 * Installing HBA rules by way of Patroni, whose dynamic configuration holds one list for all
 * members: the list is changed over the REST API, Patroni writes the files, and each member is
 * asked over a connection of its own whether it has the rules, takes them and still lets us in.
 */
#pragma once

#include "provisioner/hba_deploy/hba_install.h"

typedef struct HbaMember {
    const Instance *instance;
    HbaRendering wanted;
    ConnectionParameters connection;
    const char *url; /* of its Patroni */
} HbaMember;

typedef struct HbaPatroniInput {
    Arena *arena;
    const Cluster *cluster;
    List members;   /* HbaMember: every instance of the cluster */
    bool take_over; /* where the dynamic configuration has no list yet */
    bool allow_lockout;
    int wait_seconds;
    HbaConfirms *confirms; /* NULL: it was shown and asked before */
    void *confirms_data;
    Findings *notes;
} HbaPatroniInput;

/*
 * PGCHARTER_ERROR_SAFETY when the members' rules differ, when there is no list yet and take_over is
 * not set, and when somebody would be shut out; then nothing was changed. PGCHARTER_ERROR_WORLD for
 * a rule that a server refuses: the old rules are back; and for a member that keeps other rules
 * because of a list of its own: the others have the new ones.
 */
bool hba_install_patroni(const HbaPatroniInput *input, HbaInstallOutcome *ret_outcome,
                         GError **error);
