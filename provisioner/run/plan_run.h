/*
 * PlanRun: one round over clusters, from the inventory to their plans; apply_run.h goes on from
 * there. It knows no command line and no terminal: RunOptions holds what it has to do, and what
 * happens goes to the callbacks of RunEvents, so that a command, a daemon and a fleet can share it.
 *
 *     g_auto(PlanRun) run = { 0 };
 *     const PlanRunInput input = { .arena = arena, .inventory = inventory, .events = &events,
 *                                  .clusters = clusters, .instances = instances };
 *     int code = plan_run_begin(&run, &input);
 *
 *     if (code == EXIT_CODE_DONE)
 *         plan_run_all(&run, take_plan, data);
 *
 * A round keeps everything in the arena that it is given and in one arena for each target;
 * plan_run_clear() frees the latter. The next round starts from a new arena and a new inventory.
 * Every target is tried; one that fails is reported and the others go on.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/finding.h"
#include "inventory/model/inventory.h"
#include "provisioner/exit_code.h"
#include "provisioner/hba_deploy/hba_rendering.h"
#include "provisioner/output/output_buffer.h"
#include "provisioner/output/progress.h"
#include "provisioner/plan/plan.h"
#include "provisioner/plan/target.h"
#include "provisioner/run/fleet.h"
#include "provisioner/saved/saved_plan.h"
#include "provisioner/server/session_pool.h"

typedef struct PlanRun PlanRun;

/*
 * One cluster on its way. Clusters are processed in parallel, so each has an arena and an output
 * buffer of its own; what they share is const then, or has a lock.
 */
typedef struct TargetRun {
    PlanRun *run;
    const Cluster *cluster;
    Arena *arena;
    OutputBuffer *output;
    PasswordChecks *passwords; /* kept between two plans of one round */
    Progress comparing;        /* of passwords */
    int64_t comparing_since;   /* by g_get_monotonic_time() */
    TargetPlan *plan;          /* NULL where there is none */
    Session *session;          /* NULL: closed, or never opened */
    ServerSeen *seen;          /* of its first session; NULL: there was none */
    SessionPool *sessions;     /* in other databases, until the plan is made or applied */
    bool is_incomplete;        /* a database could not be read, which was reported */
    bool is_locked;            /* the session has the lock, and had it before the plan was made */
    const char *failure;       /* the last error; NULL: there was none */
    Findings *refused;         /* the notes that refused the plan; NULL: there were none */
    int code;
} TargetRun;

/* Each cluster's own pg_access_mode. */
#define RUN_MODE_OF_CLUSTER (-1)

typedef struct RunOptions {
    int mode; /* an AccessMode for every cluster, or RUN_MODE_OF_CLUSTER */
    bool prune;
    bool hba;
    bool set_passwords;
    bool init;
    bool allow_mass_removal;
    bool allow_data_loss;
    bool allow_superuser_code;
    bool offline;            /* compare with what initdb leaves; no server is asked */
    int offline_version;     /* of initdb; 0: each cluster's pg_version */
    const char *state;       /* compare with a saved state: a file, or a folder of them; or NULL */
    bool keep_preconditions; /* steps say what they start from: for a plan that is saved or was */
    bool check_outcomes;     /* steps ask the server for what came of them: for apply */
    bool look_at_all_hba;    /* connect for notes on HBA files, too */
    bool lock_first;         /* take the lock of apply before planning, where it is free */
    bool report_retries;
    const ProgressView *progress; /* used where one cluster is processed at a time; NULL: none */
    int statement_timeout_ms;     /* 0: no limit */
    int jobs;                     /* targets processed in parallel; 0: the default */
    char *const *conninfos;       /* NAME=CONNINFO, NULL-terminated; NULL: none */
} RunOptions;

/* How the apply of one target ended, or goes on. */
typedef enum RunOutcome {
    RUN_OUTCOME_APPLIED,          /* all steps */
    RUN_OUTCOME_STOPPED,          /* some steps, after a failure that was reported */
    RUN_OUTCOME_WAITING,          /* a step waits for the lock of another session */
    RUN_OUTCOME_RETRYING,         /* another session broke a transaction: it is planned again */
    RUN_OUTCOME_REST_BY_OTHERS,   /* ... and then nothing was left to do */
    RUN_OUTCOME_ALREADY_APPLIED,  /* another session made the changes before the lock was ours */
    RUN_OUTCOME_DECLINED,         /* the answer to the question was no */
    RUN_OUTCOME_SAVED_PLAN_STALE, /* this target, under the lock; the difference was reported */
} RunOutcome;

typedef struct RunProgress {
    unsigned steps_done;
    size_t steps_total;
    const char *reason;  /* WAITING: for whom; RETRYING: the server's error */
    unsigned try_number; /* RETRYING: from 1 */
    unsigned tries_max;
} RunProgress;

/*
 * What happens. Callbacks with a target are called from the thread that works on it, at any time:
 * what they print belongs into target->output. target NULL is the run as a whole, before there are
 * targets, in the caller's thread.
 */
typedef struct RunEvents {
    void *data;
    OutputSink sink; /* where the targets' buffers are flushed to, in order */
    void (*failed)(void *data, TargetRun *target, const GError *error);
    void (*found)(void *data, TargetRun *target, Findings *findings);
    void (*saved_plan_is_stale)(void *data, TargetRun *target, const SavedPlan *saved,
                                const SavedDifference *difference);
    /* What a run of several clusters waits for, as a sentence; in the caller's thread. */
    void (*waits)(void *data, const char *sentence);
    /* Of apply only. */
    void (*shows_plan)(void *data, TargetRun *target, TargetPlan *plan);
    bool (*confirms)(void *data, TargetRun *target, const TargetPlan *plan);
    void (*ended)(void *data, TargetRun *target, RunOutcome outcome, const RunProgress *progress);
} RunEvents;

typedef struct PlanRunInput {
    Arena *arena;
    const Inventory *inventory;
    List clusters;  /* const Cluster: the selected ones; not used with `saved` */
    List instances; /* const Instance: the selected ones; not used with `saved` */
    RunOptions options;
    const RunEvents *events;
    HbaRenderings *renderings; /* of the inventory, checked */
    const SavedPlan *saved;    /* the run is for its targets, under its options; NULL: none */
} PlanRunInput;

struct PlanRun {
    Arena *arena;
    const Inventory *inventory;
    List clusters;
    List instances;
    RunOptions options;
    const RunEvents *events;
    const SavedPlan *saved;
    TargetRun *targets; /* one for each cluster, in the same order */
    unsigned width;     /* how many are processed in parallel */
    GDate today;
    GHashTable *opened_passwords; /* const Node -> const char (declared_passwords.h) */
    HbaRenderings *renderings;
    GHashTable *servers; /* identity -> cluster name: no two clusters may be one server */
};

/* Gives EXIT_CODE_DONE, or another code after reporting what cannot be done. */
int plan_run_begin(PlanRun *run, const PlanRunInput *input);
void plan_run_clear(PlanRun *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PlanRun, plan_run_clear)

/* fleet_run() of the clusters; events->waits() gets the names of those still at work. */
void plan_run_each(PlanRun *run, FleetFunction *work, FleetFunction *done, void *data);
/*
 * Plans all clusters into target->plan and ->code, and calls planned() for each, in order, after
 * its buffer was flushed. Sessions stay open only where there are no more clusters than are
 * processed in parallel.
 */
void plan_run_all(PlanRun *run, FleetFunction *planned, void *data);
/*
 * Plans one cluster into ret_plan, over a session that it opens and gives to ret_session (NULL
 * offline, or where the cluster is skipped). Gives EXIT_CODE_DONE, or the code of what it reported.
 */
int plan_run_target(TargetRun *target, TargetPlan **ret_plan, Session **ret_session);

/* How many threads may compute in parallel; 0: one a core. */
int plan_run_cores(const PlanRun *run);
/* The connection of a cluster, resolved before. */
bool plan_run_connection(TargetRun *target, ConnectionParameters *ret_parameters, GError **error);
/* Reports the error, frees it and gives its exit code. */
int plan_run_fail(TargetRun *target, GError *error);

/* ---- saved plans ---- */

/*
 * Before plan_run_begin(): adds the saved plan's options to those of the command line.
 * PGCHARTER_ERROR_USAGE where the two contradict each other.
 */
bool run_options_take_saved(RunOptions *options, const SavedPlan *saved, GError **error);
/* What a saved plan has to say of this run: its options and the files of its inventory. */
SavedPlan plan_run_origin(const PlanRun *run);
/* Sets run->clusters and ->instances to the saved plan's; what differs where it is stale. */
SavedDifference plan_run_select_saved(PlanRun *run);
/* Reports the difference (target NULL: of the whole run) and gives its exit code. */
int plan_run_refuse_saved(PlanRun *run, TargetRun *target, const SavedDifference *difference);
