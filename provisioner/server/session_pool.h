/*
 * SessionPool: sessions in databases of one server that will be needed again: what reads a database
 * leaves its session for whoever names objects there and for whoever changes them. A connection and
 * its settings cost two round trips at least.
 *
 *     session = session_pool_take(pool, &parameters, "app", &error);
 *     session_pool_give(pool, session);      or session_close(session)
 *
 * A session is in the way of CREATE and DROP DATABASE: session_pool_clear() goes before them.
 */
#pragma once

#include "provisioner/server/session.h"

typedef struct SessionPool SessionPool;

SessionPool *session_pool_new(void);
void session_pool_free(SessionPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SessionPool, session_pool_free)

/* One that was given before, or a new one; the caller's from then on. */
Session *session_pool_take(SessionPool *pool, const ConnectionParameters *parameters,
                           const char *database, GError **error);
/* Keeps it, or closes it: only a few are kept. It is in no transaction. NULL does nothing. */
void session_pool_give(SessionPool *pool, Session *session);
/* Closes what is kept. */
void session_pool_clear(SessionPool *pool);
