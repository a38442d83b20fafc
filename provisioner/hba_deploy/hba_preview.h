/*
 * What an installation of HBA rules would change, made before anything is written: the difference
 * by meaning, the sessions of now that could not come back, and where the old file is kept.
 */
#pragma once

#include "provisioner/hba_deploy/hba_installed.h"
#include "provisioner/hba_deploy/hba_rendering.h"
#include "provisioner/hba_deploy/hba_replace.h"

typedef struct HbaPreview {
    const Instance *instance;
    /*
     * const char: a line for each change as in hba_diff_lines(), or one that says there is none,
     * and what happens to the old file. For a terminal they are still to be escaped.
     */
    List lines;
} HbaPreview;

typedef struct HbaPreviewInput {
    Arena *arena;
    const Instance *instance;
    const HbaRendering *wanted;
    HbaInstallMethod method; /* PATRONI, too */
    Session *session;
    const HbaServer *server;
    size_t compared_max; /* old and new rules, beyond which they are not compared; 0: any number */
    Findings *findings;  /* gets the sessions of now that could not come back */
} HbaPreviewInput;

/* FALSE with PGCHARTER_ERROR_WORLD when the server cannot be asked. */
bool hba_preview_make(const HbaPreviewInput *input, HbaPreview *ret_preview, GError **error);
