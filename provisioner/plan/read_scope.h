/*
 * Read scope: which databases of a server, and which of their objects, a plan with an inventory
 * looks at. A plan over a session reads so much and no more; a plan from a saved state leaves out
 * the rest, so that both see the same.
 */
#pragma once

#include "base/arena.h"
#include "inventory/model/inventory.h"
#include "roles/state/access_state.h"
#include "roles/state/object_needs.h"

/* template1, postgres, every declared database and every template of one that is missing. */
bool read_scope_has_database(const Cluster *cluster, const AccessState *state, const char *name);
/*
 * What plays a part of the database's objects: as a declared one, or as the template of one that is
 * still to be made. False where nothing does.
 */
bool read_scope_objects(Arena *arena, const Cluster *cluster, const AccessState *state,
                        const char *name, ObjectNeeds *ret_needs);
