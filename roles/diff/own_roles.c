/* What gives away that somebody else made a role, or has changed it. */
#include "roles/diff/own_roles.h"

#include <string.h>

static bool
is_superuser(const Diff *diff, NameId name)
{
    const StateRole *role = access_state_role(diff->state, name);

    return role != NULL && role->attributes[ROLE_ATTRIBUTE_SUPERUSER];
}

/* CREATE ROLE gives ADMIN to a creator that is not a superuser from 16 on (user.c CreateRole()). */
static bool
may_administer(const Diff *diff, NameId role)
{
    return role == diff->state->session_role || is_superuser(diff, role);
}

static const char *
membership_fault(const Diff *diff, NameId name)
{
    LIST_FOREACH (const StateMembership, row, &diff->state->memberships) {
        if (row->member == name)
            return arena_printf(diff->arena, "it is a member of role \"%s\"",
                                names_text(diff->names, row->role));
        if (row->role == name && row->admin && !may_administer(diff, row->member))
            return arena_printf(diff->arena, "role \"%s\" has ADMIN on it",
                                names_text(diff->names, row->member));
    }
    return NULL;
}

const char *
own_role_fault(const Diff *diff, NameId name)
{
    const StateRole *role = access_state_role(diff->state, name);

    if (role == NULL)
        return NULL;
    for (RoleAttribute i = 0; i < ROLE_ATTRIBUTE_COUNT; i++) {
        if (i != ROLE_ATTRIBUTE_INHERIT && role->attributes[i])
            return arena_printf(diff->arena, "it has %s", role_attribute_keyword(i));
    }
    if (role->comment == NULL || strstr(role->comment, "pgcharter") == NULL)
        return "it has no comment of pgcharter's";
    return membership_fault(diff, name);
}

static void
check_marker(Diff *diff, NameId marker)
{
    const StateRole *role = access_state_role(diff->state, marker);
    const char *fault = own_role_fault(diff, marker);

    /* Its members inherit what it holds. */
    if (fault == NULL && role != NULL && role->has_something)
        fault = "it owns something or has privileges";
    if (fault != NULL)
        findings_add(diff->notes, &FINDING_OWN_ROLE_INVALID, diff->context->mode_pos,
                     "undo that, or drop the role: pgcharter makes it anew",
                     "role \"%s\" is not as pgcharter makes it: %s",
                     names_text(diff->names, marker), fault);
}

/* A declared role gets a mark that counts (markers.c); for any other somebody has to look. */
static void
note_marks_that_do_not_count(Diff *diff, NameId marker)
{
    const Marks *marks = &diff->scope->marks;

    LIST_FOREACH (const StateMembership, row, &diff->state->memberships) {
        if (row->role != marker || marks_have(marks, marker, row->member) ||
            scope_declaration(diff->scope, row->member) != NULL ||
            marks_is_of_creation(marks, row) || (row->admin && may_administer(diff, row->member)))
            continue;
        findings_add(
            diff->notes, &FINDING_MARK_IGNORED, diff->context->mode_pos,
            "revoke it; to disable the role, declare it with state: absent",
            "the membership of role \"%s\" in \"%s\" does not count: %s granted it, which is "
            "neither dbsu nor the session role",
            names_text(diff->names, row->member), names_text(diff->names, marker),
            row->grantor == NAME_NONE
                ? "a role that is gone"
                : arena_printf(diff->arena, "role \"%s\"", names_text(diff->names, row->grantor)));
    }
}

void
diff_own_roles(Diff *diff)
{
    const NameId markers[] = { diff->scope->marks.managed, diff->scope->marks.disabled };

    if (diff->context->mode == ACCESS_MODE_ADDITIVE)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(markers); i++) {
        check_marker(diff, markers[i]);
        note_marks_that_do_not_count(diff, markers[i]);
    }
}
