/*
 * Turns the keys and values that the reader has collected into a mapping: merge keys (<<) are
 * spread out, duplicate keys marked, keys that are not scalars reported, an index made.
 */
#pragma once

#include "inventory/yaml/node.h"

/* pairs: key, value, key, value ... (const Node). Never a loop: all of them are finished nodes. */
void yaml_mapping_finish(Arena *arena, Node *mapping, void *const *pairs, size_t count,
                         Findings *findings);
