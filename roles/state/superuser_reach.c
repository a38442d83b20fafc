/* Memberships, followed upwards. */
#include "roles/state/superuser_reach.h"

static bool
is_superuser(const AccessState *state, NameId name)
{
    const StateRole *role = access_state_role(state, name);

    return role != NULL && role->attributes[ROLE_ATTRIBUTE_SUPERUSER];
}

bool
role_reaches_superuser(const AccessState *state, NameId role)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GPtrArray) open = g_ptr_array_new();

    g_ptr_array_add(open, GUINT_TO_POINTER(role));
    while (open->len > 0) {
        NameId next = GPOINTER_TO_UINT(g_ptr_array_steal_index_fast(open, open->len - 1));

        if (!g_hash_table_add(seen, GUINT_TO_POINTER(next)))
            continue;
        if (is_superuser(state, next))
            return true;
        LIST_FOREACH (const StateMembership, row, &state->memberships) {
            if (row->member == next)
                g_ptr_array_add(open, GUINT_TO_POINTER(row->role));
        }
    }
    return false;
}
