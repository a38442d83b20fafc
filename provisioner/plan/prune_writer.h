/*
 * PruneWriter: the changes of stage PRUNE that take dropped roles out of a database, in
 * transactions that fit into the server's lock table.
 */
#pragma once

#include "provisioner/plan/prune_acl.h"
#include "roles/change/change.h"

/* What has to happen to the roles in one database. */
typedef struct PruneOwned {
    List relations; /* PruneRelation */
    List superuser; /* PruneSuperuserObject */
    PruneSteps steps;
} PruneOwned;

typedef struct PruneWriter {
    Arena *arena;
    const PruneRoles *roles;
    unsigned lock_budget;
    unsigned batch; /* the transaction at hand */
    List changes;   /* Change: what comes of it */
} PruneWriter;

/* A change of the transaction at hand, on behalf of the ROLE_DROP. */
Change *prune_writer_add(PruneWriter *writer, ChangeKind kind, const Change *drop, NameId database);
/* drops: those that have anything there, at least one (Change). */
void prune_writer_take(PruneWriter *writer, const PruneOwned *owned, const List *drops,
                       NameId database);
