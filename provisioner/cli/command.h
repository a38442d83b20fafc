/*
 * Commands: what `pgcharter COMMAND` runs. A command is a row of commands.def, its options rows of
 * options.def, and one function that gets a CommandContext and returns the exit code:
 *
 *     int
 *     command_show(CommandContext *context)
 *     {
 *         const Inventory *inventory = command_load_inventory(context);
 *
 *         if (inventory == NULL)
 *             return context->exit_code;
 *         ... context->options.nodes ... context->argv[0] ...
 *         return EXIT_CODE_DONE;
 *     }
 *
 * When it is called the command line has been read: options have their types, words are known ones,
 * and there are as many arguments as the row says. What remains for the command is which options
 * go together. Results go to stdout, everything else to stderr. Only commands print.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/finding.h"
#include "base/list.h"
#include "inventory/load/inventory_load.h"
#include "inventory/model/inventory.h"
#include "provisioner/cli/command_line.h"
#include "provisioner/exit_code.h"
#include "provisioner/hba_deploy/hba_rendering.h"
#include "provisioner/output/findings_output.h"
#include "provisioner/plan/plan.h"
#include "provisioner/run/selection.h"

struct CommandContext {
    Arena *arena;
    Findings *findings;
    const CommandRow *command;
    CommandOptions options;
    int argc; /* of the arguments */
    char **argv;
    HbaRenderings *renderings; /* of the inventory that was loaded; NULL before */
    unsigned inventory_flags;  /* InventoryFlags: what loading the inventory has to keep */
    int exit_code;             /* what to return after one of the functions below failed */
};

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
Selection command_selection(const CommandContext *context);
/* Two lines on stderr: the error and its hint. */
void command_print_usage_error(const char *message, const char *hint);
/* The command line is wrong: prints why, sets exit_code to 64 and gives it. */
int command_fail_usage(CommandContext *context, const char *message);
int command_fail_usage_with_hint(CommandContext *context, const char *message, const char *hint);
/*
 * The value of an option such as "5", "500ms" or "2min" in milliseconds; NULL leaves what is there.
 * False with exit_code 64.
 */
bool command_read_duration(CommandContext *context, const char *option, const char *text,
                           int *ret_milliseconds);
/* The same, for functions that answer with false. */
bool command_refuse_usage(CommandContext *context, const char *message);
/* Appends `pgcharter: error: ...` and a newline. */
void command_append_error(const GError *error, GString *out);
/* Prints the error to stderr, frees it and gives its exit code. */
int command_fail(CommandContext *context, GError *error);
/*
 * Whether no finding is an error. Otherwise prints the findings to stderr, sets exit_code to 3 and
 * gives false.
 */
bool command_accept_findings(CommandContext *context);
/* -v less -q */
int command_verbosity(const CommandContext *context);
/* Whether to colour what goes to that stream. */
bool command_colours(const CommandContext *context, FILE *stream);
/* How this run wants a plan on that stream. */
PlanTextStyle command_plan_style(const CommandContext *context, FILE *stream);
/* How this run wants findings on that stream. */
FindingsStyle command_findings_style(const CommandContext *context, FILE *stream);
/* Prints the findings to the stream, sorted. */
void command_print_findings(const CommandContext *context, Findings *findings, FILE *stream);
/* The value of a WORD or NUMBER option, or what counts where it was not given. */
int option_or(int value, int otherwise);

#define COMMAND(id, name, function, ...) int function(CommandContext *context);
#define COMMAND_GROUP(id, name, ...)
#include "provisioner/cli/commands.def"
#undef COMMAND
#undef COMMAND_GROUP
