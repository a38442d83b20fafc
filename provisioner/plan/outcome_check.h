/*
 * Outcome check: a question to the server at the end of a transaction, whether the ACLs of what it
 * touched are what the plan says. A REVOKE may do nothing without an error, and a GRANT may have
 * effects that nobody thought of; such a transaction is not committed.
 */
#pragma once

#include "provisioner/plan/plan.h"
#include "provisioner/server/session.h"
#include "roles/diff/outcome.h"

typedef struct OutcomeCheck {
    const char *sql;
    const char *what;   /* table "s"."t": of many the first, with their number */
    bool with_public;   /* PUBLIC is among the grantees */
    List grantees;      /* const char: the others */
    const char *access; /* what each of them has to have */
    size_t objects;     /* how many there are */
} OutcomeCheck;

/* Hands each outcome to the last of the steps that touch it: Step.checks. */
void outcome_checks_add(Arena *arena, const Names *names, const List *outcomes, List *steps);
/* What the server's answer to check->sql has against it, in a sentence that the caller frees; NULL:
 * nothing. */
char *outcome_check_failure(const OutcomeCheck *check, PGresult *answer);
