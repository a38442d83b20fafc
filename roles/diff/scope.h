/*
 * Scope: whom and what a plan may speak of. Who is declared, protected or a system user, and what
 * pg_managed covers, is found once, before anything moves; the questions after that are look-ups.
 */
#pragma once

#include "inventory/model/inventory.h"
#include "roles/state/marks.h"

/* A role on the server that has to go: no longer declared, or declared absent. */
typedef struct DepartedRole {
    NameId role;
    const RoleDecl *decl; /* state: absent; NULL: no longer declared */
    SourcePos declared_at;
    bool is_dropped;    /* --prune */
    NameId reassign_to; /* of a dropped one: who gets what it owns; NAME_NONE after a finding */
} DepartedRole;

typedef struct Scope {
    const Cluster *cluster;
    const AccessState *state;
    AccessMode mode;
    Marks marks;
    GHashTable *roles;          /* NameId -> ScopeFlags of a role on the server or declared */
    GHashTable *declared_roles; /* NameId -> RoleDecl: those that are not absent */
    GHashTable *databases;      /* NameId: declared, not absent, in pg_managed */
    List departed;              /* DepartedRole, in the order of the server's roles */
    GHashTable *departed_index; /* NameId -> DepartedRole */
    NameId
        creator; /* who owns what we create: dbsu, or the session role where dbsu cannot be taken */
    NameId default_creator; /* dbsu, also where it cannot be taken: the policy means its objects */
    GHashTable *creators;   /* NameId: whose objects default privileges speak of */
    GHashTable *policy_creators; /* NameId: of these the ones that the policy names */
} Scope;

Scope *scope_new(const AccessState *state, const Cluster *cluster, AccessMode mode);
void scope_free(Scope *scope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Scope, scope_free)

/* Who creates what is made, and which roles are creators. Once before and once after the roles are
 * there: the phase that makes roles may make dbsu a superuser. */
void scope_choose_creators(Scope *scope, bool runs_as_superuser);
void scope_add_departed(Scope *scope, DepartedRole *departed);

/* The role's entry; NULL when it has none, or one with state: absent. */
const RoleDecl *scope_declaration(const Scope *scope, NameId role);
/* NULL when the role does not depart. */
const DepartedRole *scope_departed(const Scope *scope, NameId role);
/* Whether the role may lose neither LOGIN nor SUPERUSER nor its password: dbsu, the session role,
 * the bootstrap superuser, predefined roles. */
bool scope_is_protected(const Scope *scope, NameId role);
/* The replication, monitor or admin user. */
bool scope_is_system_user(const Scope *scope, NameId role);
/* Whether pg_managed covers the role. */
bool scope_speaks_of_role(const Scope *scope, NameId role);
/* A role that this inventory neither declares nor lets go, and another one has marked. */
bool scope_is_of_another(const Scope *scope, NameId role);
/*
 * Whether what the role holds beyond its declarations is removed: never in additive; in adopt where
 * it is declared; in strict also where it is not, but for protected roles, system users and roles
 * of another inventory. pg_managed narrows both.
 */
bool scope_manages_role(const Scope *scope, NameId role);
/* The same if the mode were another: for notes. */
bool scope_manages_role_in(const Scope *scope, NameId role, AccessMode mode);
/*
 * Whether the entry of that role is complete, so that what it does not say is a default: in strict,
 * except where it leaves that thing (1 << RoleAttribute or RoleLeave) to the server, and never for
 * protected roles.
 */
bool scope_completes(const Scope *scope, const RoleDecl *decl, NameId role, unsigned thing);
/* The same for what is held in a database: only in a declared one. */
bool scope_manages_database(const Scope *scope, NameId database);
bool scope_manages_database_in(const Scope *scope, NameId database, AccessMode mode);

/* Who creates objects: the policy's creators and the owners of databases. */
bool scope_is_creator(const Scope *scope, NameId role);
bool scope_is_policy_creator(const Scope *scope, NameId role);
/* Whether that is dbsu, whose objects are those of whoever creates in its place. */
bool scope_policy_role_is_dbsu(const PolicyRole *role);
/* Neither the server's own nor one of the policy's: a schema for applications. */
bool scope_is_ordinary_schema(const Scope *scope, NameId schema);
