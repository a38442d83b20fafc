/*
 * PgBouncer's user options: `name = pool_mode=... max_user_connections=...` for the roles that have
 * one of the two, a text to %include in the [users] section.
 */
#pragma once

#include <glib.h>

#include "base/finding.h"
#include "inventory/model/inventory.h"

/* Appends the file. A name that PgBouncer's parser cannot read there is an error finding. */
void hba_useropts_render(const Instance *instance, Findings *findings, GString *out);
