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

/* What `acl` has more than `base`; causes (AclDeclaration) say because of what, the last one
   counts, and where none does the wishes (AclDeclaration) that are present. */
List acl_grant_batches(Arena *arena, const Acl *base, const Acl *acl, const List *provenance,
                       const List *declared);
/* What `base` has more than `acl`, in an order that works: who granted a privilege on loses it
   after those who got it. */
List acl_revoke_batches(Arena *arena, const Acl *base, const Acl *acl, NameId owner,
                        const List *provenance);
