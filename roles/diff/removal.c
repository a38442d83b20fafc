/* Departed roles: disabled, marked, and with --prune dropped. */
#include "roles/diff/removal.h"

#include <string.h>

#include "inventory/model/server_feature.h"
#include "roles/diff/marker_edit.h"
#include "roles/diff/membership_edit.h"

/*
 * Markers record what pgcharter manages, so that a later run can tell a removed role from one that
 * was never its own. Additive mode claims nothing.
 */
static bool
are_marked(const Diff *diff)
{
    return diff->context->mode != ACCESS_MODE_ADDITIVE;
}

/* Roles that are not declared and never were: strict lets none of them log in. */
static void
add_unmanaged(Diff *diff, List *disabled)
{
    if (diff->context->mode != ACCESS_MODE_STRICT)
        return;
    LIST_FOREACH (const StateRole, role, &diff->state->roles) {
        if (scope_declaration(diff->scope, role->name) == NULL &&
            scope_manages_role(diff->scope, role->name) &&
            (role->attributes[ROLE_ATTRIBUTE_LOGIN] || role->sessions > 0)) {
            DepartedRole *unmanaged = ARENA_NEW(diff->arena, DepartedRole);

            *unmanaged =
                (DepartedRole){ .role = role->name, .declared_at = diff->context->mode_pos };
            list_add(diff->arena, disabled, unmanaged);
        }
    }
}

/* One note for all of them: strict would have disabled them otherwise. */
static void
note_roles_of_others(Diff *diff)
{
    g_autoptr(GString) names = g_string_new(NULL);

    if (diff->context->mode != ACCESS_MODE_STRICT)
        return;
    LIST_FOREACH (const StateRole, role, &diff->state->roles) {
        if (scope_is_of_another(diff->scope, role->name))
            g_string_append_printf(names, "%s\"%s\"", names->len > 0 ? ", " : "",
                                   names_text(diff->names, role->name));
    }
    if (names->len > 0)
        findings_add(diff->notes, &FINDING_ROLE_OF_ANOTHER_INVENTORY, diff->context->mode_pos, NULL,
                     "left as they are, because another inventory manages them: %s", names->str);
}

/*
 * All NOLOGIN first, and committed, then the sessions: or they would come back. Sessions that are
 * left over although the role cannot log in are those of a run that was stopped in between.
 */
static void
disable(Diff *diff)
{
    List disabled = { 0 };
    List ended = { 0 };

    LIST_FOREACH (DepartedRole, departed, &diff->scope->departed)
        list_add(diff->arena, &disabled, departed);
    add_unmanaged(diff, &disabled);
    LIST_FOREACH (const DepartedRole, departed, &disabled) {
        StateRole *role = access_state_role(diff->state, departed->role);

        if (role->attributes[ROLE_ATTRIBUTE_LOGIN])
            diff_request(diff, &(Change){ .kind = CHANGE_ROLE_DISABLE,
                                          .declared_at = departed->declared_at,
                                          .name = departed->role });
        if (role->attributes[ROLE_ATTRIBUTE_LOGIN] || role->sessions > 0)
            list_add(diff->arena, &ended, departed);
        role->attributes[ROLE_ATTRIBUTE_LOGIN] = false;
    }
    LIST_FOREACH (const DepartedRole, departed, &ended)
        diff_request(diff, &(Change){ .kind = CHANGE_ROLE_END_SESSIONS,
                                      .declared_at = departed->declared_at,
                                      .name = departed->role });
}

static bool
gets_login_back(const Diff *diff, NameId role)
{
    return access_state_role(diff->state, role)->attributes[ROLE_ATTRIBUTE_LOGIN] ||
           marks_have(&diff->scope->marks, diff->scope->marks.disabled, role);
}

/*
 * Who is marked as disabled gets LOGIN when it comes back; a role that had none when it left stays
 * among the managed ones, and so is known to have left. The mark comes before NOLOGIN, as nothing
 * else tells the next run, after one that was stopped, that there was a LOGIN.
 */
static NameIdVector
mark_as_disabled(Diff *diff)
{
    const Marks *marks = &diff->scope->marks;
    NameIdVector with_login = { 0 };
    NameIdVector without_login = { 0 };

    LIST_FOREACH (const DepartedRole, departed, &diff->scope->departed) {
        name_id_vector_add(diff->arena,
                           gets_login_back(diff, departed->role) ? &with_login : &without_login,
                           departed->role);
    }
    grant_marker(diff, CHANGE_REMOVED_MARKER_GRANT, marks->disabled, &with_login);
    grant_marker(diff, CHANGE_REMOVED_MARKER_GRANT, marks->managed, &without_login);
    return with_login;
}

/* From 16 on what a role has granted goes with it; what belongs to others is granted anew. */
static void
keep_memberships_granted(Diff *diff, const DepartedRole *departed)
{
    const List *rows = &diff->state->memberships;

    if (!server_has(diff->state->major_version, SERVER_MEMBERSHIP_OPTIONS))
        return;
    /* Rows that are added on the way are the bootstrap superuser's and need no look. */
    for (size_t i = 0, count = rows->count; i < count; i++) {
        const StateMembership *row = rows->items[i];
        const DepartedRole *group = scope_departed(diff->scope, row->role);
        const DepartedRole *member = scope_departed(diff->scope, row->member);

        if (row->grantor == departed->role && (group == NULL || !group->is_dropped) &&
            (member == NULL || !member->is_dropped))
            membership_edit_keep(diff, row, departed->declared_at);
    }
}

/* Without a valid reassign_to the drop was reported as an error, and nothing of it is planned. */
static void
drop(Diff *diff)
{
    LIST_FOREACH (const DepartedRole, departed, &diff->scope->departed) {
        if (!departed->is_dropped || departed->reassign_to == NAME_NONE)
            continue;
        keep_memberships_granted(diff, departed);
        diff_request(diff, &(Change){ .kind = CHANGE_ROLE_DROP,
                                      .declared_at = departed->declared_at,
                                      .name = departed->role,
                                      .role_drop = { .reassign_to = departed->reassign_to,
                                                     .superuser = diff->scope->creator } });
    }
}

static void
report_kept(Diff *diff)
{
    LIST_FOREACH (const DepartedRole, departed, &diff->scope->departed) {
        const char *name = names_text(diff->names, departed->role);
        bool comes_back = gets_login_back(diff, departed->role);

        if (departed->is_dropped)
            continue;
        if (departed->decl != NULL)
            findings_add(diff->notes, &FINDING_ROLE_ABSENT_KEPT, departed->declared_at, NULL,
                         "role \"%s\" is disabled and keeps everything it owns", name);
        else
            findings_add(
                diff->notes, &FINDING_ROLE_REMOVED, departed->declared_at,
                comes_back ? "re-declaring it restores LOGIN; --prune drops it"
                           : "--prune drops it",
                comes_back
                    ? "role \"%s\" is no longer declared; it is disabled and keeps everything it "
                      "owns"
                    : "role \"%s\" is no longer declared; it keeps everything it owns",
                name);
    }
}

void
diff_removal(Diff *diff)
{
    NameIdVector disabled = { 0 };

    report_kept(diff);
    note_roles_of_others(diff);
    if (are_marked(diff))
        disabled = mark_as_disabled(diff);
    disable(diff);
    /* Last: until here an apply that stops leaves roles that are known to both markers. */
    revoke_marker(diff, CHANGE_REMOVED_MARKER_REVOKE, diff->scope->marks.managed, &disabled);
    drop(diff);
}
