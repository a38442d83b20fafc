/* Memberships, followed upwards. */
#include "provisioner/plan/prune_roles.h"

#include "roles/permission/authority.h"

const List *
prune_roles_memberships(const PruneRoles *roles, NameId member)
{
    static const List none = { 0 };
    const List *rows = g_hash_table_lookup(roles->by_member, GUINT_TO_POINTER(member));

    return rows == NULL ? &none : rows;
}

PruneRoles *
prune_roles_new(AccessState *state, const List *drops)
{
    PruneRoles *roles = g_new(PruneRoles, 1);

    *roles = (PruneRoles){
        .state = state,
        .drops = drops,
        .by_member = g_hash_table_new(NULL, NULL),
        .left = g_hash_table_new(NULL, NULL),
    };
    LIST_FOREACH (const StateMembership, row, &state->memberships) {
        List *rows = g_hash_table_lookup(roles->by_member, GUINT_TO_POINTER(row->member));

        if (rows == NULL) {
            rows = ARENA_NEW(state->arena, List);
            g_hash_table_insert(roles->by_member, GUINT_TO_POINTER(row->member), rows);
        }
        list_add(state->arena, rows, row);
    }
    return roles;
}

void
prune_roles_free(PruneRoles *roles)
{
    g_hash_table_unref(roles->by_member);
    g_hash_table_unref(roles->left);
    g_free(roles);
}

const Change *
prune_roles_drop(const PruneRoles *roles, NameId role)
{
    LIST_FOREACH (const Change, drop, roles->drops) {
        if (drop->name == role)
            return drop;
    }
    return NULL;
}

bool
prune_roles_know(const PruneRoles *roles, NameId role)
{
    return role == NAME_PUBLIC || access_state_role(roles->state, role) != NULL;
}

bool
prune_roles_gives(const PruneRoles *roles, const StateMembership *row)
{
    return !g_hash_table_contains(roles->left, row) && authority_row_inherits(roles->state, row);
}

/* Whose privileges the role has by its memberships (acl.c has_privs_of_role()), itself included. */
GHashTable *
prune_roles_rights(const PruneRoles *roles, NameId role)
{
    GHashTable *seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GPtrArray) open = g_ptr_array_new();

    g_ptr_array_add(open, GUINT_TO_POINTER(role));
    while (open->len > 0) {
        NameId next = GPOINTER_TO_UINT(g_ptr_array_steal_index_fast(open, open->len - 1));

        if (!g_hash_table_add(seen, GUINT_TO_POINTER(next)))
            continue;
        LIST_FOREACH (const StateMembership, row, prune_roles_memberships(roles, next)) {
            if (prune_roles_gives(roles, row))
                g_ptr_array_add(open, GUINT_TO_POINTER(row->role));
        }
    }
    return seen;
}

bool
prune_roles_has_rights_of(const PruneRoles *roles, NameId role, NameId other)
{
    g_autoptr(GHashTable) rights = prune_roles_rights(roles, role);

    return g_hash_table_contains(rights, GUINT_TO_POINTER(other));
}
