/* The kinds of finding of inventory/: rows of findings.def. */
#pragma once

#include "base/finding.h"

#define FINDING(name, id, severity, summary) extern const FindingKind FINDING_##name;
#include "inventory/findings.def"
#undef FINDING

/* All of them, NULL-terminated. */
extern const FindingKind *const inventory_finding_kinds[];
