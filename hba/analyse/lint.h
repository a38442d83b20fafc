/*
 * Lint: what is wrong or doubtful with rules that a server would take. For each rule the
 * connections that reach it are computed; a rule that none reaches is named together with the rules
 * that hide it.
 */
#pragma once

#include "base/finding.h"
#include "base/list.h"
#include "hba/analyse/region.h"

typedef enum HbaReach {
    HBA_REACHED,
    HBA_PARTLY_REACHED, /* earlier rules take some of its connections */
    HBA_HIDDEN,         /* no connection reaches it */
    HBA_REACH_UNKNOWN,  /* too many parts to tell */
} HbaReach;

typedef struct HbaLintRule {
    const HbaRule *rule;
    HbaReach reach;
    List hidden_by; /* HbaRule: for HBA_HIDDEN the rules that together take all of it */
    List rest;      /* RegionBox: what is left of it; empty for HBA_HIDDEN */
} HbaLintRule;

typedef struct HbaLint {
    Arena *arena;
    HbaProgram program;
    int version;
    const HbaRoleSet *roles;  /* NULL: nothing is known of roles */
    GHashTable *databases;    /* set of names; NULL: nothing is known of databases */
    const Instance *instance; /* NULL: a file of unknown origin */
    Findings *findings;
} HbaLint;

/* HbaLintRule for each rule that is neither a comment nor an include; adds the findings. */
List hba_lint(const HbaLint *lint, Names *names, const List *rules);
