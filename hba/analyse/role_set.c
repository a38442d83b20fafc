/* A graph of names, walked breadth first. */
#include "hba/analyse/role_set.h"

#include "base/list.h"

typedef struct Role {
    const char *name;
    List groups; /* Role */
} Role;

struct HbaRoleSet {
    Arena *arena;
    GHashTable *by_name;
    List all; /* Role */
};

HbaRoleSet *
hba_role_set_new(Arena *arena)
{
    HbaRoleSet *roles = g_new0(HbaRoleSet, 1);

    roles->arena = arena;
    roles->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    return roles;
}

void
hba_role_set_free(HbaRoleSet *roles)
{
    if (roles == NULL)
        return;
    g_hash_table_destroy(roles->by_name);
    g_free(roles);
}

static Role *
ensure_role(HbaRoleSet *roles, const char *name)
{
    Role *role = g_hash_table_lookup(roles->by_name, name);

    if (role != NULL)
        return role;
    role = ARENA_NEW(roles->arena, Role);
    role->name = arena_strdup(roles->arena, name);
    g_hash_table_insert(roles->by_name, (gpointer)role->name, role);
    list_add(roles->arena, &roles->all, role);
    return role;
}

void
hba_role_set_add(HbaRoleSet *roles, const char *name)
{
    ensure_role(roles, name);
}

/*
 * A membership may name roles that nothing else declares: the server's own, or those of a list that
 * is not complete.
 */
void
hba_role_set_grant(HbaRoleSet *roles, const char *role, const char *member)
{
    Role *group = ensure_role(roles, role);

    list_add(roles->arena, &ensure_role(roles, member)->groups, group);
}

bool
hba_role_set_has(const HbaRoleSet *roles, const char *name)
{
    return g_hash_table_contains(roles->by_name, name);
}

/*
 * As is_member() of hba.c answers: a role that does not exist is not a member, and being a
 * superuser makes nobody a member. `seen` protects against cycles, which the server refuses but a
 * file with roles may contain.
 */
bool
hba_role_set_is_member(const HbaRoleSet *roles, const char *member, const char *role)
{
    const Role *from = g_hash_table_lookup(roles->by_name, member);
    const Role *to = g_hash_table_lookup(roles->by_name, role);
    g_autoptr(GHashTable) seen = NULL;
    g_autoptr(GPtrArray) queue = NULL;

    if (from == NULL || to == NULL)
        return false;
    if (from == to)
        return true;
    seen = g_hash_table_new(NULL, NULL);
    queue = g_ptr_array_new();
    g_ptr_array_add(queue, (gpointer)from);
    for (guint i = 0; i < queue->len; i++) {
        const Role *at = g_ptr_array_index(queue, i);

        LIST_FOREACH (Role, group, &at->groups) {
            if (group == to)
                return true;
            if (g_hash_table_add(seen, group))
                g_ptr_array_add(queue, group);
        }
    }
    return false;
}

void
hba_role_set_foreach(const HbaRoleSet *roles, void (*take)(const char *name, void *data),
                     void *data)
{
    LIST_FOREACH (const Role, role, &roles->all)
        take(role->name, data);
}
