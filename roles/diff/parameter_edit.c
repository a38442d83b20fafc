/* Settings of roles and databases. */
#include "roles/diff/parameter_edit.h"

#include <string.h>

const ParameterDecl *
policy_parameter(const Diff *diff, const char *role, const char *name)
{
    LIST_FOREACH (const PolicySetting, setting, &diff->context->policy->settings) {
        if (g_strcmp0(policy_role_name(setting->role, diff->context->users), role) != 0)
            continue;
        LIST_FOREACH (const ParameterDecl, parameter, &setting->parameters) {
            if (g_ascii_strcasecmp(parameter->name, name) == 0)
                return parameter;
        }
    }
    return NULL;
}

/* Whether the policy sets it to something else, whatever the role's entry says. */
static bool
is_overridden(const Diff *diff, const ParameterDecl *parameter, NameId role, NameId database)
{
    const ParameterDecl *of_policy =
        role == NAME_NONE || database != NAME_NONE
            ? NULL
            : policy_parameter(diff, names_text(diff->names, role), parameter->name);

    return of_policy != NULL && of_policy != parameter;
}

/*
 * A library that cannot be loaded ends every session of the role
 * (process_session_preload_libraries() in miscinit.c), and whether it can be shows only at the next
 * login.
 */
static bool
loads_library_for_protected_role(Diff *diff, const ParameterDecl *parameter, NameId role)
{
    if (role == NAME_NONE || parameter->value == NULL || *parameter->value == '\0' ||
        (g_ascii_strcasecmp(parameter->name, "local_preload_libraries") != 0 &&
         g_ascii_strcasecmp(parameter->name, "session_preload_libraries") != 0) ||
        !scope_is_protected(diff->scope, role))
        return false;
    findings_add(diff->notes, &FINDING_ROLE_PROTECTED, parameter->pos,
                 "set it in postgresql.conf, or for other roles",
                 "role \"%s\" never gets %s: without the library nobody could log in as it",
                 names_text(diff->names, role), parameter->name);
    return true;
}

static ChangeKind
kind_of(NameId role, NameId database)
{
    if (role == NAME_NONE)
        return CHANGE_DATABASE_SETTING;
    return database == NAME_NONE ? CHANGE_ROLE_SETTING : CHANGE_ROLE_DATABASE_SETTING;
}

void
parameter_edit_declared(Diff *diff, const List *parameters, NameId role, NameId database)
{
    for (size_t i = 0; i < parameters->count; i++) {
        const ParameterDecl *parameter = parameters->items[i];
        const StateSetting *setting = NULL;
        bool overridden = is_overridden(diff, parameter, role, database);
        Change change = { .kind = kind_of(role, database),
                          .declared_at = parameter->pos,
                          .database = database,
                          .name = role != NAME_NONE ? role : database,
                          .setting = { parameter } };

        for (size_t j = i + 1; !overridden && j < parameters->count; j++) {
            const ParameterDecl *later = parameters->items[j];

            overridden = g_ascii_strcasecmp(parameter->name, later->name) == 0;
        }
        if (overridden)
            continue;
        if (loads_library_for_protected_role(diff, parameter, role))
            continue;
        setting = access_state_setting(diff->state, role, database, parameter->name);
        if (g_strcmp0(setting == NULL ? NULL : setting->value, parameter->value) == 0)
            continue;
        access_state_set_setting(diff->state, role, database, parameter->name, parameter->value);
        diff_request(diff, &change);
    }
}
