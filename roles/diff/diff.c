/* The phases of a cluster in their order, and from the journal to changes. */
#include "roles/diff/diff.h"

#include "roles/change/precondition.h"
#include "roles/diff/absences.h"
#include "roles/diff/database_parameters.h"
#include "roles/diff/databases.h"
#include "roles/diff/departed.h"
#include "roles/diff/markers.h"
#include "roles/diff/memberships.h"
#include "roles/diff/object_changes.h"
#include "roles/diff/open_privileges.h"
#include "roles/diff/own_roles.h"
#include "roles/diff/owner_roles.h"
#include "roles/diff/removal.h"
#include "roles/diff/roles.h"
#include "roles/diff/templates.h"
#include "roles/diff/undeclared_memberships.h"
#include "roles/diff/undeclared_powers.h"

struct DiffRun {
    DiffContext context;
    Diff diff;
    Preconditions *preconditions; /* NULL: nobody keeps them */
};

static void
choose_creators(Diff *diff)
{
    scope_choose_creators(diff->scope, permission_gate_is_open(diff->gate));
}

typedef struct DiffPhase {
    void (*run)(Diff *diff);
    const char *why; /* it stands where it stands */
} DiffPhase;

static const DiffPhase cluster_phases[] = {
    { diff_own_roles, "first: marks are relied on by what follows" },
    { choose_creators, "dbsu may get what a dropped role owns" },
    { diff_departed, "whatever names a role has to know whether it stays" },
    { diff_roles, "before anything that names them" },
    { choose_creators, "again: dbsu's role may be there only now" },
    { diff_memberships, "they decide what the session role may do after this" },
    { diff_undeclared_memberships, "after the declared ones, which may depend on them" },
    { diff_undeclared_powers, "notes: what the two phases before left" },
    { diff_markers, "after roles came and memberships went: who is marked depends on both" },
    { diff_owner_roles, "before privileges, or the next plan would find more permitted" },
    { diff_templates, "before databases, which are made from them" },
    { diff_databases, "privileges, by the phases of databases.c" },
    { diff_database_parameters, "after the databases that they name" },
    { diff_absences, "notes on the ACLs as they are now, of all databases" },
    { diff_open_parameters, "a note on the ACLs as they are now" },
    { diff_removal, "last: what a departed role holds may be granted away first" },
};

DiffRun *
diff_begin(const DiffInput *input)
{
    DiffRun *run = g_new0(DiffRun, 1);
    const Cluster *cluster = input->cluster;
    const SystemUsers *users = &cluster->primary->users;
    AccessState *state = input->state;
    Names *names = state->names;

    run->context = (DiffContext){
        .input = input,
        .mode = input->mode,
        .cluster = cluster,
        .users = users,
        .policy = cluster->primary->policy,
        .policy_pos = cluster->primary->policy->pos,
        .mode_pos = cluster->mode_pos.file != NULL ? cluster->mode_pos : cluster->pos,
        .orphans = names_intern(names, ORPHANS_ROLE),
    };
    /* Before the phases, as they move what the changes start from. */
    if (input->keep_preconditions)
        run->preconditions = preconditions_new(state);
    run->diff = (Diff){
        .context = &run->context,
        .arena = state->arena,
        .names = names,
        .state = state,
        .scope = scope_new(state, cluster, input->mode),
        .recorder = recorder_new(state, input->keep_preconditions ? RECORDER_WITH_PRECONDITIONS
                                                                  : RECORDER_WITHOUT_PRECONDITIONS),
        .gate = permission_gate_new(state, names_intern(names, users->dbsu)),
        .skipped = skipped_new(state->arena, names),
        .notes = input->notes,
        .reported = g_hash_table_new(g_str_hash, g_str_equal),
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cluster_phases); i++)
        cluster_phases[i].run(&run->diff);
    return run;
}

void
diff_free(DiffRun *run)
{
    if (run == NULL)
        return;
    preconditions_free(run->preconditions);
    scope_free(run->diff.scope);
    recorder_free(run->diff.recorder);
    permission_gate_free(run->diff.gate);
    skipped_free(run->diff.skipped);
    g_hash_table_destroy(run->diff.reported);
    g_free(run);
}

static void
add_unnamed(const Diff *diff, StateDatabase *database, List *unnamed)
{
    List groups = object_changes_unnamed(diff, database);
    UnnamedObjects *objects = NULL;

    if (groups.count == 0)
        return;
    objects = ARENA_NEW(diff->arena, UnnamedObjects);
    *objects = (UnnamedObjects){ .database = database, .groups = groups };
    list_add(diff->arena, unnamed, objects);
}

List
diff_unnamed(const DiffRun *run)
{
    List unnamed = { 0 };

    add_unnamed(&run->diff, NULL, &unnamed);
    LIST_FOREACH (StateDatabase, database, &run->diff.state->databases)
        add_unnamed(&run->diff, database, &unnamed);
    return unnamed;
}

List
diff_finish(DiffRun *run)
{
    Diff *diff = &run->diff;
    StateDatabase *database = NULL;
    List changes = { 0 };

    /* Tablespaces and parameters belong to no database. */
    object_changes_add(diff, NULL, &changes);
    while ((database = recorder_emit(diff->recorder, &changes)) != NULL)
        object_changes_add(diff, database, &changes);
    skipped_report(diff->skipped, diff->notes);
    if (run->preconditions != NULL)
        preconditions_fill(run->preconditions, &changes);
    return changes;
}
