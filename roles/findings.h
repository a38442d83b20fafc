/* The kinds of finding of roles/: rows of findings.def. */
#pragma once

#include "base/finding.h"

#define FINDING(name, id, severity, summary) extern const FindingKind FINDING_##name;
#include "roles/findings.def"
#undef FINDING

/* All of them, NULL-terminated. */
extern const FindingKind *const roles_finding_kinds[];
