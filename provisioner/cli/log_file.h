/*
 * The file of --log: opened before anything is planned, because a log that cannot be written must
 * stop the run before its first change; and a line that was lost makes the run fail.
 */
#pragma once

#include "provisioner/apply/apply_log.h"
#include "provisioner/cli/command.h"

typedef struct LogFile {
    ApplyLog log; /* data NULL: no log is wanted */
    const char *path;
    FILE *stream;
    gint failure; /* errno of the first line that was not written; set by any thread */
} LogFile;

/* False with exit_code. The struct must stay where it is until log_file_close(). */
bool log_file_open(LogFile *file, CommandContext *context);
/* NULL where none is wanted. */
const ApplyLog *log_file_log(const LogFile *file);
/* Closes it; the code, or that of an environment error if a line was lost, which is then told. */
int log_file_close(LogFile *file, CommandContext *context, int code);
