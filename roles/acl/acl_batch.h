/*
 * AclBundle: one statement's worth of the difference between an ACL as it is and as it should be:
 * the same privileges, given to or taken from one or more grantees.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/finding.h"
#include "base/list.h"
#include "roles/acl/acl.h"

typedef struct AclBundle {
    PrivilegeSet privileges;
    bool grant_option;
    NameId as_role; /* a revoke by this grantor; NAME_NONE: by the owner */
    SourcePos because;
    List grantees; /* NameId in the items */
} AclBundle;

/* What `acl` has more than `base`; causes (AclWish) say because of what, the last one counts, and
   where none does the wishes (AclWish) that are present. */
List acl_grant_bundles(Arena *arena, const Acl *base, const Acl *acl, const List *causes,
                       const List *wishes);
/* What `base` has more than `acl`, in an order that works: who granted a privilege on loses it
   after those who got it. */
List acl_revoke_bundles(Arena *arena, const Acl *base, const Acl *acl, NameId owner,
                        const List *causes);
