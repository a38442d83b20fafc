/*
 * Exit codes: what a command, and each target of a run, ends with. They are part of the interface
 * (docs/reference/commands.md); exit_code.def is the only table of them.
 */
#pragma once

#include <glib.h>

typedef enum ExitCode {
#define EXIT_CODE_ROW(name, code, text) EXIT_CODE_##name = (code),
#include "provisioner/exit_code.def"
#undef EXIT_CODE_ROW
} ExitCode;

/* Of two targets' codes the one a mixed run ends with: the one that stands first in the table. */
int exit_code_worse(int a, int b);
/* What an error ends the program with: the domains of GLib and others are the environment. */
int exit_code_of_error(const GError *error);
