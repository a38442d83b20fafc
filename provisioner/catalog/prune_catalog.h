/*
 * What the server says about roles that are to be dropped: the queries behind prune.h.
 */
#pragma once

#include "base/list.h"
#include "base/names.h"
#include "provisioner/server/session.h"
#include "roles/state/access_state.h"

/* A line of the preflight: how many objects of a class depend on the role in one way. */
typedef struct PruneCount {
    NameId role;
    NameId database;          /* NAME_NONE: shared objects */
    const char *object_class; /* "pg_class" */
    char dependency;          /* of pg_shdepend: 'o' owner, 'a' ACL, 'r' policy ... */
    const char *count;
} PruneCount;

typedef struct PruneRelation {
    NameId role;
    const char *kind; /* the word after ALTER */
    GrantKind grant_kind;
    NameId schema;
    const char *name;
    unsigned locks;
} PruneRelation;

/* roles: the names as SQL literals, with commas between them. */
bool prune_read_counts(Session *session, AccessState *state, const char *roles, List *ret_counts,
                       GError **error);
bool prune_read_relations(Session *session, AccessState *state, const char *roles,
                          List *ret_relations, GError **error);

typedef enum PruneGrantScope {
    PRUNE_GRANTS_HERE,
    PRUNE_GRANTS_SHARED,
} PruneGrantScope;

/* An ACL that names a dropped role, or one of a schema. */
typedef struct PruneAcl {
    GrantKind kind;
    ObjectIdentity identity; /* of a database or schema: its name, without a schema */
    const char *column;      /* of the table `identity`; NULL: the ACL is the object's own */
    NameId owner;
    Acl acl;
} PruneAcl;

/* PruneAcl, a table before its columns. */
bool prune_read_acls(Session *session, AccessState *state, const char *roles, PruneGrantScope scope,
                     List *ret_acls, GError **error);
/* PruneAcl: all schemas of the session's database. */
bool prune_read_schemas(Session *session, AccessState *state, List *ret_acls, GError **error);

/* What only a superuser may own (an event trigger, say): the word after ALTER and the name. */
typedef struct PruneSuperuserObject {
    NameId role;
    const char *kind;
    const char *name;
} PruneSuperuserObject;

bool prune_read_superuser_objects(Session *session, AccessState *state, const char *roles,
                                  List *ret_objects, GError **error);

/* A routine, view, trigger or expression, in words. */
typedef struct OwnedCode {
    NameId role;
    NameId schema;
    const char *relation; /* that it belongs to, or is; NULL: a routine */
    const char *words;
} OwnedCode;

/* Code that the roles own in the session's database, what matters most first. */
bool prune_read_code(Session *session, AccessState *state, const char *roles, List *ret_code,
                     GError **error);
/* How many locks one transaction may take: half of what the lock table is made for. */
bool prune_read_lock_budget(Session *session, Arena *arena, unsigned *ret_locks, GError **error);
/* How many sessions each role has. */
bool prune_read_sessions(Session *session, AccessState *state, GError **error);
