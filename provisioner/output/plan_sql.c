/* A plan as a script for psql. */
#include <string.h>

#include "base/printable.h"
#include "provisioner/plan/plan.h"
#include "provisioner/server/sql_text.h"

/* What keeps a verifier out of the server's log, as far as it goes in a script. */
static const char *const quiet_settings[] = {
    "SET log_statement = 'none'",
    "SET log_min_duration_statement = -1",
    /* A statement that fails would otherwise be logged with its text, verifier included. */
    "SET log_min_error_statement = 'panic'",
};

/*
 * psql takes a database name that looks like a connection string for one, so the name goes in as
 * dbname='...' with the quoting of connection strings inside the quoting of psql.
 */
static void
append_connect(GString *out, const char *database)
{
    g_autoptr(GString) conninfo = g_string_new("dbname='");

    for (const char *at = database; *at != '\0'; at++) {
        if (*at == '\'' || *at == '\\')
            g_string_append_c(conninfo, '\\');
        g_string_append_c(conninfo, *at);
    }
    g_string_append_c(conninfo, '\'');
    g_string_append(out, "\\connect -reuse-previous=on ");
    sql_append_identifier(out, conninfo->str);
    g_string_append_c(out, '\n');
}

/*
 * The script must not depend on the settings of whoever runs it: with an empty search_path no name
 * can resolve to somebody's own object. SET ROLE is left out of the transaction that creates the
 * role.
 */
static void
append_session(GString *out, const TargetPlan *target, const Step *step, PlanSecrets secrets)
{
    append_connect(out, step->connect);
    g_string_append(out, "SET search_path = '';\nSET standard_conforming_strings = on;\n"
                         "SET client_min_messages = warning;\n");
    if (secrets == PLAN_SECRETS_VERIFIERS) {
        for (size_t i = 0; i < G_N_ELEMENTS(quiet_settings); i++)
            g_string_append_printf(out, "%s;\n", quiet_settings[i]);
    }
    if (target->set_role != NULL && !(target->set_role_is_new && step->transaction == 1)) {
        g_string_append(out, "SET ROLE ");
        sql_append_identifier(out, target->set_role);
        g_string_append(out, ";\n");
    }
}

/* A statement without its verifier is a comment: running it would set a wrong password. */
static void
append_step(GString *out, const Step *step, PlanSecrets secrets)
{
    g_autoptr(Arena) arena = arena_new();
    bool hidden = step->secret && secrets == PLAN_SECRETS_HIDDEN;

    LIST_FOREACH (const SqlStatement, statement, &step->sql) {
        if (hidden) {
            g_string_append(out, "-- ");
            printable_append(out, sql_statement_shown(arena, statement));
        } else {
            g_string_append(out, secrets == PLAN_SECRETS_VERIFIERS
                                     ? sql_statement_to_run(arena, statement)
                                     : sql_statement_shown(arena, statement));
        }
        g_string_append(out, ";\n");
    }
}

/* \connect starts a session without the settings, so they are repeated. */
static void
append_target(GString *out, const TargetPlan *target, PlanSecrets secrets)
{
    const Step *before = NULL;

    LIST_FOREACH (const Step, step, &target->steps) {
        bool new_transaction = before == NULL || before->transaction != step->transaction;

        if (step->phase == PHASE_HBA)
            continue;
        if (new_transaction && before != NULL && before->transactional)
            g_string_append(out, "COMMIT;\n");
        if (before == NULL || strcmp(before->connect, step->connect) != 0 ||
            (target->set_role_is_new && before->transaction == 1 && new_transaction)) {
            g_string_append_c(out, '\n');
            append_session(out, target, step, secrets);
        }
        if (new_transaction && step->transactional)
            g_string_append(out, "BEGIN;\n");
        append_step(out, step, secrets);
        before = step;
    }
    if (before != NULL && before->transactional)
        g_string_append(out, "COMMIT;\n");
    /* psql cannot replace a file safely: nobody would check it, nor put the old one back. */
    LIST_FOREACH (const Step, step, &target->steps) {
        if (step->phase != PHASE_HBA)
            continue;
        g_string_append(out, "\n-- not in this script, apply does it: ");
        printable_append(out, step->summary);
        g_string_append_c(out, '\n');
    }
}

/* Without ON_ERROR_STOP psql would continue after a failed statement. */
void
plan_render_sql(const Plan *plan, PlanSecrets secrets, GString *out)
{
    g_string_append(out, "\\set ON_ERROR_STOP on\n");
    LIST_FOREACH (const TargetPlan, target, &plan->targets) {
        g_string_append_printf(out, "\n-- cluster %s, PostgreSQL %s\n", target->cluster->name,
                               target->server.version == NULL ? "?" : target->server.version);
        if (target->skipped != NULL)
            g_string_append_printf(out, "-- skipped: %s\n", target->skipped);
        else if (target->steps.count == 0)
            g_string_append(out, "-- no changes\n");
        append_target(out, target, secrets);
    }
}
