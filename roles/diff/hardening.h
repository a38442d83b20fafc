/*
 * Hardening: the policy takes CREATE from PUBLIC. In databases that a plan makes it does so at
 * once; in others only with pg_harden_existing, or in adopt and strict.
 */
#pragma once

#include "roles/diff/acl_target.h"
#include "roles/diff/diff_context.h"

/*
 * Whether CREATE on the target may be taken from PUBLIC. False: a warning at `pos` says that PUBLIC
 * keeps it and how many login roles it would be taken from. `what` names the target: `schema
 * "public" of database "shop"`.
 */
bool hardening_may_take(Diff *diff, const AclTarget *target, const char *what, bool is_new,
                        SourcePos pos);
