/*
 * HbaRule: one line of pg_hba.conf or of PgBouncer's HBA file, parsed; HbaGroup: the rules that one
 * declaration of the inventory became.
 *
 * Both are made by hba/expand/expand.h from declarations and by hba/read/line.h from text, and are
 * const afterwards. Texts are dequoted: what quotes took away is in the kind of the token. The
 * words of the language stand in *.def tables with the versions that know them as columns.
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/finding.h"
#include "base/list.h"
#include "hba/syntax/address.h"
#include "inventory/model/inventory.h"

typedef enum HbaProgram {
    HBA_PROGRAM_POSTGRESQL,
    HBA_PROGRAM_PGBOUNCER,
    HBA_PROGRAM_COUNT,
} HbaProgram;

/* A first version that never comes. */
#define HBA_NEVER INT_MAX

typedef enum HbaLineKind {
    HBA_LINE_LOCAL,
    HBA_LINE_NETWORK,
    HBA_LINE_INCLUDE,
} HbaLineKind;

typedef enum HbaType {
#define HBA_TYPE(name, keyword, kind, since, pgbouncer_since) HBA_TYPE_##name,
#include "hba/syntax/connection_type.def"
#undef HBA_TYPE
    HBA_TYPE_COUNT,
} HbaType;

typedef enum HbaMethod {
#define HBA_METHOD(name, keyword, types, since, pgbouncer_since, complaint) HBA_METHOD_##name,
#include "hba/syntax/method.def"
#undef HBA_METHOD
    HBA_METHOD_COUNT,
} HbaMethod;

typedef enum HbaOptionName {
#define HBA_OPTION(name, keyword, methods, since, pgbouncer_since, needs_ssl) HBA_OPTION_##name,
#include "hba/syntax/option.def"
#undef HBA_OPTION
    HBA_OPTION_COUNT,
} HbaOptionName;

typedef enum HbaRuleRole {
#define HBA_RULE_ROLE(name, keyword, everywhere, pg_role) HBA_RULE_ROLE_##name,
#include "hba/syntax/rule_role.def"
#undef HBA_RULE_ROLE
    HBA_RULE_ROLE_COUNT,
} HbaRuleRole;

/* The rows of the tables. `since` is indexed by HbaProgram. */
typedef struct HbaTypeInfo {
    const char *keyword;
    HbaLineKind kind;
    int since[HBA_PROGRAM_COUNT];
} HbaTypeInfo;

typedef struct HbaMethodInfo {
    const char *keyword;
    unsigned types; /* bits of HbaType */
    int since[HBA_PROGRAM_COUNT];
    const char *complaint; /* what PostgreSQL says of another type */
} HbaMethodInfo;

typedef struct HbaOptionInfo {
    const char *keyword;
    unsigned methods; /* bits of HbaMethod */
    int since[HBA_PROGRAM_COUNT];
    bool needs_ssl; /* only on hostssl lines */
} HbaOptionInfo;

typedef struct HbaRuleRoleInfo {
    const char *keyword;
    bool everywhere;
    PgRole pg_role; /* where not everywhere */
} HbaRuleRoleInfo;

extern const HbaTypeInfo hba_types[HBA_TYPE_COUNT];
extern const HbaMethodInfo hba_methods[HBA_METHOD_COUNT];
extern const HbaOptionInfo hba_options[HBA_OPTION_COUNT];
extern const HbaRuleRoleInfo hba_rule_roles[HBA_RULE_ROLE_COUNT];

/* The keywords alone, NULL-terminated, in the order of the enums: for suggest_nearest(). */
extern const char *const hba_type_words[];
extern const char *const hba_method_words[];
extern const char *const hba_option_words[];
extern const char *const hba_rule_role_words[];

/* The position of word in a NULL-terminated list of words; the number of words when it is not one.
 */
size_t hba_word_index(const char *const *words, const char *word);

typedef enum HbaTokenKind {
    HBA_TOKEN_NAME,
    HBA_TOKEN_KEYWORD, /* all, sameuser, samerole, samegroup, replication */
    HBA_TOKEN_ROLE,    /* +role; the text has the + */
    HBA_TOKEN_REGEX,   /* /regex; the text has the slash */
    HBA_TOKEN_FILE,    /* @file; the text has the @ */
} HbaTokenKind;

typedef struct HbaToken {
    const char *text; /* without quotes */
    bool quoted;      /* began with a quote */
    HbaTokenKind kind;
} HbaToken;

typedef struct HbaOption {
    HbaOptionName name;
    const char *value;
} HbaOption;

typedef struct HbaRule {
    SourcePos pos;
    /* of the keys of an alias rule; of a raw line all the same */
    SourcePos database_pos;
    SourcePos user_pos;
    SourcePos address_pos;
    bool is_comment; /* nothing but a comment or blanks: only `raw` counts */
    HbaType type;
    List databases; /* HbaToken */
    List users;     /* HbaToken */
    HbaAddress address;
    HbaMethod method;
    List options;        /* HbaOption */
    const char *include; /* the file of an include line, otherwise NULL */
    const char *raw;     /* the line as its author wrote it; NULL: made from an alias rule */
} HbaRule;

typedef struct HbaGroup {
    SourcePos pos;
    const char *title; /* NULL: none */
    HbaRuleRole role;
    bool enabled; /* false: stays in the file as a comment */
    List rules;   /* HbaRule */
} HbaGroup;

/* Whether the two mean the same line: places, quoting and spelling do not count. */
bool hba_rule_equal(const HbaRule *a, const HbaRule *b);
/* The same options (HbaOption) with the same values, in the same order. */
bool hba_options_equal(const List *a, const List *b);
