/*
 * Grants and revokes on one ACL of the state. Each moves the ACL and records what PostgreSQL has to
 * be named for it (ExecGrant and recursive_revoke() in aclchk.c and acl.c of the server).
 */
#pragma once

#include "roles/diff/diff_context.h"

/*
 * Grants what the grantee does not hold yet by an entry of its own, whoever gave it. With GRANT
 * OPTION entry.grantable equals entry.privileges. The grantor is filled in from the target.
 */
void acl_edit_grant(Diff *diff, const AclTarget *target, AclEntry entry, SourcePos declared_at);
/*
 * Removes the privileges (or, with grantable only, their grant options) from every entry of the
 * grantee. Roles to which the grantee granted them keep them, from the owner.
 */
void acl_edit_take(Diff *diff, const AclTarget *target, AclEntry entry, SourcePos declared_at);
/* The same, because a declaration says so. */
void acl_edit_revoke(Diff *diff, const AclTarget *target, AclEntry entry, SourcePos declared_at);
