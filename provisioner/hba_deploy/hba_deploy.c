/* From an instance to a member with a connection, a role and the bytes of its file. */
#include "provisioner/hba_deploy/hba_deploy.h"

#include "base/error.h"
#include "provisioner/hba_deploy/hba_install_patroni.h"
#include "provisioner/hba_deploy/patroni.h"
#include "provisioner/server/connection.h"

#define CONNECT_POLL_US 200000

/*
 * The inventory's role is the default, because an inventory that was reviewed should not be
 * overruled silently. Patroni's word is taken only in its callback or when asked for.
 */
static bool
choose_role(const HbaDeployment *deployment, const Instance *instance, bool in_recovery,
            PgRole *ret_role, GError **error)
{
    const char *word = deployment->patroni_role;

    *ret_role = instance->role;
    if (word == NULL && deployment->role_from == HBA_ROLE_FROM_INVENTORY) {
        if (deployment->role_report == HBA_ROLE_REPORTED)
            hba_role_compare(instance, in_recovery, deployment->notes);
        return true;
    }
    if (word == NULL && deployment->role_from == HBA_ROLE_FROM_SERVER) {
        *ret_role = hba_role_of_server(instance, in_recovery);
        return true;
    }
    if (word == NULL)
        word = patroni_read_role(deployment->arena,
                                 patroni_url(deployment->arena, instance, deployment->patroni_urls),
                                 error);
    if (word == NULL || hba_role_of_patroni(instance, word, ret_role))
        return word != NULL;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: Patroni reports the role \"%s\", which this version does not know",
                instance->name, word);
    return false;
}

/* Patroni calls back while it promotes or demotes: the server may refuse sessions for a moment. */
static Session *
open_session(const HbaDeployment *deployment, const ConnectionParameters *connection,
             GError **error)
{
    gint64 deadline =
        g_get_monotonic_time() + deployment->connect_wait_seconds * (gint64)G_USEC_PER_SEC;

    for (;;) {
        g_autoptr(GError) failure = NULL;
        Session *session = session_open(connection, "postgres", &failure);

        if (session != NULL)
            return session;
        if (g_get_monotonic_time() >= deadline) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return NULL;
        }
        g_usleep(CONNECT_POLL_US);
    }
}

/*
 * Connects, learns the role and renders; the session stays open for whoever wants it. A connection
 * of its own for each instance: a member's file says who may connect to that member.
 */
static Session *
prepare(const HbaDeployment *deployment, const Instance *instance, HbaMember *ret_member,
        GError **error)
{
    Arena *arena = deployment->arena;
    g_autoptr(Session) session = NULL;
    HbaServer server = { 0 };
    PgRole role = instance->role;

    ret_member->instance = instance;
    ret_member->url = patroni_url(arena, instance, deployment->patroni_urls);
    if (!connection_resolve_instance(arena, instance, deployment->conninfos,
                                     &ret_member->connection, error))
        return NULL;
    session = open_session(deployment, &ret_member->connection, error);
    if (session == NULL || !hba_server_read(arena, session, &server, error) ||
        !choose_role(deployment, instance, server.in_recovery, &role, error) ||
        !hba_renderings_make(deployment->renderings, instance, role, &ret_member->wanted, error))
        return NULL;
    if (deployment->role_report == HBA_ROLE_REPORTED)
        hba_version_compare(instance, &server, deployment->notes);
    return g_steal_pointer(&session);
}

bool
hba_deploy_instance(const HbaDeployment *deployment, const Instance *instance,
                    HbaInstallMethod method, HbaInstallOutcome *ret_outcome, GError **error)
{
    HbaMember member = { 0 };
    g_autoptr(Session) session = prepare(deployment, instance, &member, error);
    const HbaInstallInput input = {
        .arena = deployment->arena,
        .instance = instance,
        .wanted = &member.wanted,
        .method = method,
        .allow_lockout = deployment->allow_lockout,
        .wait_seconds = deployment->wait_seconds,
        .connection = member.connection,
        .confirms = deployment->confirms,
        .confirms_data = deployment->confirms_data,
        .notes = deployment->notes,
    };

    return session != NULL && hba_install(&input, session, ret_outcome, error);
}

/*
 * All members are prepared before anything is changed: a member that cannot be reached is found
 * while nothing has happened.
 */
bool
hba_deploy_cluster(const HbaDeployment *deployment, const Cluster *cluster,
                   HbaInstallOutcome *ret_outcome, GError **error)
{
    HbaPatroniInput input = {
        .arena = deployment->arena,
        .cluster = cluster,
        .take_over = deployment->take_over,
        .allow_lockout = deployment->allow_lockout,
        .wait_seconds = deployment->wait_seconds,
        .confirms = deployment->confirms,
        .confirms_data = deployment->confirms_data,
        .notes = deployment->notes,
    };

    LIST_FOREACH (const Instance, instance, &cluster->instances) {
        HbaMember *member = ARENA_NEW(deployment->arena, HbaMember);
        g_autoptr(Session) session = prepare(deployment, instance, member, error);

        if (session == NULL)
            return false;
        list_add(deployment->arena, &input.members, member);
    }
    return hba_install_patroni(&input, ret_outcome, error);
}
