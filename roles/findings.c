/* The table of findings.def as objects. */
#include "roles/findings.h"

#define FINDING(name, id, severity, summary)                                                       \
    const FindingKind FINDING_##name = { id, FINDING_COLUMN_##severity, summary };
#include "roles/findings.def"
#undef FINDING

const FindingKind *const roles_finding_kinds[] = {
#define FINDING(name, id, severity, summary) &FINDING_##name,
#include "roles/findings.def"
#undef FINDING
    NULL,
};
