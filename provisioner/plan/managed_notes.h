/* Notes about globs of pg_managed that match nothing: what they are for is not enforced. */
#pragma once

#include "base/finding.h"
#include "inventory/model/inventory.h"
#include "roles/state/access_state.h"

void managed_notes_add(const Cluster *cluster, const AccessState *state, Findings *notes);
