/*
 * AclTarget: one ACL of the state, what it would be without grants, and how a statement names the
 * object. The functions describe the parts of a state; who edits is acl_edit.h.
 */
#pragma once

#include "roles/change/change.h"
#include "roles/state/access_state.h"

typedef struct AclTarget {
    Acl *acl;
    Acl *base;
    ChangeKind grant_kind;
    ChangeKind revoke_kind;
    NameId database;
    ObjectKind object_kind;
    NameId name;           /* database or schema; NAME_NONE for functions and default privileges */
    const char *signature; /* functions */
    NameId owner;          /* whom the server records as the grantor */
    const Acl *table_acl;  /* of columns: grant options on the table count, too; NULL: not known */
    NameId schema;         /* default privileges: IN SCHEMA */
    DefaultAclType default_type;
    bool ended;                /* what is revoked here has ended (`until`) */
    Origin origin;             /* ORIGIN_POLICY: whatever is asked for here is the policy's */
    AclDeclarations *declared; /* what is declared for it; NULL: nobody asks */
    List *provenance; /* not NULL: nothing is recorded, the difference is taken at the end */
} AclTarget;

AclTarget acl_target_of_group(const StateDatabase *database, ObjectGroup *group);
AclTarget acl_target_of_column(const StateDatabase *database, StateColumn *column);
/* Revokes on these two are hardening, unless a grant entry asks for them: then revoke_kind is set
 * to CHANGE_REVOKE. */
AclTarget acl_target_of_database(StateDatabase *database);
AclTarget acl_target_of_schema(const StateDatabase *database, StateSchema *schema);
AclTarget acl_target_of_default(const StateDatabase *database, StateDefaultAcl *row);
AclTarget acl_target_of_function(const StateDatabase *database, StateFunction *function);
