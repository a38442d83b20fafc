/* The roles that declarations name. */
#pragma once

#include "roles/diff/diff_context.h"

/*
 * The role by that name. NAME_NONE when it is neither declared nor on the server: then a finding
 * says so, an error for what a person wrote and an info for what the policy says. `purpose` is what
 * the role was wanted for, as in "grant role \"x\"".
 */
NameId required_role(Diff *diff, const char *name, SourcePos declared_at, const char *purpose);
/* The policy's role on this cluster; NAME_NONE after a note, or for a system user that the cluster
 * does not have. */
NameId required_policy_role(Diff *diff, const PolicyRole *role, const char *purpose);
