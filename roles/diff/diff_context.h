/*
 * Walk: the working state of desired_changes(), shared by the files roles/desired_*.c. Each of them
 * walks one part of the declarations; none of this is for other folders.
 */
#pragma once

#include "roles/diff/diff.h"
#include "roles/findings.h"
#include "roles/permission/authority.h"

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

/* A role on the server that has to go: not declared any more, or declared absent. */
typedef struct Leaver {
    NameId role;
    const RoleDecl *decl; /* state: absent; NULL: no longer declared */
    SourcePos because;
    bool was_disabled; /* it is marked as disabled already */
    bool is_dropped;   /* --prune */
    NameId heir;       /* of a dropped one; NAME_NONE after a finding */
} Leaver;

/* What of one kind of change the policy asks for and the executor, for one reason, may not do. */
typedef struct LeftOut {
    ChangeKind kind;
    List names; /* const char, each once */
    const Refusal *refusal;
    SourcePos pos; /* of the first */
} LeftOut;

typedef struct Walk {
    const DesiredInput *input;
    Arena *arena;
    AccessState *state;
    Names *names;
    const Cluster *cluster;
    const SystemUsers *users;
    const Policy *policy;
    SourcePos policy_pos; /* the place of what the policy says as a whole */
    NameId creator; /* who owns what we create: dbsu, or the executor where dbsu cannot be taken */
    NameId default_creator; /* dbsu, also where it cannot be taken: the policy means its objects */
    Authority *authority;
    List left_out;              /* LeftOut */
    GHashTable *left_out_roles; /* NameId: the policy's roles that the executor may not create */
    GPtrArray *journal;         /* JournalItem */
    bool by_default;            /* what is walked now is the policy's, whoever wrote the words */
    bool from_outside;          /* what is walked now is a database that cannot be entered */
    GHashTable *declared_roles; /* NameId -> RoleDecl: those that are not absent */
    SourcePos mode_pos;         /* who asked for adopt or strict */
    NameId managed_marker;      /* pgcharter_managed */
    NameId disabled_marker;     /* pgcharter_disabled */
    List leavers;               /* Leaver, in the order of the server's roles */
    GHashTable *leaver_index;   /* NameId -> Leaver */
    GHashTable *told;           /* text: notes that are given once */
} Walk;

/*
 * Asks before the state is moved whether the executor may make the change. false: it is the
 * policy's wish and left out. A person's wish that is refused stays, with change->refusal; one
 * membership that the executor may give itself is granted first. `object` is for privileges.
 */
bool walk_may(Walk *walk, Change *change, const AuthorityObject *object);
/* Whether a value has the place of its entry, and not one of its own: nobody wrote it. */
bool walk_is_implied(SourcePos value, SourcePos entry);
/* The same for privileges; where the difference is taken at the end, it is asked then. */
bool walk_may_touch(Walk *walk, const AclTarget *target, const AclEntry *entry, SourcePos because,
                    ChangeKind kind);
void walk_join_owners(Walk *walk);
/* Moves the state as CREATE ROLE does beside making the role. */
void walk_created_role(Walk *walk, NameId role);
void walk_tell_left_out(Walk *walk);

/* Adds a change that needs no second look at the end; walk_may() is asked where nobody has. */
void walk_add(Walk *walk, const Change *change);
/* Puts a grant or revoke that has happened to the target's ACL into the journal. */
void walk_journal(Walk *walk, const AclTarget *target, const AclEntry *entry, SourcePos because,
                  ChangeKind kind);
/* Here, in the order of changes, come those of the database's objects. */
void walk_mark_objects(Walk *walk, StateDatabase *database);
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
/*
 * Whether what the role holds beyond its declarations is taken away: never in additive; in adopt
 * where it is declared; in strict also where it is not, but for dbsu, the executor and predefined
 * roles. pg_managed narrows both.
 */
bool walk_manages_role(const Walk *walk, NameId role);
/* The same if the mode were another: for notes. */
bool walk_manages_role_in(const Walk *walk, NameId role, AccessMode mode);
/* Whether pg_managed speaks of the role. */
bool walk_role_is_in_scope(const Walk *walk, NameId role);
/* The replication, monitor or admin user. */
bool walk_is_system_user(const Walk *walk, NameId role);
/* The same for what is held in a database: only in a declared one. */
bool walk_manages_database(const Walk *walk, NameId database);
bool walk_manages_database_in(const Walk *walk, NameId database, AccessMode mode);
/* Whether the role may be stripped of LOGIN, SUPERUSER or its password. */
bool walk_is_protected(const Walk *walk, NameId role);

/* The policy's role on this cluster; NAME_NONE after a note, or for a system user that the cluster
 * does not have. */
NameId walk_policy_role(Walk *walk, const PolicyRole *role, const char *purpose);
/* Whether that is dbsu, whose objects are those of whoever creates in its place. */
bool walk_policy_role_is_dbsu(const PolicyRole *role);

/* NULL when the role does not leave. */
const Leaver *walk_leaver(const Walk *walk, NameId role);
/* Fills walk->leavers and looks at their heirs; before everything else. */
void walk_find_leavers(Walk *walk);
void walk_leaving_roles(Walk *walk);

bool walk_is_marked(const Walk *walk, NameId marker, NameId role);
/* Makes those of the members (NameId) marked that are not, or those that are no longer. */
void walk_mark(Walk *walk, ChangeKind kind, NameId marker, const List *members);
void walk_unmark(Walk *walk, ChangeKind kind, NameId marker, const List *members);
void walk_declared_marks(Walk *walk);

void walk_roles(Walk *walk);
void walk_memberships(Walk *walk);
/* Whether the mode takes that membership away. */
bool walk_membership_is_surplus(const Walk *walk, const StateMembership *row);
/* Takes away what declared roles (in strict: others, too) have beyond their declarations; in
 * additive notes it. */
void walk_surplus(Walk *walk);
/* Revokes the row and, before it, what was granted by it; what of that stays is granted by the
 * bootstrap superuser first. */
void walk_revoke_membership_row(Walk *walk, const StateMembership *row, SourcePos because);
/* Grants by the bootstrap superuser what that row gives, so that it no longer depends on the row's
 * grantor. */
void walk_keep_membership(Walk *walk, const StateMembership *row, SourcePos because);
void walk_template(Walk *walk, StateDatabase *database);
void walk_databases(Walk *walk);
/* What is declared absent and is there: noted, with --prune dropped. */
void walk_absent_database(Walk *walk, const DatabaseDecl *decl, const StateDatabase *database);
void walk_absent_schema(Walk *walk, const SchemaDecl *decl, StateDatabase *database);
/* The fragments (DefaultPrivilegeDecl) for what the creator will create. */
void walk_default_privileges(Walk *walk, StateDatabase *database, const List *fragments,
                             NameId creator);
void walk_schemas(Walk *walk, StateDatabase *database, const List *schemas);
/* What the policy sets for that role whatever its entry says; NULL: nothing. */
const ParameterDecl *walk_policy_parameter(const Walk *walk, const char *role, const char *name);
/* Parameters of a role or a database. */
void walk_parameters(Walk *walk, const List *parameters, NameId role, NameId database);

/* The grants of a database and those of pg_grants that reach it. */
void walk_grants(Walk *walk, StateDatabase *database, const List *grants);
/* Tells of each name that no object has (`used`, for each of decl->names), or of an entry that
   means nothing at all. */
void walk_note_missing(Walk *walk, const StateDatabase *database, const GrantDecl *decl,
                       const bool *used, size_t matched);
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

AclTarget walk_group_target(const StateDatabase *database, ObjectGroup *group);
AclTarget walk_column_target(const StateDatabase *database, StateColumn *column);
AclTarget walk_database_target(StateDatabase *database);
AclTarget walk_schema_target(const StateDatabase *database, StateSchema *schema);
AclTarget walk_default_target(const StateDatabase *database, StateDefaultAcl *row);
