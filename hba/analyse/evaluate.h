/*
 * Evaluation: which line of an HBA file a connection meets, and why not the lines before it:
 * check_hba() of PostgreSQL and hba_eval() of PgBouncer. The first match decides; none means
 * rejected.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/list.h"
#include "hba/analyse/role_set.h"
#include "hba/syntax/rule.h"

typedef enum HbaReplication {
    HBA_REPLICATION_NONE,
    /* replication=true: only the keyword matches it and the database plays no part */
    HBA_REPLICATION_PHYSICAL,
    /* replication=database: a connection to that database like any other */
    HBA_REPLICATION_LOGICAL,
} HbaReplication;

/* Names of the client's address, for rules with host names; NULL-terminated. The caller has made
   sure that each of them leads back to the address. */
typedef struct HbaConnection {
    const char *user;
    const char *database;
    bool is_local;
    bool is_v6;
    uint8_t address[HBA_ADDRESS_BYTES]; /* IPv4 in the first four bytes */
    bool ssl;
    bool gss;
    HbaReplication replication;
    List server_networks; /* HbaAddress: the server's own addresses with their masks */
    const char *const *host_names;
} HbaConnection;

typedef enum HbaMatch {
    HBA_MATCH_YES,
    HBA_MATCH_NO,
    HBA_MATCH_UNKNOWN, /* what is known does not suffice; `reason` says what is missing */
} HbaMatch;

typedef struct HbaPassed {
    const HbaRule *rule;
    const char *reason; /* why it was passed over, or why nothing can be said */
} HbaPassed;

typedef struct HbaVerdict {
    HbaMatch match;
    const HbaRule *rule; /* the line that matched; NULL: none did */
    List passed;         /* HbaPassed, the lines before it */
    const char *unknown; /* for HBA_MATCH_UNKNOWN: what is missing */
} HbaVerdict;

typedef struct HbaEvaluator {
    Arena *arena;
    HbaProgram program;
    int version; /* of the program, as in HbaCheck */
    const HbaRoleSet *roles;
} HbaEvaluator;

/* Over the rules (HbaRule) in their order; comments and include lines are skipped: whoever reads a
   file has put in what it includes. */
HbaVerdict hba_evaluate(const HbaEvaluator *evaluator, const List *rules,
                        const HbaConnection *connection);
/* What the server does on that line: its method, where `ident` on a local line is peer. */
const char *hba_rule_effective_method(const HbaRule *rule);
/* The connection's address from text, with a zone dropped; false when it is not an address. */
bool hba_connection_set_address(HbaConnection *connection, const char *text);
