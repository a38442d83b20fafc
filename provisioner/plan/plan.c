/* From changes to steps: the phase table decides the order, stages decide the transactions. */
#include "provisioner/plan/plan.h"

#include <string.h>

#include "provisioner/plan/facts.h"
#include "provisioner/plan/grant_text.h"
#include "provisioner/plan/object_text.h"
#include "provisioner/server/sql_text.h"

/* Upper bound on CREATE ROLE per transaction: each takes locks and makes dead rows in
 * pg_authid. */
#define PLAN_NEW_ROLES_PER_TRANSACTION 5000
#define PRECONDITION_LENGTH_MAX        ((size_t)300)

/* Which transaction a change runs in: one that its neighbours share, one with changes of the same
 * kind only, or none. */
typedef enum TransactionRule {
    TRANSACTION_SHARED,
    TRANSACTION_OF_ITS_KIND,
    TRANSACTION_NONE,
} TransactionRule;

typedef enum Effect {
    EFFECT_SAFE,
    EFFECT_DESTRUCTIVE,
} Effect;

/* The columns of change.def that decide where a step stands and how it is shown. */
typedef struct KindRow {
    Phase phase;
    Action action;
    const char *kind; /* NULL: the kind of object the privilege is on */
    Stage stage;
    TransactionRule transaction;
    Effect effect;
} KindRow;

static const KindRow kind_rows[] = {
#define CHANGE(name, payload, words, permission, precondition, phase, action, kind, stage,         \
               transaction, effect, writer)                                                        \
    [CHANGE_##name] = { PHASE_##phase, ACTION_##action,           kind,                            \
                        STAGE_##stage, TRANSACTION_##transaction, EFFECT_##effect },
#include "roles/change/change.def"
#undef CHANGE
};

/*
 * What the session role does to itself comes last: each database has a session of its own, and it
 * could not open the next one with a password that is no longer valid.
 */
static const KindRow session_role_rows[] = {
    [CHANGE_ROLE_ALTER] = { PHASE_SESSION_ROLE, ACTION_ALTER, "role", STAGE_LAST,
                            TRANSACTION_SHARED, EFFECT_SAFE },
    [CHANGE_ROLE_PASSWORD] = { PHASE_SESSION_ROLE, ACTION_ALTER, "role", STAGE_LAST,
                               TRANSACTION_SHARED, EFFECT_SAFE },
    [CHANGE_ROLE_SETTING] = { PHASE_SESSION_ROLE, ACTION_ALTER, "role", STAGE_LAST,
                              TRANSACTION_SHARED, EFFECT_SAFE },
    [CHANGE_ROLE_DATABASE_SETTING] = { PHASE_SESSION_ROLE, ACTION_ALTER, "role", STAGE_LAST,
                                       TRANSACTION_SHARED, EFFECT_SAFE },
};

static const char *const phase_names[] = {
#define PHASE(name, text) [PHASE_##name] = text,
#include "provisioner/plan/phase.def"
#undef PHASE
};

static const char *const action_names[] = {
    [ACTION_CREATE] = "create", [ACTION_ALTER] = "alter",   [ACTION_GRANT] = "grant",
    [ACTION_REVOKE] = "revoke", [ACTION_DROP] = "drop",     [ACTION_DISABLE] = "disable",
    [ACTION_WRITE] = "write",   [ACTION_RELOAD] = "reload",
};

_Static_assert(G_N_ELEMENTS(action_names) == ACTION_COUNT, "a name for each action");

static const char *const object_kind_names[] = {
    [OBJECT_KIND_DATABASE] = "database",
    [OBJECT_KIND_SCHEMA] = "schema",
    [OBJECT_KIND_TABLE] = "table",
    [OBJECT_KIND_SEQUENCE] = "sequence",
    [OBJECT_KIND_FUNCTION] = "function",
    [OBJECT_KIND_TYPE] = "type",
    [OBJECT_KIND_LARGE_OBJECT] = "large_object",
    [OBJECT_KIND_LANGUAGE] = "language",
    [OBJECT_KIND_FDW] = "fdw",
    [OBJECT_KIND_SERVER] = "server",
    [OBJECT_KIND_TABLESPACE] = "tablespace",
    [OBJECT_KIND_PARAMETER] = "parameter",
    [OBJECT_KIND_COLUMN] = "column",
};

_Static_assert(G_N_ELEMENTS(object_kind_names) == OBJECT_KIND_COUNT, "a name for each kind");

const char *
phase_name(Phase phase)
{
    return phase_names[phase];
}

const char *
action_name(Action action)
{
    return action_names[action];
}

bool
step_removes_role(const Step *step)
{
    const Change *change = step->change;

    return change != NULL &&
           (change->kind == CHANGE_ROLE_DISABLE || change->kind == CHANGE_ROLE_END_SESSIONS ||
            change->kind == CHANGE_ROLE_DROP);
}

void
target_plan_clear(TargetPlan *target)
{
    g_clear_pointer(&target->notes, findings_free);
    g_clear_pointer(&target->facts, facts_free);
}

void
plan_clear(Plan *plan)
{
    LIST_FOREACH (TargetPlan, target, &plan->targets)
        target_plan_clear(target);
}

PlanCounts
target_plan_counts(const TargetPlan *target)
{
    PlanCounts counts = { 0 };

    LIST_FOREACH (const Step, step, &target->steps) {
        counts.of[step->action]++;
        counts.destructive += step->destructive;
    }
    return counts;
}

PlanCounts
plan_counts(const Plan *plan)
{
    PlanCounts sum = { 0 };

    LIST_FOREACH (const TargetPlan, target, &plan->targets) {
        const PlanCounts counts = target_plan_counts(target);

        for (unsigned action = 0; action < ACTION_COUNT; action++)
            sum.of[action] += counts.of[action];
        sum.destructive += counts.destructive;
    }
    return sum;
}

bool
plan_is_empty(const Plan *plan)
{
    LIST_FOREACH (const TargetPlan, target, &plan->targets) {
        if (target->steps.count > 0)
            return false;
    }
    return true;
}

/* Where a change stands: stage by stage, in a stage database by database, there phase by phase. */
typedef struct Placed {
    const Change *change;
    const KindRow *row;
    unsigned
        group; /* 0 before, 1.. databases in the order of their first change, after, prune, last */
    size_t at;
} Placed;

/*
 * A stable order from the position of the change: list_sort() alone promises nothing for equal
 * items, and plans have to be the same on every run.
 */
static int
compare_placed(const void *a, const void *b)
{
    const Placed *left = a;
    const Placed *right = b;

    if (left->group != right->group)
        return left->group < right->group ? -1 : 1;
    /* CREATE DATABASE opens the group of its database. */
    if ((left->row->stage == STAGE_ALONE) != (right->row->stage == STAGE_ALONE))
        return left->row->stage == STAGE_ALONE ? -1 : 1;
    if (left->row->phase != right->row->phase)
        return left->row->phase < right->row->phase ? -1 : 1;
    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    return 0;
}

static const KindRow *
row_of(const StatementContext *context, const Change *change)
{
    bool is_own = context->session_role != NAME_NONE && change->name == context->session_role;

    if (is_own && change->kind < G_N_ELEMENTS(session_role_rows) &&
        session_role_rows[change->kind].kind != NULL)
        return &session_role_rows[change->kind];
    return &kind_rows[change->kind];
}

/* CREATE DATABASE has no database to run in, but belongs to the group of the one that it makes. */
static NameId
database_of(const Change *change)
{
    return change->kind == CHANGE_DATABASE_CREATE ? change->name : change->database;
}

/*
 * Databases are grouped in the order of their first change, so all steps of one run over one
 * connection.
 */
static List
place_changes(const StatementContext *context, const List *changes)
{
    const unsigned group_after = UINT32_MAX - 2;
    const unsigned group_prune = UINT32_MAX - 1;
    const unsigned group_last = UINT32_MAX;
    Arena *arena = context->arena;
    g_autoptr(GHashTable) groups = g_hash_table_new(NULL, NULL);
    List placed = { 0 };
    unsigned group_count = 0;

    for (size_t i = 0; i < changes->count; i++) {
        Placed *item = ARENA_NEW(arena, Placed);
        gpointer key = NULL;

        item->change = changes->items[i];
        item->row = row_of(context, item->change);
        item->at = i;
        key = GUINT_TO_POINTER(database_of(item->change));
        if (item->row->stage == STAGE_BEFORE) {
            item->group = 0;
        } else if (item->row->stage == STAGE_AFTER) {
            item->group = group_after;
        } else if (item->row->stage == STAGE_PRUNE) {
            item->group = group_prune;
        } else if (item->row->stage == STAGE_LAST) {
            item->group = group_last;
        } else {
            if (!g_hash_table_contains(groups, key))
                g_hash_table_insert(groups, key, GUINT_TO_POINTER(++group_count));
            item->group = GPOINTER_TO_UINT(g_hash_table_lookup(groups, key));
        }
        list_add(arena, &placed, item);
    }
    list_sort(&placed, compare_placed);
    return placed;
}

static const char *
name_of_members(const StatementContext *context, const Change *change)
{
    const NameIdVector *members = &change_marker(change)->members;

    if (members->count > 1)
        return arena_printf(context->arena, "%zu roles", members->count);
    return names_text(context->names, members->items[0]);
}

static const char *
name_of_objects(const StatementContext *context, const Change *change)
{
    const List *identities = change_identities(change);

    if (identities->count == 1)
        return object_label(context->arena, context->names, identities->items[0]);
    return arena_printf(context->arena, "%zu objects", identities->count);
}

static const char *
name_of_target(const StatementContext *context, const Change *change)
{
    const AclChange *acl = change_acl(change);

    if (acl->target == ACL_TARGET_NAMED)
        return names_text(context->names, change->name);
    if (acl->target == ACL_TARGET_OBJECTS)
        return name_of_objects(context, change);
    if (acl->functions.count == 1)
        return arena_printf(context->arena, "pg_catalog.%s", (const char *)acl->functions.items[0]);
    return arena_printf(context->arena, "%zu functions of pg_catalog", acl->functions.count);
}

/* What the JSON output calls the step; many objects are counted, since the SQL lists them. */
static const char *
step_name(const StatementContext *context, const Change *change)
{
    switch (change_kind_info(change->kind)->payload) {
    case CHANGE_PAYLOAD_MARKER:
        return name_of_members(context, change);
    case CHANGE_PAYLOAD_DEFAULT_ACL:
        return default_acl_type_keyword(change_default_acl(change)->type);
    case CHANGE_PAYLOAD_ACL:
        return name_of_target(context, change);
    case CHANGE_PAYLOAD_OBJECT_OWNER:
        return name_of_objects(context, change);
    default:
        return names_text(context->names, change->name);
    }
}

/* Columns are a kind of their own in the output, although the statement is a GRANT on the table. */
static const char *
step_kind(const Change *change)
{
    const AclChange *acl = NULL;

    if (change_has(change, CHANGE_PAYLOAD_OBJECT_OWNER))
        return grant_kind_info(change_object_owner(change)->grant_kind)->singular;
    acl = change_acl(change);
    if (acl->target != ACL_TARGET_OBJECTS)
        return object_kind_names[acl->object_kind];
    return acl->columns.count > 0 ? object_kind_names[OBJECT_KIND_COLUMN]
                                  : grant_kind_info(acl->grant_kind)->singular;
}

static void
name_grantees(const StatementContext *context, const NameIdVector *grantees, Step *step)
{
    for (size_t i = 0; i < grantees->count; i++)
        list_add(context->arena, &step->grantees,
                 grant_text_role(context->arena, context->names, grantees->items[i]));
}

/*
 * Where CREATE DATABASE runs: nobody may be in the template meanwhile, not even we. dbcommands.c
 * createdb() refuses a template that has other sessions (CountOtherDBBackends()), so the connection
 * must be elsewhere.
 */
static const char *
create_from(const Change *change)
{
    const char *template_name = change_database_create(change)->decl->template_name.value;

    return g_strcmp0(template_name, "postgres") == 0 ? "template1" : "postgres";
}

/* What is long is represented by its digest: a statement may name thousands of objects. */
static const char *
join_preconditions(Arena *arena, const List *preconditions)
{
    g_autoptr(GString) out = g_string_new(NULL);

    if (preconditions->count == 0)
        return NULL;
    LIST_FOREACH (const char, text, preconditions)
        g_string_append_printf(out, "%s%s", out->len > 0 ? "; " : "", text);
    if (out->len > PRECONDITION_LENGTH_MAX) {
        g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, out->str, -1);

        return arena_printf(arena, "sha256:%s", sum);
    }
    return arena_strdup(arena, out->str);
}

static List
shown_statements(Arena *arena, const List *statements)
{
    List shown = { 0 };

    LIST_FOREACH (const SqlStatement, statement, statements) {
        ShownStatement *item = ARENA_NEW(arena, ShownStatement);

        item->text = sql_statement_shown(arena, statement);
        item->is_helper = statement->is_helper;
        list_add(arena, &shown, item);
    }
    return shown;
}

/* The statements of a step, and of those that name many objects a short form for people. */
static void
write_statements(const StatementContext *context, const Change *change, Step *step)
{
    Arena *arena = context->arena;

    step->objects = statement_objects(context, change);
    step->sql = statement_render(context, change, step->objects, STATEMENT_WHOLE);
    step->shown = shown_statements(arena, &step->sql);
    step->shown_briefly = step->shown;
    LIST_FOREACH (const ShownStatement, statement, &step->shown)
        list_add(arena, &step->statements, statement->text);
    if (statement_is_long(change)) {
        const List brief = statement_render(context, change, step->objects, STATEMENT_BRIEF);

        step->shown_briefly = shown_statements(arena, &brief);
    }
    LIST_FOREACH (const SqlStatement, statement, &step->sql)
        step->secret = step->secret || sql_statement_has_secret(statement);
    if (change_has(change, CHANGE_PAYLOAD_ACL) && change_acl(change)->target == ACL_TARGET_OBJECTS)
        name_grantees(context, &change_acl(change)->grantees, step);
}

/* Everything that a printer needs is decided here, once: four output formats show the same step. */
static Step *
make_step(const StatementContext *context, const Placed *placed)
{
    const Change *change = placed->change;
    const KindRow *row = placed->row;
    Step *step = ARENA_NEW(context->arena, Step);

    *step = (Step){
        .stage = row->stage,
        .phase = row->phase,
        .action = row->action,
        .change = change,
        .kind = row->kind != NULL ? row->kind : step_kind(change),
        .name = step_name(context, change),
        .connect = "postgres",
        .destructive = row->effect == EFFECT_DESTRUCTIVE,
        .transactional = row->transaction != TRANSACTION_NONE,
        .because = change->declared_at,
        .summary = change_has(change, CHANGE_PAYLOAD_OWNED) ? change_owned(change)->summary : NULL,
        .refusal = change->refusal,
        .difference = context->old == NULL ? NULL : old_values_text(context->old, change),
        .rests_on = join_preconditions(context->arena, &change->preconditions),
    };
    write_statements(context, change, step);
    if (row->stage == STAGE_DATABASE) {
        step->database = names_text(context->names, change->database);
        step->connect = change->not_connectable ? "postgres" : step->database;
    } else if (row->stage == STAGE_ALONE) {
        step->connect = create_from(change);
    } else if (row->stage == STAGE_PRUNE && change->database != NAME_NONE) {
        step->database = names_text(context->names, change->database);
        step->connect = step->database;
    }
    return step;
}

/*
 * Changing the owner of many objects locks each of them until commit; a transaction of its own
 * keeps that short.
 */
static bool
has_own_transaction(const Change *change)
{
    return change_has(change, CHANGE_PAYLOAD_OBJECT_OWNER) &&
           change_object_owner(change)->own_transaction;
}

/* Whether the step has to leave the transaction of the one before it. */
static bool
starts_transaction(const Placed *before, const Placed *placed, unsigned new_roles)
{
    if (before == NULL || before->group != placed->group || before->row->stage == STAGE_ALONE ||
        placed->row->stage == STAGE_ALONE)
        return true;
    if (placed->row->stage == STAGE_PRUNE)
        return before->change->batch != placed->change->batch;
    /* NOLOGIN has to be committed before sessions end, or they come back. */
    if (before->change->kind != placed->change->kind &&
        (before->row->transaction == TRANSACTION_OF_ITS_KIND ||
         placed->row->transaction == TRANSACTION_OF_ITS_KIND))
        return true;
    return new_roles == PLAN_NEW_ROLES_PER_TRANSACTION || has_own_transaction(placed->change) ||
           has_own_transaction(before->change);
}

/* Numbers run through the whole plan: messages name a step by its number. */
List
plan_steps(const StatementContext *context, const List *changes)
{
    List placed = place_changes(context, changes);
    List steps = { 0 };
    const Placed *before = NULL;
    unsigned transaction = 0;
    unsigned new_roles = 0;

    LIST_FOREACH (const Placed, item, &placed) {
        Step *step = make_step(context, item);

        if (starts_transaction(before, item, new_roles)) {
            transaction++;
            new_roles = 0;
        }
        new_roles += item->change->kind == CHANGE_ROLE_CREATE;
        step->transaction = transaction;
        step->seq = (unsigned)steps.count + 1;
        list_add(context->arena, &steps, step);
        before = item;
    }
    return steps;
}
