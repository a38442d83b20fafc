/*
 * Grant: what one entry of a database's grants or owners, of pg_grants or of a privilege profile
 * says. Names are patterns (fnmatch, on names as in the catalog); what they come to on a server is
 * decided where they are planned.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/finding.h"
#include "base/list.h"
#include "inventory/model/optional.h"
#include "inventory/model/privilege.h"

typedef enum GrantKind {
#define GRANT_KIND(name, singular, plural, privileges, flags, future) GRANT_KIND_##name,
#include "inventory/model/grant_kind.def"
#undef GRANT_KIND
    GRANT_KIND_COUNT,
} GrantKind;

typedef enum GrantKindFlags {
    GRANT_KIND_IN_SCHEMA = 1 << 0,
    GRANT_KIND_HAS_COLUMNS = 1 << 1,
    GRANT_KIND_HAS_OWNER = 1 << 2,
    GRANT_KIND_NAMED_BY_SCHEMA = 1 << 3, /* its names stand in `schema` */
    GRANT_KIND_HAS_NAME = 1 << 4,        /* named, and in no schema */
    GRANT_KIND_IS_ROUTINE = 1 << 5,      /* names may carry argument types */
    GRANT_KIND_IS_UNION = 1 << 6,        /* stands for all kinds with its columns or arguments */
} GrantKindFlags;

typedef struct GrantKindInfo {
    const char *singular;
    const char *plural; /* NULL: none */
    PrivilegeSet privileges;
    unsigned flags; /* GrantKindFlags */
    /* What `future` becomes; DEFAULT_ACL_TYPE_COUNT: nothing. */
    DefaultAclType future;
} GrantKindInfo;

const GrantKindInfo *grant_kind_info(GrantKind kind);
/* By singular or plural; GRANT_KIND_COUNT where the word is not a kind. */
GrantKind grant_kind_from_word(const char *word, bool *ret_plural);

/* The privileges that columns have. */
PrivilegeSet grant_column_privileges(void);

/* A text with its place: a role, a pattern. text NULL as a grantee: PUBLIC. */
typedef struct GrantText {
    SourcePos pos;
    const char *text;
} GrantText;

typedef struct GrantName {
    SourcePos pos;
    const char *text;    /* as written, for messages */
    const char *pattern; /* of the name alone */
    bool has_arguments;  /* a routine with its input types: one overload; without: all of them */
    List arguments;      /* SqlTypeName */
} GrantName;

typedef struct GrantDecl {
    SourcePos pos;
    List to; /* GrantText */
    PrivilegeSet privileges;
    bool all_privileges; /* ALL: what the kind has on the server's version */
    GrantKind kind;
    bool is_plural; /* every object of the kind in the schemas */
    List schemas;   /* GrantText, patterns */
    List names;     /* GrantName */
    List except;    /* GrantName */
    List columns;   /* GrantText, exact names */
    List future;    /* GrantText: roles */
    bool future_owners;
    List profiles;  /* GrantText; then kind, privileges and names are the profile's */
    List databases; /* GrantText, patterns; pg_grants only; empty: every declared database */
    bool grantable;
    bool absent;
    Until until; /* passed: absent is true */
    bool missing_is_error;
    const char *owner; /* owners only */
    SourcePos owner_pos;
} GrantDecl;

/* One profile of pg_privilege_profiles: its grants have no `to` and no `schema`. */
typedef struct ProfileDecl {
    SourcePos pos;
    const char *name;
    List grants; /* GrantDecl */
} ProfileDecl;

/*
 * The grants that an entry stands for: itself, or each of its profiles' with the entry's grantees,
 * schemas and state. Added to ret_grants; what the profiles say is at the entry's place.
 */
void grant_expand(Arena *arena, const GrantDecl *grant, const List *profiles, List *ret_grants);
/* Whether the pattern is a plain name: without * ? [ and backslash. */
bool grant_pattern_is_plain(const char *pattern);
/* "table app.orders" and the like, for messages. */
const char *grant_describe(Arena *arena, const GrantDecl *grant);
