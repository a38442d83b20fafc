/* Atomic replacement by rename. */
#include "base/durable_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static bool
fail(GError **error, const char *path, const char *what)
{
    int saved_errno = errno;

    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD, "cannot %s \"%s\": %s", what, path,
                g_strerror(saved_errno));
    return false;
}

static bool
write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static bool
sync_folder(const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = false;

    if (fd < 0)
        return fail(error, folder, "open");
    /* Some file systems refuse to sync a folder; the rename is then as durable as they make it. */
    ok = fsync(fd) == 0 || errno == EINVAL;
    close(fd);
    return ok || fail(error, folder, "sync");
}

bool
durable_file_write(const char *path, const char *bytes, size_t length, mode_t mode, GError **error)
{
    g_autofree char *temporary = g_strdup_printf("%s.%ld.tmp", path, (long)getpid());
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    bool ok = false;

    if (fd < 0 && errno == EEXIST) {
        /* Left by a killed process that had our pid. */
        unlink(temporary);
        fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    }
    if (fd < 0)
        return fail(error, temporary, "create");
    ok = fchmod(fd, mode) == 0 && write_all(fd, bytes, length) && fsync(fd) == 0;
    if (!ok)
        fail(error, temporary, "write");
    if (close(fd) != 0 && ok)
        ok = fail(error, temporary, "close");
    if (ok && rename(temporary, path) != 0)
        ok = fail(error, path, "replace");
    if (!ok) {
        unlink(temporary);
        return false;
    }
    return sync_folder(path, error);
}
