/*
 * Selection: the part of an inventory that a run is for, as -N, -R and -E name it. Each is a
 * NULL-terminated list or NULL; an instance has to match one item of every list that is given.
 */
#pragma once

#include "base/arena.h"
#include "base/list.h"
#include "inventory/model/inventory.h"

typedef struct Selection {
    char *const *nodes; /* globs: an instance, its cluster or its host */
    char *const *roles; /* globs: a role that the cluster declares */
    char *const *envs;  /* pg_env, or what it is below */
} Selection;

/*
 * NULL where every value of every selector matches something, and all of them together as well;
 * else what does not, with near or known names in *ret_hint.
 */
const char *selection_problem(const Selection *selection, Arena *arena, const Inventory *inventory,
                              const char **ret_hint);
/* In inventory order: const Instance. */
List selection_instances(const Selection *selection, Arena *arena, const Inventory *inventory);
/* The clusters of which at least one instance is selected: const Cluster. */
List selection_clusters(const Selection *selection, Arena *arena, const Inventory *inventory);
