/* Lint that needs the whole list: what the rules after a rule do with its connections. */
#pragma once

#include "hba/analyse/lint.h"
#include "hba/analyse/lint_index.h"

/* The rules that were looked at, with their boxes: one of each for every number. */
typedef struct LintRules {
    const HbaLint *lint;
    List results;     /* HbaLintRule */
    GPtrArray *boxes; /* RegionBox */
    LintIndex *index; /* of all of them */
} LintRules;

/* Adds hba-redundant and hba-tls-bypassed for rules that connections reach. */
void lint_later(const LintRules *rules);
