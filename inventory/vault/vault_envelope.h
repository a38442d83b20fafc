/*
 * VaultEnvelope: a text as ansible-vault writes it, taken apart, and opening it with a password.
 *
 *     $ANSIBLE_VAULT;1.1;AES256            1.2 has a fourth part, the vault id
 *     3131...                              hex of "hex(salt) \n hex(hmac) \n hex(ciphertext)"
 *
 * Source: docs.ansible.com, "Ansible Vault payload format 1.1 - 1.2", and VaultAES256 in
 * ansible-core's parsing/vault/__init__.py. Pure: nothing is read and nothing kept.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define VAULT_HMAC_LENGTH ((size_t)32)

typedef struct VaultEnvelope {
    const char *label; /* the vault id; NULL: the header has none */
    const unsigned char *salt;
    size_t salt_length;
    const unsigned char *hmac; /* VAULT_HMAC_LENGTH bytes */
    const unsigned char *ciphertext;
    size_t ciphertext_length;
} VaultEnvelope;

/* Whether the bytes begin as everything does that ansible-vault has encrypted. */
bool vault_is_encrypted(const char *bytes, size_t length);
/* False with what is wrong in ret_problem: a message that quotes the header at most. */
bool vault_envelope_parse(Arena *arena, const char *text, size_t length,
                          VaultEnvelope *ret_envelope, const char **ret_problem);
/*
 * The plaintext, of *ret_length bytes and a NUL behind them, for wipe() and g_free(). NULL where
 * the password is another one or the text was changed: nothing shows which. Safe in
 * threads.
 */
char *vault_envelope_open(const VaultEnvelope *envelope, const char *password, size_t length,
                          size_t *ret_length);
