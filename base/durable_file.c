/* Atomic replacement by rename. */
#include "base/durable_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"

/* How long nobody may have written to a temporary file of a killed process before it goes. */
#define LEFT_SECONDS 60

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

/* The NAME of NAME.PID.tmp, if that process is there no more; NULL for another name. */
static char *
name_left(const char *temporary)
{
    g_autofree char *name = g_strdup(temporary);
    char *dot = NULL;
    char *end = NULL;
    gint64 pid = 0;

    if (!g_str_has_suffix(name, ".tmp"))
        return NULL;
    name[strlen(name) - strlen(".tmp")] = '\0';
    dot = strrchr(name, '.');
    if (dot == NULL || !g_ascii_isdigit(dot[1]))
        return NULL;
    pid = g_ascii_strtoll(dot + 1, &end, 10);
    if (*end != '\0' || pid <= 0 || pid > G_MAXINT || kill((pid_t)pid, 0) == 0 || errno != ESRCH)
        return NULL;
    *dot = '\0';
    return g_steal_pointer(&name);
}

/*
 * A process of another machine may be writing to a shared folder just now, so what is young stays.
 */
static bool
is_old_and_ours(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == geteuid() &&
           status.st_mtime + LEFT_SECONDS < time(NULL);
}

void
durable_file_sweep(const char *folder, GHashTable *names)
{
    g_autoptr(GDir) entries = g_dir_open(folder, 0, NULL);
    const char *entry = NULL;

    while (entries != NULL && (entry = g_dir_read_name(entries)) != NULL) {
        g_autofree char *name = name_left(entry);
        g_autofree char *path = g_build_filename(folder, entry, NULL);

        if (name != NULL && g_hash_table_contains(names, name) && is_old_and_ours(path))
            unlink(path);
    }
}

static void
sweep_beside(const char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

    g_hash_table_add(names, name);
    durable_file_sweep(folder, names);
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
    int fd = -1;
    bool ok = false;

    sweep_beside(path);
    fd = open(temporary, flags, S_IRUSR | S_IWUSR);
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

static bool
write_into(const char *path, const char *bytes, size_t length, GError **error)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    bool ok = false;

    if (fd < 0)
        return fail(error, path, "open");
    ok = durable_file_write_all(fd, bytes, length) || fail(error, path, "write");
    if (close(fd) != 0 && ok)
        ok = fail(error, path, "close");
    return ok;
}

/* rename() over /dev/null would make it a file, for every program of the machine. */
bool
durable_file_write_output(const char *path, const char *bytes, size_t length, mode_t mode,
                          GError **error)
{
    g_autofree char *real = NULL;
    struct stat status;

    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        return write_into(path, bytes, length, error);
    real = follow_links(path);
    return real == NULL ? fail(error, path, "find")
                        : durable_file_write(real, bytes, length, mode, error);
}

bool
durable_file_check_owner(const char *path, uid_t owner, GError **error)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return fail(error, path, "find");
    if (status.st_uid == owner)
        return true;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "\"%s\" belongs to user %u and not to user %u: it is not replaced", path,
                (unsigned)status.st_uid, (unsigned)owner);
    return false;
}

/*
 * Owner and mode are kept, because the server may run as another account; a link is followed, so
 * that it stays a link. Whoever may plant one there must not choose what root replaces.
 */
bool
durable_file_replace(const char *path, uid_t owner_wanted, const char *bytes, size_t length,
                     GError **error)
{
    g_autofree char *real = follow_links(path);
    struct stat status;
    FileOwner owner = { 0 };

    if (real == NULL || stat(real, &status) != 0)
        return fail(error, path, "find");
    if (!durable_file_check_owner(real, owner_wanted, error))
        return false;
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
