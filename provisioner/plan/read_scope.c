/* Declarations decide what is read. */
#include "provisioner/plan/read_scope.h"

#include <string.h>

static bool
exists(const AccessState *state, const char *database)
{
    NameId id = names_find(state->names, database);

    return id != NAME_NONE && access_state_database(state, id) != NULL;
}

bool
read_scope_has_database(const Cluster *cluster, const AccessState *state, const char *name)
{
    if (strcmp(name, "template1") == 0 || strcmp(name, "postgres") == 0 ||
        g_strcmp0(name, cluster->primary_db) == 0)
        return true;
    LIST_FOREACH (const DatabaseDecl, decl, &cluster->databases) {
        if (decl->state == DATABASE_ABSENT)
            continue;
        if (strcmp(decl->name, name) == 0)
            return true;
        if (!exists(state, decl->name) && g_strcmp0(decl->template_name.value, name) == 0)
            return true;
    }
    return false;
}

bool
read_scope_objects(Arena *arena, const Cluster *cluster, const AccessState *state, const char *name,
                   ObjectNeeds *ret_needs)
{
    bool needed = false;

    LIST_FOREACH (const DatabaseDecl, decl, &cluster->databases) {
        const char *template_name = decl->template_name.value;
        /* CREATE DATABASE copies template1 where no template is named. */
        bool is_template =
            !exists(state, decl->name) &&
            strcmp(template_name == NULL || *template_name == '\0' ? "template1" : template_name,
                   name) == 0;

        if (strcmp(decl->name, name) == 0 || is_template)
            needed = object_needs_add(arena, cluster, decl, ret_needs) || needed;
    }
    return needed;
}
