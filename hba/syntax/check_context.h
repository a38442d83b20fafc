/*
 * What a rule is checked against: a program and its version. Whoever reads a rule reports what is
 * wrong with it through an HbaCheck, so that raw lines and alias rules are judged alike.
 */
#pragma once

#include "hba/findings.h"
#include "hba/syntax/rule.h"

typedef struct HbaCheck HbaCheck;

struct HbaCheck {
    Arena *arena;
    Findings *findings;
    HbaProgram program;
    int version;            /* PostgreSQL's major; for PgBouncer 118 is 1.18 */
    const char *server;     /* "PostgreSQL 16", "PgBouncer 1.18" */
    bool enabled;           /* on for the instance; what PgBouncer skips is an error only then */
    const char *rule_title; /* NULL: none */
    bool is_file;           /* an existing file is read: its author is the server's, not ours */
    /* Appends the names of an @file (HbaToken) for the line at pos; false after an error. NULL:
       @files are left as they are. */
    bool (*load_names)(void *data, const HbaCheck *check, SourcePos pos, const char *name,
                       List *ret_tokens);
    void *load_names_data;
};

/* For an instance; enabled and rule_title are still to be set. */
HbaCheck hba_check_new(Arena *arena, Findings *findings, const Instance *instance,
                       HbaProgram program);

/* `rule "its title"`, or `this rule`: how messages name the rule. */
const char *hba_check_rule_name(const HbaCheck *check);
/* "HINT; PostgreSQL 16 says: SAYS": either may be NULL. PgBouncer only says which line it skips. */
const char *hba_check_hint(const HbaCheck *check, const char *hint, const char *says);
/* Adds an error of PgBouncer's dialect; a warning when the rule is off. */
void hba_check_add_pgbouncer(const HbaCheck *check, const FindingKind *kind, SourcePos pos,
                             const char *hint, const char *format, ...) G_GNUC_PRINTF(5, 6);
