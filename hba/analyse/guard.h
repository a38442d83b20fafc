/*
 * Guards against lock-out: the connections that must still be let in once new rules are in place,
 * judged by hba_evaluate() before anything is written.
 */
#pragma once

#include "base/finding.h"
#include "base/list.h"
#include "hba/analyse/evaluate.h"

/* A connection that must not be shut out. */
typedef struct HbaGuard {
    const char *who; /* for messages: "this connection", "replication from 10.0.0.2" */
    HbaConnection connection;
    /* Not NULL: another that will do instead, such as the socket instead of the loopback address.
     */
    const HbaConnection *otherwise;
} HbaGuard;

/* Who would be shut out, and by which line. */
typedef struct HbaLockout {
    const HbaGuard *guard;
    const HbaRule *rule; /* the line that rejects it; NULL: none lets it in */
} HbaLockout;

/*
 * HbaLockout, in the order of the guards; empty when all get in. What cannot be judged (a host
 * name, a regular expression beyond the shared part) counts as let in when `unknown` may be so, and
 * is a warning.
 */
List hba_lockouts(const HbaEvaluator *evaluator, const List *rules, const List *guards,
                  Findings *findings);
