/*
 * The variables of one instance, bound. What every instance needs goes into the Instance; the lists
 * that only a cluster's primary needs stay nodes until the cluster binds them.
 */
#pragma once

#include "inventory/bind/binder.h"
#include "inventory/tree/variables.h"

typedef struct InstanceBinding {
    Instance *instance;
    Instance draft; /* readers fill it; copied to *instance at the end */
    OptText cluster_name;
    OptInt seq;
    const char *seq_text;
    int role;
    SourcePos role_pos; /* line 0: not given */
    OptBool offline_query;
    OptText address;
    OptInt port;
    OptText localhost;
    OptText data;
    OptText env;
    OptInt version;
    OptText password_encryption;
    OptText pgbouncer_version;
    OptText admin_ip;
    OptText upstream;
    OptText mode;
    OptText primary_db;
    int access_mode;
    int hba_install;
    OptBool default_privileges_existing;
    OptBool revoke_public;
    OptBool harden_existing;
    OptBool pgbouncer_enabled;
    OptBool provision;
    const Node *default_roles;
    const Node *users;
    const Node *databases;
    const Node *default_privileges;
    const Node *policy_default_privileges; /* what the policy says, whoever overrides it */
    const Node *default_schemas;
    const Node *default_extensions;
    const Node *grants;
    const Node *profiles;
    const Node *managed;
    OptText inventory;
    List ignored_findings; /* IgnoredFinding */
} InstanceBinding;

/* Looks up and binds everything. False where what identifies the instance is missing. */
bool instance_bind(Binder *binder, const Variables *variables, InstanceBinding *binding);

/* The names of the variables that pgcharter knows, NULL-terminated. */
const char *const *instance_variable_names(Arena *arena);
