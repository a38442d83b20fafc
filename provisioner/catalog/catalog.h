/*
 * Catalog: the access state of one server, read over its own connections: the cluster-wide part
 * from database postgres, then what lies inside each database that a plan concerns. Each database
 * is read in one REPEATABLE READ READ ONLY transaction. PostgreSQL 13 on; a server newer than 18 is
 * read like 18.
 */
#pragma once

#include "base/finding.h"
#include "inventory/model/inventory.h"
#include "provisioner/catalog/catalog_objects.h"
#include "provisioner/server/server_identity.h"
#include "provisioner/server/session.h"
#include "roles/state/access_state.h"
#include "roles/state/object_needs.h"

#define CATALOG_VERSION_MIN SESSION_VERSION_MIN
#define CATALOG_VERSION_MAX ACCESS_STATE_VERSION_MAX

/*
 * Sends at once what the three functions for the whole server below will ask; texts are the
 * timestamps.
 */
void catalog_ask_ahead(Arena *arena, Session *session, const Cluster *cluster, const List *texts);
/* What server the session is on, and who we are there; PGCHARTER_ERROR_WORLD when it is older than
   13 or cannot be written. */
bool catalog_read_server(Arena *arena, Session *session, AccessState *state,
                         ServerIdentity *ret_server, GError **error);
/* Roles, memberships, settings, databases; tablespaces and parameters as the scope says. */
bool catalog_read_cluster_wide(Session *session, AccessState *state, const Cluster *cluster,
                               CatalogScope scope, Findings *notes, GError **error);
/* Schemas, default privileges, the functions that the policy grants, and objects; needs NULL: no
   objects. */
bool catalog_read_database(Session *session, AccessState *state, StateDatabase *database,
                           const Policy *policy, const ObjectNeeds *needs, Findings *notes,
                           GError **error);
/* The TimeZone that decides what a timestamp without an offset means. */
bool catalog_read_time_zone(Session *session, AccessState *state, const char **ret_zone,
                            GError **error);
/* Which parameters the session role, no superuser, may not set: `names` (const char) of an
   inventory and those that keep passwords out of the log. */
bool catalog_read_closed_parameters(Session *session, AccessState *state, const List *names,
                                    GError **error);
/* Timestamps as the server reads them: text -> double * in seconds since 1970. */
bool catalog_read_timestamps(Arena *arena, Session *session, const List *texts,
                             GHashTable *timestamps, GError **error);
