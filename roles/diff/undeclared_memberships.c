/* What declared roles have beyond their declarations: memberships and settings of the cluster. */
#include <string.h>

#include "inventory/model/server_feature.h"
#include "roles/diff/diff_context.h"

static bool
declares_membership(const Walk *walk, const RoleDecl *decl, NameId role)
{
    const char *name = names_text(walk->names, role);

    LIST_FOREACH (const MembershipDecl, membership, &decl->memberships) {
        if (!membership->absent && strcmp(membership->role, name) == 0)
            return true;
    }
    return false;
}

/*
 * From 16 on a role with CREATEROLE that creates a role becomes its administrator, by a grant of
 * the bootstrap superuser that carries nothing but ADMIN. It is how such a role manages what it
 * made, and no access.
 */
static bool
is_creators_own(const Walk *walk, const StateMembership *row)
{
    const StateRole *member = access_state_role(walk->state, row->member);

    return server_has(walk->state->major_version, SERVER_MEMBERSHIP_OPTIONS) &&
           row->grantor == walk->state->bootstrap_superuser && row->admin && !row->inherit &&
           !row->set && member != NULL && member->attributes[ROLE_ATTRIBUTE_CREATEROLE] &&
           !member->attributes[ROLE_ATTRIBUTE_SUPERUSER];
}

/*
 * A role that nobody declares has no `roles:` to compare with: in strict it loses the memberships
 * that give it something of ours (those in declared roles) or of the whole server (those in
 * predefined ones). What undeclared roles are to each other is theirs.
 */
static bool
is_strangers_access(const Walk *walk, NameId role)
{
    const StateRole *group = access_state_role(walk->state, role);

    return g_hash_table_contains(walk->declared_roles, GUINT_TO_POINTER(role)) ||
           (group != NULL && group->is_predefined);
}

static bool
is_surplus_in(const Walk *walk, const StateMembership *row, AccessMode mode)
{
    const StateRole *member = access_state_role(walk->state, row->member);
    const RoleDecl *decl = g_hash_table_lookup(walk->declared_roles, GUINT_TO_POINTER(row->member));

    if (row->role == walk->managed_marker || row->role == walk->disabled_marker || member == NULL ||
        member->is_predefined || is_creators_own(walk, row) ||
        !walk_manages_role_in(walk, row->member, mode))
        return false;
    /* What an executor who is no superuser is a member of is what it works with. */
    if (row->member == walk->state->executor && !walk->state->executor_is_superuser)
        return false;
    if (decl == NULL)
        return is_strangers_access(walk, row->role);
    return decl->memberships_given && !declares_membership(walk, decl, row->role);
}

bool
walk_membership_is_surplus(const Walk *walk, const StateMembership *row)
{
    return is_surplus_in(walk, row, walk->input->mode);
}

static SourcePos
because_of(const Walk *walk, NameId role)
{
    const RoleDecl *decl = g_hash_table_lookup(walk->declared_roles, GUINT_TO_POINTER(role));

    return decl != NULL ? decl->pos : walk->mode_pos;
}

static void
revoke_surplus_memberships(Walk *walk)
{
    const List *rows = &walk->state->memberships;
    bool again = true;

    /* A revoke may take rows along that depend on it, and so move those behind them. */
    while (again) {
        again = false;
        for (size_t i = 0; i < rows->count;) {
            const StateMembership *row = rows->items[i];

            if (!walk_membership_is_surplus(walk, row)) {
                i++;
                continue;
            }
            walk_revoke_membership_row(walk, row, because_of(walk, row->member));
            again = true;
        }
    }
}

/* Whether the declaration or the policy decides that parameter. */
static bool
declares_parameter(const Walk *walk, const RoleDecl *decl, const char *name)
{
    if (walk_policy_parameter(walk, decl->name, name) != NULL)
        return true;
    LIST_FOREACH (const ParameterDecl, parameter, &decl->parameters) {
        if (g_ascii_strcasecmp(parameter->name, name) == 0)
            return true;
    }
    return false;
}

/* The settings that the entry does not name, in one declared database or (NAME_NONE) in every one.
   What an entry says holds for every database, so a setting for one of them is never declared. */
static List
surplus_settings(Walk *walk, const RoleDecl *decl, NameId database)
{
    const List *settings =
        access_state_settings_of(walk->state, names_intern(walk->names, decl->name), database);
    List surplus = { 0 };

    if (database != NAME_NONE && !walk_manages_database_in(walk, database, ACCESS_MODE_ADOPT))
        return surplus;
    for (size_t i = 0; settings != NULL && i < settings->count; i++) {
        const StateSetting *setting = settings->items[i];

        if (database != NAME_NONE || !declares_parameter(walk, decl, setting->name))
            list_add(walk->arena, &surplus, setting);
    }
    return surplus;
}

static void
reset_surplus_settings(Walk *walk, const RoleDecl *decl, NameId database)
{
    List surplus = surplus_settings(walk, decl, database);

    LIST_FOREACH (const StateSetting, setting, &surplus) {
        ParameterDecl *parameter = ARENA_NEW(walk->arena, ParameterDecl);

        *parameter = (ParameterDecl){ .pos = decl->pos, .name = setting->name };
        walk_add(walk, &(Change){ .kind = CHANGE_ROLE_SETTING,
                                  .declared_at = decl->pos,
                                  .database = database,
                                  .name = setting->role,
                                  .setting = { parameter } });
        access_state_set_setting(walk->state, setting->role, database, setting->name, NULL);
    }
}

static void
append_name(GString *out, const char *name, const char *database)
{
    g_string_append_printf(out, "%s\"%s\"", out->len > 0 ? ", " : "", name);
    if (database != NULL)
        g_string_append_printf(out, " in database \"%s\"", database);
}

static void
note_surplus_settings(Walk *walk, const RoleDecl *decl)
{
    List surplus = surplus_settings(walk, decl, NAME_NONE);
    g_autoptr(GString) names = g_string_new(NULL);

    LIST_FOREACH (const StateSetting, setting, &surplus)
        append_name(names, setting->name, NULL);
    LIST_FOREACH (const StateDatabase, database, &walk->state->databases) {
        List inside = surplus_settings(walk, decl, database->name);

        LIST_FOREACH (const StateSetting, setting, &inside)
            append_name(names, setting->name, names_text(walk->names, database->name));
    }
    if (names->len > 0)
        findings_add(walk->input->notes, &FINDING_SETTING_UNDECLARED, decl->pos,
                     "pg_access_mode adopt would reset them",
                     "role \"%s\" has settings that its entry does not name: %s", decl->name,
                     names->str);
}

/* One note for each role, in the order of the entries. */
static void
note_surplus_memberships(Walk *walk)
{
    g_autoptr(GHashTable) groups_of = g_hash_table_new(NULL, NULL);

    LIST_FOREACH (const StateMembership, row, &walk->state->memberships) {
        gpointer key = GUINT_TO_POINTER(row->member);
        List *groups = g_hash_table_lookup(groups_of, key);

        if (!is_surplus_in(walk, row, ACCESS_MODE_ADOPT))
            continue;
        if (groups == NULL) {
            groups = ARENA_NEW(walk->arena, List);
            g_hash_table_insert(groups_of, key, groups);
        }
        list_add(walk->arena, groups, names_text(walk->names, row->role));
    }
    LIST_FOREACH (const RoleDecl, decl, &walk->cluster->roles) {
        const List *groups =
            g_hash_table_lookup(groups_of, GUINT_TO_POINTER(names_find(walk->names, decl->name)));
        g_autoptr(GString) names = g_string_new(NULL);

        if (groups == NULL)
            continue;
        LIST_FOREACH (const char, name, groups)
            append_name(names, name, NULL);
        findings_add(walk->input->notes, &FINDING_MEMBERSHIP_UNDECLARED, decl->pos,
                     "pg_access_mode adopt would revoke them",
                     "role \"%s\" has memberships that its entry does not name: in %s", decl->name,
                     names->str);
    }
}

void
walk_surplus(Walk *walk)
{
    bool additive = walk->input->mode == ACCESS_MODE_ADDITIVE;

    if (additive)
        note_surplus_memberships(walk);
    else
        revoke_surplus_memberships(walk);
    LIST_FOREACH (const RoleDecl, decl, &walk->cluster->roles) {
        NameId name = names_intern(walk->names, decl->name);

        if (decl->absent || !decl->parameters_given ||
            !walk_manages_role_in(walk, name, additive ? ACCESS_MODE_ADOPT : walk->input->mode))
            continue;
        if (additive) {
            note_surplus_settings(walk, decl);
            continue;
        }
        reset_surplus_settings(walk, decl, NAME_NONE);
        LIST_FOREACH (const StateDatabase, database, &walk->state->databases)
            reset_surplus_settings(walk, decl, database->name);
    }
}
