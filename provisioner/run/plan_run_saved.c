/* A run for a saved plan, and what of a run a saved plan keeps. */
#include <stdarg.h>
#include <string.h>

#include "base/error.h"
#include "inventory/model/words.h"
#include "provisioner/run/plan_run.h"

typedef enum SavedOptionKind {
    OPTION_SHAPES, /* decides which steps there are: both runs have to say the same */
    OPTION_ALLOWS, /* overrules a safety rule: either may */
} SavedOptionKind;

typedef struct SavedOptionRow {
    const char *name; /* in the file and, after --, on the command line */
    size_t offset;    /* of a bool in RunOptions */
    SavedOptionKind kind;
} SavedOptionRow;

static const SavedOptionRow saved_option_rows[] = {
    { "hba", offsetof(RunOptions, hba), OPTION_SHAPES },
    { "prune", offsetof(RunOptions, prune), OPTION_SHAPES },
    { "set-passwords", offsetof(RunOptions, set_passwords), OPTION_SHAPES },
    { "init", offsetof(RunOptions, init), OPTION_ALLOWS },
    { "allow-mass-removal", offsetof(RunOptions, allow_mass_removal), OPTION_ALLOWS },
    { "allow-data-loss", offsetof(RunOptions, allow_data_loss), OPTION_ALLOWS },
    { "allow-superuser-code", offsetof(RunOptions, allow_superuser_code), OPTION_ALLOWS },
};

static bool *
option_of(RunOptions *options, const SavedOptionRow *row)
{
    return (bool *)(void *)((char *)options + row->offset);
}

static bool
is_known(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(saved_option_rows); i++) {
        if (strcmp(saved_option_rows[i].name, name) == 0)
            return true;
    }
    return false;
}

/* An option that the file does not mention was not given. */
static bool
saved_value(const SavedPlan *saved, const char *name)
{
    LIST_FOREACH (const SavedOption, option, &saved->options) {
        if (strcmp(option->name, name) == 0)
            return option->value;
    }
    return false;
}

G_GNUC_PRINTF(2, 3)

static bool
refuse(GError **error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    g_propagate_error(
        error, g_error_new_valist(PGCHARTER_ERROR, PGCHARTER_ERROR_USAGE, format, arguments));
    va_end(arguments);
    return false;
}

/*
 * A mode of a newer version is refused and not taken for the cluster's own, which may remove more
 * or less than was reviewed.
 */
static bool
take_mode(RunOptions *options, const SavedPlan *saved, GError **error)
{
    int mode = RUN_MODE_OF_CLUSTER;

    for (int i = 0; saved->mode != NULL && i < ACCESS_MODE_COUNT; i++) {
        if (strcmp(saved->mode, access_mode_words[i]) == 0)
            mode = i;
    }
    if (saved->mode != NULL && mode == RUN_MODE_OF_CLUSTER)
        return refuse(error, "the saved plan has the mode \"%s\", which this version does not know",
                      saved->mode);
    if (options->mode != RUN_MODE_OF_CLUSTER && options->mode != mode)
        return refuse(error, "--mode: the saved plan was made with %s",
                      mode == RUN_MODE_OF_CLUSTER ? "the mode of each cluster" : saved->mode);
    options->mode = mode;
    return true;
}

/*
 * Options that shape the steps must agree, or the plan that is made again differs from the saved
 * one. Those that overrule a safety check may come from either side, since they add no steps. An
 * option of a newer version is refused, because its effect is unknown here.
 */
bool
run_options_take_saved(RunOptions *options, const SavedPlan *saved, GError **error)
{
    LIST_FOREACH (const SavedOption, option, &saved->options) {
        if (option->value && !is_known(option->name))
            return refuse(error,
                          "the saved plan was made with --%s, which this version does not know",
                          option->name);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(saved_option_rows); i++) {
        const SavedOptionRow *row = &saved_option_rows[i];
        bool *option = option_of(options, row);

        if (saved_value(saved, row->name))
            *option = true;
        else if (*option && row->kind == OPTION_SHAPES)
            return refuse(error, "--%s: the saved plan was made without it", row->name);
    }
    options->keep_preconditions = true;
    return take_mode(options, saved, error);
}

/* Every option is written, the unused ones too, so that the file says by itself how it was made. */
SavedPlan
plan_run_origin(const PlanRun *run)
{
    RunOptions options = run->options;
    SavedPlan origin = { .files = run->inventory->digests };

    if (options.mode != RUN_MODE_OF_CLUSTER)
        origin.mode = access_mode_words[options.mode];
    for (size_t i = 0; i < G_N_ELEMENTS(saved_option_rows); i++) {
        SavedOption *option = ARENA_NEW(run->arena, SavedOption);

        option->name = saved_option_rows[i].name;
        option->value = *option_of(&options, &saved_option_rows[i]);
        list_add(run->arena, &origin.options, option);
    }
    return origin;
}

int
plan_run_refuse_saved(PlanRun *run, TargetRun *target, const SavedDifference *difference)
{
    run->events->saved_plan_is_stale(run->events->data, target, run->saved, difference);
    return EXIT_CODE_SAFETY;
}

static const Cluster *
find_cluster(const Inventory *inventory, const char *name)
{
    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        if (strcmp(cluster->name, name) == 0)
            return cluster;
    }
    return NULL;
}

static bool
is_saved_instance(const TargetPlan *target, const Instance *instance)
{
    LIST_FOREACH (const Instance, saved, &target->instances) {
        if (strcmp(saved->name, instance->name) == 0)
            return true;
    }
    return false;
}

/*
 * The files of the inventory are compared first: after a change in them the same cluster may mean
 * another one. The first difference ends the search, since one is enough to refuse.
 */
SavedDifference
plan_run_select_saved(PlanRun *run)
{
    Arena *arena = run->arena;
    SavedDifference difference =
        saved_plan_compare_inventory(arena, run->saved, &run->inventory->digests);

    LIST_FOREACH (const TargetPlan, target, &run->saved->plan.targets) {
        const Cluster *cluster = find_cluster(run->inventory, target->cluster->name);

        if (difference.message != NULL)
            break;
        if (cluster == NULL) {
            difference.message =
                arena_printf(arena, "the inventory has no cluster \"%s\"", target->cluster->name);
            break;
        }
        list_add(arena, &run->clusters, cluster);
        LIST_FOREACH (const Instance, instance, &cluster->instances) {
            if (is_saved_instance(target, instance))
                list_add(arena, &run->instances, instance);
        }
    }
    return difference;
}
