/* Catalog queries: what the readers of catalogs share while they ask and read rows. */
#pragma once

#include "base/finding.h"
#include "provisioner/server/answer.h"
#include "roles/state/access_state.h"

/* Begins the one snapshot that a database is read in. */
#define CATALOG_BEGIN "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

/* Runs the query of templates/; values may be NULL. */
PGresult *catalog_run(Arena *arena, Session *session, const char *path, const SqlValue *values,
                      GError **error);
/* Adds the query to statements that are sent in one go. */
void catalog_ask(Arena *arena, List *statements, const char *path, const SqlValue *values);
/* The column of that row in the arena, as the result is freed when it has been read; NULL for NULL. */
const char *catalog_text(Arena *arena, const PGresult *result, int row, const char *column);
/* 'a', 'b' */
const char *catalog_literals(Arena *arena, const List *texts);
/*
 * Whether the name of that kind of object can be given back to the server; if not, a note says that
 * the object is left alone. place is where it is, such as `schema "s"`, or NULL.
 */
bool catalog_take_name(const char *noun, const char *place, const char *name, Findings *notes);
/* Notes a text that is not UTF-8. what: `the comment on role "x"`. */
void catalog_note_text(const char *what, Findings *notes);
/* An ACL as the server prints it; NULL is what acldefault() makes of it. `object` is for the note
   on what the text holds that this program does not know; notes may be NULL with a NULL text. */
Acl catalog_acl(AccessState *state, const char *text, ObjectKind kind, NameId owner,
                const char *object, Findings *notes);
