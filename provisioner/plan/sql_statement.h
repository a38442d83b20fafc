/*
 * SqlStatement: one statement as the parts it is made of, so that a secret, or a verifier that is
 * still being made, is known by its type and never looked for in finished SQL. Statements and their
 * parts are an arena's.
 *
 *     statement = sql_statement_new(arena, "ALTER ROLE ...");            one part of plain text
 *     statement = sql_statement_around(arena, halves, secret);           text, secret, text
 *     sql_statement_shown(arena, statement);       for people and files: <secret> in its place
 *     sql_statement_to_run(arena, statement);      for the server: waits for a deferred verifier
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "provisioner/plan/password_checks.h"
#include "provisioner/server/sql_text.h"

typedef enum SqlPartKind {
    SQL_PART_TEXT,
    SQL_PART_SECRET,   /* a literal that only the server may see */
    SQL_PART_DEFERRED, /* a verifier that is made when the statement is sent */
} SqlPartKind;

typedef struct SqlPart {
    SqlPartKind kind;
    const char *text;                 /* TEXT, SECRET: as SQL */
    const DeferredVerifier *deferred; /* DEFERRED */
} SqlPart;

typedef struct SqlStatement {
    const SqlPart *parts;
    size_t count;
    bool is_helper; /* changes nothing by itself: a setting, a privilege for a moment */
} SqlStatement;

const SqlStatement *sql_statement_new(Arena *arena, const char *text);
const SqlStatement *sql_statement_new_helper(Arena *arena, const char *text);
const SqlStatement *sql_statement_around(Arena *arena, SqlHalves halves, SqlPart secret);
bool sql_statement_has_secret(const SqlStatement *statement);
const char *sql_statement_shown(Arena *arena, const SqlStatement *statement);
const char *sql_statement_to_run(Arena *arena, const SqlStatement *statement);
