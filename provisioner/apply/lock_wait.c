/* pg_blocking_pids(), from outside: the session that waits cannot ask. */
#include "provisioner/apply/lock_wait.h"

#include "provisioner/server/answer.h"

void
lock_wait_reset(LockWait *wait)
{
    wait->since = g_get_monotonic_time();
    wait->is_reported = false;
}

/* What another role does is visible only to members of pg_read_all_stats; then `since` is NULL. */
static const char *
describe(Arena *arena, const PGresult *result)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (int row = 0; row < PQntuples(result); row++) {
        const char *role = session_text(result, row, "usename");
        const char *since = session_text(result, row, "since");

        g_string_append_printf(out, "%spid %s (role \"%s\"", row > 0 ? ", " : "",
                               session_text(result, row, "pid"), role == NULL ? "?" : role);
        if (since != NULL)
            g_string_append_printf(out, ", since %s", since);
        g_string_append_c(out, ')');
    }
    return out->len == 0 ? NULL : arena_strdup(arena, out->str);
}

const char *
lock_wait_blockers(LockWait *wait)
{
    g_autofree char *pid = g_strdup_printf("%d", wait->backend_pid);
    const SqlValue values[] = { { "pid", pid }, { 0 } };
    g_autoptr(Session) session = NULL;
    g_autoptr(PGresult) result = NULL;
    const char *blockers = NULL;

    if (wait->is_reported || g_get_monotonic_time() - wait->since < G_USEC_PER_SEC)
        return NULL;
    wait->since = g_get_monotonic_time();
    session = session_open(wait->connection, "postgres", NULL);
    if (session != NULL)
        result = answer_ask(wait->arena, session, "catalog/lock_blockers.sql", values, NULL);
    blockers = result == NULL ? NULL : describe(wait->arena, result);
    wait->is_reported = blockers != NULL;
    return blockers;
}
