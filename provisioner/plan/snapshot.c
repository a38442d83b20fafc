/* Reading everything that a plan may need, and writing it down. */
#include "provisioner/plan/snapshot.h"

#include <string.h>

#include "base/error.h"
#include "inventory/yaml/yaml_reader.h"
#include "provisioner/catalog/catalog.h"
#include "provisioner/catalog/prune_catalog.h"
#include "provisioner/plan/preflight.h"
#include "provisioner/plan/read_scope.h"
#include "roles/diff/diff.h"
#include "roles/state/state_text.h"

typedef struct Snapshot {
    const SnapshotInput *input;
    Session *session;
    AccessState *state;
    GHashTable *timestamps;
    StateText text;
} Snapshot;

/*
 * The same queries as a plan, with the widest answers: a snapshot serves any mode and any option
 * that is chosen later.
 */
static bool
read_cluster_wide(Snapshot *snapshot, GError **error)
{
    const SnapshotInput *input = snapshot->input;
    AccessState *state = snapshot->state;
    List texts = diff_timestamps(input->arena, input->cluster, input->today);
    ServerIdentity server = { 0 };

    if (!catalog_read_server(input->arena, snapshot->session, state, &server, error) ||
        !catalog_read_cluster_wide(snapshot->session, state, input->cluster, CATALOG_EVERYTHING,
                                   input->notes, error) ||
        !catalog_read_timestamps(input->arena, snapshot->session, &texts, snapshot->timestamps,
                                 error) ||
        !catalog_read_time_zone(snapshot->session, state, &snapshot->text.time_zone, error) ||
        !preflight_read(snapshot->session, state, input->cluster, error) ||
        !prune_read_sessions(snapshot->session, state, error))
        return false;
    snapshot->text.server_version = server.version;
    snapshot->text.system_identifier = server.system_identifier;
    return true;
}

/* Whatever the mode of the plan will be: strict reads the most. */
static ObjectNeeds
needs_of(const Snapshot *snapshot, const char *database)
{
    const SnapshotInput *input = snapshot->input;
    ObjectNeeds needs = { 0 };

    read_scope_objects(input->arena, input->cluster, snapshot->state, database, &needs);
    needs.column_acls = true;
    needs.large_objects = true;
    needs.everything = true;
    return needs;
}

static bool
is_wanted(const Snapshot *snapshot, const StateDatabase *database)
{
    const SnapshotInput *input = snapshot->input;
    const char *name = names_text(snapshot->state->names, database->name);
    TargetPlan plan = { .notes = input->notes };

    return database->allow_connections &&
           (input->all_databases ||
            read_scope_has_database(input->cluster, snapshot->state, name)) &&
           preflight_may_enter(snapshot->state, database, input->cluster, &plan) &&
           preflight_reads_names(snapshot->state, database, input->cluster, &plan);
}

static bool
read_database(Snapshot *snapshot, StateDatabase *database, GError **error)
{
    const SnapshotInput *input = snapshot->input;
    const char *name = names_text(snapshot->state->names, database->name);
    ObjectNeeds needs = needs_of(snapshot, name);
    g_autoptr(Session) own = NULL;
    Session *session = snapshot->session;

    if (!is_wanted(snapshot, database))
        return true;
    if (strcmp(name, PQdb(session->connection)) != 0) {
        own = session_open(&input->connection, name, error);
        session = own;
    }
    return session != NULL &&
           catalog_read_database(session, snapshot->state, database,
                                 input->cluster->primary->policy, &needs, input->notes, error);
}

/*
 * Which parameters a session that is not a superuser may set: of those asked about the rest. Open
 * ones are written as well: a parameter in neither list was never asked about, and a plan from the
 * file notes that.
 */
static List
open_parameters(const Snapshot *snapshot)
{
    const SnapshotInput *input = snapshot->input;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    List asked = preflight_parameters(input->arena, input->cluster, snapshot->state);
    List open = { 0 };

    LIST_FOREACH (const char, name, &asked) {
        g_autofree char *folded = g_ascii_strdown(name, -1);
        const char *lower = arena_strdup(input->arena, folded);

        if (snapshot->state->closed_parameters != NULL &&
            !g_hash_table_contains(snapshot->state->closed_parameters, lower) &&
            g_hash_table_add(seen, (gpointer)lower))
            list_add(input->arena, &open, lower);
    }
    return open;
}

/*
 * The limit is that of plan --state: a file that could not be read back would be found out too
 * late.
 */
static bool
write_document(Snapshot *snapshot, GString *out, GError **error)
{
    const char *problem = NULL;

    snapshot->text.cluster = snapshot->input->cluster->name;
    snapshot->text.open_parameters = open_parameters(snapshot);
    if (!state_text_write(&snapshot->text, out))
        problem = "a name or text of the server is not valid UTF-8, so its state cannot be written "
                  "as text";
    else if (out->len > YAML_FILE_MAX)
        problem = "the state is larger than 64 MiB, more than plan --state reads";
    if (problem != NULL)
        g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD, "%s: %s",
                    snapshot->input->cluster->name, problem);
    return problem == NULL;
}

bool
snapshot_take(const SnapshotInput *input, Session *session, GString *out, GError **error)
{
    g_autoptr(AccessState) state = access_state_new(input->arena);
    g_autoptr(GHashTable) timestamps = g_hash_table_new(g_str_hash, g_str_equal);
    Snapshot snapshot = {
        .input = input,
        .session = session,
        .state = state,
        .timestamps = timestamps,
        .text = { .state = state, .timestamps = timestamps },
    };

    if (!read_cluster_wide(&snapshot, error))
        return false;
    LIST_FOREACH (StateDatabase, database, &state->databases) {
        if (!read_database(&snapshot, database, error))
            return false;
    }
    return write_document(&snapshot, out, error);
}
