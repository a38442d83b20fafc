/* Which roles and databases adopt and strict take things away from. */
#include <fnmatch.h>
#include <string.h>

#include "roles/desired_walk.h"

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
walk_manages_role(const Walk *walk, NameId role)
{
    bool declared = g_hash_table_contains(walk->declared_roles, GUINT_TO_POINTER(role));

    if (walk->input->mode == ACCESS_MODE_ADDITIVE || role == NAME_PUBLIC)
        return false;
    if (!declared && (walk->input->mode != ACCESS_MODE_STRICT || walk_is_protected(walk, role)))
        return false;
    return matches_any(&walk->cluster->managed_roles, names_text(walk->names, role));
}

bool
walk_manages_database(const Walk *walk, NameId database)
{
    const char *name = names_text(walk->names, database);

    if (walk->input->mode == ACCESS_MODE_ADDITIVE)
        return false;
    LIST_FOREACH (const DatabaseDecl, decl, &walk->cluster->databases) {
        if (strcmp(decl->name, name) == 0)
            return decl->state != DATABASE_ABSENT &&
                   matches_any(&walk->cluster->managed_databases, name);
    }
    return false;
}
