/*
 * Commands: what `pgcharter COMMAND` runs. A command is a row of commands.def and one function in
 * command_NAME.c that gets a CommandContext and returns the exit code (design: 0, 1, 2, 3, 4, 64).
 *
 *     int
 *     command_render(CommandContext *context)
 *     {
 *         g_autofree char *folder = NULL;
 *         GOptionEntry entries[] = {
 *             { "directory", 'd', 0, G_OPTION_ARG_FILENAME, &folder, "write files into DIR", "DIR"
 * }, { 0 },
 *         };
 *         const Inventory *inventory = NULL;
 *
 *         if (!command_parse(context, entries))
 *             return context->exit_code;
 *         inventory = command_load_inventory(context);
 *         if (inventory == NULL)
 *             return context->exit_code;
 *         ...
 *     }
 *
 * Results go to stdout, everything else to stderr. Only commands print.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/finding.h"
#include "base/list.h"
#include "inventory/model/inventory.h"

typedef enum ExitCode {
    EXIT_CODE_DONE = 0,
    EXIT_CODE_WORLD = 1,
    EXIT_CODE_PENDING = 2,
    EXIT_CODE_INVENTORY = 3,
    EXIT_CODE_SAFETY = 4,
    EXIT_CODE_USAGE = 64,
} ExitCode;

/* The options every command takes, before or after its name. */
typedef struct GlobalOptions {
    char *
        *inventories; /* -i, NULL-terminated; never NULL after command_load_inventory's defaults */
    char **conninfos; /* --conninfo NAME=CONNINFO */
    int jobs;
    char *log;
    char *color; /* auto, always, never; NULL is auto */
    int verbosity;
    char **nodes; /* -N */
    char **roles; /* -R */
    char **envs;  /* -E */
} GlobalOptions;

typedef struct CommandContext {
    Arena *arena;
    Findings *findings;
    GlobalOptions options;
    const char *command; /* its name */
    /* What stands after the command's name; command_parse() takes the options out of it. */
    int argc;
    char **argv;
    unsigned inventory_flags; /* InventoryFlags: what loading the inventory has to keep */
    int exit_code;            /* what to return after one of the functions below failed */
    void *data;               /* the command's own, for callbacks of its options */
} CommandContext;

/* The index of the first word that is neither an option of all commands nor its value; argc for
 * none. */
int command_find_word(int argc, char *const *argv);
/*
 * Parses the command's own options (may be NULL) together with the global ones. Afterwards
 * argc/argv hold the arguments only. On failure prints one sentence, sets exit_code and returns
 * false; also for --help.
 */
bool command_parse(CommandContext *context, const GOptionEntry *entries);
/*
 * Reads and checks the inventory, HBA rules included, into context->findings without printing them.
 * NULL with exit_code only when there is nothing to read.
 */
const Inventory *command_check_inventory(CommandContext *context);
/*
 * Reads and checks the inventory. With errors prints all findings to stderr, sets exit_code and
 * returns NULL; otherwise prints the warnings (nothing with -q).
 */
const Inventory *command_load_inventory(CommandContext *context);
/* The instances that -N, -R and -E select, in inventory order (const Instance). */
List command_select_instances(CommandContext *context, const Inventory *inventory);
/* The clusters of which at least one instance is selected (const Cluster). */
List command_select_clusters(CommandContext *context, const Inventory *inventory);
/* The command line is wrong: prints why, sets exit_code to 64 and gives it. */
int command_fail_usage(CommandContext *context, const char *message);
/* The same, for functions that answer with false. */
bool command_refuse_usage(CommandContext *context, const char *message);
/* Appends `pgcharter: error: ...` and gives the exit code of the error, which is freed. */
int command_describe_error(GError *error, GString *out);
/* Prints the same to stderr. */
int command_fail(CommandContext *context, GError *error);
/*
 * Whether no finding is an error. Otherwise prints the findings to stderr, sets exit_code to 3 and
 * gives false.
 */
bool command_accept_findings(CommandContext *context);
/* Whether to colour what goes to that stream. */
bool command_colours(const CommandContext *context, FILE *stream);
/* The findings that this run's verbosity lets through, sorted, as the stream wants them. */
void command_render_findings(const CommandContext *context, Findings *findings, FILE *stream,
                             GString *out);
/* Prints the findings to the stream, sorted. */
void command_print_findings(const CommandContext *context, Findings *findings, FILE *stream);
/* Of two targets' codes the one a mixed run ends with: the first of 64, 3, 4, 1, 2, 0. */
int exit_code_worse(int a, int b);
/* The one place that compares a name with a selector's glob (fnmatch). */
bool command_glob_matches(char *const *globs, const char *name);

#define COMMAND(name, function, arguments, summary) int function(CommandContext *context);
#include "provisioner/cli/commands.def"
#undef COMMAND
