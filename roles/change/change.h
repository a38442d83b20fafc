/*
 * Change: one difference between what is declared and what is on the server, and what declared it.
 * Changes are pure facts; provisioner/ orders them into phases and writes them as SQL.
 *
 * A Change is a head that all kinds have and one payload, chosen by the kind (change.def):
 *
 *     *change = (Change){ .kind = CHANGE_DATABASE_OWNER, .declared_at = decl->pos,
 *                         .database = name, .name = name, .owner = { .role = owner } };
 *     change_owner(change)->role       reads it, and asserts that the kind has that payload
 *     change_edit_owner(change)->role  the same for who changes it
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

typedef enum ChangePayload {
    CHANGE_PAYLOAD_NOTHING,
#define CHANGE_PAYLOAD(name, type, member) CHANGE_PAYLOAD_##name,
#include "roles/change/change_payload.def"
#undef CHANGE_PAYLOAD
    CHANGE_PAYLOAD_COUNT,
} ChangePayload;

/* The columns of change.def that every layer may ask for. */
typedef struct ChangeKindInfo {
    ChangePayload payload;
    const char *words; /* what is done, before the name of what it is done to */
} ChangeKindInfo;

const ChangeKindInfo *change_kind_info(ChangeKind kind);

/* What CREATE ROLE or ALTER ROLE sets: attributes and limits that differ. */
typedef struct RoleChange {
    bool attribute_changes[ROLE_ATTRIBUTE_COUNT];
    bool attributes[ROLE_ATTRIBUTE_COUNT];
    bool connection_limit_changes;
    int64_t connection_limit;
    const char *valid_until; /* NULL: unchanged */
} RoleChange;

struct DeferredVerifier; /* provisioner/plan/password_checks.h */

typedef struct PasswordChange {
    const char *verifier;                    /* a secret */
    const struct DeferredVerifier *deferred; /* one that is made later; both NULL: no password */
} PasswordChange;

typedef struct CommentChange {
    const char *text; /* NULL removes it */
} CommentChange;

typedef struct SettingChange {
    const ParameterDecl *parameter; /* value NULL: RESET */
} SettingChange;

typedef enum MembershipOption {
    MEMBERSHIP_OPTION_ADMIN,
    MEMBERSHIP_OPTION_INHERIT,
    MEMBERSHIP_OPTION_SET,
    MEMBERSHIP_OPTION_COUNT,
} MembershipOption;

/* `name` is the member. Options are those to set or, in a revoke, the one to take instead of the
 * membership. */
typedef struct MembershipChange {
    NameIdVector groups;
    NameId grantor; /* NAME_NONE: not named in the statement */
    OptBool options[MEMBERSHIP_OPTION_COUNT];
} MembershipChange;

/* `name` is the marker role. */
typedef struct MarkerChange {
    NameIdVector members;
    NameId grantor; /* NAME_NONE: not named in the statement */
} MarkerChange;

typedef struct DatabaseCreateChange {
    const DatabaseDecl *decl;
    NameId owner;       /* NAME_NONE: whoever creates it */
    bool is_unfinished; /* with DATABASE_LIMIT_UNFINISHED, whatever limit is declared */
} DatabaseCreateChange;

typedef struct ConnectionLimitChange {
    int64_t limit;
} ConnectionLimitChange;

typedef struct IsTemplateChange {
    bool wanted;
} IsTemplateChange;

typedef struct OwnerChange {
    NameId role;
} OwnerChange;

/* The new owner of objects of one kind. */
typedef struct ObjectOwnerChange {
    NameId role;
    NameId old_role; /* all of them have the same */
    GrantKind grant_kind;
    List identities;      /* const ObjectIdentity */
    bool own_transaction; /* a batch of many */
} ObjectOwnerChange;

/* The role as which a statement has to run because it revokes as its grantor. */
typedef struct ActingRole {
    NameId role;          /* NAME_NONE: the session role will do */
    NameIdVector schemas; /* it needs USAGE on them meanwhile, for it has to name objects there */
} ActingRole;

/* What a grant or revoke is about. */
typedef enum AclTargetKind {
    ACL_TARGET_NAMED,     /* the database or schema `name` */
    ACL_TARGET_FUNCTIONS, /* functions of pg_catalog, by signature */
    ACL_TARGET_OBJECTS,   /* objects of one grant kind, or their columns */
} AclTargetKind;

typedef struct AclChange {
    AclTargetKind target;
    ObjectKind object_kind;
    PrivilegeSet privileges;
    bool grant_option; /* WITH GRANT OPTION; GRANT OPTION FOR */
    NameIdVector grantees;
    List functions;       /* FUNCTIONS: const char */
    GrantKind grant_kind; /* OBJECTS */
    List identities;      /* OBJECTS: const ObjectIdentity */
    List columns;         /* OBJECTS: const char; the privileges are on these columns of each */
    ActingRole acting;    /* who grants or revokes; NAME_NONE: whoever runs it */
} AclChange;

typedef struct DefaultAclChange {
    DefaultAclType type;
    NameId schema; /* IN SCHEMA; NAME_NONE: global */
    PrivilegeSet privileges;
    bool grant_option;
    NameIdVector grantees;
    NameIdVector creators;
} DefaultAclChange;

typedef struct SchemaDropChange {
    bool cascade; /* with what is in it */
} SchemaDropChange;

typedef struct DatabaseDropChange {
    bool is_template; /* it has to stop being one first */
} DatabaseDropChange;

/* What a dropped role owns or holds, written by who looked at it (provisioner/plan/prune.h). */
typedef struct OwnedChange {
    const char *setting; /* a statement that only prepares the transaction; NULL: none */
    List statements;     /* const char */
    const char *summary; /* stands for a long list; NULL: it is short */
    ActingRole acting;
} OwnedChange;

typedef struct RoleDropChange {
    NameId reassign_to;
    NameId superuser; /* who gets what only a superuser may own */
} RoleDropChange;

struct Refusal; /* roles/permission/authority.h */

typedef struct Change {
    ChangeKind kind;
    SourcePos declared_at;
    NameId database;               /* in which database it happens; NAME_NONE: anywhere */
    bool not_connectable;          /* nobody can enter that database: it is done from another */
    NameId name;                   /* the role, database or schema; the member; the marker role */
    unsigned batch;                /* stage PRUNE: one batch is one transaction */
    const struct Refusal *refusal; /* why the session role may not do it; NULL: it may */
    /* const char: what on the server it starts from (roles/change/precondition.h); only where that
     * is kept. */
    List preconditions;

    union {
#define CHANGE_PAYLOAD(name, type, member) type member;
#include "roles/change/change_payload.def"
#undef CHANGE_PAYLOAD
    };
} Change;

/* clang-format off */
#define CHANGE_PAYLOAD(name, type, member)                                                         \
    const type *change_##member(const Change *change);                                             \
    type *change_edit_##member(Change *change);
#include "roles/change/change_payload.def"
#undef CHANGE_PAYLOAD
/* clang-format on */

bool change_has(const Change *change, ChangePayload payload);
/* The objects (const ObjectIdentity) that it names one by one; an empty list for other kinds. */
const List *change_identities(const Change *change);
