/* The last phase of apply: the HBA steps, each over a connection of its own. */
#pragma once

#include "provisioner/apply/apply_log.h"
#include "provisioner/hba_deploy/hba_deploy.h"

typedef struct ApplyHbaInput {
    const TargetPlan *target;
    HbaDeployment deployment;
    const ApplyLog *log; /* NULL: none is kept */
} ApplyHbaInput;

/*
 * The session that applied the other steps must be closed: it holds the lock that an installation
 * takes. ret_done counts on from what it is. Every instance is tried; the error is the first one.
 */
bool apply_hba(const ApplyHbaInput *input, unsigned *ret_done, GError **error);
