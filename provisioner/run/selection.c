/* Globs are fnmatch's, case-sensitive, on names as the inventory has them. */
#include "provisioner/run/selection.h"

#include <fnmatch.h>
#include <string.h>

/* The one place that compares a name with a selector's glob. */
static bool
glob_matches(char *const *globs, const char *name)
{
    for (; name != NULL && *globs != NULL; globs++) {
        if (fnmatch(*globs, name, 0) == 0)
            return true;
    }
    return false;
}

/* Only the inventory counts: a selection must not depend on servers that may not answer. */
static bool
role_is_declared(const Cluster *cluster, char *const *names)
{
    LIST_FOREACH (const RoleDecl, role, &cluster->roles) {
        if (glob_matches(names, role->name))
            return true;
    }
    return false;
}

/* A path selects itself and what is below it; "prod" does not select "production". */
static bool
env_is_below(const char *env, char *const *paths)
{
    for (; env != NULL && *paths != NULL; paths++) {
        size_t length = strlen(*paths);

        if (strncmp(env, *paths, length) == 0 && (env[length] == '\0' || env[length] == '/'))
            return true;
    }
    return false;
}

/* Several values of one selector widen the selection, different selectors narrow it. */
static bool
is_selected(const Selection *selection, const Instance *instance)
{
    if (selection->nodes != NULL && !glob_matches(selection->nodes, instance->name) &&
        !glob_matches(selection->nodes, instance->cluster->name) &&
        !glob_matches(selection->nodes, instance->host))
        return false;
    if (selection->roles != NULL && !role_is_declared(instance->cluster, selection->roles))
        return false;
    return selection->envs == NULL || env_is_below(instance->env, selection->envs);
}

List
selection_instances(const Selection *selection, Arena *arena, const Inventory *inventory)
{
    List selected = { 0 };

    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        LIST_FOREACH (const Instance, instance, &cluster->instances) {
            if (is_selected(selection, instance))
                list_add(arena, &selected, instance);
        }
    }
    return selected;
}

/*
 * One selected instance selects its cluster, because roles and grants belong to the cluster as a
 * whole.
 */
List
selection_clusters(const Selection *selection, Arena *arena, const Inventory *inventory)
{
    List selected = { 0 };

    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        LIST_FOREACH (const Instance, instance, &cluster->instances) {
            if (is_selected(selection, instance)) {
                list_add(arena, &selected, cluster);
                break;
            }
        }
    }
    return selected;
}
