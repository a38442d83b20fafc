/* Roles that leave: who they are, how they are disabled, and with --prune dropped. */
#include <string.h>

#include "inventory/model/server_feature.h"
#include "roles/diff/diff_context.h"

const Leaver *
walk_leaver(const Walk *walk, NameId role)
{
    return g_hash_table_lookup(walk->leaver_index, GUINT_TO_POINTER(role));
}

/* NULL when the cluster needs the role, or it is no leaver at all. */
static Leaver *
add_leaver(Walk *walk, NameId role, const RoleDecl *decl)
{
    Leaver *leaver = ARENA_NEW(walk->arena, Leaver);

    *leaver = (Leaver){
        .role = role,
        .decl = decl,
        .because = decl != NULL ? decl->pos : walk->mode_pos,
        .was_disabled = walk_is_marked(walk, walk->disabled_marker, role),
        .is_dropped = walk->input->prune,
    };
    list_add(walk->arena, &walk->leavers, leaver);
    g_hash_table_insert(walk->leaver_index, GUINT_TO_POINTER(role), leaver);
    return leaver;
}

static void
find_absent(Walk *walk)
{
    LIST_FOREACH (const RoleDecl, decl, &walk->cluster->roles) {
        NameId name = names_find(walk->names, decl->name);

        if (!decl->absent || name == NAME_NONE || access_state_role(walk->state, name) == NULL)
            continue;
        if (walk_is_protected(walk, name) || walk_is_system_user(walk, name))
            findings_add(walk->input->notes, &FINDING_ROLE_PROTECTED, decl->pos,
                         "take state: absent out of the inventory",
                         "role \"%s\" is never disabled: the cluster needs it", decl->name);
        else
            add_leaver(walk, name, decl);
    }
}

/* Who is marked as ours or as disabled by us, and declared nowhere any more. With pg_provision:
 * false nobody is declared, and nobody has left. */
static void
find_undeclared(Walk *walk)
{
    if (!walk->cluster->provision)
        return;
    LIST_FOREACH (const StateRole, role, &walk->state->roles) {
        bool managed = walk_is_marked(walk, walk->managed_marker, role->name);

        if (!managed && !walk_is_marked(walk, walk->disabled_marker, role->name))
            continue;
        if (g_hash_table_contains(walk->declared_roles, GUINT_TO_POINTER(role->name)) ||
            walk_leaver(walk, role->name) != NULL || walk_is_protected(walk, role->name) ||
            walk_is_system_user(walk, role->name) || !walk_role_is_in_scope(walk, role->name))
            continue;
        if (walk->input->mode != ACCESS_MODE_ADDITIVE)
            add_leaver(walk, role->name, NULL);
        else if (managed)
            findings_add(walk->input->notes, &FINDING_ROLE_REMOVED, walk->mode_pos,
                         "pg_access_mode adopt would disable it, and so does state: absent",
                         "role \"%s\" is no longer declared", names_text(walk->names, role->name));
    }
}

/* Whether the role is there, or will be, and stays. */
static bool
may_inherit(const Walk *walk, NameId heir)
{
    return heir != NAME_NONE && walk_leaver(walk, heir) == NULL &&
           (access_state_role(walk->state, heir) != NULL ||
            g_hash_table_contains(walk->declared_roles, GUINT_TO_POINTER(heir)));
}

/* Everything that a dropped role owns goes to its heir, or dbsu. */
static void
find_heir(Walk *walk, Leaver *leaver)
{
    const OptText *named = leaver->decl == NULL ? NULL : &leaver->decl->heir;

    leaver->heir = walk->creator;
    if (named == NULL || named->value == NULL)
        return;
    leaver->heir = names_find(walk->names, named->value);
    if (may_inherit(walk, leaver->heir))
        return;
    findings_add(walk->input->notes, &FINDING_REASSIGN_TO_INVALID, named->pos,
                 "name a role that stays, or leave heir out for dbsu",
                 "heir of role \"%s\": role \"%s\" %s", names_text(walk->names, leaver->role),
                 named->value,
                 walk_leaver(walk, leaver->heir) != NULL ? "leaves itself" : "does not exist");
    leaver->heir = NAME_NONE;
}

void
walk_find_leavers(Walk *walk)
{
    find_absent(walk);
    find_undeclared(walk);
    LIST_FOREACH (Leaver, leaver, &walk->leavers) {
        if (leaver->is_dropped)
            find_heir(walk, leaver);
    }
}

static bool
leavers_are_marked(const Walk *walk)
{
    return walk->input->mode != ACCESS_MODE_ADDITIVE;
}

/* Roles that nobody declares and that were never ours: strict lets none of them in. */
static void
add_strangers(Walk *walk, List *disabled)
{
    if (walk->input->mode != ACCESS_MODE_STRICT)
        return;
    LIST_FOREACH (const StateRole, role, &walk->state->roles) {
        if (!g_hash_table_contains(walk->declared_roles, GUINT_TO_POINTER(role->name)) &&
            walk_manages_role(walk, role->name) &&
            (role->attributes[ROLE_ATTRIBUTE_LOGIN] || role->sessions > 0)) {
            Leaver *stranger = ARENA_NEW(walk->arena, Leaver);

            *stranger = (Leaver){ .role = role->name, .because = walk->mode_pos };
            list_add(walk->arena, disabled, stranger);
        }
    }
}

/*
 * All NOLOGIN first, and committed, then the sessions: or they would come back. Sessions that are
 * left over although the role cannot log in are those of a run that was stopped in between.
 */
static void
disable(Walk *walk)
{
    List disabled = { 0 };
    List ended = { 0 };

    LIST_FOREACH (Leaver, leaver, &walk->leavers)
        list_add(walk->arena, &disabled, leaver);
    add_strangers(walk, &disabled);
    LIST_FOREACH (const Leaver, leaver, &disabled) {
        StateRole *role = access_state_role(walk->state, leaver->role);
        bool sessions_are_left =
            role->sessions > 0 && (!leaver->was_disabled || leaver->is_dropped);

        if (role->attributes[ROLE_ATTRIBUTE_LOGIN])
            walk_add(walk, &(Change){ .kind = CHANGE_ROLE_DISABLE,
                                      .declared_at = leaver->because,
                                      .name = leaver->role });
        if (role->attributes[ROLE_ATTRIBUTE_LOGIN] || sessions_are_left)
            list_add(walk->arena, &ended, leaver);
        role->attributes[ROLE_ATTRIBUTE_LOGIN] = false;
    }
    LIST_FOREACH (const Leaver, leaver, &ended)
        walk_add(walk, &(Change){ .kind = CHANGE_ROLE_END_SESSIONS,
                                  .declared_at = leaver->because,
                                  .name = leaver->role });
}

static void
mark_as_disabled(Walk *walk)
{
    List roles = { 0 };

    LIST_FOREACH (const Leaver, leaver, &walk->leavers)
        list_add(walk->arena, &roles, GUINT_TO_POINTER(leaver->role));
    walk_mark(walk, CHANGE_REMOVED_MARKER_GRANT, walk->disabled_marker, &roles);
    walk_unmark(walk, CHANGE_REMOVED_MARKER_REVOKE, walk->managed_marker, &roles);
}

/* From 16 on what a role has granted goes with it; what belongs to others is granted anew. */
static void
keep_memberships_granted(Walk *walk, const Leaver *leaver)
{
    const List *rows = &walk->state->memberships;

    if (!server_has(walk->state->major_version, SERVER_MEMBERSHIP_OPTIONS))
        return;
    /* Rows that are added on the way are the bootstrap superuser's and need no look. */
    for (size_t i = 0, count = rows->count; i < count; i++) {
        const StateMembership *row = rows->items[i];
        const Leaver *group = walk_leaver(walk, row->role);
        const Leaver *member = walk_leaver(walk, row->member);

        if (row->grantor == leaver->role && (group == NULL || !group->is_dropped) &&
            (member == NULL || !member->is_dropped))
            walk_keep_membership(walk, row, leaver->because);
    }
}

static void
drop(Walk *walk)
{
    LIST_FOREACH (const Leaver, leaver, &walk->leavers) {
        if (!leaver->is_dropped || leaver->heir == NAME_NONE)
            continue;
        keep_memberships_granted(walk, leaver);
        walk_add(walk, &(Change){ .kind = CHANGE_ROLE_DROP,
                                  .declared_at = leaver->because,
                                  .name = leaver->role,
                                  .role_drop = { .reassign_to = leaver->heir } });
    }
}

static void
note_who_is_kept(Walk *walk)
{
    LIST_FOREACH (const Leaver, leaver, &walk->leavers) {
        const char *name = names_text(walk->names, leaver->role);

        if (leaver->is_dropped)
            continue;
        if (leaver->decl != NULL)
            findings_add(walk->input->notes, &FINDING_ROLE_ABSENT_KEPT, leaver->because, NULL,
                         "role \"%s\" is disabled and kept with all it owns", name);
        else
            findings_add(walk->input->notes, &FINDING_ROLE_REMOVED, leaver->because,
                         "--prune drops it; declared again it may log in again",
                         "role \"%s\" is no longer declared: it is disabled and kept with all it "
                         "owns",
                         name);
    }
}

void
walk_leaving_roles(Walk *walk)
{
    note_who_is_kept(walk);
    disable(walk);
    if (leavers_are_marked(walk))
        mark_as_disabled(walk);
    drop(walk);
}
