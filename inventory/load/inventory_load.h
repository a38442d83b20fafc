/* Loading an inventory: files, groups and hosts, clusters, checks. */
#pragma once

#include "inventory/model/inventory.h"
#include "inventory/vault/vault_passwords.h"

/* One inventory file that is in memory. */
typedef struct InventoryText {
    const char *file; /* what positions say */
    const char *bytes;
    size_t length;
} InventoryText;

typedef enum InventoryFlags {
    INVENTORY_DIGESTS = 1 << 0,        /* fill Inventory.digests */
    INVENTORY_NO_CONNECTIONS = 1 << 1, /* an encrypted pg_conninfo stays so */
    INVENTORY_NO_COMMANDS = 1 << 2,    /* a password that a command prints is an error */
} InventoryFlags;

typedef struct InventoryOptions {
    const char *const *paths;  /* NULL-terminated: files or folders */
    const InventoryText *text; /* not NULL: is read instead, and no file at all */
    VaultPasswords *passwords; /* NULL: none */
    int64_t now;               /* Unix seconds; 0: the clock's */
    unsigned flags;            /* InventoryFlags */
} InventoryOptions;

/*
 * Reads, binds and checks. Always returns a model; where findings_has_errors(findings) it is
 * incomplete and serves only to report. Nothing is run, and no file or secret that a declaration
 * refers to is read.
 */
const Inventory *inventory_load(Arena *arena, const InventoryOptions *options, Findings *findings);
