/*
 * Connection: how a cluster's writable member is reached. Where a `--conninfo` or `pg_conninfo`
 * says it, that is used; else the local socket as dbsu when the primary's host is this machine, and
 * all members' addresses as the admin user otherwise, the inventory's primary first, with
 * target_session_attrs=primary: a database whose default is read-only is writable all the same.
 */
#pragma once

#include "base/arena.h"
#include "inventory/model/inventory.h"
#include "provisioner/server/session.h"

/*
 * conninfos (may be NULL) are the `NAME=CONNINFO` of the command line; NAME is a cluster, or the
 * primary instance. FALSE with PGCHARTER_ERROR_USAGE for a conninfo that libpq does not understand
 * or that holds a password: a command line can be seen by everybody on the machine.
 */
bool connection_resolve(Arena *arena, const Cluster *cluster, char *const *conninfos,
                        ConnectionParameters *ret_parameters, GError **error);
/* Every NAME in conninfos must be a cluster or an instance; PGCHARTER_ERROR_USAGE otherwise. */
bool connection_check_names(const Inventory *inventory, char *const *conninfos, GError **error);
/*
 * How one instance is reached, whatever its role: a `--conninfo` of its own name, its own
 * `pg_conninfo`, or its socket or address. A cluster's conninfo serves the cluster only, unless the
 * instance is its only one.
 */
bool connection_resolve_instance(Arena *arena, const Instance *instance, char *const *conninfos,
                                 ConnectionParameters *ret_parameters, GError **error);
