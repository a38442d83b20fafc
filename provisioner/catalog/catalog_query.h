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
/* 'a', 'b' */
const char *catalog_literals(Arena *arena, const List *texts);
/* An ACL as the server prints it; NULL is what acldefault() makes of it. `object` is for the note
   on what the text holds that this program does not know; notes may be NULL with a NULL text. */
Acl catalog_acl(AccessState *state, const char *text, ObjectKind kind, NameId owner,
                const char *object, Findings *notes);
