/* Reading what a plan needs, and only that; asking the safety rules; planning. */
#include "provisioner/plan/target.h"

#include <string.h>

#include "base/error.h"
#include "provisioner/catalog/catalog.h"
#include "provisioner/catalog/catalog_objects.h"
#include "provisioner/catalog/prune_catalog.h"
#include "provisioner/findings.h"
#include "provisioner/plan/code_owner.h"
#include "provisioner/plan/declared_passwords.h"
#include "provisioner/plan/facts.h"
#include "provisioner/plan/guards.h"
#include "provisioner/plan/managed_notes.h"
#include "provisioner/plan/outcome_check.h"
#include "provisioner/plan/preflight.h"
#include "provisioner/plan/prune.h"
#include "provisioner/plan/prune_notes.h"
#include "provisioner/plan/read_scope.h"
#include "provisioner/plan/state_source.h"
#include "provisioner/plan/until_notes.h"
#include "roles/diff/diff.h"
#include "roles/diff/outcome.h"
#include "roles/findings.h"
#include "roles/state/initdb_state.h"

typedef struct Work {
    const TargetInput *input;
    Session *session;
    AccessState *state;
    TargetPlan *plan;
    GHashTable *timestamps;
    bool changed; /* objects changed while they were read: all of it again */
} Work;

/*
 * What a database's owner, or its damage, does to it holds up nothing else. Without postgres and
 * the templates nothing could be done.
 */
static bool
go_on_without(Work *work, StateDatabase *database, GError **failure)
{
    const char *name = names_text(work->state->names, database->name);
    List *unreadable = &work->plan->unreadable;

    if (strcmp(name, PQdb(work->session->connection)) == 0 || database->is_template ||
        g_error_matches(*failure, PGCHARTER_ERROR, PGCHARTER_ERROR_INTERRUPTED) ||
        PQstatus(work->session->connection) != CONNECTION_OK)
        return false;
    state_database_forget(work->state, database);
    list_add(work->input->arena, unreadable, arena_strdup(work->input->arena, (*failure)->message));
    findings_add(work->plan->notes, &FINDING_DATABASE_UNREADABLE, (SourcePos){ 0 },
                 "the rest is planned; plan again when the database can be read",
                 "database \"%s\" cannot be read; its contents are left unchanged", name);
    g_clear_error(failure);
    return true;
}

/*
 * template0 refuses connections (datallowconn) and others may; what cannot be entered is not
 * planned.
 */
static bool
read_database(Work *work, StateDatabase *database, GError **error)
{
    const char *name = names_text(work->state->names, database->name);
    Session *own = NULL;
    Session *session = work->session;
    ObjectNeeds needs = { 0 };
    g_autoptr(GError) failure = NULL;
    bool ok = false;

    if (!database->allow_connections ||
        !read_scope_has_database(work->input->cluster, work->state, name) ||
        !preflight_may_enter(work->state, database, work->input->cluster, work->plan) ||
        !preflight_reads_names(work->state, database, work->input->cluster, work->plan))
        return true;
    if (strcmp(name, PQdb(session->connection)) != 0) {
        own = session_pool_take(work->input->sessions, &work->input->connection, name, &failure);
        session = own;
    }
    ok = session != NULL &&
         catalog_read_database(
             session, work->state, database, work->input->cluster->primary->policy,
             read_scope_objects(work->input->arena, work->input->cluster, work->state, name, &needs)
                 ? &needs
                 : NULL,
             work->plan->notes, &failure);
    if (ok)
        session_pool_give(work->input->sessions, own);
    else
        session_close(own);
    if (ok || go_on_without(work, database, &failure))
        return true;
    g_propagate_prefixed_error(error, g_steal_pointer(&failure), "database \"%s\": ", name);
    return false;
}

/* The hashing goes on while the databases are read. */
static void
start_passwords(const Work *work)
{
    const TargetInput *input = work->input;
    DeclaredPasswords passwords = {
        .arena = input->arena,
        .cluster = input->cluster,
        .state = work->state,
        .checks = input->passwords,
        .opened = input->opened_passwords,
        .set_unseen = (input->flags & TARGET_SET_PASSWORDS) != 0,
        .notes = work->plan->notes,
    };

    declared_passwords_add(&passwords);
    password_checks_start(input->passwords, input->jobs);
}

static void
note_unknown_identifier(const Work *work)
{
    findings_add(
        work->plan->notes, &FINDING_SYSTEM_IDENTIFIER_UNKNOWN, (SourcePos){ 0 },
        "ask a superuser to GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() in database "
        "postgres",
        "role \"%s\" may not read the server's system identifier",
        names_text(work->state->names, work->state->session_role));
}

/* Each database is read in one REPEATABLE READ transaction; no snapshot spans databases, so objects
 * that change in between are noticed when their names are read. */
static bool
read_server(Work *work, GError **error)
{
    const TargetInput *input = work->input;
    List texts = diff_timestamps(input->arena, input->cluster, input->today);
    ServerIdentity *server = &work->plan->server;

    catalog_ask_ahead(input->arena, work->session, input->cluster, &texts);
    if (!catalog_read_server(input->arena, work->session, work->state, &work->plan->server,
                             error) ||
        !catalog_read_cluster_wide(work->session, work->state, input->cluster, CATALOG_AS_DECLARED,
                                   work->plan->notes, error) ||
        !catalog_read_timestamps(input->arena, work->session, &texts, work->timestamps, error) ||
        !preflight_read(work->session, work->state, input->cluster, error))
        return false;
    if ((input->mode != ACCESS_MODE_ADDITIVE || (input->flags & TARGET_PRUNE) != 0) &&
        !prune_read_sessions(work->session, work->state, error))
        return false;
    server->host = arena_strdup(input->arena, PQhost(work->session->connection));
    server->port = arena_strdup(input->arena, PQport(work->session->connection));
    if (server->system_identifier == NULL)
        note_unknown_identifier(work);
    start_passwords(work);
    LIST_FOREACH (StateDatabase, database, &work->state->databases) {
        if (!read_database(work, database, error))
            return false;
    }
    return true;
}

/* What initdb of that version creates, so the plan is the one for a fresh server. */
static void
make_offline(Work *work)
{
    const TargetInput *input = work->input;

    initdb_state(work->state, input->offline_version, input->cluster->primary->users.dbsu);
    work->plan->server.major_version = input->offline_version;
    work->plan->server.version = arena_printf(input->arena, "%d", input->offline_version);
    start_passwords(work);
}

/* In the order in which a session reads, so that the notes stand in one order, too. */
static bool
take_saved_state(Work *work)
{
    const TargetInput *input = work->input;
    StateSource source = {
        .arena = input->arena,
        .cluster = input->cluster,
        .path = input->state_path,
        .mode = input->mode,
        .prune = (input->flags & TARGET_PRUNE) != 0,
        .today = input->today,
        .plan = work->plan,
        .text = { .state = work->state, .timestamps = work->timestamps },
    };

    if (!state_source_read(&source))
        return false;
    if (source.text.has_system_identifier && source.text.system_identifier == NULL)
        note_unknown_identifier(work);
    start_passwords(work);
    state_source_limit(&source);
    return true;
}

/* Statements run as dbsu where we are somebody else who may, so that owners and grantors are
 * Pigsty's. */
static void
choose_role(Work *work)
{
    const char *dbsu = work->input->cluster->primary->users.dbsu;
    NameId id = names_intern(work->state->names, dbsu);

    if (preflight_role(work->state, id) == id) {
        work->plan->set_role = dbsu;
        return;
    }
    if (id == work->state->session_role || !work->state->session_role_is_superuser)
        return;
    LIST_FOREACH (const RoleDecl, decl, &work->input->cluster->roles) {
        const OptBool *superuser = &decl->attributes[ROLE_ATTRIBUTE_SUPERUSER];

        if (strcmp(decl->name, dbsu) == 0 && superuser->given && superuser->value) {
            work->plan->set_role = dbsu;
            work->plan->set_role_is_new = true;
        }
    }
}

/* What is dropped, or given to a superuser, needs another look at the server; without one the plan
 * says what it lacks. */
static bool
look_again(Work *work, List *changes, GError **error)
{
    const PruneInput input = {
        .arena = work->input->arena,
        .session = work->session,
        .connection = &work->input->connection,
        .state = work->state,
        .notes = work->plan->notes,
        .plan = work->plan,
        .allow_data_loss = (work->input->flags & TARGET_ALLOW_DATA_LOSS) != 0,
        .allow_superuser_code = (work->input->flags & TARGET_ALLOW_SUPERUSER_CODE) != 0,
    };

    if (findings_has_errors(work->plan->notes))
        return true;
    if (!code_owner_check_changes(&input, work->input->sessions, changes, error))
        return false;
    if ((work->input->flags & TARGET_PRUNE) != 0 && work->session == NULL)
        prune_note_unseen(&input, changes);
    return (work->input->flags & TARGET_PRUNE) == 0 || work->session == NULL ||
           (prune_check_data(&input, changes, error) && prune_expand(&input, changes, error));
}

/*
 * Names are read in a second look, only of what differs: a database may have a million objects, and
 * most are as declared.
 */
static bool
name_in_places(Work *work, StateDatabase *database, GHashTable *places, GError **error)
{
    GHashTableIter iter;
    gpointer place = NULL;
    gpointer groups = NULL;

    g_hash_table_iter_init(&iter, places);
    while (g_hash_table_iter_next(&iter, &place, &groups)) {
        const char *name = names_text(work->state->names, GPOINTER_TO_UINT(place));
        SessionPool *sessions = work->input->sessions;
        Session *session = session_pool_take(sessions, &work->input->connection, name, error);
        bool ok = session != NULL && catalog_name_objects(session, work->state, database, groups,
                                                          work->plan->notes, &work->changed, error);

        session_pool_give(sessions, session);
        if (!ok)
            return false;
    }
    return true;
}

/* By the database to read them from: the objects of a new one are still its template's. */
static bool
name_objects(Work *work, const UnnamedObjects *unnamed, GError **error)
{
    g_autoptr(GHashTable) places = g_hash_table_new(NULL, NULL);

    LIST_FOREACH (const ObjectGroup, group, &unnamed->groups) {
        NameId place = group->read_from != NAME_NONE ? group->read_from : unnamed->database->name;
        List *same = g_hash_table_lookup(places, GUINT_TO_POINTER(place));

        if (same == NULL) {
            same = ARENA_NEW(work->input->arena, List);
            g_hash_table_insert(places, GUINT_TO_POINTER(place), same);
        }
        list_add(work->input->arena, same, group);
    }
    return name_in_places(work, unnamed->database, places, error);
}

/* Names for what differs: read last, when it is known what does. */
static bool
name_unnamed(Work *work, const DiffRun *run, GError **error)
{
    const List unnamed = diff_unnamed(run);

    LIST_FOREACH (const UnnamedObjects, objects, &unnamed) {
        if (work->session != NULL && !name_objects(work, objects, error))
            return false;
    }
    return true;
}

/*
 * Objects of the saved plan that are as declared by now belong to groups that nobody had to name.
 * What has become of them is known only when their names have been read.
 */
static bool
name_saved_objects(Work *work, StateDatabase *database, const List *groups, GError **error)
{
    UnnamedObjects unnamed = { .database = database };

    LIST_FOREACH (const ObjectGroup, group, groups) {
        if (!group->is_named &&
            facts_may_be_in(work->plan->facts, work->input->saved_facts, database, group))
            list_add(work->input->arena, &unnamed.groups, group);
    }
    return unnamed.groups.count == 0 || name_objects(work, &unnamed, error);
}

static bool
find_saved_objects(Work *work, GError **error)
{
    facts_add_objects(work->plan->facts);
    if (work->input->saved_facts == NULL || work->session == NULL)
        return true;
    LIST_FOREACH (StateDatabase, database, &work->state->databases) {
        if (!name_saved_objects(work, database, &database->groups, error))
            return false;
    }
    facts_add_objects(work->plan->facts);
    return true;
}

/* In the order of the steps; what several of them are about stands there once. */
static void
keep_starting_points(Work *work)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    Arena *arena = work->input->arena;

    LIST_FOREACH (const Step, step, &work->plan->steps) {
        List facts = { 0 };

        facts_of_change(work->plan->facts, step->change, &facts);
        LIST_FOREACH (const Fact, fact, &facts) {
            const char *key = arena_printf(
                arena, "%s\n%s", fact->database == NULL ? "" : fact->database, fact->subject);

            if (g_hash_table_add(seen, (gpointer)key))
                list_add(arena, &work->plan->starts_from, fact);
        }
    }
}

/*
 * What adopt would take because nothing declares it, for a plan in additive: another diff that
 * starts where the plan ends. Its notes say nothing that the plan has not said, and its safety
 * rules ask when it is run.
 */
static bool
find_withheld(Work *work, const StatementContext *context, const DiffInput *additive,
              GError **error)
{
    g_autoptr(Findings) notes = findings_new(work->input->arena);
    DiffInput adopt = *additive;
    bool was_changed = work->changed;
    g_autoptr(DiffRun) run = NULL;
    List changes;
    List steps;

    if (additive->mode != ACCESS_MODE_ADDITIVE || findings_has_errors(work->plan->notes))
        return true;
    adopt.mode = ACCESS_MODE_ADOPT;
    adopt.prune = adopt.keep_preconditions = false;
    adopt.notes = notes;
    access_state_settle(work->state);
    run = diff_begin(&adopt);
    if (!name_unnamed(work, run, error))
        return false;
    /* Somebody grants meanwhile: no reason to read all of it again for what is not run. */
    if (work->changed != was_changed) {
        work->changed = was_changed;
        return true;
    }
    changes = diff_finish(run);
    steps = plan_steps(context, &changes);
    LIST_FOREACH (Step, step, &steps) {
        if (step->because.origin != ORIGIN_NOBODY)
            continue;
        step->seq = (unsigned)work->plan->withheld.count + 1;
        list_add(work->input->arena, &work->plan->withheld, step);
    }
    return true;
}

/* Of many objects the questions are as long as the steps, and a plan that is shown needs none. */
static void
add_outcome_checks(const Work *work, const List *changes)
{
    const List outcomes = outcomes_of_changes(work->state, changes);

    outcome_checks_add(work->input->arena, work->state->names, &outcomes, &work->plan->steps);
}

static bool
make_steps(Work *work, GError **error)
{
    const TargetInput *input = work->input;
    Guards guards = { .arena = input->arena,
                      .cluster = input->cluster,
                      .state = work->state,
                      .plan = work->plan,
                      .flags = input->flags };
    const DiffInput diff = {
        .cluster = input->cluster,
        .state = work->state,
        .mode = input->mode,
        .prune = (input->flags & TARGET_PRUNE) != 0,
        .today = input->today,
        .timestamps = work->timestamps,
        .passwords = password_checks_results(input->passwords),
        .keep_preconditions = (input->flags & TARGET_KEEP_PRECONDITIONS) != 0,
        .notes = work->plan->notes,
    };
    StatementContext context = { .arena = input->arena, .names = work->state->names };
    g_autoptr(DiffRun) run = NULL;
    g_autoptr(OldValues) old = NULL;
    g_autoptr(ActingRoles) acting_roles = NULL;
    List changes;

    guards_begin(&guards);
    password_checks_finish(input->passwords);
    choose_role(work);
    old = old_values_new(input->arena, work->state);
    if (diff.keep_preconditions)
        work->plan->facts = facts_new(input->arena, work->state);
    run = diff_begin(&diff);
    guards_check_access(&guards);
    if (!name_unnamed(work, run, error))
        return false;
    changes = diff_finish(run);
    if (diff.keep_preconditions && !find_saved_objects(work, error))
        return false;
    guards_check_logins(&guards, &changes);
    if (!look_again(work, &changes, error))
        return false;
    context.major_version = work->state->major_version;
    context.set_role = work->plan->set_role;
    context.session_role = work->state->session_role;
    if (work->plan->set_role != NULL)
        acting_roles =
            acting_roles_new(work->state, names_find(work->state->names, work->plan->set_role));
    context.acting_roles = acting_roles;
    context.old = old;
    work->plan->steps = plan_steps(&context, &changes);
    if ((input->flags & TARGET_CHECK_OUTCOMES) != 0)
        add_outcome_checks(work, &changes);
    if (diff.keep_preconditions)
        keep_starting_points(work);
    managed_notes_add(input->cluster, work->state, work->plan->notes);
    until_notes_add(input->cluster, work->plan->notes);
    preflight_note_steps(input->arena, work->state, work->plan);
    findings_sort(work->plan->notes);
    return find_withheld(work, &context, &diff, error);
}

/* After a failover the writable member is not the inventory's primary: the plan says whose it is.
 */
static void
name_member(const TargetInput *input, const Session *session, TargetPlan *plan)
{
    const char *host = PQhost(session->connection);
    int port = (int)g_ascii_strtoll(PQport(session->connection), NULL, 10);

    LIST_FOREACH (const Instance, instance, &input->cluster->instances) {
        if (g_strcmp0(host, instance->address) != 0 || port != instance->port)
            continue;
        plan->instance = instance->name;
        if (instance != input->cluster->primary)
            findings_add(plan->notes, &FINDING_MEMBER_DIFFERS, instance->pos,
                         "correct pg_role in the inventory",
                         "the writable member is \"%s\", not the inventory's primary \"%s\"",
                         instance->name, input->cluster->primary->name);
        return;
    }
}

/* Retry limit when the catalog changes while it is being read. */
#define READS_MAX 5

/*
 * One reading and planning; NULL without an error where it has to be done again. The password
 * comparisons run on threads of their own and have to be finished also when the reading failed,
 * since they use the arena.
 */
static TargetPlan *
try_plan(const TargetInput *input, Session *session, GError **error)
{
    g_autoptr(AccessState) state = access_state_new(input->arena);
    g_autoptr(GHashTable) timestamps = g_hash_table_new(g_str_hash, g_str_equal);
    TargetPlan *plan = ARENA_NEW(input->arena, TargetPlan);
    Work work = {
        .input = input,
        .session = session,
        .state = state,
        .plan = plan,
        .timestamps = timestamps,
    };

    plan->cluster = input->cluster;
    plan->instance = input->cluster->primary->name;
    plan->mode = input->mode;
    plan->notes = findings_new(input->arena);
    if (session != NULL)
        name_member(input, session, plan);
    if (input->state_path != NULL && !take_saved_state(&work))
        return plan; /* its notes say what is wrong with the file */
    if (input->offline_version != 0)
        make_offline(&work);
    if ((session == NULL || read_server(&work, error)) && make_steps(&work, error) && !work.changed)
        return plan;
    password_checks_finish(input->passwords);
    target_plan_clear(plan);
    return NULL;
}

/*
 * Objects that change between the two looks make the names unreliable; reading again is cheap, and
 * giving up after a few rounds is better than a plan that is half old.
 */
TargetPlan *
target_plan(const TargetInput *input, Session *session, GError **error)
{
    for (unsigned i = 0; i < READS_MAX; i++) {
        GError *failure = NULL;
        TargetPlan *plan = try_plan(input, session, &failure);

        if (plan != NULL)
            return plan;
        if (failure != NULL) {
            g_propagate_error(error, failure);
            return NULL;
        }
    }
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
                "%s: catalog changed repeatedly while being read; try again later",
                input->cluster->name);
    return NULL;
}
