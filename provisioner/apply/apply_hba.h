/* The last phase of apply: the HBA steps, each over a connection of its own. */
#pragma once

#include <stdio.h>

#include "provisioner/hba_deploy/hba_rendering.h"
#include "provisioner/plan/plan.h"

typedef struct ApplyHbaInput {
    Arena *arena;
    const TargetPlan *target;
    HbaRenderings *renderings;
    char *const *conninfos;
    char *const *patroni_urls;
    bool allow_lockout;
    bool take_over;
    int wait_seconds;
    FILE *log; /* JSON lines, or NULL */
    Findings *notes;
} ApplyHbaInput;

/*
 * The session that applied the other steps must be closed: it holds the lock that an installation
 * takes. ret_done counts on from what it is. Every instance is tried; the error is the first one.
 */
bool apply_hba(const ApplyHbaInput *input, unsigned *ret_done, GError **error);
