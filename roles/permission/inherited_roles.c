/* Memberships followed upwards, breadth first. */
#include "roles/permission/inherited_roles.h"

#include "roles/permission/authority.h"

/* What one role reaches: in order, and to ask about. */
typedef struct Reached {
    NameIdVector roles;
    GHashTable *set; /* NameId */
} Reached;

struct InheritedRoles {
    Arena *arena;
    GHashTable *groups_of; /* NameId -> List of StateMembership: those that the member inherits */
    GHashTable *reached;   /* NameId -> Reached */
};

static void
reached_free(gpointer data)
{
    Reached *reached = data;

    g_hash_table_destroy(reached->set);
    g_free(reached);
}

static void
add_row(InheritedRoles *inherited, const StateMembership *row)
{
    List *groups = g_hash_table_lookup(inherited->groups_of, GUINT_TO_POINTER(row->member));

    if (groups == NULL) {
        groups = ARENA_NEW(inherited->arena, List);
        g_hash_table_insert(inherited->groups_of, GUINT_TO_POINTER(row->member), groups);
    }
    list_add(inherited->arena, groups, row);
}

InheritedRoles *
inherited_roles_new(Arena *arena, const AccessState *state)
{
    InheritedRoles *inherited = g_new0(InheritedRoles, 1);

    inherited->arena = arena;
    inherited->groups_of = g_hash_table_new(NULL, NULL);
    inherited->reached = g_hash_table_new_full(NULL, NULL, NULL, reached_free);
    LIST_FOREACH (const StateMembership, row, &state->memberships) {
        if (authority_row_inherits(state, row))
            add_row(inherited, row);
    }
    return inherited;
}

void
inherited_roles_free(InheritedRoles *inherited)
{
    if (inherited == NULL)
        return;
    g_hash_table_destroy(inherited->groups_of);
    g_hash_table_destroy(inherited->reached);
    g_free(inherited);
}

static void
add_reached(InheritedRoles *inherited, Reached *reached, NameId role)
{
    if (g_hash_table_add(reached->set, GUINT_TO_POINTER(role)))
        name_id_vector_add(inherited->arena, &reached->roles, role);
}

const List *
inherited_roles_rows(const InheritedRoles *inherited, NameId role)
{
    static const List none = { 0 };
    const List *rows = g_hash_table_lookup(inherited->groups_of, GUINT_TO_POINTER(role));

    return rows == NULL ? &none : rows;
}

void
inherited_roles_leave(InheritedRoles *inherited, const StateMembership *row)
{
    List *rows = g_hash_table_lookup(inherited->groups_of, GUINT_TO_POINTER(row->member));
    List kept = { 0 };

    if (rows == NULL)
        return;
    LIST_FOREACH (const StateMembership, other, rows) {
        if (other != row)
            list_add(inherited->arena, &kept, other);
    }
    *rows = kept;
    g_hash_table_remove_all(inherited->reached);
}

/* The vector is the queue, too; the set keeps a cycle in a hand-written state from looping. */
static Reached *
reached_from(InheritedRoles *inherited, NameId role)
{
    Reached *reached = g_hash_table_lookup(inherited->reached, GUINT_TO_POINTER(role));

    if (reached != NULL)
        return reached;
    reached = g_new0(Reached, 1);
    reached->set = g_hash_table_new(NULL, NULL);
    g_hash_table_insert(inherited->reached, GUINT_TO_POINTER(role), reached);
    add_reached(inherited, reached, role);
    for (size_t i = 0; i < reached->roles.count; i++) {
        LIST_FOREACH (const StateMembership, row,
                      inherited_roles_rows(inherited, reached->roles.items[i]))
            add_reached(inherited, reached, row->role);
    }
    return reached;
}

const NameIdVector *
inherited_roles_of(InheritedRoles *inherited, NameId role)
{
    return &reached_from(inherited, role)->roles;
}

bool
inherited_roles_include(InheritedRoles *inherited, NameId role, NameId other)
{
    return g_hash_table_contains(reached_from(inherited, role)->set, GUINT_TO_POINTER(other));
}
