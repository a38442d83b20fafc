/*
 * Plan: the steps that make one or more servers what the inventory says, in order, with the notes
 * on what was found on the way. A step is one or more SQL statements that belong together; steps of
 * the same transaction number run in one transaction. A Plan is const once built.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/finding.h"
#include "base/json_writer.h"
#include "base/list.h"
#include "base/names.h"
#include "inventory/model/inventory.h"
#include "provisioner/plan/statement.h"
#include "provisioner/server/server_identity.h"
#include "roles/change/change.h"
#include "roles/permission/authority.h"

typedef enum Phase {
#define PHASE(name, text) PHASE_##name,
#include "provisioner/plan/phase.def"
#undef PHASE
    PHASE_COUNT,
} Phase;

typedef enum Action {
    ACTION_CREATE,
    ACTION_ALTER,
    ACTION_GRANT,
    ACTION_REVOKE,
    ACTION_DROP,
    ACTION_DISABLE,
    ACTION_WRITE,
    ACTION_RELOAD,
    ACTION_COUNT,
} Action;

/* When a step runs: the stages of roles/change/change.def. */
typedef enum Stage {
    STAGE_BEFORE,
    STAGE_DATABASE,
    STAGE_ALONE,
    STAGE_AFTER,
    STAGE_PRUNE,
    STAGE_LAST, /* of no kind: what the session role does to itself */
} Stage;

struct HbaStep;
struct Facts; /* provisioner/plan/facts.h */

/* A statement as people see it. */
typedef struct ShownStatement {
    const char *text; /* secrets hidden */
    bool is_helper;   /* changes nothing by itself */
} ShownStatement;

typedef struct Step {
    unsigned seq; /* from 1, in the order of running */
    Stage stage;
    Phase phase;
    Action action;
    const char *kind;     /* "role", "schema" ... */
    const char *name;     /* of the object */
    const char *database; /* NULL: cluster-wide */
    const char *connect;  /* the database it runs in */
    List sql;             /* SqlStatement: what runs */
    List statements;      /* const char: the same for people and files, secrets hidden */
    List shown;           /* ShownStatement: the same */
    List shown_briefly;   /* ShownStatement: of many objects only the first few */
    bool secret;
    bool destructive;
    bool transactional;
    unsigned transaction;
    SourcePos because;
    const Refusal *refusal; /* why the session role may not do it; NULL: it may */
    const Change *change;   /* NULL for phase hba; its names are gone once the plan is made */
    List objects;           /* const char: those named one by one, as SQL */
    List grantees;          /* const char, of privileges on such objects: as SQL */
    List checks; /* const OutcomeCheck (outcome_check.h): asked before its transaction commits */
    const char *difference; /* "before -> after", for people; NULL: nothing was there before */
    const char *rests_on;   /* what on the server it starts from; NULL: nothing, or not kept */
    /* What is done, for people: where there are no statements (phase hba), or a great many. */
    const char *summary;
    List details; /* const char: what comes of it, a line each; of phase hba only */
    /* Of phase hba only, where there are no statements. */
    const char *file; /* its path on the server */
    const struct HbaStep *hba;
} Step;

typedef struct TargetPlan {
    const Cluster *cluster;
    const char *instance;
    AccessMode mode;
    ServerIdentity server;
    const char *set_role; /* statements run under SET ROLE to it; NULL: as who connected */
    bool set_role_is_new; /* ... which the first transaction makes, so from the second on */
    List instances;       /* const Instance: the selected ones, whose HBA files it is for */
    List steps;           /* Step */
    List withheld;        /* Step: in additive, what adopt would take; never run */
    List unreadable;      /* const char: of each database that could not be read, the error */
    List refusals;        /* const char: why apply will not run it (guards.h); empty: it will */
    List starts_from;     /* const Fact: what the steps are about; only kept for saved plans */
    struct Facts *facts;  /* what is known of the server; NULL: not kept */
    Findings *notes;
    const char *skipped; /* NULL, or why there is no plan for the cluster */
} TargetPlan;

/* A cluster for which there is no plan. */
typedef struct PlanFailure {
    const char *cluster;
    const char *message; /* NULL: the findings say why */
    Findings *findings;  /* NULL: none */
    int exit_code;
} PlanFailure;

typedef struct Plan {
    AccessMode mode;          /* the strongest of the targets' */
    List targets;             /* TargetPlan */
    List failures;            /* const PlanFailure */
    const Findings *findings; /* of the inventory's files; NULL: not looked at */
} Plan;

/* Frees what is not the arena's. */
void target_plan_clear(TargetPlan *target);
void plan_clear(Plan *plan);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plan, plan_clear)

/* Turns changes into steps: phases, transactions, SQL. */
List plan_steps(const StatementContext *context, const List *changes);

/* Whether the step is one of those by which a role leaves: it is disabled, ended or dropped. */
bool step_removes_role(const Step *step);
const char *phase_name(Phase phase);
const char *action_name(Action action);

/* How many steps there are of each action, and how many take something away. */
typedef struct PlanCounts {
    unsigned of[ACTION_COUNT];
    unsigned destructive;
} PlanCounts;

PlanCounts target_plan_counts(const TargetPlan *target);
PlanCounts plan_counts(const Plan *plan);
bool plan_is_empty(const Plan *plan);

/* How a plan for people is shown. */
typedef struct PlanTextStyle {
    bool coloured;
    int verbosity; /* from 1 every object and note, from -1 on no notes but errors */
    size_t width;  /* of a line, in columns */
} PlanTextStyle;

void plan_render_text(const Plan *plan, PlanTextStyle style, GString *out);
void plan_render_json(const Plan *plan, GString *out);

typedef enum PlanJsonDetail {
    PLAN_JSON_DOCUMENTED,
    PLAN_JSON_SAVED, /* with what apply of a saved plan compares */
} PlanJsonDetail;

/* Writes the members of the plan's JSON into an object that is open. */
void plan_write_json(const Plan *plan, PlanJsonDetail detail, JsonWriter *json);
/* The statements of a step, secrets hidden, as JSON has them (free with g_free()); NULL: none. */
char *plan_step_sql(const Step *step);
void plan_render_markdown(const Plan *plan, GString *out);

typedef enum PlanSecrets {
    PLAN_SECRETS_HIDDEN,    /* steps with secrets stand as comments */
    PLAN_SECRETS_VERIFIERS, /* SCRAM verifiers are written: mode 0600, never to a terminal */
} PlanSecrets;

/* A script for psql: \connect lines, BEGIN and COMMIT, SET ROLE. */
void plan_render_sql(const Plan *plan, PlanSecrets secrets, GString *out);
