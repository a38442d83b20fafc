/*
 * Reading a whole file of somebody else's, up to a size: a device or a pipe says none, and would be
 * read until the memory is full.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* For everything that people write: inventories, rules, plans, passwords. */
#define FILE_READ_MAX ((size_t)64 * 1024 * 1024)

/*
 * The bytes and a NUL after them; the caller wipes and frees them. No copy is left in memory.
 * FALSE with errno (EFBIG for one that is too large) and a G_FILE_ERROR whose text has the path.
 */
bool file_read(const char *path, size_t max, char **ret_bytes, size_t *ret_length, GError **error);
