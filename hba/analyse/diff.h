/*
 * Diff: which connections two lists of rules treat differently. Text, order and spelling do not
 * count; the result is empty when every connection meets the same answer.
 */
#pragma once

#include "base/list.h"
#include "hba/analyse/region.h"

typedef enum HbaDiffKind {
    HBA_DIFF_ALLOWED, /* refused before, let in by `after` now */
    HBA_DIFF_REFUSED,
    HBA_DIFF_METHOD, /* let in by both, in another way */
    HBA_DIFF_KIND_COUNT,
} HbaDiffKind;

typedef struct HbaDiffEntry {
    HbaDiffKind kind;
    RegionBox box;
    const HbaRule *before; /* NULL: no rule matched */
    const HbaRule *after;
} HbaDiffEntry;

/* HbaDiffEntry, boxes joined where they differ in one dimension only. */
List hba_diff(RegionContext *context, const List *before, const List *after);

const char *hba_diff_kind_name(HbaDiffKind kind);
