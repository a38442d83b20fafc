/*
 * Prune: what --prune takes beyond what roles/ can know: it looks at what dropped roles own and
 * hold in every database, and writes the steps that reassign it to the new owner and drop the rest,
 * in transactions that fit into the server's lock table.
 */
#pragma once

#include <stdbool.h>

#include "base/finding.h"
#include "base/list.h"
#include "provisioner/plan/plan.h"
#include "provisioner/server/session.h"
#include "roles/change/change.h"
#include "roles/state/access_state.h"

typedef struct PruneInput {
    Arena *arena;
    Session *session; /* to database postgres */
    const ConnectionParameters *connection;
    AccessState *state; /* as diff_finish() left it */
    Findings *notes;
    TargetPlan *plan; /* refused where data would be lost */
    bool allow_data_loss;
    bool allow_superuser_code;
} PruneInput;

/*
 * Puts what has to happen before each ROLE_DROP in front of it. A role whose objects lie in a
 * database that cannot be entered loses its ROLE_DROP: a note says so, the rest is done.
 */
bool prune_expand(const PruneInput *input, List *changes, GError **error);
/*
 * Looks into the databases and schemas that would be dropped: the plan is refused (guards.h) where
 * one is not empty and --allow-data-loss was not given. Schemas that are not empty get CASCADE.
 */
bool prune_check_data(const PruneInput *input, const List *changes, GError **error);
