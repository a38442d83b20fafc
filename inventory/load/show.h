/*
 * Show: the resolved variables of an instance that pgcharter knows, as canonical YAML: block style,
 * two blanks a level, quotes only where YAML needs them, the same bytes for the same values. A
 * secret is written as <secret>; a reference to one as it is.
 */
#pragma once

#include <glib.h>

#include "inventory/model/inventory.h"

/* Appends `<instance>:` and below it one line or block for each variable that is set. */
void instance_show(const Instance *instance, GString *out);
