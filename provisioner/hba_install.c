/* The order of an installation, and the way back. */
#include "provisioner/hba_install.h"

#include <string.h>

#include "base/error.h"
#include "hba/guard.h"
#include "hba/rule_text.h"
#include "provisioner/apply_lock.h"

typedef struct Work {
    const HbaInstallInput *input;
    Session *session;
    HbaServer server;
    HbaRoleSet *roles;
} Work;

static HbaGuard *
add_guard(Work *work, List *guards, const char *who, const char *user)
{
    HbaGuard *guard = ARENA_NEW(work->input->arena, HbaGuard);

    guard->who = who;
    guard->connection.user = user;
    guard->connection.database = "postgres";
    list_add(work->input->arena, guards, guard);
    return guard;
}

static HbaConnection *
add_otherwise(Work *work, HbaGuard *guard)
{
    HbaConnection *other = ARENA_NEW(work->input->arena, HbaConnection);

    *other = guard->connection;
    guard->otherwise = other;
    return other;
}

/* Ourselves, as we are connected now. */
static void
guard_own_connection(Work *work, List *guards)
{
    HbaGuard *own = add_guard(work, guards, "this connection", work->server.executor);

    own->connection.is_local = work->server.client_address == NULL;
    own->connection.ssl = work->server.ssl;
    if (!own->connection.is_local)
        hba_connection_set_address(&own->connection, work->server.client_address);
}

/* Every other member streams from here, or will after a switchover; with TLS or without. */
static void
guard_replication(Work *work, List *guards)
{
    const Instance *instance = work->input->instance;

    LIST_FOREACH (const Instance, member, &instance->cluster->instances) {
        HbaConnection probe = { 0 };
        HbaGuard *guard = NULL;

        if (member == instance || !hba_connection_set_address(&probe, member->address))
            continue;
        guard = add_guard(work, guards,
                          arena_printf(work->input->arena, "replication from %s", member->address),
                          instance->users.replication);
        memcpy(guard->connection.address, probe.address, sizeof probe.address);
        guard->connection.is_v6 = probe.is_v6;
        guard->connection.replication = HBA_REPLICATION_PHYSICAL;
        add_otherwise(work, guard)->ssl = true;
    }
}

static List
make_guards(Work *work)
{
    const SystemUsers *users = &work->input->instance->users;
    HbaGuard *guard = NULL;
    List guards = { 0 };

    guard_own_connection(work, &guards);
    guard = add_guard(work, &guards, "pg_dbsu over the socket", users->dbsu);
    guard->connection.is_local = true;
    guard = add_guard(work, &guards, "the monitor user from this host", users->monitor);
    guard->connection.is_local = true;
    {
        HbaConnection *loopback = add_otherwise(work, guard);

        loopback->is_local = false;
        hba_connection_set_address(loopback, "127.0.0.1");
    }
    guard_replication(work, &guards);
    return guards;
}

static bool
nobody_is_shut_out(Work *work, GError **error)
{
    const HbaEvaluator evaluator = {
        .arena = work->input->arena,
        .program = HBA_PROGRAM_POSTGRESQL,
        .version = work->server.major_version,
        .roles = work->roles,
    };
    List guards = make_guards(work);
    List lockouts = hba_lockouts(&evaluator, work->input->rules, &guards, work->input->notes);
    g_autoptr(GString) text = g_string_new(NULL);

    if (lockouts.count == 0 || work->input->allow_lockout)
        return true;
    LIST_FOREACH (const HbaLockout, lockout, &lockouts) {
        g_string_append_printf(text, "%s%s (%s)", text->len > 0 ? ", " : "", lockout->guard->who,
                               lockout->guard->connection.user);
        if (lockout->rule != NULL)
            g_string_append_printf(text, " is rejected by %s:%u", lockout->rule->pos.file,
                                   lockout->rule->pos.line);
    }
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY,
                "%s: the new rules would shut out %s; nothing was written (--allow-lockout does "
                "it all the same)",
                work->input->instance->name, text->str);
    return false;
}

/* A session made with the new rules in force: the proof that one can still come in. */
static bool
connects_anew(Work *work, GError **error)
{
    g_autoptr(Session) fresh = NULL;

    if (work->input->allow_lockout)
        return true;
    fresh = session_open(&work->input->connection, "postgres", error);
    return fresh != NULL;
}

static bool
check_and_load(Work *work, GError **error)
{
    return hba_server_check_file(work->input->arena, work->session, error) &&
           hba_server_reload(work->session, error) && connects_anew(work, error);
}

static bool
restore(Work *work, GError **error)
{
    g_autoptr(GError) failure = NULL;

    if (hba_replace_undo(work->input->arena, work->input->way, work->session, &work->server,
                         &failure) &&
        hba_server_reload(work->session, &failure)) {
        g_prefix_error(error, "%s: the old rules are back in force: ", work->input->instance->name);
        return false;
    }
    g_prefix_error(error,
                   "%s: the old rules could NOT be put back (%s), see \"%s.pgcharter-old\": ",
                   work->input->instance->name, failure->message, work->server.hba_file);
    return false;
}

static bool
replace(Work *work, GError **error)
{
    const HbaInstallInput *input = work->input;

    if (!hba_replace(input->arena, input->way, work->session, &work->server, input->bytes,
                     input->length, error)) {
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
    return check_and_load(work, error) || restore(work, error);
}

bool
hba_install(const HbaInstallInput *input, HbaInstallOutcome *ret_outcome, GError **error)
{
    g_autoptr(Session) session = session_open(&input->connection, "postgres", error);
    g_autoptr(HbaRoleSet) roles = hba_role_set_new(input->arena);
    Work work = { .input = input, .session = session, .roles = roles };
    bool same = false;

    if (session == NULL || !apply_lock_take(input->arena, session, 0, error) ||
        !hba_server_read(input->arena, session, &work.server, error) ||
        !hba_server_read_roles(input->arena, session, roles, error) ||
        !nobody_is_shut_out(&work, error))
        return false;
    same = work.server.length == input->length &&
           memcmp(work.server.bytes, input->bytes, input->length) == 0;
    *ret_outcome = HBA_INSTALL_REPLACED;
    if (!same)
        return replace(&work, error);
    *ret_outcome = work.server.changed_since_load ? HBA_INSTALL_RELOADED : HBA_INSTALL_UNCHANGED;
    /* In place, perhaps by a run that did not come to its end: then it is still to be loaded. */
    return !work.server.maybe_changed_since_load || check_and_load(&work, error);
}
