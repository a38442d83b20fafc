/* The order of an installation, and the way back. */
#include "provisioner/hba_deploy/hba_install.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "provisioner/hba_deploy/hba_guards.h"
#include "provisioner/server/apply_lock.h"

static const char *const outcomes[] = {
    [HBA_OUTCOME_UNCHANGED] = "no changes",
    [HBA_OUTCOME_RELOADED] = "the file was in place and is loaded now",
    [HBA_OUTCOME_REPLACED] = "replaced, reloaded and tried with a new connection",
    [HBA_OUTCOME_REPLACED_UNTRIED] = "replaced and reloaded; no new connection was tried",
    [HBA_OUTCOME_DECLINED] = "nothing done",
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
    const HbaInstalled wanted = hba_installed_from(input->arena, work->session, &work->server,
                                                   input->instance, input->wanted);
    const HbaGuardInput guards = {
        .arena = input->arena,
        .instance = input->instance,
        .rules = &wanted.rules,
        .session = work->session,
        .server = &work->server,
        .allow_lockout = input->allow_lockout,
        .notes = input->notes,
    };

    if (wanted.broken == NULL)
        return hba_guards_pass(&guards, error);
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: PostgreSQL %d would refuse the new rules, %s; nothing was written",
                input->instance->name, work->server.major_version, wanted.broken);
    return false;
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

static bool
has_bytes(const HbaServer *server, const char *bytes, size_t length)
{
    return server->length == length && memcmp(server->bytes, bytes, length) == 0;
}

/*
 * The session that installed is still open, whatever the new rules say: existing sessions are not
 * checked against pg_hba.conf again. That is why the old file can be restored. It may be one that
 * the server refuses: then the rules that were loaded last stay in force.
 */
static bool
restore(Work *work, const HbaReplacement *replacement, GError **error)
{
    const HbaInstallInput *input = work->input;
    const char *name = input->instance->name;
    g_autoptr(GError) failure = NULL;

    if (!hba_replace_undo(replacement, &failure))
        g_prefix_error(
            error, "%s: the old rules could NOT be restored (%s)%s: ", name, failure->message,
            input->method == HBA_INSTALL_SERVER
                ? arena_printf(input->arena, ", see \"%s.pgcharter-old\"", work->server.hba_file)
                : "");
    else if (!hba_server_check_file(input->arena, work->session, &failure) ||
             !hba_server_reload(work->session, &failure))
        g_prefix_error(error,
                       "%s: the old file is back, but its rules are NOT in force (%s): ", name,
                       failure->message);
    else
        g_prefix_error(error, "%s: the old rules are back in force: ", name);
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
    HbaReplacement replacement = {
        .arena = input->arena,
        .method = input->method,
        .session = work->session,
        .server = &work->server,
    };

    if (!hba_keep_find(&replacement, &replacement.kept_at, error))
        return false;
    if (!hba_replace(&replacement, input->wanted->bytes, input->wanted->length, error)) {
        HbaServer now = { 0 };

        if (hba_server_read(input->arena, work->session, &now, NULL) &&
            has_bytes(&work->server, now.bytes, now.length)) {
            g_prefix_error(error, "%s: nothing was overwritten: ", input->instance->name);
            return false;
        }
        return restore(work, &replacement, error);
    }
    stop_when_replaced();
    if (!hba_install_load(input, work->session, error))
        return restore(work, &replacement, error);
    hba_replace_tidy(&replacement);
    return true;
}

/* What is in place, and that nobody who is needed would be shut out. */
static bool
look(Work *work, GError **error)
{
    return hba_server_read(work->input->arena, work->session, &work->server, error) &&
           hba_server_may_replace(work->session, &work->server, error) &&
           nobody_is_shut_out(work, error);
}

static bool
is_in_place(const Work *work)
{
    return has_bytes(&work->server, work->input->wanted->bytes, work->input->wanted->length);
}

/* Shows what would change and asks; *ret_wanted is the answer. */
static bool
confirm(Work *work, bool *ret_wanted, GError **error)
{
    const HbaInstallInput *input = work->input;
    g_autoptr(Findings) findings = findings_new(input->arena);
    const HbaPreviewInput preview_input = {
        .arena = input->arena,
        .instance = input->instance,
        .wanted = input->wanted,
        .method = input->method,
        .session = work->session,
        .server = &work->server,
        .findings = findings,
    };
    HbaPreview preview = { 0 };
    List previews = { 0 };

    if (!hba_preview_make(&preview_input, &preview, error))
        return false;
    list_add(input->arena, &previews, &preview);
    *ret_wanted = input->confirms(input->confirms_data, &previews, findings);
    return true;
}

/* Nothing that was not shown is overwritten: somebody may have edited the file meanwhile. */
static bool
lock_and_look_again(Work *work, bool was_shown, GError **error)
{
    const HbaInstallInput *input = work->input;
    const HbaServer shown = work->server;

    if (!apply_lock_take(input->arena, work->session, input->wait_seconds, error) ||
        !look(work, error))
        return false;
    if (!was_shown || is_in_place(work) || has_bytes(&work->server, shown.bytes, shown.length))
        return true;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: \"%s\" was changed by somebody else since it was shown; nothing was "
                "overwritten, run hba install again",
                input->instance->name, shown.hba_file);
    return false;
}

/*
 * The lock is the one that apply takes, so that an apply and an installation never cross. It is
 * taken after the question, as apply does: others need not wait for the answer.
 */
bool
hba_install(const HbaInstallInput *input, Session *session, HbaInstallOutcome *ret_outcome,
            GError **error)
{
    Work work = { .input = input, .session = session };
    bool asks = false;
    bool wanted = true;

    if (!look(&work, error))
        return false;
    asks = input->confirms != NULL && !is_in_place(&work);
    if (asks && !confirm(&work, &wanted, error))
        return false;
    *ret_outcome = HBA_OUTCOME_DECLINED;
    if (!wanted)
        return true;
    if (!lock_and_look_again(&work, asks, error))
        return false;
    *ret_outcome = input->allow_lockout ? HBA_OUTCOME_REPLACED_UNTRIED : HBA_OUTCOME_REPLACED;
    if (!is_in_place(&work))
        return replace(&work, error);
    *ret_outcome = work.server.changed_since_load ? HBA_OUTCOME_RELOADED : HBA_OUTCOME_UNCHANGED;
    /* In place, perhaps by a run that did not come to its end: then it is still to be loaded. */
    if (work.server.maybe_changed_since_load)
        return hba_install_load(input, session, error);
    /* Loaded or not: a server that refuses its file does not come up again. */
    return hba_server_check_file(input->arena, session, error);
}
