/*
 * DeclaredPasswords: the passwords that one cluster declares, asked about against what its server
 * stores. Where that may not be read, a password is asked about only where it is set unseen.
 */
#pragma once

#include "base/finding.h"
#include "inventory/model/inventory.h"
#include "inventory/vault/vault_passwords.h"
#include "provisioner/plan/password_checks.h"
#include "roles/state/access_state.h"

typedef struct DeclaredPasswords {
    Arena *arena;
    const Cluster *cluster;
    const AccessState *state;
    PasswordChecks *checks;
    bool set_unseen;          /* --set-passwords */
    const GHashTable *opened; /* const Node -> const char: what declared_passwords_open() opened */
    Findings *notes;
    List not_compared; /* const char: roles whose passwords are not looked at */
    SourcePos not_compared_pos;
} DeclaredPasswords;

/*
 * Opens the cluster's passwords that ansible-vault has encrypted into `opened`, before anything is
 * planned, so that one run reports all that cannot be opened. Texts are the arena's.
 */
void declared_passwords_open(Arena *arena, const Cluster *cluster, VaultPasswords *passwords,
                             GHashTable *opened, Findings *findings);
/* Asks; references are read. A note says which passwords cannot be compared. */
void declared_passwords_add(DeclaredPasswords *passwords);
