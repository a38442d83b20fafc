/*
 * Words of one HBA line, as the program that will read it splits them. PostgreSQL's way is
 * next_token() and next_field_expand() of hba.c: quotes may begin in the middle of a word, a comma
 * joins what follows it to the field, leading commas are skipped. PgBouncer's way is simpler: a
 * quoted name is a word of its own, and a comma joins what is on both sides of it.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/list.h"
#include "hba/syntax/rule.h"

typedef enum HbaLineProblem {
    HBA_LINE_FINE,
    HBA_LINE_UNTERMINATED_QUOTE,
    HBA_LINE_MISPLACED_COMMA, /* PgBouncer: no name before or after it */
    HBA_LINE_QUOTE_IN_WORD,   /* PgBouncer: it would make two words of one */
} HbaLineProblem;

typedef struct HbaLine {
    List fields; /* List of HbaToken, all of kind NAME until hba_token_classify() */
    HbaLineProblem problem;
} HbaLine;

typedef enum HbaFieldKind {
    HBA_FIELD_DATABASE,
    HBA_FIELD_USER,
    HBA_FIELD_OTHER, /* no keywords: type, address, method, options */
} HbaFieldKind;

/* One line without its newline. An empty list of fields: nothing but blanks and a comment. */
HbaLine hba_tokenize(Arena *arena, HbaProgram program, const char *text);
/* What the word means in that field. version is PostgreSQL's major; PgBouncer ignores it. */
HbaTokenKind hba_token_classify(HbaProgram program, int version, HbaFieldKind field,
                                const HbaToken *token);
/* Whether it stands for the words of a file: @file without quotes, in any field. */
bool hba_token_is_file(const HbaToken *token);
/* A token that matches exactly that name and nothing else, whatever its characters. */
HbaToken *hba_token_from_name(Arena *arena, HbaProgram program, int version, const char *name);
/* Appends the token so that hba_tokenize() and hba_token_classify() give it back. */
void hba_token_render(const HbaToken *token, GString *out);
/* Appends a word of another field, such as an address, in quotes where it needs them. */
void hba_word_render(const char *text, GString *out);
/* The keywords of databases and users, NULL-terminated. */
extern const char *const hba_database_keywords[];
/* Whether there is a control character that is not one of allowed; C1 controls in UTF-8 count. */
bool hba_has_control_character(const char *text, const char *allowed);
