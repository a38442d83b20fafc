/* From what a file holds to what a plan looks at. */
#include "provisioner/plan/state_source.h"

#include <string.h>

#include "provisioner/plan/preflight.h"
#include "provisioner/plan/read_scope.h"
#include "roles/diff/diff.h"
#include "roles/findings.h"
#include "roles/state/schema_pattern.h"

static void
note_incomplete(StateSource *source, const char *message)
{
    findings_add(source->plan->notes, &FINDING_STATE_INCOMPLETE,
                 (SourcePos){ .file = source->path }, "take a snapshot with this inventory", "%s",
                 message);
}

/* A state of another cluster would give a plausible plan with all its roles missing. */
static bool
check_cluster(StateSource *source)
{
    const char *wanted = source->cluster->name;

    if (source->text.cluster == NULL || strcmp(source->text.cluster, wanted) == 0)
        return true;
    findings_add(source->plan->notes, &FINDING_STATE_CLUSTER_MISMATCH, source->text.cluster_pos,
                 "select that cluster with -N, or use a state of this one",
                 "the state was taken from cluster \"%s\", but this plan is for \"%s\"",
                 source->text.cluster, wanted);
    return false;
}

/* The server would be asked for these; the file knows those of the inventory it was taken with. */
static void
complete_timestamps(StateSource *source)
{
    List texts = diff_timestamps(source->arena, source->cluster, source->today);

    LIST_FOREACH (const char, text, &texts) {
        double *seconds = ARENA_NEW(source->arena, double);

        if (state_text_timestamp(&source->text, text, seconds))
            g_hash_table_insert(source->text.timestamps, (gpointer)text, seconds);
        else
            note_incomplete(
                source, arena_printf(source->arena,
                                     "the expiry \"%s\" cannot be compared, and its step is shown: "
                                     "\"timestamps\" of the state has no value for it",
                                     text));
    }
}

/* Names are compared in lower case, as in closed_parameters. */
static bool
is_known_parameter(const StateSource *source, const char *name)
{
    g_autofree char *lower = g_ascii_strdown(name, -1);

    LIST_FOREACH (const char, open, &source->text.open_parameters) {
        if (strcmp(open, lower) == 0)
            return true;
    }
    return g_hash_table_contains(source->text.state->closed_parameters, lower);
}

/*
 * A file without either list was written by hand, and then what is not forbidden is allowed.
 * Whether a parameter may be set is known for those that the inventory of the snapshot named; a new
 * one has to be asked of a server.
 */
static void
note_unknown_parameters(StateSource *source)
{
    const AccessState *state = source->text.state;
    List names = { 0 };

    if (state->closed_parameters == NULL || (source->text.open_parameters.count == 0 &&
                                             g_hash_table_size(state->closed_parameters) == 0))
        return;
    names = preflight_parameters(source->arena, source->cluster, state);
    LIST_FOREACH (const char, name, &names) {
        if (!is_known_parameter(source, name))
            note_incomplete(source,
                            arena_printf(source->arena,
                                         "the state does not say whether role \"%s\" may "
                                         "set the parameter \"%s\"",
                                         names_text(state->names, state->session_role), name));
    }
}

bool
state_source_read(StateSource *source)
{
    AccessState *state = source->text.state;

    if (!state_text_read(source->arena, source->path, source->plan->notes, &source->text) ||
        !check_cluster(source))
        return false;
    /* No system identifier: it is what would make the plan one for that server, to be applied. */
    source->plan->server.version = source->text.server_version;
    source->plan->server.major_version = state->major_version;
    complete_timestamps(source);
    note_unknown_parameters(source);
    /* Sessions are looked at where roles may be disabled or dropped. */
    LIST_FOREACH (StateRole, role, &state->roles) {
        if (source->mode == ACCESS_MODE_ADDITIVE && !source->prune)
            role->sessions = 0;
    }
    return true;
}

/* ---- what is left out ---- */

static bool
schema_is_needed(const ObjectNeeds *needs, const char *schema)
{
    if (!schema_is_system(schema))
        return true;
    LIST_FOREACH (const char, system, &needs->system_schemas) {
        if (strcmp(system, schema) == 0)
            return true;
    }
    return false;
}

static bool
group_is_needed(const Names *names, const ObjectNeeds *needs, const ObjectGroup *group)
{
    if (group->kind == GRANT_KIND_LARGE_OBJECT)
        return needs->large_objects;
    return group->schema == NAME_NONE || schema_is_needed(needs, names_text(names, group->schema));
}

/*
 * System schemas have thousands of functions; a live plan reads them only for grants that name
 * them.
 */
static void
limit_groups(StateSource *source, StateDatabase *database, const ObjectNeeds *needs)
{
    List kept = { 0 };

    LIST_FOREACH (ObjectGroup, group, &database->groups) {
        if (group_is_needed(source->text.state->names, needs, group))
            list_add(source->arena, &kept, group);
    }
    database->groups = kept;
}

/*
 * The index of columns has to follow the list, or a later grant would find a column that the plan
 * does not know.
 */
static void
limit_columns(StateSource *source, StateDatabase *database, const ObjectNeeds *needs)
{
    const AccessState *state = source->text.state;
    List all = list_duplicate(source->arena, &database->columns);
    List groups = database->groups;

    state_database_forget_objects(source->text.state, database);
    database->groups = groups;
    LIST_FOREACH (StateColumn, column, &all) {
        if (!needs->column_acls ||
            !schema_is_needed(needs, names_text(state->names, column->table->schema)))
            continue;
        list_add(source->arena, &database->columns, column);
        g_hash_table_insert(state->column_index,
                            state_column_key(source->arena, database->name, column->table->schema,
                                             column->table->name, column->name),
                            column);
    }
}

static bool
has_objects_in(const StateSource *source, const StateDatabase *database, const char *schema)
{
    NameId id = names_find(source->text.state->names, schema);

    LIST_FOREACH (const ObjectGroup, group, &database->groups) {
        if (group->schema == id)
            return true;
    }
    return false;
}

/* The system's schemas are never empty on a server. */
static void
note_missing_schemas(StateSource *source, const StateDatabase *database, const ObjectNeeds *needs)
{
    LIST_FOREACH (const char, schema, &needs->system_schemas) {
        if (!has_objects_in(source, database, schema))
            note_incomplete(source,
                            arena_printf(source->arena,
                                         "the state holds no objects of schema \"%s\" of "
                                         "database \"%s\"",
                                         schema,
                                         names_text(source->text.state->names, database->name)));
    }
}

/*
 * The conditions are those of read_database() in target.c; both have to ask the same questions in
 * the same order, so that notes match.
 */
static void
limit_database(StateSource *source, StateDatabase *database)
{
    const AccessState *state = source->text.state;
    const char *name = names_text(state->names, database->name);
    ObjectNeeds needs = { 0 };

    if (!database->allow_connections || !read_scope_has_database(source->cluster, state, name) ||
        !preflight_may_enter(state, database, source->cluster, source->plan)) {
        state_database_forget(source->text.state, database);
        return;
    }
    if (!database->content_known) {
        note_incomplete(
            source, arena_printf(
                        source->arena,
                        "the state does not include the contents of database \"%s\", so nothing is "
                        "planned there",
                        name));
        return;
    }
    if (!read_scope_objects(source->arena, source->cluster, state, name, &needs)) {
        state_database_forget_objects(source->text.state, database);
        return;
    }
    limit_groups(source, database, &needs);
    limit_columns(source, database, &needs);
    note_missing_schemas(source, database, &needs);
}

/* Parameters play a part where grants name some, or they have an ACL. */
static void
limit_shared_objects(StateSource *source)
{
    AccessState *state = source->text.state;
    List parameters = object_needs_shared(source->arena, source->cluster, GRANT_KIND_PARAMETER);
    List kept = { 0 };

    LIST_FOREACH (ObjectGroup, group, &state->shared_groups) {
        if (group->kind == GRANT_KIND_TABLESPACE || parameters.count > 0 || group->acl_text != NULL)
            list_add(source->arena, &kept, group);
    }
    state->shared_groups = kept;
    object_needs_add_parameters(state, &parameters);
}

void
state_source_limit(StateSource *source)
{
    limit_shared_objects(source);
    LIST_FOREACH (StateDatabase, database, &source->text.state->databases)
        limit_database(source, database);
}
