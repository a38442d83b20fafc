/*
 * SQL text: the files below templates/statement and templates/catalog with their variables filled
 * in. The files use psql's notation, so that each can be run there:
 *
 *     :"name"   an identifier, quoted by sql_identifier()
 *     :'name'   a literal, quoted by sql_literal()
 *     :name     words or lists that the caller has put together from quoted parts
 *
 * Nothing else puts names or values into SQL.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

typedef struct SqlValue {
    const char *name;
    const char *text; /* NULL where :name stands for nothing; the blank before it goes too */
} SqlValue;

/* "name" with inner quotes doubled; always quoted, so no keyword list can be wrong. With control
 * characters and the like it is U&"na\000ame". */
char *sql_identifier(Arena *arena, const char *name);
/* 'text' with inner quotes doubled, or E'te\\xt' where it has backslashes or control characters. */
char *sql_literal(Arena *arena, const char *text);
void sql_append_identifier(GString *out, const char *name);
void sql_append_literal(GString *out, const char *text);
/* Whether a text of the server, as regprocedure gives it, can stand in a statement: f("a b", int)
 */
bool sql_is_signature(const char *text);

/* path is relative to templates/; values end with a NULL name. Comment lines and the closing
   semicolon are left out of the result. */
char *sql_render(Arena *arena, const char *path, const SqlValue *values);

/* The text around a variable whose value is not there yet. */
typedef struct SqlHalves {
    const char *before;
    const char *after;
} SqlHalves;

/* The same for a file that uses :open exactly once; `values` need not name it. */
SqlHalves sql_render_around(Arena *arena, const char *path, const SqlValue *values,
                            const char *open);
