/*
 * PgBouncer's userlist.txt: dbsu without a password (it comes over the socket), the monitor and the
 * admin user, and every role with `pgbouncer: true` unless PgBouncer asks the server
 * (pgbouncer_auth_query). The verifiers are the server's own, byte for byte: PgBouncer passes a
 * SCRAM login through only then.
 */
#pragma once

#include "inventory/model/inventory.h"
#include "provisioner/hba_deploy/render_files.h"
#include "provisioner/server/session.h"

/*
 * Appends INSTANCE.userlist.txt to ret_files. session is to the instance's cluster, as a superuser.
 * A role that is not on the server, is NOLOGIN, has expired or has no password there is left out
 * with a finding.
 */
bool render_userlist(Arena *arena, Findings *findings, Session *session, const Instance *instance,
                     List *ret_files, GError **error);
