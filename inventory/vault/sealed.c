/* Opening nodes and files. */
#include "inventory/vault/sealed.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_read.h"
#include "base/wipe.h"
#include "inventory/findings.h"

#define HINT_PASSWORD                                                                              \
    "give --vault-password-file FILE or --vault-id ID@FILE, or set ANSIBLE_VAULT_PASSWORD_FILE"

/* What is encrypted: one value of a file, or the whole of it. */
typedef enum SealedWhat {
    SEALED_VALUE,
    SEALED_FILE,
} SealedWhat;

static const struct {
    const char *noun;
    const char *without_password;
    const char *malformed;
} words[] = {
    [SEALED_VALUE] = { "value", HINT_PASSWORD,
                       "encrypt it again with ansible-vault encrypt_string" },
    [SEALED_FILE] = { "file",
                      HINT_PASSWORD
                      "; a file that is encrypted as a whole tells nothing without its password, "
                      "while ansible-vault encrypt_string encrypts single values and leaves the "
                      "rest readable",
                      "take the file from version control again, or encrypt it again" },
};

static bool
parse(Arena *arena, SealedWhat what, const char *text, size_t length, SourcePos pos,
      VaultEnvelope *ret_envelope, Findings *findings)
{
    const char *problem = NULL;

    if (vault_envelope_parse(arena, text, length, ret_envelope, &problem))
        return true;
    findings_add(findings, &FINDING_VAULT_INVALID, pos, words[what].malformed,
                 "the encrypted %s cannot be read: %s", words[what].noun, problem);
    return false;
}

static void
report_closed(const VaultPasswords *passwords, SealedWhat what, const VaultEnvelope *envelope,
              VaultStatus status, SourcePos pos, Findings *findings)
{
    const char *label = envelope->label == NULL ? VAULT_LABEL_DEFAULT : envelope->label;

    if (status == VAULT_NO_PASSWORD)
        findings_add(findings, &FINDING_VAULT_PASSWORD_MISSING, pos, words[what].without_password,
                     "the %s is encrypted with vault id \"%s\", and no vault password is given",
                     words[what].noun, label);
    else if (status == VAULT_ANOTHER_PASSWORD)
        findings_add(
            findings, &FINDING_VAULT_PASSWORD_WRONG, pos,
            "if the password is the right one, the text was changed after it was encrypted",
            "the %s is encrypted with vault id \"%s\", and no given vault password opens "
            "it (tried: %s)",
            words[what].noun, label, vault_passwords_labels(passwords));
}

/* The plaintext, to be wiped and freed; NULL after a finding. */
static char *
open_text(Arena *arena, VaultPasswords *passwords, SealedWhat what, const char *text, size_t length,
          SourcePos pos, size_t *ret_length, Findings *findings)
{
    VaultEnvelope envelope;
    char *plaintext = NULL;
    VaultStatus status = VAULT_NO_PASSWORD;

    if (!parse(arena, what, text, length, pos, &envelope, findings))
        return NULL;
    vault_passwords_read(passwords, findings);
    status = vault_passwords_open(passwords, &envelope, &plaintext, ret_length);
    if (status != VAULT_OPENED)
        report_closed(passwords, what, &envelope, status, pos, findings);
    return plaintext;
}

static const char *
open_vault(Arena *arena, VaultPasswords *passwords, const Node *sealed, Findings *findings)
{
    size_t length = 0;
    char *plaintext = open_text(arena, passwords, SEALED_VALUE, sealed->text, sealed->length,
                                sealed->pos, &length, findings);
    const char *text = NULL;

    if (plaintext == NULL)
        return NULL;
    /* Every other text of the inventory is UTF-8 without NUL, because YAML is. */
    if (g_utf8_validate_len(plaintext, length, NULL))
        text = arena_strndup(arena, plaintext, length);
    else
        findings_add(findings, &FINDING_VAULT_INVALID, sealed->pos, NULL,
                     "the encrypted value holds a NUL byte, or bytes that are no UTF-8");
    wipe(plaintext, length);
    g_free(plaintext);
    return text;
}

static const char *
open_environment(const Node *sealed, Findings *findings)
{
    const char *name = sealed->items[0]->text;
    const char *value = getenv(name);

    if (value == NULL)
        findings_add(findings, &FINDING_LOOKUP_NOT_FOUND, sealed->pos, NULL,
                     "the environment variable \"%s\" is not set", name);
    return value;
}

/* Ansible's lookup('file') strips what is white at the end (rstrip: True). */
static const char *
open_file(Arena *arena, const Node *sealed, Findings *findings)
{
    const char *path = source_pos_path(arena, sealed->pos, sealed->items[0]->text);
    g_autoptr(GError) error = NULL;
    const char *text = NULL;
    char *bytes = NULL;
    gsize length = 0;

    if (!file_read(path, FILE_READ_MAX, &bytes, &length, &error)) {
        findings_add(findings, &FINDING_LOOKUP_NOT_FOUND, sealed->pos, NULL, "cannot read %s",
                     error->message);
        return NULL;
    }
    if (g_utf8_validate_len(bytes, length, NULL))
        text = arena_strdup(arena, g_strchomp(bytes));
    else
        findings_add(findings, &FINDING_TEXT_INVALID, sealed->pos, NULL,
                     "the file \"%s\" holds a NUL byte, or bytes that are no UTF-8", path);
    wipe(bytes, length);
    g_free(bytes);
    return text;
}

/* Every part is opened even after one failed, so that one run reports all of them. */
static const char *
open_parts(Arena *arena, VaultPasswords *passwords, const Node *sealed, Findings *findings)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *copy = NULL;
    bool ok = true;

    for (size_t i = 0; i < sealed->count; i++) {
        const char *part = sealed_open(arena, passwords, sealed->items[i], findings);

        ok = ok && part != NULL;
        if (part != NULL)
            g_string_append(text, part);
    }
    if (ok)
        copy = arena_strdup(arena, text->str);
    wipe(text->str, text->allocated_len);
    return copy;
}

const char *
sealed_open(Arena *arena, VaultPasswords *passwords, const Node *sealed, Findings *findings)
{
    switch (sealed->seal) {
    case SEAL_VAULT:
        return open_vault(arena, passwords, sealed, findings);
    case SEAL_ENV:
        return open_environment(sealed, findings);
    case SEAL_FILE:
        return open_file(arena, sealed, findings);
    case SEAL_PARTS:
        return open_parts(arena, passwords, sealed, findings);
    default:
        return sealed->text;
    }
}

bool
sealed_check(Arena *arena, const Node *sealed, Findings *findings)
{
    VaultEnvelope envelope;
    bool ok = true;

    if (sealed->seal == SEAL_VAULT)
        return parse(arena, SEALED_VALUE, sealed->text, sealed->length, sealed->pos, &envelope,
                     findings);
    for (size_t i = 0; sealed->seal == SEAL_PARTS && i < sealed->count; i++)
        ok = sealed_check(arena, sealed->items[i], findings) && ok;
    return ok;
}

bool
sealed_is_vault_only(const Node *sealed)
{
    bool ok = sealed->seal != SEAL_ENV && sealed->seal != SEAL_FILE;

    for (size_t i = 0; sealed->seal == SEAL_PARTS && i < sealed->count; i++)
        ok = ok && sealed_is_vault_only(sealed->items[i]);
    return ok;
}

bool
sealed_open_file(Arena *arena, VaultPasswords *passwords, const char *path, char **bytes,
                 size_t *length, Findings *findings)
{
    const SourcePos pos = { .file = path, .line = 1, .column = 1 };
    size_t plain_length = 0;
    char *plaintext = NULL;

    if (!vault_is_encrypted(*bytes, *length))
        return true;
    plaintext =
        open_text(arena, passwords, SEALED_FILE, *bytes, *length, pos, &plain_length, findings);
    if (plaintext == NULL)
        return false;
    g_free(*bytes);
    *bytes = plaintext;
    *length = plain_length;
    return true;
}
