/* A run for a saved plan, and what of a run a saved plan keeps. */
#include <string.h>

#include "base/error.h"
#include "base/printable.h"
#include "provisioner/cli/plan_run.h"

typedef enum OptionKind {
    OPTION_SHAPES, /* decides which steps there are: both runs have to say the same */
    OPTION_ALLOWS, /* overrules a safety rule: either may */
} OptionKind;

typedef struct OptionRow {
    const char *name; /* in the file and, after --, on the command line */
    size_t offset;    /* of a gboolean in PlanRun */
    OptionKind kind;
} OptionRow;

static const OptionRow option_rows[] = {
    { "hba", offsetof(PlanRun, hba), OPTION_SHAPES },
    { "prune", offsetof(PlanRun, prune), OPTION_SHAPES },
    { "set-passwords", offsetof(PlanRun, set_passwords), OPTION_SHAPES },
    { "init", offsetof(PlanRun, init), OPTION_ALLOWS },
    { "allow-mass-removal", offsetof(PlanRun, allow_mass_removal), OPTION_ALLOWS },
    { "allow-data-loss", offsetof(PlanRun, allow_data_loss), OPTION_ALLOWS },
};

static gboolean *
option_of(PlanRun *run, const OptionRow *row)
{
    return (gboolean *)(void *)((char *)run + row->offset);
}

static bool
is_known(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(option_rows); i++) {
        if (strcmp(option_rows[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool
saved_value(const SavedPlan *saved, const char *name)
{
    LIST_FOREACH (const SavedOption, option, &saved->options) {
        if (strcmp(option->name, name) == 0)
            return option->value;
    }
    return false;
}

static bool
take_mode(PlanRun *run, CommandContext *context, const SavedPlan *saved)
{
    if (run->mode_word != NULL && g_strcmp0(run->mode_word, saved->mode) != 0)
        return command_refuse_usage(
            context, "--mode: the saved plan says the mode, and it was made with another");
    if (run->mode_word == NULL)
        run->mode_word = g_strdup(saved->mode);
    return true;
}

bool
plan_run_take_saved(PlanRun *run, CommandContext *context, const SavedPlan *saved)
{
    const GlobalOptions *options = &context->options;

    if (options->nodes != NULL || options->roles != NULL || options->envs != NULL)
        return command_refuse_usage(
            context, "apply FILE takes no -N, -R or -E: the saved plan says which clusters");
    LIST_FOREACH (const SavedOption, option, &saved->options) {
        if (option->value && !is_known(option->name))
            return command_refuse_usage(
                context, arena_printf(context->arena,
                                      "the saved plan was made with --%s, which this version does "
                                      "not know",
                                      option->name));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(option_rows); i++) {
        const OptionRow *row = &option_rows[i];
        gboolean *option = option_of(run, row);

        if (saved_value(saved, row->name))
            *option = TRUE;
        else if (*option && row->kind == OPTION_SHAPES)
            return command_refuse_usage(
                context, arena_printf(context->arena, "--%s: the saved plan was made without it",
                                      row->name));
    }
    run->saved = saved;
    run->keep_preconditions = true;
    return take_mode(run, context, saved);
}

SavedPlan
plan_run_origin(const PlanRun *run)
{
    Arena *arena = run->context->arena;
    SavedPlan origin = { .mode = run->mode_word, .files = run->inventory->digests };

    for (size_t i = 0; i < G_N_ELEMENTS(option_rows); i++) {
        SavedOption *option = ARENA_NEW(arena, SavedOption);

        option->name = option_rows[i].name;
        option->value =
            *(const gboolean *)(const void *)((const char *)run + option_rows[i].offset) != FALSE;
        list_add(arena, &origin.options, option);
    }
    return origin;
}

int
plan_run_refuse_saved(const PlanRun *run, const SavedDifference *difference, Transcript *transcript)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int code = command_describe_error(g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY,
                                                  "the plan \"%s\" does not fit any more: %s",
                                                  run->saved->path, difference->message),
                                      text);

    LIST_FOREACH (const char, detail, &difference->details) {
        g_string_append(text, "  ");
        printable_append(text, detail);
        g_string_append_c(text, '\n');
    }
    g_string_append(text, "  hint: save a new plan with plan -o, read it and apply that\n");
    transcript_say(transcript, stderr, text->str);
    return code;
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
is_saved_instance(const SavedTarget *target, const Instance *instance)
{
    LIST_FOREACH (const char, name, &target->instances) {
        if (strcmp(name, instance->name) == 0)
            return true;
    }
    return false;
}

bool
plan_run_select_saved(PlanRun *run)
{
    Arena *arena = run->context->arena;
    g_autoptr(Transcript) transcript = transcript_new();
    SavedDifference difference =
        saved_plan_compare_inventory(arena, run->saved, &run->inventory->digests);

    LIST_FOREACH (const SavedTarget, target, &run->saved->targets) {
        const Cluster *cluster = find_cluster(run->inventory, target->cluster);

        if (difference.message != NULL)
            break;
        if (cluster == NULL) {
            difference.message =
                arena_printf(arena, "the inventory has no cluster \"%s\"", target->cluster);
            break;
        }
        list_add(arena, &run->clusters, cluster);
        LIST_FOREACH (const Instance, instance, &cluster->instances) {
            if (is_saved_instance(target, instance))
                list_add(arena, &run->instances, instance);
        }
    }
    if (difference.message == NULL)
        return true;
    run->context->exit_code = plan_run_refuse_saved(run, &difference, transcript);
    transcript_tell(transcript);
    return false;
}
