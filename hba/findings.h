/* The kinds of finding that hba/ adds: one FINDING_NAME per row of findings.def. */
#pragma once

#include "base/finding.h"

#define FINDING(name, id, severity, summary) extern const FindingKind FINDING_##name;
#include "hba/findings.def"
#undef FINDING

/* All of them in the order of the table, NULL at the end: for the reference and its test. */
extern const FindingKind *const hba_finding_kinds[];
