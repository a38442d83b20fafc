/*
 * Answers of a server that may lie, or stand behind something that does. Each query of
 * templates/catalog says in its head what it answers, and nothing reads an answer that is
 * otherwise:
 *
 *     -- rows: rolname, rolcanlogin bool, description?
 *
 * `row` is exactly one row, `rows` any number. A column holds text, bool, integer, number
 * (infinities included), hex, kind (a word of grant_kind.def), keywords or signature (SQL as it
 * stands), and may be NULL only with a question mark.
 */
#pragma once

#include "provisioner/server/session.h"
#include "provisioner/server/sql_text.h"

/*
 * Whether the answer is what the head says; lines that say nothing of rows are skipped. Text that
 * is not UTF-8 is made so with U+FFFD for its wrong bytes. (Databases of the encoding SQL_ASCII
 * hold any bytes, and all databases share the names of roles; manual, section "Character Set
 * Support".)
 */
bool answer_check(PGresult *result, const char *head, const char *label, GError **error);
/* The same for an answer to the query of templates/, run by whoever has it. */
bool answer_check_query(PGresult *result, const char *path, const char *label, GError **error);
/* Whether the text is as the server has it. One that is not cannot be given back to the server. */
bool answer_is_exact(const char *text);
/*
 * Runs the query of templates/; values may be NULL. NULL with PGCHARTER_ERROR_WORLD where it fails,
 * or where the answer is not what the head of the query says.
 */
PGresult *answer_ask(Arena *arena, Session *session, const char *path, const SqlValue *values,
                     GError **error);
/* The same for a statement that is not in templates/: `head` has such a line without its dashes. */
PGresult *answer_query(Session *session, const char *sql, const char *head, GError **error);
