/* Counting who is in the inventory, and who would be shut out. */
#include "provisioner/plan/guards.h"

#include <string.h>

#include "provisioner/findings.h"
#include "roles/permission/lost_access.h"

/* The safety rules' numbers (docs/reference/plan.md, "Safety rules"). */
#define FIRST_RUN_OTHER_LOGINS 3
#define MASS_REMOVAL_COUNT     5
#define MASS_REMOVAL_PERCENT   20

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

/* A server full of people of whom the inventory knows nobody is probably the wrong server. */
static void
check_first_run(const Guards *guards)
{
    const AccessState *state = guards->state;
    unsigned others = 0;

    if ((guards->flags & TARGET_INIT) != 0)
        return;
    LIST_FOREACH (const RoleDecl, decl, &guards->cluster->roles) {
        NameId name = names_find(state->names, decl->name);

        if (name != NAME_NONE && access_state_role(state, name) != NULL &&
            !is_system_role(guards, name))
            return;
    }
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

static bool
is_mass(size_t removed, size_t of)
{
    return removed > MASS_REMOVAL_COUNT && removed * 100 > of * MASS_REMOVAL_PERCENT;
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
    if ((guards->flags & TARGET_ALLOW_MASS_REMOVAL) == 0 && is_mass(removed, logins))
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

        if (is_mass(loss->count, guards->logins.count))
            guards_refuse(
                guards->arena, guards->plan, &FINDING_MASS_REMOVAL, "--allow-mass-removal",
                arena_printf(guards->arena, "the plan takes %s from %zu of %zu login roles", what,
                             loss->count, guards->logins.count));
    }
}
