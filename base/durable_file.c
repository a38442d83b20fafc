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

bool
durable_file_write_all(int fd, const char *bytes, size_t length)
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

/* Owner and group are given only where a file is replaced; -1 leaves them. */
typedef struct FileOwner {
    uid_t user;
    gid_t group;
} FileOwner;

static bool
write_temporary(int fd, const char *bytes, size_t length, mode_t mode, FileOwner owner)
{
    /* The mode comes last: chown() takes set-id bits away. */
    return (owner.user == (uid_t)-1 || fchown(fd, owner.user, owner.group) == 0) &&
           fchmod(fd, mode) == 0 && durable_file_write_all(fd, bytes, length) && fsync(fd) == 0;
}

/* Gives the temporary file its name; 0, or -1 with errno. */
typedef int PutFunction(const char *temporary, const char *path);

/* rename() would put it over a file that is there; link() fails, and that file is to stay. */
static int
put_beside(const char *temporary, const char *path)
{
    if (link(temporary, path) != 0 && errno != EEXIST)
        return -1;
    return unlink(temporary);
}

/*
 * The temporary file is beside the target, because rename() is atomic only within a file system,
 * and it is opened with O_EXCL and O_NOFOLLOW, so that nobody can put a link there first.
 */
static bool
put_in_place(const char *path, const char *bytes, size_t length, mode_t mode, FileOwner owner,
             PutFunction *put, GError **error)
{
    g_autofree char *temporary = g_strdup_printf("%s.%ld.tmp", path, (long)getpid());
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int fd = open(temporary, flags, S_IRUSR | S_IWUSR);
    bool ok = false;

    if (fd < 0 && errno == EEXIST) {
        /* Left by a killed process that had our pid. */
        unlink(temporary);
        fd = open(temporary, flags, S_IRUSR | S_IWUSR);
    }
    if (fd < 0)
        return fail(error, temporary, "create");
    ok = write_temporary(fd, bytes, length, mode, owner) || fail(error, temporary, "write");
    if (close(fd) != 0 && ok)
        ok = fail(error, temporary, "close");
    if (ok && put(temporary, path) != 0)
        ok = fail(error, path, "replace");
    if (!ok) {
        unlink(temporary);
        return false;
    }
    return sync_folder(path, error);
}

/*
 * A new file belongs to whoever runs the program, and its mode is exact: umask does not apply to
 * fchmod().
 */
bool
durable_file_write(const char *path, const char *bytes, size_t length, mode_t mode, GError **error)
{
    const FileOwner ours = { .user = (uid_t)-1, .group = (gid_t)-1 };

    return put_in_place(path, bytes, length, mode, ours, rename, error);
}

/* The file that links at path lead to (realpath() needs XSI); NULL with errno. */
static char *
follow_links(const char *path)
{
    const unsigned links_max = 40;
    char *at = g_strdup(path);

    for (unsigned i = 0; i < links_max; i++) {
        g_autofree char *target = g_file_read_link(at, NULL);
        g_autofree char *folder = NULL;
        char *next = NULL;

        if (target == NULL)
            return at;
        folder = g_path_get_dirname(at);
        next =
            g_path_is_absolute(target) ? g_strdup(target) : g_build_filename(folder, target, NULL);
        g_free(at);
        at = next;
    }
    g_free(at);
    errno = ELOOP;
    return NULL;
}

/*
 * Owner and mode are kept, because the server may run as another account; a link is followed, so
 * that it stays a link.
 */
bool
durable_file_replace(const char *path, const char *bytes, size_t length, GError **error)
{
    g_autofree char *real = follow_links(path);
    struct stat status;
    FileOwner owner = { 0 };

    if (real == NULL || stat(real, &status) != 0)
        return fail(error, path, "find");
    owner = (FileOwner){ .user = status.st_uid, .group = status.st_gid };
    return put_in_place(real, bytes, length, status.st_mode & (mode_t)07777, owner, rename, error);
}

bool
durable_file_keep(const char *path, const char *copy_path, const char *bytes, size_t length,
                  GError **error)
{
    struct stat status;
    FileOwner owner = { 0 };

    if (stat(path, &status) != 0)
        return fail(error, path, "find");
    owner = (FileOwner){ .user = status.st_uid, .group = status.st_gid };
    return put_in_place(copy_path, bytes, length, status.st_mode & (mode_t)07777, owner, put_beside,
                        error);
}
