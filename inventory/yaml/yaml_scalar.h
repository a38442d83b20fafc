/*
 * The types of plain scalars, as PyYAML's resolver gives them (YAML 1.1): yes is true, 0755 is 493,
 * 12:30 is 750, 2035-06-02 is a date, 1e3 is a text.
 */
#pragma once

#include "inventory/yaml/node.h"

/* Sets type, value and NODE_HUGE from the scalar's text. */
void yaml_scalar_resolve(Node *scalar);
