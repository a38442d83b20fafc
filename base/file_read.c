/* read() until the end or the limit. */
#include "base/file_read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/wipe.h"

#define BUFFER_MIN ((size_t)64 * 1024)

typedef struct Buffer {
    char *bytes;
    size_t length;
    size_t size;
} Buffer;

/* realloc() would leave a copy of what may be secrets. */
static void
grow(Buffer *buffer)
{
    size_t size = buffer->size * 2;
    char *bytes = g_malloc(size + 1);

    memcpy(bytes, buffer->bytes, buffer->length);
    wipe(buffer->bytes, buffer->length);
    g_free(buffer->bytes);
    buffer->bytes = bytes;
    buffer->size = size;
}

/* One byte more than max is read, to tell a file of that size from a larger one. */
static bool
fill(int fd, size_t max, Buffer *buffer)
{
    for (;;) {
        ssize_t got = 0;

        if (buffer->length == buffer->size)
            grow(buffer);
        got = read(fd, buffer->bytes + buffer->length, buffer->size - buffer->length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0;
        buffer->length += (size_t)got;
        if (buffer->length > max) {
            errno = EFBIG;
            return false;
        }
    }
}

static bool
fail(GError **error, const char *path, size_t max)
{
    int saved_errno = errno;

    if (saved_errno == EFBIG)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "\"%s\": too large, at most %zu bytes are read", path, max);
    else
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(saved_errno), "\"%s\": %s",
                    path, g_strerror(saved_errno));
    errno = saved_errno;
    return false;
}

bool
file_read(const char *path, size_t max, char **ret_bytes, size_t *ret_length, GError **error)
{
    Buffer buffer = { .size = BUFFER_MIN };
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    bool ok = false;
    int saved_errno = 0;

    if (fd < 0)
        return fail(error, path, max);
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
        buffer.size = MIN((size_t)status.st_size, max) + 1;
    buffer.bytes = g_malloc(buffer.size + 1);
    ok = fill(fd, max, &buffer);
    saved_errno = errno;
    close(fd);
    if (!ok) {
        wipe(buffer.bytes, buffer.length);
        g_free(buffer.bytes);
        errno = saved_errno;
        return fail(error, path, max);
    }
    buffer.bytes[buffer.length] = '\0';
    *ret_bytes = buffer.bytes;
    *ret_length = buffer.length;
    return true;
}
