/* The table of findings.def as objects. */
#include "provisioner/findings.h"

#define FINDING(name, id, severity, summary)                                                       \
    const FindingKind FINDING_##name = { id, FINDING_COLUMN_##severity, summary };
#include "provisioner/findings.def"
#undef FINDING

const FindingKind *const provisioner_finding_kinds[] = {
#define FINDING(name, id, severity, summary) &FINDING_##name,
#include "provisioner/findings.def"
#undef FINDING
    NULL,
};
