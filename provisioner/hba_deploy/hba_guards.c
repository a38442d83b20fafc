/* The connections that the way back depends on, judged by the evaluator. */
#include "provisioner/hba_deploy/hba_guards.h"

#include <string.h>

#include "base/error.h"
#include "hba/analyse/guard.h"

/* Database postgres, because that is where pgcharter, the monitor and most tools connect first. */
static HbaGuard *
add_guard(const HbaGuardInput *input, List *guards, const char *who, const char *user)
{
    HbaGuard *guard = ARENA_NEW(input->arena, HbaGuard);

    guard->who = who;
    guard->connection.user = user;
    guard->connection.database = "postgres";
    list_add(input->arena, guards, guard);
    return guard;
}

/*
 * A guard holds if one of two ways is open: monitors connect over the socket or over the loopback.
 */
static HbaConnection *
add_otherwise(const HbaGuardInput *input, HbaGuard *guard)
{
    HbaConnection *other = ARENA_NEW(input->arena, HbaConnection);

    *other = guard->connection;
    guard->otherwise = other;
    return other;
}

/* Ourselves, as we are connected now. */
static void
guard_own_connection(const HbaGuardInput *input, List *guards)
{
    HbaGuard *own = add_guard(input, guards, "this connection", input->server->session_role);

    own->connection.is_local = input->server->client_address == NULL;
    own->connection.ssl = input->server->ssl;
    if (!own->connection.is_local)
        hba_connection_set_address(&own->connection, input->server->client_address);
}

/* Every other member streams from here, or will after a switchover; with TLS or without. */
static void
guard_replication(const HbaGuardInput *input, List *guards)
{
    const Instance *instance = input->instance;

    LIST_FOREACH (const Instance, member, &instance->cluster->instances) {
        HbaConnection probe = { 0 };
        HbaGuard *guard = NULL;

        if (member == instance || !hba_connection_set_address(&probe, member->address))
            continue;
        guard = add_guard(input, guards,
                          arena_printf(input->arena, "replication from %s", member->address),
                          instance->users.replication);
        memcpy(guard->connection.address, probe.address, sizeof probe.address);
        guard->connection.is_v6 = probe.is_v6;
        guard->connection.replication = HBA_REPLICATION_PHYSICAL;
        add_otherwise(input, guard)->ssl = true;
    }
}

static void
guard_monitor(const HbaGuardInput *input, List *guards)
{
    HbaGuard *guard =
        add_guard(input, guards, "the monitor user from this host", input->instance->users.monitor);
    HbaConnection *loopback = NULL;

    guard->connection.is_local = true;
    loopback = add_otherwise(input, guard);
    loopback->is_local = false;
    hba_connection_set_address(loopback, "127.0.0.1");
}

/* A cluster whose policy has no replication or monitor user has nobody to lock out there. */
static List
make_guards(const HbaGuardInput *input)
{
    const SystemUsers *users = &input->instance->users;
    HbaGuard *guard = NULL;
    List guards = { 0 };

    guard_own_connection(input, &guards);
    guard = add_guard(input, &guards, "pg_dbsu over the socket", users->dbsu);
    guard->connection.is_local = true;
    if (users->monitor != NULL)
        guard_monitor(input, &guards);
    if (users->replication != NULL)
        guard_replication(input, &guards);
    return guards;
}

/* All lockouts are listed, so that one edit of the rules can mend them all. */
bool
hba_guards_pass(const HbaGuardInput *input, GError **error)
{
    g_autoptr(HbaRoleSet) roles = hba_role_set_new(input->arena);
    const HbaEvaluator evaluator = {
        .arena = input->arena,
        .program = HBA_PROGRAM_POSTGRESQL,
        .version = input->server->major_version,
        .roles = roles,
    };
    List guards = make_guards(input);
    List lockouts = { 0 };
    g_autoptr(GString) text = g_string_new(NULL);

    if (!hba_server_read_roles(input->arena, input->session, roles, error))
        return false;
    lockouts = hba_lockouts(&evaluator, input->rules, &guards, input->notes);
    if (lockouts.count == 0 || input->allow_lockout)
        return true;
    LIST_FOREACH (const HbaLockout, lockout, &lockouts) {
        g_string_append_printf(text, "%s%s (%s)", text->len > 0 ? ", " : "", lockout->guard->who,
                               lockout->guard->connection.user);
        if (lockout->rule != NULL)
            g_string_append_printf(text, ", rejected by %s:%u", lockout->rule->pos.file,
                                   lockout->rule->pos.line);
    }
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY,
                "%s: the new rules would lock out %s; nothing was written (--allow-lockout "
                "installs them anyway)",
                input->instance->name, text->str);
    return false;
}
