/* Lines of JSON, each written at once. */
#include "provisioner/cli/log_file.h"

#include <errno.h>
#include <stdio.h>

#include "base/error.h"

/* One call for a line: targets that are applied in parallel do not cut each other's in two. */
static bool
write_line(void *data, const char *line)
{
    LogFile *file = data;

    errno = 0;
    if (fputs(line, file->stream) != EOF && fflush(file->stream) == 0)
        return true;
    g_atomic_int_compare_and_exchange(&file->failure, 0, errno == 0 ? EIO : errno);
    return false;
}

/* "e" keeps it from child processes. */
bool
log_file_open(LogFile *file, CommandContext *context)
{
    *file = (LogFile){ .log = { .write = write_line }, .path = context->options.log };
    if (file->path == NULL)
        return true;
    file->stream = fopen(file->path, "ae");
    file->log.data = file;
    if (file->stream != NULL)
        return true;
    context->exit_code = command_fail(context, g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                                                           "cannot open log \"%s\": %s", file->path,
                                                           g_strerror(errno)));
    return false;
}

const ApplyLog *
log_file_log(const LogFile *file)
{
    return file->path == NULL ? NULL : &file->log;
}

int
log_file_close(LogFile *file, CommandContext *context, int code)
{
    int failure = 0;

    if (file->stream == NULL)
        return code;
    failure = g_atomic_int_get(&file->failure);
    if (fclose(file->stream) != 0 && failure == 0)
        failure = errno;
    file->stream = NULL;
    if (failure == 0)
        return code;
    return exit_code_worse(code,
                           command_fail(context, g_error_new(PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                                                             "the log \"%s\" is not complete: %s",
                                                             file->path, g_strerror(failure))));
}
