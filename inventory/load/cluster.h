/*
 * Clusters: hosts with the same pg_cluster become one, its identity is checked, and what concerns
 * roles and databases is bound from its primary's variables.
 */
#pragma once

#include "inventory/decl/instance_decl.h"
#include "inventory/decl/policy.h"
#include "inventory/tree/variables.h"

typedef struct ClusterBuild {
    Binder *binder;
    const Tree *tree;
    Resolver *resolver;
    Policies *policies;
    GHashTable *merged;  /* what a list of roles was merged from -> List */
    GHashTable *checked; /* references that were checked already */
    const List *infra;   /* const char */
} ClusterBuild;

/* Builds every cluster into the inventory. */
void clusters_build(ClusterBuild *build, Inventory *inventory);
