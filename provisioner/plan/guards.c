/* Counting who is in the inventory, and who would be shut out. */
#include "provisioner/plan/guards.h"

#include <string.h>

#include "provisioner/findings.h"
#include "roles/permission/lost_access.h"
#include "roles/state/marks.h"

/* The safety rules' numbers (docs/reference/plan.md, "Safety rules"). */
#define FIRST_RUN_OTHER_LOGINS 3
#define MASS_REMOVAL_COUNT     5
#define MASS_REMOVAL_PERCENT   20
/* Of fewer login roles than these, the share alone counts: 5 of 9 are a mass; one role never is. */
#define MASS_REMOVAL_FEW   10
#define MASS_REMOVAL_LEAST 2

void
guards_refuse(Arena *arena, TargetPlan *plan, const FindingKind *kind, const char *option,
              const char *message)
{
    g_autofree char *hint = g_strdup_printf("apply refuses this plan; %s allows it", option);

    findings_add(plan->notes, kind, (SourcePos){ 0 }, hint, "%s", message);
    list_add(arena, &plan->refusals,
             arena_printf(arena, "%s (use %s to allow this)", message, option));
}

/* dbsu, the system users and the session role exist on a server that was never ours, too. */
static bool
is_system_role(const Guards *guards, NameId name)
{
    const AccessState *state = guards->state;
    const SystemUsers *users = &guards->cluster->primary->users;
    const char *text = names_text(state->names, name);

    return strcmp(text, users->dbsu) == 0 || system_users_have(users, text) ||
           name == state->session_role || name == state->bootstrap_superuser;
}

/*
 * Roles by which the inventory can recognize its server: those that a person's file declares, and
 * no default role, since dbrole_readonly is wherever Pigsty or pgcharter has been. Without any of
 * them the default roles have to do.
 */
static List
find_known(const Guards *guards, bool *ret_has_own)
{
    const AccessState *state = guards->state;
    List known[2] = { 0 };

    *ret_has_own = false;
    LIST_FOREACH (const RoleDecl, decl, &guards->cluster->roles) {
        NameId name = names_find(state->names, decl->name);
        bool is_own = !decl->from_policy && !decl->is_default &&
                      !system_users_have(&guards->cluster->primary->users, decl->name);

        *ret_has_own = *ret_has_own || is_own;
        if (name != NAME_NONE && access_state_role(state, name) != NULL &&
            !is_system_role(guards, name))
            list_add(guards->arena, &known[is_own], access_state_role(state, name));
    }
    return known[*ret_has_own];
}

static bool
is_declared(const Guards *guards, NameId role)
{
    const char *name = names_text(guards->state->names, role);

    LIST_FOREACH (const RoleDecl, decl, &guards->cluster->roles) {
        if (strcmp(decl->name, name) == 0)
            return true;
    }
    return false;
}

/*
 * Two inventories without names on one server: the second would disable everybody that the first
 * has marked. It knows some of the server's roles, or is new there, but has marked none of them.
 */
static void
check_marks(const Guards *guards, const List *known)
{
    const Marks marks = marks_read(guards->state, guards->cluster);
    unsigned others = 0;

    LIST_FOREACH (const StateRole, role, known) {
        if (marks_have(&marks, marks.managed, role->name) || marks_is_disabled(&marks, role->name))
            return;
    }
    LIST_FOREACH (const StateRole, role, &guards->state->roles)
        others += marks_have(&marks, marks.managed, role->name) &&
                  marks_of_another(&marks, role->name) == NAME_NONE &&
                  !is_system_role(guards, role->name) && !is_declared(guards, role->name);
    if (others > 0)
        guards_refuse(
            guards->arena, guards->plan, &FINDING_FIRST_RUN_UNCONFIRMED, "--init",
            arena_printf(guards->arena,
                         "none of the declared roles is marked as managed on this server, "
                         "but %u %s: does another inventory manage it? (then give each a "
                         "name: pg_inventory)",
                         others, others == 1 ? "other role is" : "other roles are"));
}

/* A server full of people of whom the inventory knows nobody is probably the wrong server. */
static void
check_first_run(const Guards *guards)
{
    unsigned others = 0;
    bool has_own = false;
    const List known = find_known(guards, &has_own);

    if ((guards->flags & TARGET_INIT) != 0)
        return;
    if (guards->plan->mode != ACCESS_MODE_ADDITIVE && has_own)
        check_marks(guards, &known);
    if (known.count > 0)
        return;
    for (size_t i = 0; i < guards->logins.count; i++)
        others += !is_system_role(guards, guards->logins.items[i]);
    if (others >= FIRST_RUN_OTHER_LOGINS)
        guards_refuse(guards->arena, guards->plan, &FINDING_FIRST_RUN_UNCONFIRMED, "--init",
                      arena_printf(guards->arena,
                                   "none of the declared roles exists on this server, but %u other "
                                   "login roles do: is this the right server?",
                                   others));
}

void
guards_begin(Guards *guards)
{
    LIST_FOREACH (const StateRole, role, &guards->state->roles) {
        if (role->attributes[ROLE_ATTRIBUTE_LOGIN] && !role->is_predefined)
            name_id_vector_add(guards->arena, &guards->logins, role->name);
    }
    check_first_run(guards);
}

bool
guards_is_mass(size_t removed, size_t of)
{
    return removed >= MASS_REMOVAL_LEAST &&
           (removed > MASS_REMOVAL_COUNT || of < MASS_REMOVAL_FEW) &&
           removed * 100 > of * MASS_REMOVAL_PERCENT;
}

/* A role that is disabled and dropped counts once; one that was disabled before, as a login role.
 */
void
guards_check_logins(const Guards *guards, const List *changes)
{
    g_autoptr(GHashTable) roles = g_hash_table_new(NULL, NULL);
    size_t logins = guards->logins.count;
    size_t removed = 0;

    LIST_FOREACH (const Change, change, changes) {
        if (change->kind == CHANGE_ROLE_DISABLE ||
            (change->kind == CHANGE_ROLE_ALTER &&
             change_role(change)->attribute_changes[ROLE_ATTRIBUTE_LOGIN] &&
             !change_role(change)->attributes[ROLE_ATTRIBUTE_LOGIN]))
            g_hash_table_add(roles, GUINT_TO_POINTER(change->name));
        else if (change->kind == CHANGE_ROLE_DROP)
            logins += g_hash_table_add(roles, GUINT_TO_POINTER(change->name)) ? 1 : 0;
    }
    removed = g_hash_table_size(roles);
    if ((guards->flags & TARGET_ALLOW_MASS_REMOVAL) == 0 && guards_is_mass(removed, logins))
        guards_refuse(guards->arena, guards->plan, &FINDING_MASS_REMOVAL, "--allow-mass-removal",
                      arena_printf(guards->arena,
                                   "the plan disables or drops %zu of %zu login roles", removed,
                                   logins));
}

void
guards_check_access(const Guards *guards)
{
    const Names *names = guards->state->names;
    List losses = { 0 };

    if ((guards->flags & TARGET_ALLOW_MASS_REMOVAL) != 0)
        return;
    losses = lost_access(guards->arena, guards->state, &guards->logins);
    LIST_FOREACH (const LostAccess, loss, &losses) {
        const char *database = names_text(names, loss->database);
        const char *what =
            loss->schema == NAME_NONE
                ? arena_printf(guards->arena, "CONNECT on database \"%s\"", database)
                : arena_printf(guards->arena, "USAGE on schema \"%s\" of database \"%s\"",
                               names_text(names, loss->schema), database);

        if (guards_is_mass(loss->count, guards->logins.count))
            guards_refuse(
                guards->arena, guards->plan, &FINDING_MASS_REMOVAL, "--allow-mass-removal",
                arena_printf(guards->arena, "the plan takes %s from %zu of %zu login roles", what,
                             loss->count, guards->logins.count));
    }
}
