/*
 * Inventory: the checked, typed, cross-referenced model of what the author's files and the policy
 * say.
 *
 * An Inventory holds clusters; a cluster holds its instances. What concerns roles and databases is
 * bound from the variables of the cluster's primary (as Pigsty provisions only there); what
 * concerns HBA from the variables of each instance. Every declaration keeps the place that declared
 * it (`pos`; its file is "policy:NAME" for what the policy says). After inventory_load() everything
 * is const.
 *
 * Texts are as in the catalog: never folded, never SQL-quoted. All memory is the arena's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/finding.h"
#include "base/list.h"
#include "inventory/model/optional.h"
#include "inventory/model/policy.h"
#include "inventory/model/privilege.h"

/* ---- roles ---- */

typedef enum RoleAttribute {
    ROLE_ATTRIBUTE_LOGIN,
    ROLE_ATTRIBUTE_SUPERUSER,
    ROLE_ATTRIBUTE_CREATEDB,
    ROLE_ATTRIBUTE_CREATEROLE,
    ROLE_ATTRIBUTE_INHERIT,
    ROLE_ATTRIBUTE_REPLICATION,
    ROLE_ATTRIBUTE_BYPASSRLS,
    ROLE_ATTRIBUTE_COUNT,
} RoleAttribute;

typedef enum PasswordKind {
    PASSWORD_NOT_GIVEN,
    PASSWORD_CLEAR,     /* '' : the role has no password */
    PASSWORD_PLAINTEXT, /* text */
    PASSWORD_VERIFIER,  /* text: a SCRAM-SHA-256$... or md5... secret */
    PASSWORD_FILE,      /* text: the file's path; its first line */
    PASSWORD_ENV,       /* text: the variable's name */
    PASSWORD_COMMAND,   /* argv: texts; the first line of its output */
    PASSWORD_PWFILE,    /* text: a libpq password file */
    PASSWORD_VAULT,     /* text: the path as written */
    PASSWORD_SEALED,    /* sealed: encrypted by ansible-vault (vault/sealed.h) */
} PasswordKind;

typedef struct PasswordDecl {
    SourcePos pos;
    PasswordKind kind;
    const char *text; /* a secret for PLAINTEXT and VERIFIER */
    List argv;        /* const char */
    const struct Node *sealed;
} PasswordDecl;

typedef struct MembershipDecl {
    SourcePos pos;
    const char *role; /* the group */
    bool absent;
    Until until; /* passed: absent is true */
    OptBool admin;
    OptBool inherit;
    OptBool set;
} MembershipDecl;

/* One configuration parameter of a role or database. */
typedef struct ParameterDecl {
    SourcePos pos;
    const char *name;
    /* As pg_db_role_setting stores it (list parameters already split, quoted and joined as the
       server does). NULL: DEFAULT, that is, removed. */
    const char *value;
    /* Not NULL for list parameters (search_path ...): the elements, unquoted, for SET name TO a, b.
     */
    List elements; /* const char */
    bool is_list;
} ParameterDecl;

/* The parameters that a role has in one database. */
typedef struct DatabaseParameters {
    SourcePos pos;
    const char *database;
    List parameters; /* ParameterDecl; empty: none, in adopt and strict */
} DatabaseParameters;

/* What an entry leaves to the server in strict, where it is complete otherwise: bits, after one for
 * each RoleAttribute. */
typedef enum RoleLeave {
    ROLE_LEAVE_CONNECTION_LIMIT = ROLE_ATTRIBUTE_COUNT,
    ROLE_LEAVE_EXPIRY,
    ROLE_LEAVE_PARAMETERS,
    ROLE_LEAVE_MEMBERSHIPS,
} RoleLeave;

typedef struct RoleDecl {
    SourcePos pos;
    const char *name;
    bool from_policy; /* declared by the policy and by no file of the author's */
    bool is_default;  /* stands in pg_default_roles */
    OptBool attributes[ROLE_ATTRIBUTE_COUNT];
    OptInt connection_limit;
    OptInt expire_in;   /* days */
    OptText expire_at;  /* a date, a timestamp or infinity, checked */
    List parameters;    /* ParameterDecl, in order; the last of a name wins */
    List parameters_in; /* DatabaseParameters, each database once */
    List memberships;   /* MembershipDecl */
    /* Whether the keys stand there at all: only then adopt and strict take away what they do not
       name. */
    bool parameters_given;
    bool memberships_given;
    unsigned leaves; /* 1 << RoleAttribute or RoleLeave: `leave` */
    OptText comment; /* not given: the policy's, see role_comment(); "" removes it */
    /* Final: for the replication, monitor and admin user pg_*_password has replaced what
       pg_default_roles says, and a password in a pg_users entry of that name has replaced that. */
    PasswordDecl password;
    OptBool pgbouncer;
    OptText pool_mode;
    OptInt pool_connection_limit;
    bool absent;
    Until until; /* passed: absent is true, and the role is never dropped */
    OptText reassign_to;
} RoleDecl;

/* ---- privileges ---- */

/* One fragment of pg_default_privileges: GRANT ... ON TABLES TO ..., REVOKE ..., IN SCHEMA ... . */
typedef struct DefaultPrivilegeDecl {
    SourcePos pos;
    const char *text;
    bool is_revoke;
    bool grant_option; /* WITH GRANT OPTION, or GRANT OPTION FOR */
    bool cascade;
    bool all_privileges; /* ALL [PRIVILEGES]; then `privileges` is 0 */
    PrivilegeSet privileges;
    DefaultAclType type;
    List schemas;  /* const char; empty: global */
    List grantees; /* const char; PUBLIC is NULL as an item */
} DefaultPrivilegeDecl;

/* ---- databases ---- */

typedef struct SchemaDecl {
    SourcePos pos;
    const char *name;
    OptText owner;
    bool absent;
} SchemaDecl;

typedef struct ExtensionDecl {
    SourcePos pos;
    const char *name;
    const char *schema; /* NULL: not given */
} ExtensionDecl;

typedef enum DatabaseState {
    DATABASE_PRESENT,
    DATABASE_RECREATE, /* create when missing; never dropped first */
    DATABASE_ABSENT,
} DatabaseState;

typedef struct DatabaseDecl {
    SourcePos pos;
    const char *name;
    bool from_policy;
    DatabaseState state;
    OptText owner; /* "" counts as not given */
    /* creation-time options; "" counts as not given */
    OptText template_name;
    OptText encoding;
    OptText locale;
    OptText lc_collate;
    OptText lc_ctype;
    OptText tablespace;
    OptText strategy;
    OptText locale_provider;
    OptText icu_locale;
    OptText icu_rules;
    OptText builtin_locale;
    OptBool is_template;
    OptBool allow_connections;
    OptInt connection_limit;
    List parameters; /* ParameterDecl */
    OptText comment; /* not given: the policy's, see database_comment() */
    OptBool revoke_connect;
    List schemas;    /* SchemaDecl */
    List extensions; /* ExtensionDecl */
    OptText baseline;
    OptBool pgbouncer;
    List grants; /* GrantDecl */
    List owners; /* GrantDecl: their `owner` */
} DatabaseDecl;

/* ---- HBA ---- */

typedef struct HbaText {
    SourcePos pos;
    const char *text;
} HbaText;

/* A field of an alias rule: a text (HBA tokens) or a list of names. */
typedef struct HbaField {
    SourcePos pos;
    bool given;
    const char *text; /* NULL when it is a list */
    bool is_list;
    List names; /* HbaText */
} HbaField;

typedef enum HbaOrderKind {
    HBA_ORDER_NONE,
    HBA_ORDER_NUMBER,
    HBA_ORDER_TEXT,
    HBA_ORDER_NULL, /* `order: null` counts as having an order */
} HbaOrderKind;

/* One entry of pg_hba_rules and its siblings, read but not yet interpreted: hba/ does that. */
typedef struct HbaRuleDecl {
    SourcePos pos;
    OptText title;
    OptText role;
    bool is_raw;
    List raw_lines; /* HbaText */
    HbaField user;
    HbaField db;
    HbaField addr;
    HbaField auth;
    HbaOrderKind order_kind;
    double order_number;
    const char *order_text;
    SourcePos order_pos;
} HbaRuleDecl;

typedef enum HbaSection {
    HBA_SECTION_DEFAULT, /* pg_default_hba_rules   pgb_default_hba_rules */
    HBA_SECTION_RULES,   /* pg_hba_rules           pgb_hba_rules, pgbouncer_hba_rules */
    HBA_SECTION_EXTRA,   /* pg_hba_rules_extra     pgbouncer_hba_rules_extra */
    HBA_SECTION_COUNT,
} HbaSection;

/* The rules of one program for one instance. */
typedef struct HbaRuleLists {
    List sections[HBA_SECTION_COUNT]; /* HbaRuleDecl */
} HbaRuleLists;

/* ---- clusters and instances ---- */

typedef enum PgRole {
    PG_ROLE_PRIMARY,
    PG_ROLE_REPLICA,
    PG_ROLE_OFFLINE,
    PG_ROLE_STANDBY,
    PG_ROLE_DELAYED,
    PG_ROLE_COUNT,
} PgRole;

/* pg_dbsu and the three system users. password as in pg_*_password. */
typedef struct SystemUsers {
    const char *dbsu;
    const char *replication; /* NULL, as the next two: there is none */
    const char *monitor;
    const char *admin;
    SourcePos dbsu_pos;
    SourcePos replication_pos;
    SourcePos monitor_pos;
    SourcePos admin_pos;
    PasswordDecl dbsu_password;
    PasswordDecl replication_password;
    PasswordDecl monitor_password;
    PasswordDecl admin_password;
} SystemUsers;

/* The name of that user; NULL: there is none. */
const char *system_user_name(const SystemUsers *users, SystemUser user);
/* The first user of that name, dbsu before the others; SYSTEM_USER_COUNT: none. */
SystemUser system_user_find(const SystemUsers *users, const char *name);
/* Whether a role of that name is the replication, monitor or admin user. */
bool system_users_have(const SystemUsers *users, const char *name);

typedef enum HbaInstallMethod {
    HBA_INSTALL_NONE,
    HBA_INSTALL_FILE,
    HBA_INSTALL_SERVER,
    HBA_INSTALL_PATRONI,
} HbaInstallMethod;

typedef struct Cluster Cluster;

typedef struct Instance {
    SourcePos pos; /* where its host is named */
    const Cluster *cluster;
    const char *name; /* <pg_cluster>-<pg_seq> */
    const char *host; /* inventory host name */
    int64_t seq;
    PgRole role;
    bool offline_query;
    const char *address; /* pg_host, or the inventory host name */
    int port;
    const char *localhost; /* pg_localhost: the socket folder */
    const char *data;      /* pg_data, NULL: not given */
    const char *env;       /* pg_env, NULL: not given */
    OptText conninfo;      /* pg_conninfo, where given for this host itself or its cluster */
    bool conninfo_is_own;  /* given at the host, not in a group */
    int version;           /* pg_version, the major */
    bool password_is_md5;  /* pg_pwd_enc is md5 */
    const char *pgbouncer_version; /* "1.18" */
    const Policy *policy;
    SystemUsers users;
    /* HBA facts */
    const char *admin_ip; /* NULL: not given */
    SourcePos admin_ip_pos;
    List infra_addresses;   /* const char, sorted as text */
    List cluster_addresses; /* const char, sorted as text: the members' inventory host names */
    List intranet;          /* HbaText, in order */
    HbaRuleLists pg_hba;
    HbaRuleLists pgbouncer_hba;
    List pool_roles; /* RoleDecl of this instance's view having pool_mode or pool_connlimit */
    HbaInstallMethod hba_install;
    /* A mapping of every variable that pgcharter knows and that is set, resolved (for `show`). */
    const struct Node *variables;
} Instance;

typedef enum AccessMode {
    ACCESS_MODE_ADDITIVE,
    ACCESS_MODE_ADOPT,
    ACCESS_MODE_STRICT,
    ACCESS_MODE_COUNT,
} AccessMode;

struct Cluster {
    SourcePos pos;
    const char *name;
    List instances;          /* Instance, by pg_seq */
    const Instance *primary; /* NULL only after an error finding */
    const char
        *upstream; /* pg_upstream, NULL: none. Then the cluster is a standby cluster: no plan. */
    AccessMode mode;
    SourcePos mode_pos;
    /* Everything below is as the primary sees it. */
    /* RoleDecl: pg_default_roles merged with pg_users, in that order, each name once. pg_*_password
       of a system user is in its declaration already, unless pg_users gives another. */
    List roles;
    List databases;          /* DatabaseDecl */
    List default_privileges; /* DefaultPrivilegeDecl */
    /* What owners of databases get: the same, or the policy's where the list is empty, as in
     * Pigsty. */
    List owner_default_privileges;
    List default_schemas;    /* SchemaDecl */
    List default_extensions; /* ExtensionDecl */
    bool default_privileges_existing;
    bool revoke_public;     /* pg_revoke_public: whether the policy's hardening is done at all */
    bool harden_existing;   /* the policy's hardening also in databases that nobody made just now */
    const char *primary_db; /* pg_primary_db where pg_mode is citus, NULL otherwise */
    bool pgbouncer_enabled;
    /* pg_provision. Where it is false, pg_users and pg_databases are in none of the lists. */
    bool provision;
    List cluster_grants; /* pg_grants: GrantDecl */
    List profiles;       /* pg_privilege_profiles: ProfileDecl */
    /* pg_managed: globs (const char); empty: everything. */
    SourcePos managed_pos;
    List managed_roles;
    List managed_databases;
    const char *inventory_name; /* pg_inventory: whose marks roles get; NULL: it has no name */
    List ignored_findings;      /* pg_ignore_findings: IgnoredFinding */
};

/* An id of which nobody wants to hear; whether there is such an id only the program knows. */
typedef struct IgnoredFinding {
    const char *id;
    SourcePos pos;
} IgnoredFinding;

typedef struct Inventory {
    Arena *arena;
    List clusters; /* Cluster, in order of first mention */
    List files;    /* const char: every file read, in order */
    int64_t now;   /* Unix seconds: the one clock of the run, which decided what has passed */
    struct VaultPasswords *passwords; /* of ansible-vault; never NULL */
    List digests; /* FileDigest: of every file and policy read; with INVENTORY_DIGESTS only */
} Inventory;
