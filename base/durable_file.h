/*
 * Writing a whole file so that a reader sees the old bytes or the new ones, never a part: a
 * temporary beside it (O_EXCL, mode as given), fsync, rename, fsync of the folder.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* All the bytes, however many write() takes at a time; false with errno. */
bool durable_file_write_all(int fd, const char *bytes, size_t length);
/* FALSE with PGCHARTER_ERROR_WORLD naming the file and errno; then nothing is left behind. */
bool durable_file_write(const char *path, const char *bytes, size_t length, mode_t mode,
                        GError **error);
/*
 * What a person asked to be written under a name: a new file or a regular one is replaced as by
 * durable_file_write(), behind links if there are some; a device, a pipe or a socket is written to.
 */
bool durable_file_write_output(const char *path, const char *bytes, size_t length, mode_t mode,
                               GError **error);
/* Whether the file at path, or where links lead from there, belongs to that user. */
bool durable_file_check_owner(const char *path, uid_t owner, GError **error);
/*
 * Replaces an existing file that belongs to somebody else's program: a symbolic link is followed
 * and stays, owner, group and mode are kept. The file must belong to `owner`. Otherwise as
 * durable_file_write().
 */
bool durable_file_replace(const char *path, uid_t owner, const char *bytes, size_t length,
                          GError **error);
/*
 * Removes the temporary files (NAME.PID.tmp) that killed processes have left in a folder, of the
 * names (const char) in the set. Every function above does it for its file; one that cannot be
 * removed stays.
 */
void durable_file_sweep(const char *folder, GHashTable *names);
/*
 * Writes the bytes, which are those of the file at path, to copy_path with owner, group and mode of
 * that file; a file that is there already stays as it is.
 */
bool durable_file_keep(const char *path, const char *copy_path, const char *bytes, size_t length,
                       GError **error);
