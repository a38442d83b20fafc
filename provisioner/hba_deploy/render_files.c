/* Rendering the files of many instances and writing them as one batch. */
#define _GNU_SOURCE /* syncfs() */
#include "provisioner/hba_deploy/render_files.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable_file.h"
#include "base/error.h"
#include "hba/render/useropts.h"

static const char *const suffixes[] = {
    [RENDERED_PG_HBA] = "pg_hba.conf",    [RENDERED_PGBOUNCER_HBA] = "pgb_hba.conf",
    [RENDERED_USEROPTS] = "useropts.txt", [RENDERED_CHECKSUMS] = "sha256",
    [RENDERED_USERLIST] = "userlist.txt",
};

_Static_assert(G_N_ELEMENTS(suffixes) == RENDERED_COUNT, "a suffix for each kind");

/* What is shared by all instances of one rendering. */
typedef struct Rendering {
    Arena *arena;
    Findings *findings;
    HbaRenderings *renderings;
    GString *text;
    GString *checksums;
    EVP_MD_CTX *hash;
    EVP_MD *sha256;
    List *files;
    RenderSummary summary;
} Rendering;

static void
add_file(Rendering *rendering, const Instance *instance, RenderedKind kind, const GString *text)
{
    RenderedFile *file = ARENA_NEW(rendering->arena, RenderedFile);

    file->kind = kind;
    file->name = arena_printf(rendering->arena, "%s.%s", instance->name, suffixes[kind]);
    file->bytes = arena_strndup(rendering->arena, text->str, text->len);
    file->length = text->len;
    list_add(rendering->arena, rendering->files, file);
}

static bool
render_hba(Rendering *rendering, const Instance *instance, HbaProgram program, GError **error)
{
    return hba_renderings_append(rendering->renderings, instance, program, rendering->text, error);
}

/* One buffer is reused for all files: a thousand instances need no thousand allocations. */
static bool
render_kind(Rendering *rendering, const Instance *instance, RenderedKind kind, GError **error)
{
    g_string_truncate(rendering->text, 0);
    switch (kind) {
    case RENDERED_PG_HBA:
        return render_hba(rendering, instance, HBA_PROGRAM_POSTGRESQL, error);
    case RENDERED_PGBOUNCER_HBA:
        return render_hba(rendering, instance, HBA_PROGRAM_PGBOUNCER, error);
    case RENDERED_USEROPTS:
        hba_useropts_render(instance, rendering->findings, rendering->text);
        return true;
    default:
        return true;
    }
}

/* libcrypto and not GChecksum: at 220 MB/s the latter took nine tenths of a large rendering. */
static void
append_checksum(Rendering *rendering, const Instance *instance, RenderedKind kind)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    bool ok = EVP_DigestInit_ex2(rendering->hash, rendering->sha256, NULL) == 1 &&
              EVP_DigestUpdate(rendering->hash, rendering->text->str, rendering->text->len) == 1 &&
              EVP_DigestFinal_ex(rendering->hash, digest, &length) == 1;

    g_assert(ok);
    for (unsigned i = 0; i < length; i++)
        g_string_append_printf(rendering->checksums, "%02x", digest[i]);
    g_string_append_printf(rendering->checksums, "  %s.%s\n", instance->name, suffixes[kind]);
}

/* Checksums in sha256sum's format, so that a host can check its files without pgcharter. */
static bool
render_instance(Rendering *rendering, const Instance *instance, unsigned kinds, GError **error)
{
    g_string_truncate(rendering->checksums, 0);
    for (unsigned kind = 0; kind < RENDERED_CHECKSUMS; kind++) {
        int64_t start = g_get_monotonic_time();
        bool ok = false;

        if ((kinds & 1u << kind) == 0)
            continue;
        ok = render_kind(rendering, instance, kind, error);
        rendering->summary.microseconds += g_get_monotonic_time() - start;
        rendering->summary.texts++;
        if (!ok) {
            g_prefix_error(error, "%s: ", instance->name);
            return false;
        }
        append_checksum(rendering, instance, kind);
        add_file(rendering, instance, kind, rendering->text);
    }
    add_file(rendering, instance, RENDERED_CHECKSUMS, rendering->checksums);
    return true;
}

bool
render_files(Arena *arena, HbaRenderings *renderings, Findings *findings, const List *instances,
             unsigned kinds, List *ret_files, RenderSummary *ret_summary, GError **error)
{
    g_autoptr(GString) text = g_string_sized_new(64 * 1024);
    g_autoptr(GString) checksums = g_string_new(NULL);
    Rendering rendering = { .arena = arena,
                            .findings = findings,
                            .renderings = renderings,
                            .text = text,
                            .checksums = checksums,
                            .hash = EVP_MD_CTX_new(),
                            .sha256 = EVP_MD_fetch(NULL, "SHA256", NULL),
                            .files = ret_files };
    bool ok = true;

    for (size_t i = 0; i < instances->count && ok; i++)
        ok = render_instance(&rendering, instances->items[i], kinds, error);
    EVP_MD_CTX_free(rendering.hash);
    EVP_MD_free(rendering.sha256);
    *ret_summary = rendering.summary;
    return ok;
}

static bool
fail(GError **error, const char *what, const char *folder, const char *name)
{
    int saved_errno = errno;

    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD, "cannot %s \"%s%s%s\": %s", what,
                folder, name == NULL ? "" : "/", name == NULL ? "" : name, g_strerror(saved_errno));
    return false;
}

static void
temporary_name(const RenderedFile *file, GString *ret_name)
{
    g_string_printf(ret_name, "%s.%ld.tmp", file->name, (long)getpid());
}

/* 0600, because rules name users and addresses, and some options hold secrets. */
static bool
write_temporary(int folder, const RenderedFile *file, const char *name)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int fd = openat(folder, name, flags, 0600);
    bool ok = false;

    if (fd < 0 && errno == EEXIST && unlinkat(folder, name, 0) == 0)
        fd = openat(folder, name, flags, 0600); /* left by a killed process that had our pid */
    if (fd < 0)
        return false;
    ok = fchmod(fd, 0600) == 0 && durable_file_write_all(fd, file->bytes, file->length);
    return close(fd) == 0 && ok;
}

/* errno is kept for the message about what failed first. */
static void
remove_temporaries(int folder, const List *files)
{
    g_autoptr(GString) name = g_string_new(NULL);
    int saved_errno = errno;

    LIST_FOREACH (const RenderedFile, file, files) {
        temporary_name(file, name);
        (void)unlinkat(folder, name->str, 0);
    }
    errno = saved_errno;
}

/* Whether the folder has that very file already: mode 0600, no link, the same bytes. */
static bool
is_unchanged(int folder, const RenderedFile *file)
{
    g_autofree char *bytes = NULL;
    struct stat status;
    int fd = openat(folder, file->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool same = false;

    if (fd < 0)
        return false;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 07777) == 0600 &&
        (uintmax_t)status.st_size == file->length) {
        bytes = g_malloc(file->length + 1);
        same = read(fd, bytes, file->length) == (ssize_t)file->length &&
               memcmp(bytes, file->bytes, file->length) == 0;
    }
    close(fd);
    return same;
}

/*
 * One sync of the file system between writing and renaming instead of one per file: a file is the
 * old one or the whole new one even when the power goes, and a thousand instances take no longer
 * than one.
 */
static bool
write_batch(int folder, const char *path, const List *files, GError **error)
{
    g_autoptr(GString) name = g_string_new(NULL);

    LIST_FOREACH (const RenderedFile, file, files) {
        temporary_name(file, name);
        if (!write_temporary(folder, file, name->str))
            return fail(error, "write", path, file->name);
    }
    if (syncfs(folder) != 0)
        return fail(error, "sync", path, NULL);
    LIST_FOREACH (const RenderedFile, file, files) {
        temporary_name(file, name);
        if (renameat(folder, name->str, folder, file->name) != 0)
            return fail(error, "replace", path, file->name);
    }
    /* Some file systems refuse to sync a folder; the renames are then as durable as they get. */
    return fsync(folder) == 0 || errno == EINVAL || fail(error, "sync", path, NULL);
}

static void
sweep(const char *folder, const List *files)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

    LIST_FOREACH (const RenderedFile, file, files)
        g_hash_table_add(names, (gpointer)file->name);
    durable_file_sweep(folder, names);
}

/* Unchanged files are not written, so that their times stay and nothing is reloaded needlessly. */
bool
render_files_write(const char *folder, const List *files, RenderSummary *summary, GError **error)
{
    g_autoptr(GPtrArray) changed = g_ptr_array_new();
    List work = { 0 };
    int fd = -1;
    bool ok = false;

    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return fail(error, "create", folder, NULL);
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail(error, "open", folder, NULL);
    sweep(folder, files);
    LIST_FOREACH (const RenderedFile, file, files) {
        if (!is_unchanged(fd, file))
            g_ptr_array_add(changed, (gpointer)file);
    }
    work = (List){ .items = changed->pdata, .count = changed->len };
    summary->written = work.count;
    ok = work.count == 0 || write_batch(fd, folder, &work, error);
    if (!ok)
        remove_temporaries(fd, &work);
    close(fd);
    return ok;
}
