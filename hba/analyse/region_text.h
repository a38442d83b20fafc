/* Boxes in words, for people. */
#pragma once

#include "hba/analyse/region.h"

/* The parts of a box in words: "host, hostssl", "app", "all but alice", "10.0.0.0/8". */
const char *region_transports_text(Arena *arena, unsigned transports);
const char *region_databases_text(Arena *arena, const Names *names, const RegionBox *box);
const char *region_users_text(Arena *arena, const Names *names, const RegionBox *box);
const char *region_addresses_text(Arena *arena, const Names *names, const RegionBox *box);
