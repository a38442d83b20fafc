/*
 * SQL fragments: pieces of SQL that people write in an inventory, read by PostgreSQL's own grammar
 * (libpg_query). Nothing is run. Texts returned are the arena's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/list.h"

/* What the grammar says against a fragment, and at which byte of it. */
typedef struct SqlError {
    const char *message;
    size_t offset;
} SqlError;

typedef enum SqlOptionKind {
    SQL_OPTION_NULL,
    SQL_OPTION_BOOL,
    SQL_OPTION_INTEGER,
    SQL_OPTION_TEXT,
    SQL_OPTION_ROLES,
} SqlOptionKind;

/* One option of CREATE ROLE; name is the grammar's: canlogin, superuser, connectionlimit ... */
typedef struct SqlOption {
    const char *name;
    SqlOptionKind kind;
    int64_t integer;  /* INTEGER; BOOL as 0 or 1 */
    const char *text; /* a secret where the name is password */
    List roles;       /* const char */
    size_t offset;
} SqlOption;

/* Options as in CREATE ROLE x OPTIONS. ret_options: SqlOption. */
bool sql_role_options_parse(Arena *arena, const char *options, List *ret_options,
                            SqlError *ret_error);

/* One element of a configuration parameter's value. */
typedef struct SqlSetElement {
    const char *text; /* without quotes */
} SqlSetElement;

/* Values as in SET x = VALUES. ret_elements: SqlSetElement. */
bool sql_set_values_parse(Arena *arena, const char *values, List *ret_elements,
                          SqlError *ret_error);

typedef enum SqlObjectType {
    SQL_OBJECT_TABLES,
    SQL_OBJECT_SEQUENCES,
    SQL_OBJECT_FUNCTIONS,
    SQL_OBJECT_TYPES,
    SQL_OBJECT_SCHEMAS,
    SQL_OBJECT_LARGE_OBJECTS,
} SqlObjectType;

/* ALTER DEFAULT PRIVILEGES without FOR ROLE. */
typedef struct SqlDefaultPrivilege {
    bool is_revoke;
    bool grant_option;
    bool cascade;
    SqlObjectType type;
    List schemas;    /* const char */
    List privileges; /* const char, lower case; empty: ALL PRIVILEGES */
    List grantees;   /* const char; NULL as an item: PUBLIC */
} SqlDefaultPrivilege;

/* A fragment as in ALTER DEFAULT PRIVILEGES FRAGMENT: [IN SCHEMA ...] GRANT or REVOKE. */
bool sql_default_privilege_parse(Arena *arena, const char *fragment,
                                 SqlDefaultPrivilege *ret_privilege, SqlError *ret_error);

/* A type as somebody writes it; schema NULL: none written. int is pg_catalog.int4. */
typedef struct SqlTypeName {
    const char *schema;
    const char *name;
    bool is_array;
} SqlTypeName;

/* Input arguments as in GRANT ... ON FUNCTION f(TYPES). ret_types: SqlTypeName. */
bool sql_argument_types_parse(Arena *arena, const char *types, List *ret_types,
                              SqlError *ret_error);

/* The identifier as the server's quote_identifier() writes it. */
const char *sql_quote_identifier(Arena *arena, const char *identifier);
