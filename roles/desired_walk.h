/*
 * Walk: the working state of desired_changes(), shared by the files roles/desired_*.c. Each of them
 * walks one part of the declarations; none of this is for other folders.
 */
#pragma once

#include "roles/desired.h"
#include "roles/findings.h"

/* Where a grant lands: an ACL, what it would be without grants, and how a statement names the
 * object. */
typedef struct AclTarget {
    Acl *acl;
    Acl *base;
    ChangeKind grant_kind;
    ChangeKind revoke_kind;
    NameId database;
    ObjectKind object_kind;
    NameId name;           /* database or schema; NAME_NONE for functions and default privileges */
    const char *signature; /* functions */
    NameId owner;          /* who the server records as the grantor */
    NameId schema;         /* default privileges: IN SCHEMA */
    DefaultAclType default_type;
    AclWishes *wishes; /* what is declared for it; NULL: nobody asks */
    List *causes;      /* not NULL: nothing is journaled, the difference is taken at the end */
} AclTarget;

typedef struct Walk {
    const DesiredInput *input;
    Arena *arena;
    AccessState *state;
    Names *names;
    const Cluster *cluster;
    const SystemUsers *users;
    SourcePos policy_pos; /* the place of what the policy says as a whole */
    NameId creator; /* who owns what we create: dbsu, or the executor where dbsu cannot be taken */
    GPtrArray *journal;         /* JournalItem */
    bool from_outside;          /* what is walked now is a database that cannot be entered */
    GHashTable *declared_roles; /* NameId: those with a declaration that is not absent */
} Walk;

/* Adds a change that needs no second look at the end. */
void walk_add(Walk *walk, const Change *change);
/* Puts a grant or revoke that has happened to the target's ACL into the journal. */
void walk_journal(Walk *walk, const AclTarget *target, const AclEntry *entry, SourcePos because,
                  ChangeKind kind);
/* Here, in the order of changes, come those of the database's objects. */
void walk_mark_objects(Walk *walk, StateDatabase *database);
/* Remembers what is declared for the target. */
void walk_wish(Walk *walk, const AclTarget *target, const AclEntry *entry, bool absent,
               SourcePos because);
/*
 * Grants what the grantee does not hold yet by an entry of its own, whoever gave it. With GRANT
 * OPTION entry->grantable equals entry->privileges. The grantor is filled in from the target.
 */
void walk_grant(Walk *walk, const AclTarget *target, AclEntry entry, SourcePos because);
/*
 * Takes the privileges (or, with grantable only, their grant options) from every entry of the
 * grantee. Whom the grantee granted them on keeps them, from the owner.
 */
void walk_take(Walk *walk, const AclTarget *target, AclEntry entry, SourcePos because);
/* The same, because a declaration says so. */
void walk_revoke(Walk *walk, const AclTarget *target, AclEntry entry, SourcePos because);

/*
 * The role by that name. NAME_NONE when it is neither declared nor on the server: then a finding
 * says so, an error for what a file of the author's says and an info for what the policy says.
 * `purpose` is what the role was wanted for, as in "grant role \"x\"".
 */
NameId walk_require_role(Walk *walk, const char *name, SourcePos because, const char *purpose);
bool walk_is_policy(SourcePos pos);
/*
 * Whether what the role holds beyond its declarations is taken away: never in additive; in adopt
 * where it is declared; in strict also where it is not, but for dbsu, the executor and predefined
 * roles. pg_managed narrows both.
 */
bool walk_manages_role(const Walk *walk, NameId role);
/* The same for what is held in a database: only in a declared one. */
bool walk_manages_database(const Walk *walk, NameId database);
/* Whether the role may be stripped of LOGIN, SUPERUSER or its password. */
bool walk_is_protected(const Walk *walk, NameId role);

void walk_roles(Walk *walk);
void walk_memberships(Walk *walk);
void walk_leaving_roles(Walk *walk);
void walk_template(Walk *walk, StateDatabase *database);
void walk_databases(Walk *walk);
/* The fragments (DefaultPrivilegeDecl) for what the creator will create. */
void walk_default_privileges(Walk *walk, StateDatabase *database, const List *fragments,
                             NameId creator);
void walk_schemas(Walk *walk, StateDatabase *database, const List *schemas);
/* Parameters of a role or a database; `skip` (may be NULL) is a parameter that something else
 * decides. */
void walk_parameters(Walk *walk, const List *parameters, NameId role, NameId database,
                     const char *skip);

/* The grants of a database and those of pg_grants that reach it. */
void walk_grants(Walk *walk, StateDatabase *database, const List *grants);
/* owners: of objects and schemas. */
void walk_change_schema_owner(Walk *walk, StateDatabase *database, StateSchema *schema,
                              NameId owner, SourcePos because);
void walk_owners(Walk *walk, StateDatabase *database, const List *owners);
/* What the fragments say, for objects that their creators own already. */
void walk_existing_objects(Walk *walk, StateDatabase *database);
/* Names the creators whose objects no default privilege covers. */
void walk_note_creators(Walk *walk, const DatabaseDecl *decl, StateDatabase *database);
/* Adopt and strict: takes what no declaration gives. Additive: notes what they would take. */
void walk_undeclared(Walk *walk, const DatabaseDecl *decl, StateDatabase *database);
/* Who creates objects: dbsu, the admin user, dbrole_admin and the owners of databases. */
bool walk_is_creator(const Walk *walk, NameId role);
/* Warns of objects whose ACL gets so many grantees that the server may refuse the row. */
void walk_note_wide_acls(Walk *walk, const StateDatabase *database);
/* Adds what differs in the objects of a database, or in what is no database's (NULL). */
void walk_object_changes(Walk *walk, StateDatabase *database, List *changes);

/* Whether a pattern means the schema; the system's own schemas only by their full names. */
bool walk_schema_matches(const List *patterns, const char *schema);
AclTarget walk_group_target(const StateDatabase *database, ObjectGroup *group);
AclTarget walk_column_target(const StateDatabase *database, StateColumn *column);
AclTarget walk_database_target(StateDatabase *database);
AclTarget walk_schema_target(const StateDatabase *database, StateSchema *schema);
AclTarget walk_default_target(const StateDatabase *database, StateDefaultAcl *row);
