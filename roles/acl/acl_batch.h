/*
 * AclBatch: one statement's worth of the difference between an ACL as it is and as it should be:
 * the same privileges, given to or taken from one or more grantees.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/finding.h"
#include "base/list.h"
#include "roles/acl/acl.h"

typedef struct AclBatch {
    PrivilegeSet privileges;
    bool grant_option;
    NameId as_role; /* a revoke by this grantor; NAME_NONE: by the owner */
    SourcePos declared_at;
    NameIdVector grantees;
} AclBatch;

/*
 * Batches (AclBatch) that grant what `acl` has and `base` does not. The position of a batch is that
 * of the last matching entry of `provenance` (AclDeclaration: what changed the ACL), else that of a
 * matching declared entry (AclDeclaration) of `declared`.
 */
List acl_grant_batches(Arena *arena, const Acl *base, const Acl *acl, const List *provenance,
                       const List *declared);
/*
 * Batches (AclBatch) that revoke what `base` has and `acl` does not, dependent grants first: the
 * server refuses to revoke a grant option while a grant made with it exists (no CASCADE here).
 */
List acl_revoke_batches(Arena *arena, const Acl *base, const Acl *acl, NameId owner,
                        const List *provenance);
