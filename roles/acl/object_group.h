/*
 * ObjectGroup: the objects of one kind in one schema that have the same owner and the same ACL. A
 * server with 100,000 tables has a few hundred of them, and most plans need no more: names are read
 * for those groups only that a declaration names objects of, or in which something differs.
 *
 * A declaration that means some objects of a group splits it; each part has its own ACL from then
 * on. Groups are the arena's; the lists that hold them belong to a StateDatabase or, for what is no
 * database's (tablespaces, parameters), to the AccessState.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/finding.h"
#include "base/list.h"
#include "base/names.h"
#include "inventory/model/grant.h"
#include "roles/acl/acl.h"

/* One object; const once read. */
typedef struct ObjectIdentity {
    NameId schema;    /* NAME_NONE outside schemas */
    const char *name; /* as in the catalog; a large object's number */
    List arguments;   /* routines: SqlTypeName of each input argument, schema always given */
    /* The table in the same schema to a column of which a sequence belongs, and whose owner is the
     * sequence's; NULL for every other object. */
    const char *owned_by;
} ObjectIdentity;

/* What a declaration says of an ACL, or why it was changed: the entry's grantor plays no part. */
typedef struct AclDeclaration {
    AclEntry entry;
    bool absent;
    bool ended; /* absent since a date has passed: what the grantee has otherwise may stay */
    SourcePos declared_at;
} AclDeclaration;

/* Everything that is declared for one ACL. */
typedef struct AclDeclarations {
    List present; /* AclDeclaration */
    List absent;  /* AclDeclaration */
} AclDeclarations;

/* What is declared for the grantee, all entries together. */
AclEntry acl_declared_for(const AclDeclarations *declared, NameId grantee);

typedef enum ObjectGroupFlags {
    OBJECT_GROUP_IS_MEMBER = 1 << 0,           /* of an extension */
    OBJECT_GROUP_IS_INITIAL = 1 << 1,          /* its ACL is the one in pg_init_privs */
    OBJECT_GROUP_IS_SECURITY_DEFINER = 1 << 2, /* functions that run as their owner */
} ObjectGroupFlags;

typedef struct ObjectGroup {
    GrantKind kind; /* never a union of kinds, DATABASE or SCHEMA */
    NameId schema;  /* NAME_NONE outside schemas */
    NameId owner;
    unsigned flags; /* ObjectGroupFlags */
    size_t count;
    const char *acl_text; /* as the server has it, NULL for NULL: tells the group's rows apart */
    /* The ACL that an extension gave its member, where it has another one now; else NULL. */
    const char *extension_acl;
    NameId read_from; /* the database to read names from; NAME_NONE: the one it lies in */
    bool is_named;
    List identities; /* ObjectIdentity, `count` of them where is_named */

    NameId old_owner;            /* on the server */
    SourcePos owner_declared_at; /* the entry that decides, and how special it is: owners.c */
    unsigned owner_rank;
    bool owner_follows; /* the owner changed with the owner of tables, by their statement */
    Acl acl;
    Acl base;
    AclDeclarations declared;
    List provenance; /* AclDeclaration: what was changed; the last one counts */
    bool is_skipped; /* a change of its ACL or owner that only the policy asks for was skipped */
} ObjectGroup;

/* A column with an ACL of its own. */
typedef struct StateColumn {
    GrantKind kind; /* of its table: table, view or matview */
    const ObjectIdentity *table;
    const char *name;
    NameId owner;   /* the table's */
    unsigned flags; /* ObjectGroupFlags, the table's */
    const char *acl_text;
    const char *extension_acl; /* as of a group */
    Acl acl;
    Acl base;
    const Acl *table_acl; /* on the server; NULL: not known. Its grant options count here, too */
    AclDeclarations declared;
    List provenance;
    bool is_skipped; /* as of a group */
} StateColumn;

/* "TABLE" and the like: what GRANT calls the kind. */
const char *object_group_grant_keyword(GrantKind kind);
/* "MATERIALIZED VIEW" and the like: what ALTER ... OWNER TO calls it. */
const char *object_group_alter_keyword(GrantKind kind);
ObjectKind object_group_acl_kind(GrantKind kind);
/* The default privileges that reach new objects of the kind; DEFAULT_ACL_TYPE_COUNT: none do. */
DefaultAclType object_group_default_type(GrantKind kind);

/* Whether grants of `wanted` mean objects of `kind`. */
bool object_kind_covers(GrantKind wanted, GrantKind kind);
/* Whether the name and, where given, the argument types mean that object. */
bool object_identity_matches(const ObjectIdentity *identity, const GrantName *name);

/*
 * Splits the objects that the grant's names mean (less those it excepts) from the group, and gives
 * the group that holds exactly them: the group itself, a new one added to `groups`, or NULL where
 * there is none. `used`: for each of grant->names whether an object was found, updated.
 */
ObjectGroup *object_group_select(Arena *arena, List *groups, ObjectGroup *group,
                                 const GrantDecl *grant, bool *used);
/* Splits the objects for which the test holds; the same results. */
typedef bool ObjectIdentityTest(const ObjectIdentity *identity, const void *data);
ObjectGroup *object_group_split(Arena *arena, List *groups, ObjectGroup *group,
                                ObjectIdentityTest *test, const void *data);
/* A copy for a database made from a template. */
ObjectGroup *object_group_copy(Arena *arena, const ObjectGroup *group, NameId read_from);
