/*
 * What `plan` and `apply` share: their options, and going over the selected clusters. Every target
 * is tried; one that fails is told on stderr and the others go on.
 */
#pragma once

#include "provisioner/command.h"
#include "provisioner/hba_rendering.h"
#include "provisioner/plan.h"
#include "provisioner/saved_plan.h"
#include "provisioner/session.h"
#include "provisioner/target.h"

typedef struct PlanRun {
    CommandContext *context;
    const Inventory *inventory;
    List clusters; /* const Cluster: the selected ones */
    GDate today;
    PasswordVerdicts *passwords;
    char *mode_word;
    OptInt mode; /* --mode; not given: each cluster's own */
    gboolean init;
    gboolean allow_mass_removal;
    gboolean prune;
    gboolean allow_data_loss;
    gboolean hba;
    gboolean set_passwords;
    List instances; /* const Instance: the selected ones */
    HbaRenderings *renderings;
    int offline_version;    /* 0: ask the servers */
    bool keep_basis;        /* steps say what they rest on: for a plan that is saved or was */
    const SavedPlan *saved; /* apply FILE; NULL otherwise */
    GHashTable *servers;    /* identity -> cluster name: no two clusters may be one server */
} PlanRun;

/* How many rows plan_run_entries() needs. */
#define PLAN_RUN_ENTRY_COUNT 7

void plan_run_entries(PlanRun *run, GOptionEntry *ret_entries);
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
/* Tells on stderr what differs; gives the exit code. */
int plan_run_refuse_saved(const PlanRun *run, const SavedDifference *difference);
void plan_run_clear(PlanRun *run);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PlanRun, plan_run_clear)

/* --mode, or the cluster's pg_access_mode. */
AccessMode plan_run_mode(const PlanRun *run, const Cluster *cluster);
/*
 * Plans one cluster into ret_plan, over a session that it opens and gives to ret_session (NULL
 * offline, or where the cluster is skipped). Gives EXIT_CODE_DONE, or the code after it has told
 * why not.
 */
int plan_run_target(PlanRun *run, const Cluster *cluster, TargetPlan **ret_plan,
                    Session **ret_session);
/* The connection of a cluster, resolved before. */
bool plan_run_connection(PlanRun *run, const Cluster *cluster, ConnectionParameters *ret_parameters,
                         GError **error);
