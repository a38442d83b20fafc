/* Reading password files, running password scripts, trying passwords. */
#include "inventory/vault/vault_passwords.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_read.h"
#include "base/wipe.h"
#include "inventory/findings.h"

typedef struct VaultPassword {
    const char *label;
    const char *path;
    const char *text; /* NULL: not read yet, or not readable */
    size_t length;
} VaultPassword;

struct VaultPasswords {
    Arena *arena;
    List passwords; /* VaultPassword */
    bool are_read;
};

VaultPasswords *
vault_passwords_new(Arena *arena)
{
    VaultPasswords *passwords = ARENA_NEW(arena, VaultPasswords);

    passwords->arena = arena;
    return passwords;
}

/* The shell does not expand the ~ of label@~/file, so Ansible does. */
void
vault_passwords_add(VaultPasswords *passwords, const char *label, const char *path)
{
    VaultPassword *password = ARENA_NEW(passwords->arena, VaultPassword);

    password->label = arena_strdup(passwords->arena, label);
    if (g_str_has_prefix(path, "~/"))
        password->path = arena_printf(passwords->arena, "%s%s", g_get_home_dir(), path + 1);
    else
        password->path = arena_strdup(passwords->arena, path);
    list_add(passwords->arena, &passwords->passwords, password);
}

/* Ansible splits at the first @ as well (CLI.split_vault_id()). */
const char *
vault_passwords_add_id(VaultPasswords *passwords, const char *id)
{
    const char *at = strchr(id, '@');
    g_autofree char *label = NULL;
    const char *path = at == NULL ? id : at + 1;

    if (*path == '\0')
        return "--vault-id names no file";
    if (g_str_has_prefix(path, "prompt"))
        return "--vault-id cannot ask for a password: name a file that holds it";
    label =
        at == NULL || at == id ? g_strdup(VAULT_LABEL_DEFAULT) : g_strndup(id, (gsize)(at - id));
    vault_passwords_add(passwords, label, path);
    return NULL;
}

static void
report(Findings *findings, const VaultPassword *password, const char *hint, const char *problem)
{
    findings_add(findings, &FINDING_VAULT_PASSWORD_UNREADABLE,
                 (SourcePos){ .file = password->path }, hint,
                 "the password of vault id \"%s\" cannot be read: %s", password->label, problem);
}

/*
 * A script runs as the caller. If others could write it, or replace it because it is not the
 * caller's, they would decide what the caller runs.
 */
static bool
may_be_run(const struct stat *status)
{
    return (status->st_uid == geteuid() || status->st_uid == 0) &&
           (status->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/*
 * As Ansible calls it: without a shell, with the caller's environment, stdin and stderr, so that it
 * may ask; NAME-client and NAME-client.EXT get the vault id (script_is_client()).
 */
static char *
run_script(const VaultPassword *password, GError **error)
{
    g_autofree char *path = g_canonicalize_filename(password->path, NULL);
    g_autofree char *stem = g_strdup(path);
    char *dot = strrchr(stem, '.');
    const char *client[] = { path, "--vault-id", password->label, NULL };
    const char *plain[] = { path, NULL };
    char *output = NULL;
    int status = 0;

    if (dot != NULL && strchr(dot, '/') == NULL)
        *dot = '\0';
    if (g_spawn_sync(NULL, (char **)(g_str_has_suffix(stem, "-client") ? client : plain), NULL,
                     G_SPAWN_CHILD_INHERITS_STDIN, NULL, NULL, &output, NULL, &status, error) &&
        g_spawn_check_wait_status(status, error))
        return output;
    wipe_free(output);
    return NULL;
}

/* Ansible strips blanks around what a file holds, and line ends around what a script prints. */
static void
keep(Arena *arena, VaultPassword *password, const char *text, const char *stripped)
{
    size_t length = strlen(text);

    while (length > 0 && strchr(stripped, text[length - 1]) != NULL)
        length--;
    while (length > 0 && strchr(stripped, *text) != NULL) {
        text++;
        length--;
    }
    if (length == 0)
        return;
    password->text = arena_strndup(arena, text, length);
    password->length = length;
}

/* A pipe, as in --vault-password-file <(pass show x), is read by whoever was given it. */
static bool
is_open_to_others(const struct stat *status)
{
    return S_ISREG(status->st_mode) && (status->st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

static void
read_password(Arena *arena, VaultPassword *password, Findings *findings)
{
    g_autoptr(GError) error = NULL;
    struct stat status = { 0 };
    bool exists = stat(password->path, &status) == 0;
    bool is_script = exists && S_ISREG(status.st_mode) && (status.st_mode & S_IXUSR) != 0;
    char *text = NULL;
    size_t length = 0;

    if (is_script && !may_be_run(&status)) {
        report(findings, password, "chmod go-w it, or chmod -x if it holds the password itself",
               "the file is executable and belongs to, or may be written by, somebody else");
        return;
    }
    if (!is_script && exists && is_open_to_others(&status)) {
        report(findings, password, "run chmod 600 on it", "other users may read the file");
        return;
    }
    if (is_script)
        text = run_script(password, &error);
    else
        file_read(password->path, FILE_READ_MAX, &text, &length, &error);
    if (text == NULL) {
        report(findings, password,
               is_script
                   ? "an executable file is run and has to print the password; chmod -x if it "
                     "holds the password itself"
                   : NULL,
               error->message);
        return;
    }
    keep(arena, password, text, is_script ? "\r\n" : " \t\r\n\v\f");
    wipe_free(text);
    if (password->text == NULL)
        report(findings, password, NULL,
               is_script ? "the script printed nothing" : "the file is empty");
}

void
vault_passwords_read(VaultPasswords *passwords, Findings *findings)
{
    if (passwords->are_read)
        return;
    passwords->are_read = true;
    LIST_FOREACH (VaultPassword, password, &passwords->passwords)
        read_password(passwords->arena, password, findings);
}

static bool
label_is(const VaultPassword *password, const VaultEnvelope *envelope)
{
    return strcmp(password->label,
                  envelope->label == NULL ? VAULT_LABEL_DEFAULT : envelope->label) == 0;
}

VaultStatus
vault_passwords_open(const VaultPasswords *passwords, const VaultEnvelope *envelope,
                     char **ret_plaintext, size_t *ret_length)
{
    bool all_read = true;

    *ret_plaintext = NULL;
    if (passwords->passwords.count == 0)
        return VAULT_NO_PASSWORD;
    for (unsigned round = 0; round < 2; round++) {
        LIST_FOREACH (const VaultPassword, password, &passwords->passwords) {
            all_read = all_read && password->text != NULL;
            if (password->text == NULL || label_is(password, envelope) != (round == 0))
                continue;
            *ret_plaintext =
                vault_envelope_open(envelope, password->text, password->length, ret_length);
            if (*ret_plaintext != NULL)
                return VAULT_OPENED;
        }
    }
    return all_read ? VAULT_ANOTHER_PASSWORD : VAULT_NOT_READ;
}

const char *
vault_passwords_labels(const VaultPasswords *passwords)
{
    g_autoptr(GString) labels = g_string_new(NULL);

    LIST_FOREACH (const VaultPassword, password, &passwords->passwords)
        g_string_append_printf(labels, "%s\"%s\"", labels->len > 0 ? ", " : "", password->label);
    return arena_strdup(passwords->arena, labels->str);
}
