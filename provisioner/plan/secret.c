/* One reader for each kind of reference. */
#include "provisioner/plan/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file_read.h"
#include "base/wipe.h"

static const char *
first_line(Arena *arena, const char *text, const char *what, GError **error)
{
    size_t length = strcspn(text, "\r\n");

    if (length == 0) {
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD, "%s contains no password", what);
        return NULL;
    }
    return arena_strndup(arena, text, length);
}

static const char *
read_file(Arena *arena, const PasswordDecl *reference, GError **error)
{
    g_autofree char *what = g_strdup_printf("password file \"%s\"", reference->text);
    char *content = NULL;
    const char *secret = NULL;
    gsize length = 0;
    struct stat status;

    if (stat(reference->text, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                    "%s is readable by others; run chmod 600 on it", what);
        return NULL;
    }
    if (!file_read(reference->text, FILE_READ_MAX, &content, &length, error)) {
        g_prefix_error(error, "password file ");
        return NULL;
    }
    secret = first_line(arena, content, what, error);
    wipe(content, length);
    g_free(content);
    return secret;
}

static const char *
read_environment(Arena *arena, const PasswordDecl *reference, GError **error)
{
    g_autofree char *what = g_strdup_printf("environment variable %s", reference->text);
    const char *value = getenv(reference->text);

    return first_line(arena, value == NULL ? "" : value, what, error);
}

static const char *
read_command(Arena *arena, const PasswordDecl *reference, GError **error)
{
    g_autofree char **argv = g_new0(char *, reference->argv.count + 1);
    g_autofree char *what = NULL;
    char *output = NULL;
    const char *secret = NULL;
    gint status = 0;

    for (size_t i = 0; i < reference->argv.count; i++)
        argv[i] = reference->argv.items[i];
    what = g_strdup_printf("password command \"%s\"", argv[0]);
    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output, NULL, &status,
                      error) ||
        !g_spawn_check_wait_status(status, error)) {
        g_prefix_error(error, "%s: ", what);
        wipe_free(output);
        return NULL;
    }
    secret = first_line(arena, output, what, error);
    wipe_free(output);
    return secret;
}

typedef const char *SecretReader(Arena *arena, const PasswordDecl *reference, GError **error);

static SecretReader *const readers[] = {
    [PASSWORD_FILE] = read_file,
    [PASSWORD_ENV] = read_environment,
    [PASSWORD_COMMAND] = read_command,
    [PASSWORD_SEALED] = NULL,
};

const char *
secret_read(Arena *arena, const PasswordDecl *reference, GError **error)
{
    if (readers[reference->kind] == NULL) {
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                    "only {file: ...}, {env: ...} and {command: [...]} are supported");
        return NULL;
    }
    return readers[reference->kind](arena, reference, error);
}
