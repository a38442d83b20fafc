/*
 * Change: one difference between what is declared and what is on the server, and what caused it.
 * Changes are pure facts; provisioner/ orders them into phases and writes them as SQL.
 */
#pragma once

#include <stdbool.h>

#include "base/finding.h"
#include "base/list.h"
#include "base/names.h"
#include "inventory/model/inventory.h"
#include "roles/acl/acl.h"
#include "roles/acl/object_group.h"

typedef enum ChangeKind {
#define CHANGE(name, ...) CHANGE_##name,
#include "roles/change/change.def"
#undef CHANGE
    CHANGE_KIND_COUNT,
} ChangeKind;

/* Which member of a Change holds what its kind needs. */
typedef enum ChangePayload {
    CHANGE_PAYLOAD_NOTHING,
    CHANGE_PAYLOAD_ROLE,
    CHANGE_PAYLOAD_PASSWORD,
    CHANGE_PAYLOAD_COMMENT,
    CHANGE_PAYLOAD_SETTING,
    CHANGE_PAYLOAD_MEMBERSHIP,
    CHANGE_PAYLOAD_MARKER,
    CHANGE_PAYLOAD_DATABASE_CREATE,
    CHANGE_PAYLOAD_CONNECTION_LIMIT,
    CHANGE_PAYLOAD_IS_TEMPLATE,
    CHANGE_PAYLOAD_OWNER,
    CHANGE_PAYLOAD_OBJECT_OWNER,
    CHANGE_PAYLOAD_ACL,
    CHANGE_PAYLOAD_DEFAULT_ACL,
    CHANGE_PAYLOAD_SCHEMA_DROP,
    CHANGE_PAYLOAD_DATABASE_DROP,
    CHANGE_PAYLOAD_OWNED,
    CHANGE_PAYLOAD_ROLE_DROP,
    CHANGE_PAYLOAD_COUNT,
} ChangePayload;

/* The columns of roles/change/change.def that every layer may ask for. */
typedef struct ChangeKindInfo {
    ChangePayload payload;
    const char *words; /* what is done, before the name of what it is done to */
} ChangeKindInfo;

const ChangeKindInfo *change_kind_info(ChangeKind kind);

/* What CREATE ROLE or ALTER ROLE has to say: only what is set in `changes`. */
typedef struct RoleChange {
    bool attribute_changes[ROLE_ATTRIBUTE_COUNT];
    bool attributes[ROLE_ATTRIBUTE_COUNT];
    bool connection_limit_changes;
    int64_t connection_limit;
    const char *valid_until; /* NULL: unchanged */
} RoleChange;

typedef enum MembershipOption {
    MEMBERSHIP_OPTION_ADMIN,
    MEMBERSHIP_OPTION_INHERIT,
    MEMBERSHIP_OPTION_SET,
    MEMBERSHIP_OPTION_COUNT,
} MembershipOption;

struct Refusal; /* roles/permission/authority.h */

typedef struct Change {
    ChangeKind kind;
    SourcePos because;
    NameId database;   /* in which database it happens; NAME_NONE: anywhere */
    bool from_outside; /* nobody can enter that database: it is done from another */

    /* The role, database or schema concerned; the member of a membership. */
    NameId name;

    RoleChange role;
    /* ROLE_COMMENT, DATABASE_COMMENT: the comment, NULL removes it. ROLE_PASSWORD: the verifier (a
       secret), NULL removes it. */
    const struct DeferredVerifier *password; /* is made later; NULL: text is the verifier */
    const char *text;
    int64_t number;                 /* DATABASE_CONNECTION_LIMIT */
    bool flag;                      /* DATABASE_IS_TEMPLATE */
    const ParameterDecl *parameter; /* ..._SETTING */
    const DatabaseDecl *create;     /* DATABASE_CREATE */
    /* DATABASE_CREATE (may be NAME_NONE), ..._OWNER, SCHEMA_CREATE; ROLE_DROP: the heir. */
    NameId owner;
    bool own_transaction; /* a batch of many */
    bool cascade;         /* SCHEMA_DROP: with what is in it */

    /* MARK_..., LEAVER_MARK_...: `name` is the marker role, these (NameId) its members. */
    List members;
    /* OWNED_...: what only a look at the server's objects can say, written by who looked
       (provisioner/plan/prune.h). One batch is one transaction; the summary stands for a long list.
     */
    List statements; /* const char */
    const char *summary;
    unsigned batch;

    /* Memberships: the groups (NameId in the items), one grantor, options that are set or, in a
       MEMBERSHIP_REVOKE with an option, taken away. */
    List groups;
    NameId grantor; /* NAME_NONE: not named in the statement */
    OptBool options[MEMBERSHIP_OPTION_COUNT];

    /* Grants, revokes, hardening and default privileges. */
    ObjectKind object_kind;
    NameId schema; /* DEFAULT_*: IN SCHEMA; NAME_NONE global */
    List objects;  /* const char: functions by signature; empty: `name` is the object */
    List creators; /* DEFAULT_*: NameId in the items */
    List grantees; /* NameId in the items */
    PrivilegeSet privileges;
    bool grant_option; /* WITH GRANT OPTION; GRANT OPTION FOR */
    DefaultAclType default_type;
    /* Objects of one kind, where the change is about such. */
    bool of_objects;
    GrantKind grant_kind;
    List identities; /* const ObjectIdentity */
    List columns;    /* const char: the privileges are on these columns of each of them */
    /* Of a revoke as_role: the schemas (NameId) that the role cannot look into and has to. */
    List closed_schemas;
    NameId as_role; /* a revoke that works only as this role, the grantor; else NAME_NONE */

    const struct Refusal *refusal; /* why the executor may not do it; NULL: it may */
    /* const char: what on the server it starts from (roles/change/precondition.h); only where that
     * is kept. */
    List preconditions;
} Change;
