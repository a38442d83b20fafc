/* Which roles and databases adopt and strict take things away from. */
#include <fnmatch.h>
#include <string.h>

#include "roles/diff/diff_context.h"

static bool
matches_any(const List *globs, const char *name)
{
    if (globs->count == 0)
        return true;
    LIST_FOREACH (const char, glob, globs) {
        if (fnmatch(glob, name, 0) == 0)
            return true;
    }
    return false;
}

bool
walk_is_system_user(const Walk *walk, NameId role)
{
    return system_users_have(walk->users, names_text(walk->names, role));
}

bool
walk_role_is_in_scope(const Walk *walk, NameId role)
{
    return matches_any(&walk->cluster->managed_roles, names_text(walk->names, role));
}

bool
walk_manages_role_in(const Walk *walk, NameId role, AccessMode mode)
{
    bool declared = g_hash_table_contains(walk->declared_roles, GUINT_TO_POINTER(role));

    /* Who leaves keeps everything but LOGIN: it may come back. Who is no role any more, and is only
     * a number in an ACL, cannot be named. */
    if (mode == ACCESS_MODE_ADDITIVE || role == NAME_PUBLIC || walk_leaver(walk, role) != NULL ||
        access_state_role(walk->state, role) == NULL)
        return false;
    /* With pg_provision: false the inventory does not say who there is. */
    if (!declared && (mode != ACCESS_MODE_STRICT || !walk->cluster->provision ||
                      walk_is_protected(walk, role) || walk_is_system_user(walk, role)))
        return false;
    return walk_role_is_in_scope(walk, role);
}

bool
walk_manages_role(const Walk *walk, NameId role)
{
    return walk_manages_role_in(walk, role, walk->input->mode);
}

bool
walk_manages_database(const Walk *walk, NameId database)
{
    return walk_manages_database_in(walk, database, walk->input->mode);
}

bool
walk_manages_database_in(const Walk *walk, NameId database, AccessMode mode)
{
    const char *name = names_text(walk->names, database);

    if (mode == ACCESS_MODE_ADDITIVE)
        return false;
    LIST_FOREACH (const DatabaseDecl, decl, &walk->cluster->databases) {
        if (strcmp(decl->name, name) == 0)
            return decl->state != DATABASE_ABSENT &&
                   matches_any(&walk->cluster->managed_databases, name);
    }
    return false;
}
