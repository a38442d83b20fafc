/* Which roles depart, and who gets what a dropped one owns. */
#include "roles/diff/departed.h"

#include "roles/diff/marker_edit.h"
#include "roles/diff/own_roles.h"

static void
add_departed(Diff *diff, NameId role, const RoleDecl *decl)
{
    DepartedRole *departed = ARENA_NEW(diff->arena, DepartedRole);

    *departed = (DepartedRole){
        .role = role,
        .decl = decl,
        .declared_at = decl != NULL ? decl->pos : diff->context->mode_pos,
        /* Nothing is lost because a date has passed. */
        .is_dropped =
            diff->context->input->prune && (decl == NULL || decl->until.state != UNTIL_PASSED),
    };
    scope_add_departed(diff->scope, departed);
}

static void
find_absent(Diff *diff)
{
    LIST_FOREACH (const RoleDecl, decl, &diff->context->cluster->roles) {
        NameId name = names_find(diff->names, decl->name);

        if (!decl->absent || name == NAME_NONE || access_state_role(diff->state, name) == NULL)
            continue;
        if (scope_is_protected(diff->scope, name) || scope_is_system_user(diff->scope, name))
            findings_add(diff->notes, &FINDING_ROLE_PROTECTED, decl->pos,
                         decl->until.state == UNTIL_PASSED
                             ? "remove until from the inventory"
                             : "remove state: absent from the inventory",
                         "role \"%s\" is never disabled: the cluster needs it", decl->name);
        else
            add_departed(diff, name, decl);
    }
}

/*
 * Whoever can grant a marker could otherwise shut out the people who would repair it. Strict needs
 * no mark.
 */
static bool
is_kept_superuser(Diff *diff, const StateRole *role)
{
    if (!role->attributes[ROLE_ATTRIBUTE_SUPERUSER])
        return false;
    if (diff->context->mode != ACCESS_MODE_STRICT)
        findings_add(diff->notes, &FINDING_SUPERUSER_KEPT, diff->context->mode_pos,
                     "state: absent disables it",
                     "role \"%s\" is no longer declared, but it is a superuser and stays as it is",
                     names_text(diff->names, role->name));
    return true;
}

/* Roles that are marked as ours or as disabled by us, and no longer declared. With pg_provision:
 * false the inventory declares no roles, and none has departed. */
static void
find_undeclared(Diff *diff)
{
    const Marks *marks = &diff->scope->marks;

    if (!diff->context->cluster->provision)
        return;
    LIST_FOREACH (const StateRole, role, &diff->state->roles) {
        bool managed = marks_have(marks, marks->managed, role->name);

        if ((!managed && !marks_have(marks, marks->disabled, role->name)) ||
            marks_of_another(marks, role->name) != NAME_NONE)
            continue;
        if (scope_declaration(diff->scope, role->name) != NULL ||
            scope_departed(diff->scope, role->name) != NULL ||
            scope_is_protected(diff->scope, role->name) ||
            scope_is_system_user(diff->scope, role->name) ||
            !scope_speaks_of_role(diff->scope, role->name) || is_kept_superuser(diff, role))
            continue;
        if (diff->context->mode != ACCESS_MODE_ADDITIVE)
            add_departed(diff, role->name, NULL);
        else if (managed)
            findings_add(diff->notes, &FINDING_ROLE_REMOVED, diff->context->mode_pos,
                         "pg_access_mode adopt or state: absent disables it",
                         "role \"%s\" is no longer declared", names_text(diff->names, role->name));
    }
}

/* Whether the role is there, or will be, and stays. */
static bool
may_take_over(const Diff *diff, NameId reassign_to)
{
    return reassign_to != NAME_NONE && scope_departed(diff->scope, reassign_to) == NULL &&
           (access_state_role(diff->state, reassign_to) != NULL ||
            scope_declaration(diff->scope, reassign_to) != NULL);
}

/*
 * What a role leaves behind may be code that runs with its owner's rights, and nobody has looked at
 * it: it goes to a role without any. Only a superuser can give something to a role that holds
 * nothing (AlterObjectOwner_internal() asks for CREATE on the schema), so a session role that is
 * none takes it itself.
 */
static NameId
default_reassign_to(Diff *diff, const DepartedRole *departed)
{
    const char *fault = NULL;

    if (!permission_gate_is_open(diff->gate) || departed->role == diff->context->orphans)
        return diff->scope->creator;
    fault = own_role_fault(diff, diff->context->orphans);
    if (fault == NULL)
        return diff->context->orphans;
    findings_add(
        diff->notes, &FINDING_OWN_ROLE_INVALID, departed->declared_at,
        "drop or rename that role, or name another one with reassign_to",
        "role \"%s\" is not as pgcharter makes it: %s; it cannot take over what role \"%s\" "
        "owns",
        ORPHANS_ROLE, fault, names_text(diff->names, departed->role));
    return NAME_NONE;
}

/* Everything that a dropped role owns goes to the role that its entry names, or to nobody's. */
static void
find_reassign_to(Diff *diff, DepartedRole *departed)
{
    const OptText *named = departed->decl == NULL ? NULL : &departed->decl->reassign_to;

    if (named == NULL || named->value == NULL) {
        departed->reassign_to = default_reassign_to(diff, departed);
        return;
    }
    departed->reassign_to = names_find(diff->names, named->value);
    if (may_take_over(diff, departed->reassign_to))
        return;
    findings_add(diff->notes, &FINDING_REASSIGN_TO_INVALID, named->pos,
                 "name a role that is kept, or omit reassign_to to reassign to " ORPHANS_ROLE,
                 "reassign_to of role \"%s\": role \"%s\" %s",
                 names_text(diff->names, departed->role), named->value,
                 scope_departed(diff->scope, departed->reassign_to) != NULL
                     ? "is itself being dropped"
                     : "does not exist");
    departed->reassign_to = NAME_NONE;
}

/*
 * Before any role changes: whether a name in the inventory can still be used depends on who is
 * about to be dropped, and the marker role of earlier runs says who was managed.
 */
void
diff_departed(Diff *diff)
{
    find_absent(diff);
    find_undeclared(diff);
    LIST_FOREACH (DepartedRole, departed, &diff->scope->departed) {
        if (departed->is_dropped)
            find_reassign_to(diff, departed);
    }
}
