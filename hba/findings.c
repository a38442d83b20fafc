/* The table of findings as objects. */
#include "hba/findings.h"

#define FINDING(name, id, severity, summary)                                                       \
    const FindingKind FINDING_##name = { id, FINDING_COLUMN_##severity, summary };
#include "hba/findings.def"
#undef FINDING

const FindingKind *const hba_finding_kinds[] = {
#define FINDING(name, id, severity, summary) &FINDING_##name,
#include "hba/findings.def"
#undef FINDING
    NULL,
};
