/*
 * Catalog of objects: tables, routines, types and the rest of one database, in groups of equal
 * access, and their names where they are needed.
 */
#pragma once

#include "base/finding.h"
#include "provisioner/server/session.h"
#include "roles/state/access_state.h"
#include "roles/state/object_needs.h"

/* How much of what belongs to no database is read. */
typedef enum CatalogScope {
    CATALOG_AS_DECLARED, /* tablespaces and parameters where grants name some, and parameters that
                            have an ACL */
    CATALOG_EVERYTHING,  /* for a snapshot */
} CatalogScope;

/* Adds the statements that do not depend on answers to what is asked ahead. */
void catalog_ask_objects(Arena *arena, const ObjectNeeds *needs, List *statements);
void catalog_ask_shared_objects(Arena *arena, const Cluster *cluster, int major_version,
                                List *statements);
/* Into database->groups and ->columns; inside the transaction that the caller began. */
bool catalog_read_objects(Session *session, AccessState *state, StateDatabase *database,
                          const ObjectNeeds *needs, Findings *notes, GError **error);
/*
 * Names the groups, in a transaction of its own. *ret_changed is set where a group has not as many
 * objects any more as when it was read: then somebody changed them, and all has to be read again.
 */
bool catalog_name_objects(Session *session, AccessState *state, StateDatabase *database,
                          const List *groups, Findings *notes, bool *ret_changed, GError **error);
/* Tablespaces and parameters, into state->shared_groups. */
bool catalog_read_shared_objects(Session *session, AccessState *state, const Cluster *cluster,
                                 CatalogScope scope, Findings *notes, GError **error);
/* SqlTypeName: a routine's input types, as queries give them ([[schema, name, is_array], ...]). */
List catalog_read_arguments(Arena *arena, const char *text);
