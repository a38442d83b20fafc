/* The table of findings.def as objects. */
#include "inventory/findings.h"

#define FINDING(name, id, severity, summary)                                                       \
    const FindingKind FINDING_##name = { id, FINDING_COLUMN_##severity, summary };
#include "inventory/findings.def"
#undef FINDING

const FindingKind *const inventory_finding_kinds[] = {
#define FINDING(name, id, severity, summary) &FINDING_##name,
#include "inventory/findings.def"
#undef FINDING
    NULL,
};
