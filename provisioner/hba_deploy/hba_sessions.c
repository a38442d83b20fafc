/* Rows of pg_stat_activity as connections of the evaluator. */
#include "provisioner/hba_deploy/hba_sessions.h"

#include <stdlib.h>

#include "hba/syntax/rule_text.h"
#include "provisioner/findings.h"
#include "provisioner/server/answer.h"

static const char *
copy_text(Arena *arena, const PGresult *result, int row, const char *column)
{
    const char *text = session_text(result, row, column);

    return text == NULL ? NULL : arena_strdup(arena, text);
}

/*
 * A walsender without a database streams physically (replication=true); with one it is logical, and
 * HBA rules treat it as a connection to that database.
 */
static HbaSession *
session_of_row(Arena *arena, const PGresult *result, int row)
{
    HbaSession *session = ARENA_NEW(arena, HbaSession);
    HbaConnection *connection = &session->connection;
    bool is_walsender = session_bool(result, row, "is_walsender");

    session->address = copy_text(arena, result, row, "address");
    connection->user = copy_text(arena, result, row, "user");
    connection->database = copy_text(arena, result, row, "database");
    connection->is_local = session->address == NULL;
    connection->ssl = session_bool(result, row, "ssl");
    connection->gss = session_bool(result, row, "gss");
    if (is_walsender)
        connection->replication =
            connection->database == NULL ? HBA_REPLICATION_PHYSICAL : HBA_REPLICATION_LOGICAL;
    if (connection->database == NULL)
        connection->database = "";
    if (!connection->is_local)
        hba_connection_set_address(connection, session->address);
    return session;
}

bool
hba_sessions_read(Arena *arena, Session *session, HbaSessions *ret_sessions, GError **error)
{
    g_autoptr(PGresult) result =
        answer_ask(arena, session, "catalog/hba_sessions.sql", NULL, error);

    *ret_sessions = (HbaSessions){ 0 };
    for (int row = 0; result != NULL && row < PQntuples(result); row++) {
        unsigned count = (unsigned)strtoul(session_text(result, row, "sessions"), NULL, 10);
        HbaSession *found = NULL;

        if (session_bool(result, row, "is_hidden")) {
            ret_sessions->hidden += count;
            continue;
        }
        found = session_of_row(arena, result, row);
        found->count = count;
        list_add(arena, &ret_sessions->sessions, found);
    }
    return result != NULL;
}

List
hba_sessions_judge(const HbaEvaluator *evaluator, const List *rules, const HbaSessions *sessions)
{
    List verdicts = { 0 };

    LIST_FOREACH (const HbaSession, session, &sessions->sessions) {
        /* Of each answer only the rule is kept, not why those before it did not match. */
        g_autoptr(Arena) scratch = arena_new();
        HbaEvaluator once = *evaluator;
        HbaVerdict answer = { 0 };
        HbaSessionVerdict *verdict = NULL;
        bool is_undecided = false;

        once.arena = scratch;
        answer = hba_evaluate(&once, rules, &session->connection);
        is_undecided = answer.match == HBA_MATCH_UNKNOWN;
        if (!is_undecided && answer.rule != NULL && answer.rule->method != HBA_METHOD_REJECT)
            continue;
        verdict = ARENA_NEW(evaluator->arena, HbaSessionVerdict);
        *verdict = (HbaSessionVerdict){
            .session = session,
            .is_undecided = is_undecided,
            .rule = answer.rule,
        };
        list_add(evaluator->arena, &verdicts, verdict);
    }
    return verdicts;
}

/* "2 sessions: user "app", database "shop", from 10.1.2.3 with TLS" */
static const char *
describe(Arena *arena, const HbaSession *session)
{
    const HbaConnection *connection = &session->connection;
    const char *where =
        session->address == NULL
            ? "over the socket"
            : arena_printf(arena, "from %s%s", session->address,
                           connection->ssl ? " with TLS" : (connection->gss ? " with GSS" : ""));
    const char *what = connection->replication == HBA_REPLICATION_PHYSICAL
                           ? "replication"
                           : arena_printf(arena, "database \"%s\"", connection->database);

    return arena_printf(arena, "%u session%s: user \"%s\", %s, %s", session->count,
                        session->count == 1 ? "" : "s", connection->user, what, where);
}

static void
report_verdict(const HbaSessionVerdict *verdict, const Instance *instance, Findings *findings)
{
    const char *who = describe(findings->arena, verdict->session);
    const SourcePos pos = verdict->rule == NULL ? instance->pos : verdict->rule->pos;

    if (verdict->is_undecided)
        findings_add(findings, &FINDING_HBA_SESSION_UNDECIDED, pos, NULL,
                     "cannot tell whether the new rules of \"%s\" let in who is connected now, "
                     "%s: this line may decide it",
                     instance->name, who);
    else
        findings_add(findings, &FINDING_HBA_SESSION_REFUSED, pos,
                     "they stay connected, but cannot connect again",
                     "the new rules of \"%s\" refuse who is connected now, %s: %s", instance->name,
                     who, verdict->rule == NULL ? "no rule matches" : "this line rejects them");
}

void
hba_sessions_report(const HbaSessions *sessions, const List *verdicts, const Instance *instance,
                    Findings *findings)
{
    LIST_FOREACH (const HbaSessionVerdict, verdict, verdicts)
        report_verdict(verdict, instance, findings);
    if (sessions->hidden > 0)
        findings_add(findings, &FINDING_HBA_SESSION_HIDDEN, instance->pos,
                     "grant the session role pg_read_all_stats (pg_monitor has it)",
                     "%u session%s of other roles on \"%s\" cannot be judged: where they come from "
                     "is hidden from the session role",
                     sessions->hidden, sessions->hidden == 1 ? "" : "s", instance->name);
}

static void
write_verdict(JsonWriter *json, const HbaSessionVerdict *verdict)
{
    const HbaSession *session = verdict->session;
    const HbaConnection *connection = &session->connection;
    bool is_physical = connection->replication == HBA_REPLICATION_PHYSICAL;

    json_begin_object(json, NULL);
    json_write_string(json, "answer", verdict->is_undecided ? "undecided" : "refused");
    json_write_string(json, "user", connection->user);
    json_write_string(json, "database", is_physical ? NULL : connection->database);
    json_write_string(json, "address", session->address);
    json_write_bool(json, "ssl", connection->ssl);
    json_write_bool(json, "gss", connection->gss);
    json_write_bool(json, "replication", is_physical);
    json_write_int(json, "count", session->count);
    hba_rule_write_place(json, verdict->rule);
    json_end_object(json);
}

void
hba_sessions_write_json(JsonWriter *json, const HbaSessions *sessions, const List *verdicts)
{
    json_begin_array(json, "sessions");
    LIST_FOREACH (const HbaSessionVerdict, verdict, verdicts)
        write_verdict(json, verdict);
    json_end_array(json);
    json_write_int(json, "sessions_hidden", sessions->hidden);
}
