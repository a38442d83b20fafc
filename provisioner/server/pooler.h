/*
 * Pooler: PgBouncer and its like in transaction mode give each transaction to whatever server
 * connection is free. Session settings would then stay with other clients, and the lock of apply
 * with nobody, so such a connection is refused before anything is set.
 */
#pragma once

#include "provisioner/server/session.h"

/*
 * Whether a session that a pooler answered keeps its server connection between transactions; an
 * error where it does not. session->backend_pid is that of its first transaction. Changes nothing
 * on the server.
 */
bool pooler_keeps_session(Session *session, const ConnectionParameters *parameters, GError **error);
