/*
 * Preflight: what has to be known of a session role that is not a superuser before a plan, and what
 * the plan says of the steps that it may not do.
 */
#pragma once

#include "inventory/model/inventory.h"
#include "provisioner/plan/plan.h"
#include "provisioner/server/session.h"
#include "roles/state/access_state.h"

/* The parameters that a plan with the inventory sets (const char), some of them twice. */
List preflight_parameters(Arena *arena, const Cluster *cluster, const AccessState *state);
/* Asks which parameters it may not set; nothing is asked for a superuser. */
bool preflight_read(Session *session, AccessState *state, const Cluster *cluster, GError **error);
/* Whether it may connect to the database; a note says so where it may not. */
bool preflight_may_enter(const AccessState *state, const StateDatabase *database,
                         const Cluster *cluster, TargetPlan *plan);
/*
 * Whether the database reads names of roles as they are. In one of another encoding a name beyond
 * ASCII is another name; a note says so, and its contents are left out.
 */
bool preflight_reads_names(const AccessState *state, const StateDatabase *database,
                           const Cluster *cluster, TargetPlan *plan);
/* The role that statements run as in place of the session role; NAME_NONE: none. */
NameId preflight_role(const AccessState *state, NameId dbsu);
/* Notes on steps that would fail, and on passwords that may reach the server's log. */
void preflight_note_steps(Arena *arena, const AccessState *state, TargetPlan *plan);
/* Whether a step of the plan would fail for want of a right: it is shown and never applied. */
bool preflight_refuses(const TargetPlan *plan);
