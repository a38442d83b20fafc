/* Default privileges as the inventory declares them, for one creator in one database. */
#pragma once

#include "roles/diff/diff_context.h"

/* The fragments (DefaultPrivilegeDecl) for what the creator will create; ORIGIN_POLICY: they are
 * the policy's, whoever wrote them. */
void default_privileges_apply(Diff *diff, StateDatabase *database, const List *fragments,
                              NameId creator, Origin origin);
