/*
 * The HBA part of a plan: for each instance that pg_hba_install or --hba asks for and whose file
 * differs, a step that installs it; for the others a note where it costs nothing, which never
 * counts as a change.
 */
#pragma once

#include "provisioner/hba_deploy/hba_rendering.h"
#include "provisioner/plan/plan.h"
#include "provisioner/server/session.h"

/* What a step of phase hba installs. */
typedef struct HbaStep {
    const Instance *instance;
    HbaInstallMethod method; /* never HBA_INSTALL_NONE */
    HbaRendering wanted;
    ConnectionParameters connection;
} HbaStep;

typedef struct HbaPlanInput {
    Arena *arena;
    HbaRenderings *renderings;
    List instances; /* const Instance: the selected ones of the cluster */
    char *const *conninfos;
    bool asked;       /* --hba: for every instance */
    bool look_at_all; /* -v: open connections for notes, too, and tell of those that fail */
    Session *session; /* the one that the plan was made over */
} HbaPlanInput;

/*
 * Adds steps after the others, and notes. False with PGCHARTER_ERROR_SAFETY when what is rendered
 * does not read back as it was written. An instance that cannot be reached is a note.
 */
bool hba_plan_add(const HbaPlanInput *input, TargetPlan *plan, GError **error);
