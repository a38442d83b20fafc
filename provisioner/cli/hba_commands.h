/* The verbs of `pgcharter hba`: each is a function with the command's signature. */
#pragma once

#include "provisioner/cli/command.h"

int hba_command_lint(CommandContext *context);
int hba_command_diff(CommandContext *context);
int hba_command_test(CommandContext *context);
int hba_command_install(CommandContext *context);
int hba_command_import(CommandContext *context);
