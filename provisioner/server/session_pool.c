/* A few sessions by database. */
#include "provisioner/server/session_pool.h"

/* A server has few slots (max_connections is 100 by default), and they belong to its users. */
#define SESSIONS_KEPT_MAX 4

struct SessionPool {
    GHashTable *by_database; /* name -> Session */
};

static void
close_session(gpointer session)
{
    session_close(session);
}

SessionPool *
session_pool_new(void)
{
    SessionPool *pool = g_new0(SessionPool, 1);

    pool->by_database = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, close_session);
    return pool;
}

void
session_pool_free(SessionPool *pool)
{
    if (pool == NULL)
        return;
    g_hash_table_destroy(pool->by_database);
    g_free(pool);
}

/* The other side may have ended a session that waited: a new one is opened then. */
Session *
session_pool_take(SessionPool *pool, const ConnectionParameters *parameters, const char *database,
                  GError **error)
{
    g_autofree char *key = NULL;
    gpointer name = NULL;
    gpointer session = NULL;

    if (!g_hash_table_steal_extended(pool->by_database, database, &name, &session))
        return session_open(parameters, database, error);
    key = name;
    if (PQstatus(((Session *)session)->connection) == CONNECTION_OK)
        return session;
    session_close(session);
    return session_open(parameters, database, error);
}

/* CREATE DATABASE copies template1, and fails while somebody is there. */
void
session_pool_give(SessionPool *pool, Session *session)
{
    if (session == NULL)
        return;
    if (g_strcmp0(PQdb(session->connection), "template1") == 0 ||
        PQtransactionStatus(session->connection) != PQTRANS_IDLE ||
        g_hash_table_size(pool->by_database) >= SESSIONS_KEPT_MAX ||
        g_hash_table_contains(pool->by_database, PQdb(session->connection))) {
        session_close(session);
        return;
    }
    g_clear_pointer(&session->ahead, g_hash_table_destroy);
    g_hash_table_insert(pool->by_database, g_strdup(PQdb(session->connection)), session);
}

void
session_pool_clear(SessionPool *pool)
{
    g_hash_table_remove_all(pool->by_database);
}
