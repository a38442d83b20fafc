/* Help: the tables of command_table.h as text for a terminal, and as the reference page. */
#pragma once

#include <glib.h>

#include "provisioner/cli/command_table.h"

/* The list of commands, the options of all of them and the exit codes; at most 80 columns. */
void help_render_overview(GString *out);
/* One command, or a group with its commands; at most 80 columns. */
void help_render_command(const CommandRow *command, GString *out);
/* docs/reference/commands.md, whole. */
void help_render_markdown(GString *out);
