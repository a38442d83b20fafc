/* What declared roles have beyond their declarations: memberships and settings of the cluster. */
#include "roles/diff/undeclared_memberships.h"

#include <string.h>

#include "inventory/model/server_feature.h"
#include "roles/diff/membership_edit.h"
#include "roles/diff/parameter_edit.h"

static void
revoke_undeclared_memberships(Diff *diff)
{
    const List *rows = &diff->state->memberships;
    g_autoptr(GHashTable) kept = g_hash_table_new(NULL, NULL);
    bool again = true;

    /* A revoke may remove rows that depend on it, and so move the ones after them. */
    while (again) {
        again = false;
        for (size_t i = 0; i < rows->count;) {
            const StateMembership *row = rows->items[i];

            if (g_hash_table_contains(kept, row) ||
                !membership_is_undeclared(diff, row, diff->context->mode)) {
                i++;
                continue;
            }
            if (!membership_edit_may_take(diff, row)) {
                g_hash_table_add(kept, (gpointer)row);
                continue;
            }
            membership_edit_revoke(diff, row, (SourcePos){ .origin = ORIGIN_NOBODY });
            again = true;
        }
    }
}

static bool
names_parameter(const List *parameters, const char *name)
{
    LIST_FOREACH (const ParameterDecl, parameter, parameters) {
        if (g_ascii_strcasecmp(parameter->name, name) == 0)
            return true;
    }
    return false;
}

/* NULL: the entry says nothing of that database; NAME_NONE is none. */
static const DatabaseParameters *
parameters_in(const Diff *diff, const RoleDecl *decl, NameId database)
{
    LIST_FOREACH (const DatabaseParameters, in, &decl->parameters_in) {
        if (database != NAME_NONE && strcmp(in->database, names_text(diff->names, database)) == 0)
            return in;
    }
    return NULL;
}

/* Whether the declaration or the policy decides that parameter. */
static bool
declares_parameter(const Diff *diff, const RoleDecl *decl, NameId database, const char *name)
{
    const DatabaseParameters *in = parameters_in(diff, decl, database);

    if (database != NAME_NONE)
        return in != NULL && names_parameter(&in->parameters, name);
    return policy_parameter(diff, decl->name, name) != NULL ||
           names_parameter(&decl->parameters, name);
}

/* Whether the entry speaks of all settings of the role, everywhere or in that database. */
static bool
completes_parameters(const Diff *diff, const RoleDecl *decl, NameId database)
{
    return decl->parameters_given || parameters_in(diff, decl, database) != NULL ||
           scope_completes(diff->scope, decl, names_intern(diff->names, decl->name),
                           ROLE_LEAVE_PARAMETERS);
}

/* The settings that the entry does not name, in one declared database or (NAME_NONE) in every one.
 * What it says of every database says nothing of a setting for one of them. */
static List
undeclared_settings(Diff *diff, const RoleDecl *decl, NameId database)
{
    const List *settings =
        access_state_settings_of(diff->state, names_intern(diff->names, decl->name), database);
    List undeclared = { 0 };

    if (!completes_parameters(diff, decl, database) ||
        (database != NAME_NONE &&
         !scope_manages_database_in(diff->scope, database, ACCESS_MODE_ADOPT)))
        return undeclared;
    for (size_t i = 0; settings != NULL && i < settings->count; i++) {
        const StateSetting *setting = settings->items[i];

        if (!declares_parameter(diff, decl, database, setting->name))
            list_add(diff->arena, &undeclared, setting);
    }
    return undeclared;
}

static void
reset_undeclared_settings(Diff *diff, const RoleDecl *decl, NameId database)
{
    List undeclared = undeclared_settings(diff, decl, database);

    LIST_FOREACH (const StateSetting, setting, &undeclared) {
        ParameterDecl *parameter = ARENA_NEW(diff->arena, ParameterDecl);
        const Change change = { .kind = database == NAME_NONE ? CHANGE_ROLE_SETTING
                                                              : CHANGE_ROLE_DATABASE_SETTING,
                                .declared_at = { .origin = ORIGIN_NOBODY },
                                .database = database,
                                .name = setting->role,
                                .setting = { parameter } };
        g_autofree char *what =
            g_strdup_printf("parameter \"%s\" of role \"%s\"", setting->name, decl->name);

        *parameter = (ParameterDecl){ .pos = decl->pos, .name = setting->name };
        if (!diff_may_take(diff, &change, what))
            continue;
        diff_request(diff, &change);
        access_state_set_setting(diff->state, setting->role, database, setting->name, NULL);
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
note_undeclared_settings(Diff *diff, const RoleDecl *decl)
{
    List undeclared = undeclared_settings(diff, decl, NAME_NONE);
    g_autoptr(GString) names = g_string_new(NULL);

    LIST_FOREACH (const StateSetting, setting, &undeclared)
        append_name(names, setting->name, NULL);
    LIST_FOREACH (const StateDatabase, database, &diff->state->databases) {
        List inside = undeclared_settings(diff, decl, database->name);

        LIST_FOREACH (const StateSetting, setting, &inside)
            append_name(names, setting->name, names_text(diff->names, database->name));
    }
    if (names->len > 0)
        findings_add(diff->notes, &FINDING_SETTING_UNDECLARED, decl->pos,
                     "pg_access_mode adopt would reset them",
                     "role \"%s\" has undeclared settings: %s", decl->name, names->str);
}

/* Options that one of the rows has beyond a plain GRANT, or that none of them has. */
static void
append_options(Diff *diff, const RoleDecl *decl, const MembershipDecl *membership, GString *out)
{
    NameId member = names_intern(diff->names, decl->name);
    NameId role = names_find(diff->names, membership->role);
    const StateRole *state_role = access_state_role(diff->state, member);
    const List *rows = NULL;
    bool admin = false;
    bool inherit = false;
    bool set = false;
    size_t count = 0;

    rows = role == NAME_NONE ? NULL : access_state_memberships_of(diff->state, role, member);
    for (size_t i = 0; rows != NULL && i < rows->count; i++) {
        const StateMembership *row = rows->items[i];

        if (authority_is_creators_own(diff->state, row))
            continue;
        admin = admin || row->admin;
        inherit = inherit || row->inherit;
        set = set || row->set;
        count++;
    }
    if (count == 0)
        return;
    if (admin && !membership->admin.given)
        g_string_append_printf(out, "%sADMIN on \"%s\"", out->len > 0 ? ", " : "",
                               membership->role);
    if (!server_has(diff->state->major_version, SERVER_MEMBERSHIP_OPTIONS))
        return;
    if (!inherit && state_role->attributes[ROLE_ATTRIBUTE_INHERIT] && !membership->inherit.given)
        g_string_append_printf(out, "%sINHERIT FALSE on \"%s\"", out->len > 0 ? ", " : "",
                               membership->role);
    if (!set && !membership->set.given)
        g_string_append_printf(out, "%sSET FALSE on \"%s\"", out->len > 0 ? ", " : "",
                               membership->role);
}

/* `roles: [a]` means a plain GRANT: an option that somebody added, or took, is nobody's word. */
static void
note_undeclared_options(Diff *diff)
{
    LIST_FOREACH (const RoleDecl, decl, &diff->context->cluster->roles) {
        g_autoptr(GString) options = g_string_new(NULL);
        NameId name = names_intern(diff->names, decl->name);

        if (decl->absent || access_state_role(diff->state, name) == NULL ||
            !membership_options_count(diff, name))
            continue;
        LIST_FOREACH (const MembershipDecl, membership, &decl->memberships) {
            if (!membership->absent)
                append_options(diff, decl, membership, options);
        }
        if (options->len > 0)
            findings_add(diff->notes, &FINDING_MEMBERSHIP_UNDECLARED, decl->pos,
                         "declare them, or let pg_access_mode adopt set them right",
                         "role \"%s\" has undeclared membership options: %s", decl->name,
                         options->str);
    }
}

/* One note for each role, in the order of the entries. */
static void
note_undeclared_memberships(Diff *diff)
{
    g_autoptr(GHashTable) groups_of = g_hash_table_new(NULL, NULL);

    LIST_FOREACH (const StateMembership, row, &diff->state->memberships) {
        gpointer key = GUINT_TO_POINTER(row->member);
        List *groups = g_hash_table_lookup(groups_of, key);

        if (!membership_is_undeclared(diff, row, ACCESS_MODE_ADOPT))
            continue;
        if (groups == NULL) {
            groups = ARENA_NEW(diff->arena, List);
            g_hash_table_insert(groups_of, key, groups);
        }
        list_add(diff->arena, groups, names_text(diff->names, row->role));
    }
    LIST_FOREACH (const RoleDecl, decl, &diff->context->cluster->roles) {
        const List *groups =
            g_hash_table_lookup(groups_of, GUINT_TO_POINTER(names_find(diff->names, decl->name)));
        g_autoptr(GString) names = g_string_new(NULL);

        if (groups == NULL)
            continue;
        LIST_FOREACH (const char, name, groups)
            append_name(names, name, NULL);
        findings_add(diff->notes, &FINDING_MEMBERSHIP_UNDECLARED, decl->pos,
                     "pg_access_mode adopt would revoke them",
                     "role \"%s\" has undeclared memberships in %s", decl->name, names->str);
    }
}

/*
 * Memberships of undeclared members count only in strict mode, by membership_is_undeclared(). In
 * additive mode nothing is revoked and one note for each declared role says what is there.
 */
void
diff_undeclared_memberships(Diff *diff)
{
    bool additive = diff->context->mode == ACCESS_MODE_ADDITIVE;

    if (additive) {
        note_undeclared_memberships(diff);
        note_undeclared_options(diff);
    } else
        revoke_undeclared_memberships(diff);
    LIST_FOREACH (const RoleDecl, decl, &diff->context->cluster->roles) {
        NameId name = names_intern(diff->names, decl->name);

        if (decl->absent ||
            !scope_manages_role_in(diff->scope, name,
                                   additive ? ACCESS_MODE_ADOPT : diff->context->mode))
            continue;
        if (additive) {
            note_undeclared_settings(diff, decl);
            continue;
        }
        reset_undeclared_settings(diff, decl, NAME_NONE);
        LIST_FOREACH (const StateDatabase, database, &diff->state->databases)
            reset_undeclared_settings(diff, decl, database->name);
    }
}
