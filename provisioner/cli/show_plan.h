/* A plan in the format that the command line asks for: of `plan`, and of `show FILE`. */
#pragma once

#include "provisioner/cli/command.h"

/*
 * Verifiers appear only in the SQL script that was asked for with --with-verifiers; every other
 * format hides them.
 */
void show_plan_render(const CommandOptions *options, const Plan *plan, PlanTextStyle style,
                      GString *out);
/* False after a usage error: a script is for one server. */
bool show_plan_check_format(CommandContext *context, size_t targets);
/* Prints the saved plan, without a server and without an inventory; gives the exit code. */
int show_plan_file(CommandContext *context, const char *path);
