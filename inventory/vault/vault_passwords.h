/*
 * VaultPasswords: the passwords of ansible-vault that a run was given, each a vault id and a file.
 * A file is read when the first text has to be opened, never before: what needs no password works
 * where there is none. A file that may be executed is run, as Ansible runs it, and prints the
 * password; this is done only where nobody but its owner, who is root or the caller, may write it.
 */
#pragma once

#include "base/finding.h"
#include "inventory/vault/vault_envelope.h"

typedef struct VaultPasswords VaultPasswords;

#define VAULT_LABEL_DEFAULT "default"

/* Owned by the arena, whose end wipes the passwords. */
VaultPasswords *vault_passwords_new(Arena *arena);
/* path: a file that holds or prints the password. A leading ~/ is the caller's home. */
void vault_passwords_add(VaultPasswords *passwords, const char *label, const char *path);
/* "[label@]file", as --vault-id has it. NULL, or what cannot be: a message. */
const char *vault_passwords_add_id(VaultPasswords *passwords, const char *id);

typedef enum VaultStatus {
    VAULT_OPENED,
    VAULT_NO_PASSWORD,      /* none was given */
    VAULT_NOT_READ,         /* what was given could not be read, which has been reported */
    VAULT_ANOTHER_PASSWORD, /* none of those that were given */
} VaultStatus;

/*
 * Reads the files once; reports those that cannot be read. Not for threads: to be called before
 * them.
 */
void vault_passwords_read(VaultPasswords *passwords, Findings *findings);
/*
 * Tries the password of the envelope's vault id first and then all others, as Ansible does. The
 * plaintext is for wipe() and g_free(). After vault_passwords_read(); safe in threads.
 */
VaultStatus vault_passwords_open(const VaultPasswords *passwords, const VaultEnvelope *envelope,
                                 char **ret_plaintext, size_t *ret_length);
/* The vault ids that were given, "a, b"; for messages. */
const char *vault_passwords_labels(const VaultPasswords *passwords);
