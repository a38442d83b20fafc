/*
 * AccessState: who exists on one server and what they may do, as the catalogs say. It is filled by
 * the catalog reader, by initdb_state() for a plan without a server, or by a test;
 * roles/diff/diff.h then moves it step by step to what the inventory wants.
 *
 * Everything that can change carries what is there now and, for ACLs, `base`: what would be there
 * if nothing but the object's creation and change of owner happened. What differs between the two
 * at the end has to be granted or revoked.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/names.h"
#include "inventory/model/inventory.h"
#include "inventory/model/server_feature.h"
#include "roles/acl/acl.h"
#include "roles/acl/object_group.h"

/* The newest major version that has rules of its own here; a newer server is treated like it. */
#define ACCESS_STATE_VERSION_MAX SERVER_VERSION_NEWEST

/* One row of pg_db_role_setting's array. */
typedef struct StateSetting {
    NameId database; /* NAME_NONE: in every database */
    NameId role;     /* NAME_NONE: for every role */
    const char *name;
    const char *value;
} StateSetting;

typedef struct StateRole {
    NameId name;
    bool is_predefined; /* made by initdb, or named pg_... */
    bool attributes[ROLE_ATTRIBUTE_COUNT];
    int64_t connection_limit;
    /* VALID UNTIL in seconds since 1970; NAN none; INFINITY for infinity. */
    double valid_until;
    const char *verifier; /* NULL: no password; see AccessState.verifiers_are_digests */
    const char *comment;  /* NULL: none */
    bool has_something;   /* it owns or holds something; known only of pgcharter's own roles */
    unsigned sessions;    /* known only where a plan may disable or drop roles */
} StateRole;

typedef struct StateMembership {
    NameId role; /* the group */
    NameId member;
    NameId grantor;
    bool admin;
    bool inherit; /* true before 16, where the member's INHERIT decides */
    bool set;     /* true before 16 */
} StateMembership;

typedef struct StateSchema {
    NameId name;
    NameId owner;
    unsigned flags;       /* ObjectGroupFlags */
    const char *acl_text; /* as the catalog has it, here and below; NULL for NULL */
    Acl acl;
    Acl base;
    AclDeclarations declared;
    NameId declared_owner;       /* NAME_NONE: no entry met so far names one */
    SourcePos owner_declared_at; /* the entry that decides, and how special it is: owners.c */
    unsigned owner_rank;
} StateSchema;

/* A row of pg_default_acl, or what stands for one that is not there. */
typedef struct StateDefaultAcl {
    NameId creator;
    NameId schema; /* NAME_NONE: global */
    DefaultAclType type;
    const char *acl_text;
    Acl acl;
    Acl base;
    AclDeclarations declared;
} StateDefaultAcl;

/* A function of pg_catalog that the policy grants. */
typedef struct StateFunction {
    const char *signature; /* "pg_catalog.set_config(text, text, boolean)", as SQL */
    NameId owner;
    const char *acl_text;
    Acl acl;
    Acl base;
} StateFunction;

/* The columns of one table or view, where they were all read. */
typedef struct StateTableColumns {
    NameId schema;
    const char *table;
    List names; /* const char */
} StateTableColumns;

/*
 * The connection limit of a database that an interrupted plan made and did not finish
 * (roles/diff/databases.c). It is below INT_MAX and above any number of connections that a server
 * takes (max_connections is at most 262143), so it limits nobody.
 */
#define DATABASE_LIMIT_UNFINISHED INT64_C(2147480013)
/* Of a database that an interrupted DROP DATABASE left (DATCONNLIMIT_INVALID_DB in pg_database.h).
 */
#define DATABASE_LIMIT_INVALID INT64_C(-2)

typedef struct StateDatabase {
    NameId name;
    NameId owner;
    const char *acl_text;
    Acl acl;
    Acl base;
    AclDeclarations declared;
    bool allow_connections;
    bool is_template;
    bool recodes_names; /* its encoding is another: it reads names of roles as other texts */
    int64_t connection_limit;
    const char *tablespace;
    const char *comment; /* NULL: none */
    /* Whether what lies inside is known: false where connections are not allowed. */
    bool content_known;
    /* It is still to be made, or was only made up: what objects it will hold nobody knows. */
    bool objects_unknown;
    /* This plan makes it, or finishes what an interrupted one has made: nobody uses it yet. */
    bool is_new;
    List schemas;              /* StateSchema */
    List default_acls;         /* StateDefaultAcl */
    List functions;            /* StateFunction */
    List groups;               /* ObjectGroup */
    List columns;              /* StateColumn */
    List table_columns;        /* StateTableColumns; only where a snapshot asked for them */
    GHashTable *schema_index;  /* NameId -> StateSchema */
    GHashTable *default_index; /* StateDefaultAcl, as its own key */
} StateDatabase;

typedef struct AccessState {
    Arena *arena;
    Names *names;
    int major_version;
    NameId bootstrap_superuser;
    NameId session_role; /* the role we are connected as */
    bool session_role_is_superuser;
    bool used_password;   /* the session role logged in with a password */
    bool verifiers_known; /* the session role may read pg_authid */
    /* Read from a file: a role's verifier is what roles/password/verifier_digest.h makes of it. */
    bool verifiers_are_digests;
    /* createrole_self_grant: the options of the membership that CREATE ROLE gives its creator. */
    bool self_grants_inherit;
    bool self_grants_set;
    /* Parameters that the session role may not set, in lower case; NULL: none was asked about. */
    GHashTable *closed_parameters;
    int scram_iterations;         /* what new verifiers get */
    List roles;                   /* StateRole */
    List memberships;             /* StateMembership */
    List databases;               /* StateDatabase */
    List shared_groups;           /* ObjectGroup: tablespaces and parameters */
    GHashTable *role_index;       /* NameId -> StateRole */
    GHashTable *membership_index; /* pair of NameIds -> List of StateMembership */
    GHashTable *setting_index;    /* pair of NameIds -> List of StateSetting */
    GHashTable *column_index;     /* state_column_key() -> StateColumn */
    /* state_column_key() of the columns that grants name, as far as they exist. */
    GHashTable *known_columns;
} AccessState;

/* "LOGIN" and the like. */
const char *role_attribute_keyword(RoleAttribute attribute);

AccessState *access_state_new(Arena *arena);
void access_state_free(AccessState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AccessState, access_state_free)

StateRole *access_state_add_role(AccessState *state, NameId name);
StateMembership *access_state_add_membership(AccessState *state, NameId role, NameId member,
                                             NameId grantor);
StateDatabase *access_state_add_database(AccessState *state, NameId name, NameId owner);
/* NULL when there is none of that name. */
StateRole *access_state_role(const AccessState *state, NameId name);
StateDatabase *access_state_database(const AccessState *state, NameId name);
/* All rows of (role, member), one for each grantor, in a list of StateMembership; NULL when none.
 */
const List *access_state_memberships_of(const AccessState *state, NameId role, NameId member);
void access_state_remove_membership(AccessState *state, const StateMembership *membership);
/* Parameter names are compared without case, as the server does. NULL: not set. */
StateSetting *access_state_setting(const AccessState *state, NameId role, NameId database,
                                   const char *name);
/* The parameters that any role or database has set, each once: const char, in the arena. */
List access_state_setting_names(const AccessState *state);
/* All settings of (role, database), a list of StateSetting; NULL when none. */
const List *access_state_settings_of(const AccessState *state, NameId role, NameId database);
/* value NULL removes the setting. */
void access_state_set_setting(AccessState *state, NameId role, NameId database, const char *name,
                              const char *value);

/*
 * Takes what a diff made of the state as what is there, so that another diff can start from it:
 * ACLs become their own base, and nothing is declared. What tells the server's rows apart
 * (acl_text) stays, as names are still to be read by it.
 */
void access_state_settle(AccessState *state);

/*
 * Forgets the objects that were read; a live session reads only those that the inventory asks for,
 * and without the rest a saved state gives the plan of that session, step by step.
 */
void state_database_forget_objects(AccessState *state, StateDatabase *database);
/* Nothing is known any more of what lies inside, as in a database that no session entered. */
void state_database_forget(AccessState *state, StateDatabase *database);
StateSchema *state_database_schema(const StateDatabase *database, NameId name);
StateSchema *state_database_add_schema(AccessState *state, StateDatabase *database, NameId name,
                                       NameId owner, Acl acl);
void state_database_remove_schema(StateDatabase *database, NameId name);
/* The row of (creator, schema, type); where the catalog has none, one that stands for it is added.
 */
StateDefaultAcl *state_database_default_acl(AccessState *state, StateDatabase *database,
                                            NameId creator, NameId schema, DefaultAclType type);
StateFunction *state_database_function(const StateDatabase *database, const char *signature);
/* The ACL that an object gets when that role creates it (get_user_default_acl() in the server). */
Acl state_database_creation_acl(AccessState *state, StateDatabase *database, NameId creator,
                                NameId schema, DefaultAclType type);
/* The column with its ACL; one with an empty ACL is added where the catalog has none. */
StateColumn *state_database_column(AccessState *state, StateDatabase *database,
                                   const ObjectGroup *group, const ObjectIdentity *table,
                                   const char *name);
/* A text that tells columns apart, of all databases. */
char *state_column_key(Arena *arena, NameId database, NameId schema, const char *table,
                       const char *column);
/* Copies schemas, default ACLs, functions and objects, as CREATE DATABASE ... TEMPLATE does. */
void state_database_copy_content(AccessState *state, StateDatabase *database,
                                 const StateDatabase *template_database);
