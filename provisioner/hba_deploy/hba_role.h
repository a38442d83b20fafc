/*
 * Which role an instance's HBA file is for. The inventory says one; after a failover the server, or
 * Patroni, says another.
 */
#pragma once

#include <stdbool.h>

#include "base/finding.h"
#include "inventory/model/inventory.h"

typedef enum HbaRoleFrom {
    HBA_ROLE_FROM_INVENTORY,
    HBA_ROLE_FROM_SERVER,
    HBA_ROLE_FROM_PATRONI,
    HBA_ROLE_FROM_COUNT,
} HbaRoleFrom;

/* NULL-terminated, in the order of HbaRoleFrom. */
extern const char *const hba_role_from_words[];

/*
 * The role of a server that is in recovery, or not. Replica, offline, standby and delayed are all
 * in recovery: there the inventory says which, and so it does in a standby cluster (pg_upstream),
 * whose members are all in recovery.
 */
PgRole hba_role_of_server(const Instance *instance, bool in_recovery);
/*
 * The role that a word of Patroni's means: of GET /patroni, or of a callback's arguments, in the
 * words of all its versions (master before 4.0, primary since). False for an unknown word.
 */
bool hba_role_of_patroni(const Instance *instance, const char *word, PgRole *ret_role);
/* Warns when a server's role is not the inventory's. */
void hba_role_compare(const Instance *instance, bool in_recovery, Findings *findings);
