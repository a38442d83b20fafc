/* Names of markers, and who granted them. */
#include "roles/state/marks.h"

#include <string.h>

#include "inventory/model/server_feature.h"

#define MANAGED_ROLE  "pgcharter_managed"
#define DISABLED_ROLE "pgcharter_disabled"

static NameId
marker_of(const AccessState *state, const char *role, const char *inventory)
{
    g_autofree char *name = inventory == NULL ? NULL : g_strdup_printf("%s_%s", role, inventory);

    return names_intern(state->names, name == NULL ? role : name);
}

Marks
marks_read(const AccessState *state, const Cluster *cluster)
{
    Marks marks = {
        .state = state,
        .has_name = cluster->inventory_name != NULL,
        .dbsu = names_intern(state->names, cluster->primary->users.dbsu),
        .managed = marker_of(state, MANAGED_ROLE, cluster->inventory_name),
        .disabled = marker_of(state, DISABLED_ROLE, cluster->inventory_name),
        .unnamed_managed = names_intern(state->names, MANAGED_ROLE),
        .unnamed_disabled = names_intern(state->names, DISABLED_ROLE),
    };

    LIST_FOREACH (const StateRole, role, &state->roles) {
        if (role->name != marks.managed &&
            g_str_has_prefix(names_text(state->names, role->name), MANAGED_ROLE "_"))
            name_id_vector_add(state->arena, &marks.others, role->name);
    }
    return marks;
}

/*
 * What CREATE ROLE leaves its creator from 16 on (CreateRole() in user.c): ADMIN alone, and by
 * createrole_self_grant a row of the creator's own. Neither says anything of the creator.
 */
bool
marks_is_of_creation(const Marks *marks, const StateMembership *row)
{
    return server_has(marks->state->major_version, SERVER_MEMBERSHIP_OPTIONS) &&
           row->member != marks->state->bootstrap_superuser &&
           ((row->admin && !row->inherit && !row->set) || row->member == row->grantor);
}

bool
marks_count(const Marks *marks, const StateMembership *row)
{
    return row->grantor != NAME_NONE && !marks_is_of_creation(marks, row) &&
           (row->grantor == marks->dbsu || row->grantor == marks->state->bootstrap_superuser ||
            row->grantor == marks->state->session_role);
}

bool
marks_have(const Marks *marks, NameId marker, NameId role)
{
    const List *rows = access_state_memberships_of(marks->state, marker, role);

    if (rows == NULL)
        return false;
    LIST_FOREACH (const StateMembership, row, rows) {
        if (marks_count(marks, row))
            return true;
    }
    return false;
}

bool
marks_is_disabled(const Marks *marks, NameId role)
{
    return marks_have(marks, marks->disabled, role) ||
           (marks->has_name && marks_have(marks, marks->unnamed_disabled, role));
}

NameId
marks_of_another(const Marks *marks, NameId role)
{
    for (size_t i = 0; i < marks->others.count; i++) {
        if (marks_have(marks, marks->others.items[i], role))
            return marks->others.items[i];
    }
    return NAME_NONE;
}

bool
marks_is_own_role(const AccessState *state, NameId role)
{
    const char *name = names_text(state->names, role);

    return strcmp(name, MANAGED_ROLE) == 0 || strcmp(name, DISABLED_ROLE) == 0 ||
           strcmp(name, ORPHANS_ROLE) == 0 || g_str_has_prefix(name, MANAGED_ROLE "_") ||
           g_str_has_prefix(name, DISABLED_ROLE "_");
}
