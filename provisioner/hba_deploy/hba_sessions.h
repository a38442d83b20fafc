/*
 * Sessions of now, judged by rules that are not in force yet: PostgreSQL does not check them again,
 * but whoever has to connect anew is refused.
 */
#pragma once

#include "base/finding.h"
#include "base/json_writer.h"
#include "hba/analyse/evaluate.h"
#include "inventory/model/inventory.h"
#include "provisioner/server/session.h"

/* Sessions that HBA rules cannot tell apart. */
typedef struct HbaSession {
    HbaConnection connection;
    const char *address; /* NULL: over the socket */
    unsigned count;
} HbaSession;

/* What the new rules say to them, where they do not let them in. */
typedef struct HbaSessionVerdict {
    const HbaSession *session;
    bool is_undecided;   /* whether the rule matches is not known */
    const HbaRule *rule; /* the one that rejects, or may; NULL: none matches */
} HbaSessionVerdict;

typedef struct HbaSessions {
    List sessions;   /* HbaSession: all but the one that asks */
    unsigned hidden; /* sessions of others that the session role may not look at */
} HbaSessions;

/* pg_stat_activity of the server. PGCHARTER_ERROR_WORLD. */
bool hba_sessions_read(Arena *arena, Session *session, HbaSessions *ret_sessions, GError **error);
/* HbaSessionVerdict: those that are not let in for certain. */
List hba_sessions_judge(const HbaEvaluator *evaluator, const List *rules,
                        const HbaSessions *sessions);
/* A warning for each verdict, and one for sessions that are hidden. */
void hba_sessions_report(const HbaSessions *sessions, const List *verdicts,
                         const Instance *instance, Findings *findings);
/* "sessions": [...] and "sessions_hidden" of an object. */
void hba_sessions_write_json(JsonWriter *json, const HbaSessions *sessions, const List *verdicts);
