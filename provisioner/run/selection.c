/* Globs are fnmatch's, case-sensitive, on names as the inventory has them. */
#include "provisioner/run/selection.h"

#include <fnmatch.h>
#include <glib.h>
#include <string.h>

#include "base/suggest.h"

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

/* One selector's values against all names that it could mean. */
typedef struct Selector {
    const char *option;
    const char *what;
    char *const *values;
    bool is_path; /* -E: a path or what is above it; else globs */
    GPtrArray *names;
} Selector;

static bool
matches_a_name(const Selector *selector, char *value)
{
    char *const one[] = { value, NULL };

    for (guint i = 0; i + 1 < selector->names->len; i++) {
        const char *name = selector->names->pdata[i];

        if (selector->is_path ? env_is_below(name, one) : glob_matches(one, name))
            return true;
    }
    return false;
}

/* The nearest name, or a few of them, so that nobody has to open the inventory. */
static const char *
hint_for(Arena *arena, const Selector *selector, const char *value)
{
    const guint names_max = 8;
    const char *nearest = suggest_nearest(value, (const char *const *)selector->names->pdata);
    g_autoptr(GString) list = g_string_new(NULL);
    guint count = selector->names->len - 1;

    if (nearest != NULL)
        return arena_printf(arena, "did you mean \"%s\"?", nearest);
    if (count == 0)
        return arena_printf(arena, "the inventory has no %s", selector->what);
    for (guint i = 0; i < MIN(count, names_max); i++)
        g_string_append_printf(list, "%s%s", i > 0 ? ", " : "",
                               (const char *)selector->names->pdata[i]);
    if (count > names_max)
        g_string_append_printf(list, " and %u more", count - names_max);
    return arena_printf(arena, "there are %s", list->str);
}

static void
add_name(GPtrArray *names, GHashTable *seen, const char *name)
{
    if (name != NULL && g_hash_table_add(seen, (gpointer)name))
        g_ptr_array_add(names, (gpointer)name);
}

/* Clusters before instances before hosts: a hint shows the shortest names first. */
static void
gather_names(const Inventory *inventory, GPtrArray *nodes, GPtrArray *roles, GPtrArray *envs)
{
    g_autoptr(GHashTable) node_seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) role_seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) env_seen = g_hash_table_new(g_str_hash, g_str_equal);

    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        add_name(nodes, node_seen, cluster->name);
        LIST_FOREACH (const RoleDecl, role, &cluster->roles)
            add_name(roles, role_seen, role->name);
        LIST_FOREACH (const Instance, instance, &cluster->instances)
            add_name(envs, env_seen, instance->env);
    }
    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        LIST_FOREACH (const Instance, instance, &cluster->instances)
            add_name(nodes, node_seen, instance->name);
    }
    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        LIST_FOREACH (const Instance, instance, &cluster->instances)
            add_name(nodes, node_seen, instance->host);
    }
    g_ptr_array_add(nodes, NULL);
    g_ptr_array_add(roles, NULL);
    g_ptr_array_add(envs, NULL);
}

/* Each value for itself: of two clusters that are named, the misspelt one would be left out. */
const char *
selection_problem(const Selection *selection, Arena *arena, const Inventory *inventory,
                  const char **ret_hint)
{
    g_autoptr(GPtrArray) nodes = g_ptr_array_new();
    g_autoptr(GPtrArray) roles = g_ptr_array_new();
    g_autoptr(GPtrArray) envs = g_ptr_array_new();
    const Selector selectors[] = {
        { "-N", "instance, cluster or host", selection->nodes, false, nodes },
        { "-R", "role", selection->roles, false, roles },
        { "-E", "pg_env", selection->envs, true, envs },
    };

    if (selection->nodes == NULL && selection->roles == NULL && selection->envs == NULL)
        return NULL;
    gather_names(inventory, nodes, roles, envs);
    for (size_t i = 0; i < G_N_ELEMENTS(selectors); i++) {
        for (char *const *value = selectors[i].values; value != NULL && *value != NULL; value++) {
            if (matches_a_name(&selectors[i], *value))
                continue;
            *ret_hint = hint_for(arena, &selectors[i], *value);
            return arena_printf(arena, "%s \"%s\" matches no %s of the inventory",
                                selectors[i].option, *value, selectors[i].what);
        }
    }
    *ret_hint = "an instance has to match one value of each";
    return selection_instances(selection, arena, inventory).count > 0
               ? NULL
               : "no instance matches -N, -R and -E together";
}
