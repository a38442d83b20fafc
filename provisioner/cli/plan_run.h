/*
 * What `plan` and `apply` share: their options, and going over the selected clusters. Every target
 * is tried; one that fails is told on stderr and the others go on.
 */
#pragma once

#include "provisioner/cli/command.h"
#include "provisioner/hba_deploy/hba_rendering.h"
#include "provisioner/plan/plan.h"
#include "provisioner/plan/target.h"
#include "provisioner/run/fleet.h"
#include "provisioner/saved/saved_plan.h"
#include "provisioner/server/session.h"

typedef struct PlanRun PlanRun;

/*
 * One cluster on its way. Clusters are worked on side by side, so each has memory and a voice of
 * its own; what they share is const then, or has a lock.
 */
typedef struct TargetRun {
    PlanRun *run;
    const Cluster *cluster;
    Arena *arena;
    Transcript *transcript;
    PasswordChecks *passwords; /* kept between two plans of one run */
    int offline_version;       /* 0: ask the server, or: */
    const char *state_path;    /* a saved state in place of a server; NULL: none */
    TargetPlan *plan;          /* NULL where there is none */
    Session *session;          /* NULL: closed, or never opened */
    int code;
} TargetRun;

struct PlanRun {
    CommandContext *context;
    const Inventory *inventory;
    List clusters;      /* const Cluster: the selected ones */
    TargetRun *targets; /* one for each of them, in the same order */
    unsigned width;     /* how many are worked on at once */
    GDate today;
    CommandOptions options;
    List instances;          /* const Instance: the selected ones */
    Arena *renderings_arena; /* theirs alone: under their lock */
    HbaRenderings *renderings;
    bool keep_preconditions; /* steps say what they rest on: for a plan that is saved or was */
    const SavedPlan *saved;  /* apply FILE; NULL otherwise */
    GHashTable *servers;     /* identity -> cluster name: no two clusters may be one server */
};

/* Loads the inventory and checks what cannot be done; false with context->exit_code. */
bool plan_run_begin(PlanRun *run, CommandContext *context);
/*
 * Before plan_run_begin(): the run is for what the saved plan is for, under its options. False with
 * context->exit_code where the command line says something else.
 */
bool plan_run_take_saved(PlanRun *run, CommandContext *context, const SavedPlan *saved);
/* What a saved plan has to say of this run: its options and the files of its inventory. */
SavedPlan plan_run_origin(const PlanRun *run);
/* With run->inventory: the clusters and instances of the saved plan; false where the inventory is
 * another. */
bool plan_run_select_saved(PlanRun *run);
/* Says for stderr what differs; gives the exit code. */
int plan_run_refuse_saved(const PlanRun *run, const SavedDifference *difference,
                          Transcript *transcript);
void plan_run_clear(PlanRun *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PlanRun, plan_run_clear)

/* How many threads may compute at once; 0: one a core. */
int plan_run_cores(const PlanRun *run);
/* --mode, or the cluster's pg_access_mode. */
AccessMode plan_run_mode(const PlanRun *run, const Cluster *cluster);
/*
 * Plans the cluster into ret_plan, over a session that it opens and gives to ret_session (NULL
 * offline, or where the cluster is skipped). Gives EXIT_CODE_DONE, or the code after the transcript
 * has why not.
 */
int plan_run_target(TargetRun *target, TargetPlan **ret_plan, Session **ret_session);
/*
 * Plans all clusters, so many at once, into target->plan and ->code; calls tell() for each, in
 * order, with its transcript told. Sessions stay open only where there are no more clusters than
 * are worked on at once.
 */
void plan_run_all(PlanRun *run, FleetFunction *tell, void *data);
/* The connection of a cluster, resolved before. */
bool plan_run_connection(TargetRun *target, ConnectionParameters *ret_parameters, GError **error);
/* Puts the error into the transcript and gives its exit code. */
int plan_run_fail(TargetRun *target, GError *error);
void plan_run_say_findings(TargetRun *target, Findings *findings);
