/*
 * Installing the HBA file of one instance: guards against lock-out, replacement, the server's own
 * check, reload, a fresh connection; on any failure the old bytes are put back and loaded.
 */
#pragma once

#include "base/arena.h"
#include "base/finding.h"
#include "provisioner/hba_deploy/hba_preview.h"
#include "provisioner/server/session.h"

/*
 * Shows what would change (HbaPreview, one for each instance) and the sessions that could not come
 * back, and says whether to go on. Called before anything is written.
 */
typedef bool HbaConfirms(void *data, const List *previews, Findings *findings);

typedef struct HbaInstallInput {
    Arena *arena;
    const Instance *instance;
    const HbaRendering *wanted;
    HbaInstallMethod method;
    bool allow_lockout;
    int wait_seconds;                /* for another install or apply to end */
    ConnectionParameters connection; /* of the session; the new rules are tried with it */
    HbaConfirms *confirms;           /* NULL: it was shown and asked before */
    void *confirms_data;
    Findings *notes;
} HbaInstallInput;

typedef enum HbaInstallOutcome {
    HBA_OUTCOME_UNCHANGED, /* the same rules are in force already */
    HBA_OUTCOME_RELOADED,  /* the file was there, and is loaded now */
    HBA_OUTCOME_REPLACED,
    HBA_OUTCOME_REPLACED_UNTRIED,
    HBA_OUTCOME_DECLINED, /* the answer was no */
    HBA_OUTCOME_COUNT,
} HbaInstallOutcome;

/* For people: "replaced, reloaded and tried with a new connection". */
const char *hba_install_outcome_text(HbaInstallOutcome outcome);

/* PGCHARTER_ERROR_SAFETY when somebody would be shut out, PGCHARTER_ERROR_WORLD otherwise. */
bool hba_install(const HbaInstallInput *input, Session *session, HbaInstallOutcome *ret_outcome,
                 GError **error);
/* The part after the file is in its place: the server takes it, loads it, and lets us in. */
bool hba_install_load(const HbaInstallInput *input, Session *session, GError **error);
