/*
 * Sealed values: nodes whose text is read only when somebody needs it (Node.seal): what
 * ansible-vault has encrypted, lookup('env'), lookup('file'), and texts with such values in them.
 * What they hold is a secret: no message quotes it.
 */
#pragma once

#include "base/finding.h"
#include "inventory/vault/vault_passwords.h"
#include "inventory/yaml/node.h"

/* Whether what is encrypted in it is well-formed, which shows without a password; else a finding.
 */
bool sealed_check(Arena *arena, const Node *sealed, Findings *findings);
/* The text, owned by the arena; NULL after a finding at the place of what cannot be read. */
const char *sealed_open(Arena *arena, VaultPasswords *passwords, const Node *sealed,
                        Findings *findings);
/* Whether all of it is in the inventory itself, encrypted: nothing else has to be read. */
bool sealed_is_vault_only(const Node *sealed);
/*
 * Replaces the bytes of a file by what was encrypted in them; they have to be wiped then. Bytes
 * that are not encrypted stay. False after a finding.
 */
bool sealed_open_file(Arena *arena, VaultPasswords *passwords, const char *path, char **bytes,
                      size_t *length, Findings *findings);
