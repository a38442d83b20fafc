/* pg_blocking_pids(), from outside: the session that waits cannot ask. */
#include "provisioner/apply/lock_wait.h"

#include "provisioner/server/answer.h"

void
lock_wait_reset(LockWait *wait)
{
    wait->since = g_get_monotonic_time();
    wait->blockers = NULL;
}

void
lock_wait_clear(LockWait *wait)
{
    g_clear_pointer(&wait->session, session_close);
}

static bool
leaves(const LockWait *wait, const char *role)
{
    LIST_FOREACH (const Step, step, &wait->target->steps) {
        if (step_removes_role(step) && g_strcmp0(step->name, role) == 0)
            return true;
    }
    return false;
}

/* What another role does is visible only to members of pg_read_all_stats; then `since` is NULL. */
static const char *
describe(const LockWait *wait, const PGresult *result)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (int row = 0; row < PQntuples(result); row++) {
        const char *role = session_text(result, row, "usename");
        const char *since = session_text(result, row, "since");
        const char *prepared = session_text(result, row, "prepared");

        if (row > 0)
            g_string_append(out, ", ");
        if (prepared != NULL)
            g_string_append_printf(out, "prepared transaction \"%s\"", prepared);
        else
            g_string_append_printf(out, "pid %s", session_text(result, row, "pid"));
        g_string_append_printf(out, " (role \"%s\"", role == NULL ? "?" : role);
        if (since != NULL)
            g_string_append_printf(out, ", since %s", since);
        if (prepared == NULL && leaves(wait, role))
            g_string_append(out, "; it leaves, and its sessions are ended");
        g_string_append_c(out, ')');
    }
    return out->len == 0 ? NULL : arena_strdup(wait->arena, out->str);
}

/*
 * All sessions of the role, as others of them may stand in the queue. Where the session role may
 * not end them (signalfuncs.c pg_signal_backend()) the statement goes on waiting.
 */
static void
end_leaving(LockWait *wait, const PGresult *result)
{
    for (int row = 0; row < PQntuples(result); row++) {
        const char *role = session_text(result, row, "usename");

        if (role != NULL && leaves(wait, role))
            session_execute(wait->session,
                            sql_render(wait->arena, "statement/end_sessions.sql",
                                       (SqlValue[]){ { "role", role }, { 0 } }),
                            NULL);
    }
}

/* As the role that the steps run as, which may be allowed more. */
static bool
open_session(LockWait *wait)
{
    const char *role = wait->target->set_role;

    if (wait->session != NULL)
        return true;
    wait->session = session_open(wait->connection, "postgres", NULL);
    if (wait->session != NULL && role != NULL)
        session_execute(wait->session,
                        sql_render(wait->arena, "statement/set_role.sql",
                                   (SqlValue[]){ { "role", role }, { 0 } }),
                        NULL);
    return wait->session != NULL;
}

/* To connect and to ask takes time, too, and has to be over before the lock timeout is. */
static gint64
patience(const LockWait *wait)
{
    gint64 part_of_timeout = (gint64)wait->lock_timeout_ms * 1000 / 4;

    return part_of_timeout == 0 ? G_USEC_PER_SEC : MIN(part_of_timeout, G_USEC_PER_SEC);
}

const char *
lock_wait_blockers(LockWait *wait)
{
    g_autofree char *pid = g_strdup_printf("%d", wait->backend_pid);
    const SqlValue values[] = { { "pid", pid }, { 0 } };
    g_autoptr(PGresult) result = NULL;
    const char *before = wait->blockers;

    if (g_get_monotonic_time() - wait->since < patience(wait))
        return NULL;
    wait->since = g_get_monotonic_time();
    if (!open_session(wait))
        return NULL;
    result = answer_ask(wait->arena, wait->session, "catalog/lock_blockers.sql", values, NULL);
    if (result == NULL) {
        lock_wait_clear(wait);
        return NULL;
    }
    wait->blockers = describe(wait, result);
    end_leaving(wait, result);
    return g_strcmp0(before, wait->blockers) == 0 ? NULL : wait->blockers;
}
