/* Notes about roles, memberships and grants that end soon or have ended. */
#pragma once

#include "base/finding.h"
#include "inventory/model/inventory.h"

void until_notes_add(const Cluster *cluster, Findings *notes);
