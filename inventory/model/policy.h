/*
 * Policy: what a policy does beside giving variables their defaults. Every member comes from the
 * mapping `policy:` of its file (docs/reference/policy.md); an empty Policy does nothing.
 */
#pragma once

#include <stdbool.h>

#include "base/finding.h"
#include "base/list.h"
#include "inventory/model/optional.h"

struct SystemUsers; /* inventory/model/inventory.h */

/* One of the roles that variables name: pg_dbsu, pg_replication_username and so on. */
typedef enum SystemUser {
    SYSTEM_USER_DBSU,
    SYSTEM_USER_REPLICATION,
    SYSTEM_USER_MONITOR,
    SYSTEM_USER_ADMIN,
    SYSTEM_USER_COUNT,
} SystemUser;

typedef enum PolicyFlags {
    /* `owner` implies `revokeconn: true`. */
    POLICY_OWNER_REVOKES_CONNECT = 1 << 0,
    /* HBA rules in the sections default, common, role, extra instead of by `order`. */
    POLICY_HBA_SECTIONS = 1 << 1,
    /* dbsu's password is reset to NULL. */
    POLICY_RESET_DBSU_PASSWORD = 1 << 2,
    /* PUBLIC loses CREATE on databases and their schema public: `create_for` is given. */
    POLICY_CLOSES_PUBLIC = 1 << 3,
} PolicyFlags;

/* The word that stands for that user in policies and HBA rules: "${dbsu}" and the like. */
const char *system_user_word(SystemUser user);
/* The variable that holds its password: "pg_admin_password" and the like. */
const char *system_user_password_variable(SystemUser user);
/* The user whose word is the whole text; SYSTEM_USER_COUNT for any other text. */
SystemUser system_user_from_word(const char *text);

/* A role as a policy names it: by its name, or as ${dbsu}, ${repl}, ${monitor} or ${admin}. */
typedef struct PolicyRole {
    SourcePos pos;
    const char *name; /* NULL: `user` says which */
    SystemUser user;
    bool grantable; /* in `connect`: with grant option */
} PolicyRole;

/* A schema made in template1 and postgres, and who gets USAGE on it. */
typedef struct PolicySchema {
    SourcePos pos;
    const char *name;
    List usage; /* PolicyRole */
} PolicySchema;

/* A setting that a role gets whatever its own entry says. */
typedef struct PolicySetting {
    SourcePos pos;
    PolicyRole *role;
    List parameters; /* ParameterDecl */
} PolicySetting;

/* USAGE on schema pg_catalog and EXECUTE on functions of it, in template1 and postgres. */
typedef struct PolicyFunctions {
    SourcePos pos;
    PolicyRole *role;
    List signatures; /* const char: "pg_switch_wal()" */
} PolicyFunctions;

typedef struct Policy {
    const char *name; /* "pigsty", "classic", "none", or the file's path */
    SourcePos pos;    /* of the mapping `policy:` */
    unsigned flags;   /* PolicyFlags */
    List creators;    /* PolicyRole: whose objects pg_default_privileges speak of */
    List create_for;  /* PolicyRole: who gets the CREATE that PUBLIC loses */
    SourcePos create_for_pos;
    List connect;             /* PolicyRole: who keeps CONNECT where PUBLIC may not connect */
    List schemas;             /* PolicySchema */
    List settings;            /* PolicySetting */
    List functions;           /* PolicyFunctions */
    List published_passwords; /* const char: what everybody knows, as it stands in documentation */
    OptText role_comment;     /* ${name} stands for the name; value NULL: none */
    OptText database_comment; /* the same */
} Policy;

/*
 * The role's name on a cluster with these system users; NULL for a system user that the cluster
 * does not have.
 */
const char *policy_role_name(const PolicyRole *role, const struct SystemUsers *users);
/* Whether one of the policy's schemas (PolicySchema) has that name. */
bool policy_has_schema(const Policy *policy, const char *name);
/* Whether everybody can read that password in the policy or its documentation. */
bool policy_publishes(const Policy *policy, const char *password);
/* The comment that a template such as "role ${name}" gives; NULL for a NULL template. */
const char *policy_comment(Arena *arena, const char *text, const char *name);
