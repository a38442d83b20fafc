/*
 * Which findings an inventory does not want to hear of (pg_ignore_findings). The ids are checked
 * here, because no single folder knows those of all.
 */
#pragma once

#include "base/finding.h"
#include "inventory/model/inventory.h"

/* NULL: no finding has that id. */
const FindingKind *finding_kind_of_id(const char *id);
/* Adds a finding for each id that is not known, or that is an error's. */
void finding_filter_check(const Inventory *inventory, Findings *findings);
/* Takes out of the notes what the cluster ignores. */
void finding_filter_notes(const Cluster *cluster, Findings *notes);
/* Takes out of what was found in the files what every cluster ignores: a place has no cluster. */
void finding_filter_inventory(const Inventory *inventory, Findings *findings);
