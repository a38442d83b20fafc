/* Default privileges as the inventory declares them, for one creator in one database. */
#pragma once

#include "roles/diff/diff_context.h"

/*
 * Global ones are planned before schemas, which get what the creator's default gives when they are
 * made; those IN SCHEMA after them, as the same plan may make the schema.
 */
typedef enum DefaultPrivilegeReach {
    DEFAULT_PRIVILEGES_GLOBAL,
    DEFAULT_PRIVILEGES_IN_SCHEMA,
} DefaultPrivilegeReach;

/*
 * The fragments (DefaultPrivilegeDecl) of that reach, for what the creator will create;
 * ORIGIN_POLICY: they are the policy's, whoever wrote them.
 */
void default_privileges_apply(Diff *diff, StateDatabase *database, const List *fragments,
                              DefaultPrivilegeReach reach, NameId creator, Origin origin);
