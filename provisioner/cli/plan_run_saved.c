/* A run for a saved plan, and what of a run a saved plan keeps. */
#include <string.h>

#include "base/error.h"
#include "base/printable.h"
#include "inventory/model/words.h"
#include "provisioner/cli/plan_run.h"

typedef enum SavedOptionKind {
    OPTION_SHAPES, /* decides which steps there are: both runs have to say the same */
    OPTION_ALLOWS, /* overrules a safety rule: either may */
} SavedOptionKind;

typedef struct SavedOptionRow {
    const char *name; /* in the file and, after --, on the command line */
    size_t offset;    /* of a bool in CommandOptions */
    SavedOptionKind kind;
} SavedOptionRow;

static const SavedOptionRow saved_option_rows[] = {
    { "hba", offsetof(CommandOptions, hba), OPTION_SHAPES },
    { "prune", offsetof(CommandOptions, prune), OPTION_SHAPES },
    { "set-passwords", offsetof(CommandOptions, set_passwords), OPTION_SHAPES },
    { "init", offsetof(CommandOptions, init), OPTION_ALLOWS },
    { "allow-mass-removal", offsetof(CommandOptions, allow_mass_removal), OPTION_ALLOWS },
    { "allow-data-loss", offsetof(CommandOptions, allow_data_loss), OPTION_ALLOWS },
};

static bool *
option_of(PlanRun *run, const SavedOptionRow *row)
{
    return (bool *)(void *)((char *)&run->options + row->offset);
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
    int mode = OPTION_NOT_GIVEN;

    for (int i = 0; saved->mode != NULL && i < ACCESS_MODE_COUNT; i++) {
        if (strcmp(saved->mode, access_mode_words[i]) == 0)
            mode = i;
    }
    if (saved->mode != NULL && mode == OPTION_NOT_GIVEN)
        return command_refuse_usage(
            context, arena_printf(context->arena,
                                  "the saved plan has the mode \"%s\", which this version does "
                                  "not know",
                                  saved->mode));
    if (run->options.mode != OPTION_NOT_GIVEN && run->options.mode != mode)
        return command_refuse_usage(
            context, "--mode: the saved plan says the mode, and it was made with another");
    run->options.mode = mode;
    return true;
}

bool
plan_run_take_saved(PlanRun *run, CommandContext *context, const SavedPlan *saved)
{
    const CommandOptions *options = &context->options;

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
    for (size_t i = 0; i < G_N_ELEMENTS(saved_option_rows); i++) {
        const SavedOptionRow *row = &saved_option_rows[i];
        bool *option = option_of(run, row);

        if (saved_value(saved, row->name))
            *option = true;
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
    SavedPlan origin = { .files = run->inventory->digests };

    if (run->options.mode != OPTION_NOT_GIVEN)
        origin.mode = access_mode_words[run->options.mode];
    for (size_t i = 0; i < G_N_ELEMENTS(saved_option_rows); i++) {
        SavedOption *option = ARENA_NEW(arena, SavedOption);

        option->name = saved_option_rows[i].name;
        option->value = *(const bool *)(const void *)((const char *)&run->options +
                                                      saved_option_rows[i].offset);
        list_add(arena, &origin.options, option);
    }
    return origin;
}

int
plan_run_refuse_saved(const PlanRun *run, const SavedDifference *difference, Transcript *transcript)
{
    g_autoptr(GString) text = g_string_new(NULL);
    int code = exit_code_take_error(g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY,
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
