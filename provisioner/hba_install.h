/*
 * Installing the HBA file of one instance: guards against lock-out, replacement, the server's own
 * check, reload, a fresh connection; on any failure the old bytes are put back and loaded.
 */
#pragma once

#include "base/arena.h"
#include "base/finding.h"
#include "hba/evaluate.h"
#include "provisioner/hba_replace.h"
#include "provisioner/session.h"

typedef struct HbaInstallInput {
    Arena *arena;
    const Instance *instance;
    const List *rules; /* HbaRule: those that are on, in order */
    const char *bytes; /* the rendered file */
    size_t length;
    HbaWay way;
    bool allow_lockout;
    ConnectionParameters connection;
    Findings *notes;
} HbaInstallInput;

typedef enum HbaInstallOutcome {
    HBA_INSTALL_UNCHANGED, /* the same rules are in force already */
    HBA_INSTALL_RELOADED,  /* the file was there, and is loaded now */
    HBA_INSTALL_REPLACED,
} HbaInstallOutcome;

/* PGCHARTER_ERROR_SAFETY when somebody would be shut out, PGCHARTER_ERROR_WORLD otherwise. */
bool hba_install(const HbaInstallInput *input, HbaInstallOutcome *ret_outcome, GError **error);
