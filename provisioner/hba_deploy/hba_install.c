/* The order of an installation, and the way back. */
#include "provisioner/hba_deploy/hba_install.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "provisioner/hba_deploy/hba_guards.h"
#include "provisioner/server/apply_lock.h"

static const char *const outcomes[] = {
    [HBA_OUTCOME_UNCHANGED] = "no changes",
    [HBA_OUTCOME_RELOADED] = "the file was in place and is loaded now",
    [HBA_OUTCOME_REPLACED] = "replaced, reloaded and tried with a new connection",
    [HBA_OUTCOME_REPLACED_UNTRIED] = "replaced and reloaded; no new connection was tried",
};

_Static_assert(G_N_ELEMENTS(outcomes) == HBA_OUTCOME_COUNT, "a text for each outcome");

typedef struct Work {
    const HbaInstallInput *input;
    Session *session;
    HbaServer server;
} Work;

const char *
hba_install_outcome_text(HbaInstallOutcome outcome)
{
    return outcomes[outcome];
}

/* The test build stops dead between replacing and loading, as kill -9 would. */
static void
stop_when_replaced(void)
{
#ifdef PGCHARTER_TEST_HOOKS
    if (g_strcmp0(getenv("PGCHARTER_TEST_STOP_HBA"), "replaced") == 0)
        kill(getpid(), SIGKILL);
#endif
}

/*
 * Evaluated before anything is written: a rule that locks us out could not be undone over a new
 * connection.
 */
static bool
nobody_is_shut_out(Work *work, GError **error)
{
    const HbaInstallInput *input = work->input;
    const HbaGuardInput guards = {
        .arena = input->arena,
        .instance = input->instance,
        .rules = &input->wanted->rules,
        .session = work->session,
        .server = &work->server,
        .allow_lockout = input->allow_lockout,
        .notes = input->notes,
    };

    return hba_guards_pass(&guards, error);
}

/* A session made with the new rules in force: the proof that one can still come in. */
static bool
connects_anew(const HbaInstallInput *input, GError **error)
{
    g_autoptr(Session) fresh = NULL;

    if (input->allow_lockout)
        return true;
    fresh = session_open(&input->connection, "postgres", error);
    return fresh != NULL;
}

bool
hba_install_load(const HbaInstallInput *input, Session *session, GError **error)
{
    return hba_server_check_file(input->arena, session, error) &&
           hba_server_reload(session, error) && connects_anew(input, error);
}

/*
 * The session that installed is still open, whatever the new rules say: existing sessions are not
 * checked against pg_hba.conf again. That is why the old file can be restored.
 */
static bool
restore(Work *work, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (hba_replace_undo(work->input->arena, work->input->method, work->session, &work->server,
                         &failure) &&
        hba_server_reload(work->session, &failure)) {
        g_prefix_error(error, "%s: the old rules are back in force: ", work->input->instance->name);
        return false;
    }
    g_prefix_error(error,
                   "%s: the old rules could NOT be restored (%s), see \"%s.pgcharter-old\": ",
                   work->input->instance->name, failure->message, work->server.hba_file);
    return false;
}

/*
 * A failed write may have left anything: the bytes are compared before it is said that nothing was
 * overwritten.
 */
static bool
replace(Work *work, GError **error)
{
    const HbaInstallInput *input = work->input;

    if (!hba_replace(input->arena, input->method, work->session, &work->server,
                     input->wanted->bytes, input->wanted->length, error)) {
        HbaServer now = { 0 };
        bool untouched = hba_server_read(input->arena, work->session, &now, NULL) &&
                         now.length == work->server.length &&
                         memcmp(now.bytes, work->server.bytes, now.length) == 0;

        if (untouched) {
            g_prefix_error(error, "%s: nothing was overwritten: ", input->instance->name);
            return false;
        }
        return restore(work, error);
    }
    stop_when_replaced();
    return hba_install_load(input, work->session, error) || restore(work, error);
}

/* The lock is the one that apply takes, so that an apply and an installation never cross. */
bool
hba_install(const HbaInstallInput *input, Session *session, HbaInstallOutcome *ret_outcome,
            GError **error)
{
    Work work = { .input = input, .session = session };
    bool same = false;

    if (!apply_lock_take(input->arena, session, input->wait_seconds, error) ||
        !hba_server_read(input->arena, session, &work.server, error) ||
        !nobody_is_shut_out(&work, error))
        return false;
    same = work.server.length == input->wanted->length &&
           memcmp(work.server.bytes, input->wanted->bytes, input->wanted->length) == 0;
    *ret_outcome = input->allow_lockout ? HBA_OUTCOME_REPLACED_UNTRIED : HBA_OUTCOME_REPLACED;
    if (!same)
        return replace(&work, error);
    *ret_outcome = work.server.changed_since_load ? HBA_OUTCOME_RELOADED : HBA_OUTCOME_UNCHANGED;
    /* In place, perhaps by a run that did not come to its end: then it is still to be loaded. */
    return !work.server.maybe_changed_since_load || hba_install_load(input, session, error);
}
