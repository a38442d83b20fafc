/* A plan for programs: the documented JSON, format_version 1. */
#include "inventory/model/words.h"
#include "provisioner/plan/facts.h"
#include "provisioner/plan/plan.h"

/* One text for all statements of a step, because format_version 1 has one member for them. */
char *
plan_step_sql(const Step *step)
{
    GString *sql = NULL;

    if (step->statements.count == 0)
        return NULL;
    sql = g_string_new(NULL);
    LIST_FOREACH (const char, statement, &step->statements) {
        if (sql->len > 0)
            g_string_append(sql, ";\n");
        g_string_append(sql, statement);
    }
    return g_string_free(sql, FALSE);
}

/* Only where there are some: most steps say all in their sql. */
static void
write_details(JsonWriter *json, const Step *step)
{
    if (step->details.count == 0)
        return;
    json_begin_array(json, "details");
    LIST_FOREACH (const char, detail, &step->details)
        json_write_string(json, NULL, detail);
    json_end_array(json);
}

static void
write_shown(JsonWriter *json, const char *key, const List *statements)
{
    json_begin_array(json, key);
    LIST_FOREACH (const ShownStatement, statement, statements) {
        json_begin_object(json, NULL);
        json_write_string(json, "sql", statement->text);
        json_write_bool(json, "helper", statement->is_helper);
        json_end_object(json);
    }
    json_end_array(json);
}

/*
 * What a step starts from, for apply, and for show whatever of its text the documented members do
 * not say. Of the many steps with one statement nothing is written twice: "sql" is it.
 */
static void
write_saved_step_members(JsonWriter *json, const Step *step)
{
    const ShownStatement *first = step->shown.count == 0 ? NULL : step->shown.items[0];

    json_write_string(json, "connect", step->connect);
    json_write_bool(json, "undeclared", step->because.origin == ORIGIN_NOBODY);
    json_write_string(json, "summary", step->summary);
    if (step->shown.count > 1 || (first != NULL && first->is_helper))
        write_shown(json, "statements", &step->shown);
    if (step->shown_briefly.items != step->shown.items)
        write_shown(json, "brief", &step->shown_briefly);
    json_write_string(json, "rests_on", step->rests_on);
}

/* A step without statements writes a file; its sql is null. */
static void
write_step(JsonWriter *json, const Step *step, PlanJsonDetail detail)
{
    g_autofree char *sql = plan_step_sql(step);

    json_begin_object(json, NULL);
    json_write_int(json, "seq", step->seq);
    json_write_string(json, "phase", phase_name(step->phase));
    json_write_string(json, "action", action_name(step->action));
    json_write_string(json, "kind", step->kind);
    json_write_string(json, "name", step->name);
    json_write_string(json, "database", step->database);
    json_write_string(json, "sql", sql);
    json_write_string(json, "file", step->file);
    json_write_string(json, "difference", step->difference);
    json_write_bool(json, "secret", step->secret);
    json_write_bool(json, "destructive", step->destructive);
    json_write_bool(json, "transactional", step->transactional);
    json_write_int(json, "transaction", step->transaction);
    json_begin_object(json, "because");
    json_write_string(json, "file", step->because.file);
    if (step->because.line > 0)
        json_write_int(json, "line", step->because.line);
    else
        json_write_null(json, "line");
    json_end_object(json);
    write_details(json, step);
    if (detail == PLAN_JSON_SAVED)
        write_saved_step_members(json, step);
    json_end_object(json);
}

static bool
same_fact(const Fact *a, const Fact *b)
{
    return g_strcmp0(a->database, b->database) == 0 && g_strcmp0(a->state, b->state) == 0 &&
           g_strcmp0(a->acl, b->acl) == 0;
}

/* Thousands of tables mostly have one owner and one ACL, and stand one after the other. */
static void
write_facts(JsonWriter *json, const List *facts)
{
    const Fact *before = NULL;

    json_begin_array(json, "starts_from");
    LIST_FOREACH (const Fact, fact, facts) {
        if (before != NULL && !same_fact(before, fact)) {
            json_end_array(json);
            json_end_object(json);
            before = NULL;
        }
        if (before == NULL) {
            json_begin_object(json, NULL);
            json_write_string(json, "database", fact->database);
            json_write_string(json, "state", fact->state);
            json_write_string(json, "acl", fact->acl);
            json_begin_array(json, "subjects");
        }
        json_write_string(json, NULL, fact->subject);
        before = fact;
    }
    if (before != NULL) {
        json_end_array(json);
        json_end_object(json);
    }
    json_end_array(json);
}

/*
 * What apply and show have to know about the target beside its steps. The instances are named
 * because the selection of the run decided whose HBA files are part of the plan, and apply reads
 * the selection from here (plan_run_select_saved()).
 */
static void
write_saved_members(JsonWriter *json, const TargetPlan *target)
{
    json_write_string(json, "host", target->server.host);
    json_write_string(json, "port", target->server.port);
    json_write_string(json, "set_role", target->set_role);
    json_write_bool(json, "set_role_is_new", target->set_role_is_new);
    json_write_string(json, "skipped", target->skipped);
    json_write_int(json, "notes_ignored", (int64_t)target->notes->ignored);
    json_begin_array(json, "instances");
    LIST_FOREACH (const Instance, instance, &target->instances)
        json_write_string(json, NULL, instance->name);
    json_end_array(json);
    write_facts(json, &target->starts_from);
}

/* A member for every action, zeros as well, so that programs need no case for a missing one. */
static void
write_counts(JsonWriter *json, PlanCounts counts)
{
    json_begin_object(json, "summary");
    for (unsigned action = 0; action < ACTION_COUNT; action++)
        json_write_int(json, action_name((Action)action), counts.of[action]);
    json_end_object(json);
}

static void
write_target(JsonWriter *json, const TargetPlan *target, PlanJsonDetail detail)
{
    json_begin_object(json, NULL);
    json_write_string(json, "cluster", target->cluster->name);
    json_write_string(json, "instance", target->instance);
    json_begin_object(json, "server");
    json_write_string(json, "version", target->server.version);
    json_write_string(json, "system_identifier", target->server.system_identifier);
    json_end_object(json);
    if (detail == PLAN_JSON_SAVED)
        write_saved_members(json, target);
    json_begin_array(json, "steps");
    LIST_FOREACH (const Step, step, &target->steps)
        write_step(json, step, detail);
    json_end_array(json);
    json_begin_array(json, "withheld");
    LIST_FOREACH (const Step, step, &target->withheld)
        write_step(json, step, detail);
    json_end_array(json);
    json_begin_array(json, "notes");
    LIST_FOREACH (const Finding, note, &target->notes->items)
        finding_write_json(note, json);
    json_end_array(json);
    write_counts(json, target_plan_counts(target));
    json_end_object(json);
}

static void
write_diagnostics(JsonWriter *json, const Findings *findings)
{
    json_begin_array(json, "diagnostics");
    for (size_t i = 0; findings != NULL && i < findings->items.count; i++)
        finding_write_json(findings->items.items[i], json);
    json_end_array(json);
}

/* Both members are there only where they have something to say. */
static void
write_failures(JsonWriter *json, const Plan *plan)
{
    if (plan->findings != NULL && plan->findings->items.count > 0)
        write_diagnostics(json, plan->findings);
    if (plan->failures.count == 0)
        return;
    json_begin_array(json, "failures");
    LIST_FOREACH (const PlanFailure, failure, &plan->failures) {
        json_begin_object(json, NULL);
        json_write_string(json, "cluster", failure->cluster);
        json_write_int(json, "exit_code", failure->exit_code);
        json_write_string(json, "message", failure->message);
        write_diagnostics(json, failure->findings);
        json_end_object(json);
    }
    json_end_array(json);
}

/* The caller opens the object, since a saved plan adds members of its own. */
void
plan_write_json(const Plan *plan, PlanJsonDetail detail, JsonWriter *json)
{
    json_write_int(json, "format_version", 1);
    json_write_string(json, "mode", access_mode_name(plan->mode));
    json_begin_array(json, "targets");
    LIST_FOREACH (const TargetPlan, target, &plan->targets)
        write_target(json, target, detail);
    json_end_array(json);
    write_counts(json, plan_counts(plan));
    write_failures(json, plan);
}

/* The documented form leaves out what only a saved plan needs. */
void
plan_render_json(const Plan *plan, GString *out)
{
    JsonWriter json;

    json_writer_init(&json, out);
    json_begin_object(&json, NULL);
    plan_write_json(plan, PLAN_JSON_DOCUMENTED, &json);
    json_end_object(&json);
}
