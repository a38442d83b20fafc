/* A phase of roles/diff/databases.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* How special the `owner` of an entry of `schemas` is, as an entry of `owners` of that schema. */
enum {
    OWNER_RANK_OF_A_SCHEMA = 3
};

/* `owners`: objects and schemas get the owner that is declared. */
void diff_owners(Diff *diff, const DatabaseWork *work);
