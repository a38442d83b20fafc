/* The kinds of finding of provisioner/: rows of findings.def. */
#pragma once

#include "base/finding.h"

#define FINDING(name, id, severity, summary) extern const FindingKind FINDING_##name;
#include "provisioner/findings.def"
#undef FINDING

/* All of them, NULL-terminated. */
extern const FindingKind *const provisioner_finding_kinds[];
