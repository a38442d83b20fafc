/* A plan as a script for psql. */
#include <string.h>

#include "base/doubled_quotes.h"
#include "base/printable.h"
#include "provisioner/plan/plan.h"
#include "provisioner/server/quiet.h"
#include "provisioner/server/sql_text.h"

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
    doubled_quotes_append(out, conninfo->str, '"');
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
    g_string_append(out, "SET client_encoding = 'UTF8';\nSET search_path = '';\n"
                         "SET standard_conforming_strings = on;\n"
                         "SET client_min_messages = warning;\n");
    if (target->set_role != NULL && !(target->set_role_is_new && step->transaction == 1)) {
        g_string_append(out, "SET ROLE ");
        sql_append_identifier(out, target->set_role);
        g_string_append(out, ";\n");
    }
    /* After SET ROLE: a member of dbsu may set more as dbsu. */
    if (secrets == PLAN_SECRETS_VERIFIERS)
        quiet_append_script(out);
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

static void
append_comment(GString *out, const char *head, const char *text)
{
    g_string_append_printf(out, "-- %s", head);
    printable_append(out, text);
    g_string_append_c(out, '\n');
}

/*
 * psql cannot replace a file safely: nobody would check it, nor put the old one back. And a command
 * of its own ends with the line, so it cannot connect to a database with a line break in its name.
 */
static bool
is_in_script(const Step *step)
{
    return step->phase != PHASE_HBA && strpbrk(step->connect, "\r\n") == NULL;
}

static void
append_left_out(GString *out, const Step *step)
{
    g_autoptr(Arena) arena = arena_new();

    g_string_append_c(out, '\n');
    if (step->phase == PHASE_HBA) {
        append_comment(out, "not in this script, apply does it: ", step->summary);
        return;
    }
    append_comment(out, "not in this script, apply does it in database ", step->connect);
    LIST_FOREACH (const SqlStatement, statement, &step->sql)
        append_comment(out, "", sql_statement_shown(arena, statement));
}

/* \connect starts a session without the settings, so they are repeated. */
static void
append_target(GString *out, const TargetPlan *target, PlanSecrets secrets)
{
    const Step *before = NULL;

    LIST_FOREACH (const Step, step, &target->steps) {
        bool new_transaction = before == NULL || before->transaction != step->transaction;

        if (!is_in_script(step))
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
    LIST_FOREACH (const Step, step, &target->steps) {
        if (!is_in_script(step))
            append_left_out(out, step);
    }
}

/* Without ON_ERROR_STOP psql would continue after a failed statement. */
void
plan_render_sql(const Plan *plan, PlanSecrets secrets, GString *out)
{
    g_string_append(out, "\\set ON_ERROR_STOP on\n");
    LIST_FOREACH (const TargetPlan, target, &plan->targets) {
        g_string_append_printf(out, "\n-- cluster %s, PostgreSQL ", target->cluster->name);
        printable_append(out, target->server.version == NULL ? "?" : target->server.version);
        g_string_append_c(out, '\n');
        if (target->skipped != NULL)
            append_comment(out, "skipped: ", target->skipped);
        else if (target->steps.count == 0)
            g_string_append(out, "-- no changes\n");
        append_target(out, target, secrets);
    }
}
