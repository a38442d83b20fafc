/* One function for each object of the JSON, the inverse of output/plan_json.c. */
#include "provisioner/saved/saved_plan_targets.h"

#include <string.h>

#include "inventory/model/words.h"
#include "provisioner/plan/facts.h"
#include "provisioner/plan/finding_filter.h"
#include "provisioner/plan/sql_statement.h"

typedef struct Reader {
    Arena *arena;
    GHashTable *kinds; /* id -> FindingKind, of those that this version does not know */
} Reader;

/* jansson owns the texts of its tree; the plan outlives the tree. */
const char *
saved_plan_text(Arena *arena, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? NULL : arena_strdup(arena, text);
}

static bool
flag(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static uint32_t
number(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));

    return value < 0 || value > UINT32_MAX ? 0 : (uint32_t)value;
}

/* ---- findings ---- */

/* Notes of one kind are recognised by the kind's address, so a kind is made once. */
static const FindingKind *
kind_of(Reader *reader, const char *id)
{
    const FindingKind *known = finding_kind_of_id(id);
    FindingKind *kind = g_hash_table_lookup(reader->kinds, id);

    if (known != NULL || kind != NULL)
        return known != NULL ? known : kind;
    kind = ARENA_NEW(reader->arena, FindingKind);
    *kind = (FindingKind){ .id = id, .severity = SEVERITY_INFO, .summary = "" };
    g_hash_table_insert(reader->kinds, (gpointer)id, kind);
    return kind;
}

static bool
read_severity(const json_t *finding, Severity *ret_severity)
{
    const char *word = json_string_value(json_object_get(finding, "severity"));

    for (int i = 0; word != NULL && i < SEVERITY_COUNT; i++) {
        *ret_severity = (Severity)i;
        if (strcmp(severity_name((Severity)i), word) == 0)
            return true;
    }
    return false;
}

static bool
read_finding(Reader *reader, const json_t *object, Findings *findings)
{
    Arena *arena = reader->arena;
    const char *id = saved_plan_text(arena, object, "id");
    Finding *finding = ARENA_NEW(arena, Finding);

    *finding = (Finding){ .pos = { .file = saved_plan_text(arena, object, "file"),
                                   .line = number(object, "line"),
                                   .column = number(object, "column") },
                          .message = saved_plan_text(arena, object, "message"),
                          .hint = saved_plan_text(arena, object, "hint") };
    if (id == NULL || finding->message == NULL || !read_severity(object, &finding->severity))
        return false;
    finding->kind = kind_of(reader, id);
    list_add(arena, &findings->items, finding);
    findings->counts[finding->severity]++;
    return true;
}

/* NULL where one of them is damaged. Nothing is ever added to them, so they need no index. */
static Findings *
read_findings(Reader *reader, const json_t *array)
{
    Findings *findings = ARENA_NEW(reader->arena, Findings);

    findings->arena = reader->arena;
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (!read_finding(reader, json_array_get(array, i), findings))
            return NULL;
    }
    return findings;
}

/* ---- steps ---- */

static bool
read_phase(const json_t *step, Phase *ret_phase)
{
    const char *word = json_string_value(json_object_get(step, "phase"));

    for (int i = 0; word != NULL && i < PHASE_COUNT; i++) {
        *ret_phase = (Phase)i;
        if (strcmp(phase_name((Phase)i), word) == 0)
            return true;
    }
    return false;
}

static bool
read_action(const json_t *step, Action *ret_action)
{
    const char *word = json_string_value(json_object_get(step, "action"));

    for (int i = 0; word != NULL && i < ACTION_COUNT; i++) {
        *ret_action = (Action)i;
        if (strcmp(action_name((Action)i), word) == 0)
            return true;
    }
    return false;
}

static void
add_shown(Arena *arena, List *shown, const char *text, bool is_helper)
{
    ShownStatement *statement = ARENA_NEW(arena, ShownStatement);

    *statement = (ShownStatement){ .text = text, .is_helper = is_helper };
    list_add(arena, shown, statement);
}

static bool
read_shown(Reader *reader, const json_t *array, List *ret_shown)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *statement = json_array_get(array, i);
        const char *text = saved_plan_text(reader->arena, statement, "sql");

        if (text == NULL)
            return false;
        add_shown(reader->arena, ret_shown, text, flag(statement, "helper"));
    }
    return array == NULL || json_is_array(array);
}

/* Of a statement with a secret there is only what people may see, and it can never be run. */
static bool
read_statements(Reader *reader, const json_t *object, Step *step)
{
    Arena *arena = reader->arena;
    const char *sql = saved_plan_text(arena, object, "sql");
    const json_t *brief = json_object_get(object, "brief");

    if (!read_shown(reader, json_object_get(object, "statements"), &step->shown) ||
        !read_shown(reader, brief, &step->shown_briefly))
        return false;
    if (sql != NULL && step->shown.count == 0)
        add_shown(arena, &step->shown, sql, false);
    if (brief == NULL)
        step->shown_briefly = step->shown;
    LIST_FOREACH (const ShownStatement, statement, &step->shown) {
        list_add(arena, &step->statements, statement->text);
        list_add(arena, &step->sql,
                 statement->is_helper ? sql_statement_new_helper(arena, statement->text)
                                      : sql_statement_new(arena, statement->text));
    }
    return sql != NULL || (step->file != NULL && step->phase == PHASE_HBA);
}

static bool
read_details(Reader *reader, const json_t *array, Step *step)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *detail = json_string_value(json_array_get(array, i));

        if (detail == NULL)
            return false;
        list_add(reader->arena, &step->details, arena_strdup(reader->arena, detail));
    }
    return true;
}

static void
read_place(Reader *reader, const json_t *object, Step *step)
{
    const json_t *because = json_object_get(object, "because");

    step->because = (SourcePos){ .file = saved_plan_text(reader->arena, because, "file"),
                                 .line = number(because, "line") };
    if (flag(object, "undeclared"))
        step->because.origin = ORIGIN_NOBODY;
}

static bool
read_step(Reader *reader, const json_t *object, List *steps)
{
    Arena *arena = reader->arena;
    Step *step = ARENA_NEW(arena, Step);

    *step = (Step){
        .seq = number(object, "seq"),
        .kind = saved_plan_text(arena, object, "kind"),
        .name = saved_plan_text(arena, object, "name"),
        .database = saved_plan_text(arena, object, "database"),
        .connect = saved_plan_text(arena, object, "connect"),
        .file = saved_plan_text(arena, object, "file"),
        .difference = saved_plan_text(arena, object, "difference"),
        .summary = saved_plan_text(arena, object, "summary"),
        .secret = flag(object, "secret"),
        .destructive = flag(object, "destructive"),
        .transactional = flag(object, "transactional"),
        .transaction = number(object, "transaction"),
        .rests_on = saved_plan_text(arena, object, "rests_on"),
    };
    if (step->kind == NULL || step->name == NULL || !read_phase(object, &step->phase) ||
        !read_action(object, &step->action) || !read_statements(reader, object, step) ||
        !read_details(reader, json_object_get(object, "details"), step))
        return false;
    if (step->connect == NULL)
        step->connect = step->database == NULL ? "postgres" : step->database;
    read_place(reader, object, step);
    list_add(arena, steps, step);
    return true;
}

static bool
read_steps(Reader *reader, const json_t *array, List *ret_steps)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (!read_step(reader, json_array_get(array, i), ret_steps))
            return false;
    }
    return true;
}

/* ---- targets ---- */

static bool
read_instances(Reader *reader, const json_t *array, TargetPlan *target)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const char *name = json_string_value(json_array_get(array, i));
        Instance *instance = ARENA_NEW(reader->arena, Instance);

        if (name == NULL)
            return false;
        instance->name = arena_strdup(reader->arena, name);
        list_add(reader->arena, &target->instances, instance);
    }
    return json_is_array(array);
}

/* A file of an earlier version has none: then apply names the statements that differ. */
static bool
read_facts(Reader *reader, const json_t *array, List *facts)
{
    Arena *arena = reader->arena;

    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *object = json_array_get(array, i);
        const json_t *subjects = json_object_get(object, "subjects");
        const Fact common = { .database = saved_plan_text(arena, object, "database"),
                              .state = saved_plan_text(arena, object, "state"),
                              .acl = saved_plan_text(arena, object, "acl") };

        for (size_t j = 0; j < json_array_size(subjects); j++) {
            const char *subject = json_string_value(json_array_get(subjects, j));
            Fact *fact = ARENA_NEW(arena, Fact);

            if (subject == NULL)
                return false;
            *fact = common;
            fact->subject = arena_strdup(arena, subject);
            list_add(arena, facts, fact);
        }
    }
    return true;
}

static ServerIdentity
read_server(Reader *reader, const json_t *object)
{
    const json_t *server = json_object_get(object, "server");

    return (ServerIdentity){
        .version = saved_plan_text(reader->arena, server, "version"),
        .system_identifier = saved_plan_text(reader->arena, server, "system_identifier"),
        .host = saved_plan_text(reader->arena, object, "host"),
        .port = saved_plan_text(reader->arena, object, "port"),
    };
}

/* An earlier version did not say why a cluster was skipped, and of one that is not, the version. */
static const char *
read_skipped(Reader *reader, const json_t *object, const TargetPlan *target)
{
    const char *skipped = saved_plan_text(reader->arena, object, "skipped");

    return skipped == NULL && target->server.version == NULL ? "it was skipped" : skipped;
}

static bool
read_target(Reader *reader, const json_t *object, Plan *plan)
{
    Arena *arena = reader->arena;
    Cluster *cluster = ARENA_NEW(arena, Cluster);
    TargetPlan *target = ARENA_NEW(arena, TargetPlan);
    const json_t *steps = json_object_get(object, "steps");

    cluster->name = saved_plan_text(arena, object, "cluster");
    *target = (TargetPlan){
        .cluster = cluster,
        .instance = saved_plan_text(arena, object, "instance"),
        .mode = plan->mode,
        .server = read_server(reader, object),
        .set_role = saved_plan_text(arena, object, "set_role"),
        .set_role_is_new = flag(object, "set_role_is_new"),
        .notes = read_findings(reader, json_object_get(object, "notes")),
    };
    target->skipped = read_skipped(reader, object, target);
    if (cluster->name == NULL || target->instance == NULL || target->notes == NULL ||
        (target->server.host != NULL && target->server.port == NULL) || !json_is_array(steps) ||
        !read_steps(reader, steps, &target->steps) ||
        !read_steps(reader, json_object_get(object, "withheld"), &target->withheld) ||
        !read_facts(reader, json_object_get(object, "starts_from"), &target->starts_from) ||
        !read_instances(reader, json_object_get(object, "instances"), target))
        return false;
    target->notes->ignored = number(object, "notes_ignored");
    list_add(arena, &plan->targets, target);
    return true;
}

static bool
read_failure(Reader *reader, const json_t *object, Plan *plan)
{
    PlanFailure *failure = ARENA_NEW(reader->arena, PlanFailure);

    *failure = (PlanFailure){
        .cluster = saved_plan_text(reader->arena, object, "cluster"),
        .message = saved_plan_text(reader->arena, object, "message"),
        .findings = read_findings(reader, json_object_get(object, "diagnostics")),
        .exit_code = (int)number(object, "exit_code"),
    };
    list_add(reader->arena, &plan->failures, failure);
    return failure->cluster != NULL && failure->findings != NULL;
}

static bool
read_mode(const json_t *document, AccessMode *ret_mode)
{
    const char *word = json_string_value(json_object_get(document, "mode"));

    for (int i = 0; word != NULL && i < ACCESS_MODE_COUNT; i++) {
        *ret_mode = (AccessMode)i;
        if (strcmp(access_mode_name((AccessMode)i), word) == 0)
            return true;
    }
    return false;
}

bool
saved_plan_read_targets(Arena *arena, const json_t *document, Plan *ret_plan)
{
    g_autoptr(GHashTable) kinds = g_hash_table_new(g_str_hash, g_str_equal);
    Reader reader = { .arena = arena, .kinds = kinds };
    const json_t *targets = json_object_get(document, "targets");
    const json_t *failures = json_object_get(document, "failures");

    *ret_plan = (Plan){ 0 };
    if (!read_mode(document, &ret_plan->mode) || !json_is_array(targets))
        return false;
    for (size_t i = 0; i < json_array_size(targets); i++) {
        if (!read_target(&reader, json_array_get(targets, i), ret_plan))
            return false;
    }
    for (size_t i = 0; i < json_array_size(failures); i++) {
        if (!read_failure(&reader, json_array_get(failures, i), ret_plan))
            return false;
    }
    ret_plan->findings = read_findings(&reader, json_object_get(document, "diagnostics"));
    return ret_plan->findings != NULL;
}
