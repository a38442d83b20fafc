/* pg_try_advisory_lock, tried until the time is up. */
#include "provisioner/server/apply_lock.h"

#include "base/error.h"
#include "provisioner/server/answer.h"

/* "pgchartr" in ASCII: no other program uses this key by accident. */
#define APPLY_LOCK_KEY     "8099000229930464370"
#define RETRY_MICROSECONDS 200000

/*
 * pg_try_advisory_lock() instead of pg_advisory_lock(): a session that waits in the server cannot
 * say whom it waits for, and lock_timeout would end it with an error that looks like a failure.
 */
bool
apply_lock_try(Session *session, bool *ret_taken, GError **error)
{
    g_autoptr(PGresult) result =
        answer_query(session, "SELECT pg_catalog.pg_try_advisory_lock(" APPLY_LOCK_KEY ") AS taken",
                     "row: taken bool", error);

    if (result == NULL)
        return false;
    *ret_taken = session_bool(result, 0, "taken");
    return true;
}

/*
 * The holder may be gone, or invisible: pg_stat_activity shows details of other roles only
 * to members of pg_read_all_stats.
 */
static void
tell_holder(Arena *arena, Session *session, GError **error)
{
    const SqlValue values[] = { { "key", APPLY_LOCK_KEY }, { 0 } };
    g_autoptr(GError) ignored = NULL;
    g_autoptr(PGresult) result =
        answer_ask(arena, session, "catalog/lock_holder.sql", values, &ignored);
    const char *host = NULL;
    const char *since = NULL;

    if (result == NULL || PQntuples(result) == 0) {
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                    "%s: another apply holds the lock; --wait SECONDS waits for it",
                    session->label);
        return;
    }
    host = session_text(result, 0, "host");
    since = session_text(result, 0, "backend_start");
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: another apply holds the lock: role \"%s\" from %s, backend %s, since %s; "
                "--wait SECONDS waits for it",
                session->label, session_text(result, 0, "usename"),
                host != NULL    ? host
                : since == NULL ? "an address that only others may see"
                                : "the local socket",
                session_text(result, 0, "pid"), since == NULL ? "some time ago" : since);
}

bool
apply_lock_take(Arena *arena, Session *session, int wait_seconds, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + (gint64)wait_seconds * G_USEC_PER_SEC;

    for (;;) {
        bool taken = false;

        if (!apply_lock_try(session, &taken, error))
            return false;
        if (taken)
            return true;
        if (g_get_monotonic_time() >= deadline) {
            tell_holder(arena, session, error);
            return false;
        }
        g_usleep(RETRY_MICROSECONDS);
    }
}
