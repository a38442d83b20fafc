/*
 * Variables: what a host's variables are after Ansible's inheritance, and what templates in them
 * come to.
 *
 * Precedence, low to high: policy, variables of groups (all first, then by depth, priority and
 * name), group_vars, the host's own, host_vars, facts. Values replace each other whole.
 *
 * Templates are resolved when a value is asked for: {{ name }} alone keeps the type of what it
 * names, inside a text it is printed. What cannot be resolved stays in place as a node with a
 * problem, which whoever needs that value tells; the rest of the value is usable. Values without
 * templates are handed out as they stand in the tree, and equal results of resolving share one
 * node, so that bindings can be remembered by node.
 */
#pragma once

#include "inventory/tree/tree.h"

/* Facts of one host that can be referred to like variables; the resolver makes them nodes. */
typedef struct HostFacts {
    const char *instance;        /* <pg_cluster>-<pg_seq>, NULL: unknown */
    const Node *cluster_members; /* NULL: unknown */
} HostFacts;

typedef struct Resolver Resolver;

Resolver *resolver_new(const Tree *tree);
void resolver_free(Resolver *resolver);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Resolver, resolver_free)

typedef struct Variables {
    Resolver *resolver;
    const Host *host;
    const Node *policy; /* the policy's vars, a mapping; NULL before it is known */
    HostFacts facts;
} Variables;

/* Where a value was found. */
typedef enum VariableOrigin {
    VARIABLE_NOWHERE,
    VARIABLE_FROM_POLICY,
    VARIABLE_FROM_GROUP,
    VARIABLE_FROM_HOST,
    VARIABLE_FROM_FACTS,
} VariableOrigin;

/* NULL where it is not defined. ret_origin may be NULL. */
const Node *variables_get(const Variables *variables, const char *name, VariableOrigin *ret_origin);
