/*
 * AccessWays: by which ways a role has a privilege that its own entry in an ACL does not give: as a
 * superuser, through PUBLIC, from a role that it inherits from, or by a predefined role that needs
 * an entry nowhere. has_table_privilege() and its like answer the same on a server.
 */
#pragma once

#include "roles/state/access_state.h"

typedef enum AccessWayKind {
    ACCESS_WAY_SUPERUSER,
    ACCESS_WAY_OWN,        /* an entry of its own, where the object counts them */
    ACCESS_WAY_OWNER,      /* it owns the object: grant options only */
    ACCESS_WAY_PUBLIC,     /* PUBLIC's entry */
    ACCESS_WAY_INHERITED,  /* the entry of a role that it inherits from */
    ACCESS_WAY_PREDEFINED, /* pg_read_all_data and its like */
} AccessWayKind;

typedef struct AccessWay {
    AccessWayKind kind;
    NameId role;             /* INHERITED, PREDEFINED: which; else NAME_NONE */
    PrivilegeSet privileges; /* of those asked about */
} AccessWay;

typedef struct AccessedObject {
    ObjectKind kind;
    NameId owner;
    const StateDatabase *database; /* NULL: it lies in none */
    bool is_catalog_table;         /* a table of pg_catalog: only superusers write it */
    bool counts_own;               /* entries of the grantee itself are a way, too */
    GHashTable *entries;           /* NameId -> AclEntry: whatever each grantee holds */
} AccessedObject;

/* Fills `entries`, so that an ACL of many entries is read once for many questions. */
void accessed_object_init(AccessedObject *object, const Acl *acl);
void accessed_object_clear(AccessedObject *object);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AccessedObject, accessed_object_clear)

typedef struct AccessWays AccessWays;

/* With the memberships and attributes of the state as they are now. */
AccessWays *access_ways_new(Arena *arena, const AccessState *state);
void access_ways_free(AccessWays *ways);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AccessWays, access_ways_free)

/*
 * AccessWay, each with at least one of asked->privileges, or where that is empty of
 * asked->grantable: by which ways asked->grantee has them, or their grant options. For PUBLIC its
 * own entry is the only way.
 */
List access_ways_find(AccessWays *ways, const AccessedObject *object, const AclEntry *asked);
