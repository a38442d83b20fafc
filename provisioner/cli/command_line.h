/*
 * CommandLine: argv read by the tables of command_table.h. Options may come anywhere, before or
 * after the command; "--" ends them. Every text is the arena's.
 */
#pragma once

#include "base/arena.h"
#include "provisioner/cli/command_table.h"

typedef struct CommandLine {
    const CommandRow *command; /* may be a group, with --help only; NULL: none was named */
    CommandOptions options;
    int argc; /* of the positional arguments: as many as the command takes */
    char **argv;
} CommandLine;

/* Why a command line is refused: two lines for stderr. */
typedef struct CommandLineError {
    const char *message;
    const char *hint;
} CommandLineError;

/*
 * Reads argv[1 ..]. False with the error; then ret_line->command is the command as far as it is
 * known. With --help nothing but the command and the options are checked.
 */
bool command_line_parse(Arena *arena, int argc, char *const *argv, CommandLine *ret_line,
                        CommandLineError *ret_error);
/* `did you mean "plan"?` for a command that does not exist, else where to find the list. */
const char *command_line_suggest(Arena *arena, const CommandRow *group, const char *name);
