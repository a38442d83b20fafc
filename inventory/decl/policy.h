/*
 * Policies: the built-in defaults (templates/policies/NAME.yml), or a file of the same shape:
 *
 *     policy: { what it does beside: policy_fields.h }
 *     vars: { every default }
 *
 * Each is read once; positions in it have the origin ORIGIN_POLICY, and "policy:NAME" as their
 * file.
 */
#pragma once

#include "inventory/bind/binder.h"

typedef struct LoadedPolicy {
    Policy policy;
    const Node *vars; /* a mapping */
} LoadedPolicy;

typedef struct Policies {
    GHashTable *by_name; /* LoadedPolicy */
    bool may_read_files;
    List *files;   /* const char: files read */
    List *digests; /* FileDigest: filled where it is not NULL */
} Policies;

/* The names of the built-in policies, NULL-terminated. */
extern const char *const policy_builtin_names[];

/* named_at: the value of pg_policy. NULL after a finding. */
const LoadedPolicy *policies_get(Policies *policies, Binder *binder, const Node *named_at);
/* A built-in policy; NULL where there is none of that name. */
const LoadedPolicy *policies_get_builtin(Policies *policies, Binder *binder, const char *name);

#define POLICY_DEFAULT "pigsty"
