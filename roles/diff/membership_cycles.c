/* Circles of memberships: found by a search through groups, opened by revokes that come first. */
#include "roles/diff/membership_cycles.h"

#include "roles/diff/membership_edit.h"

struct MembershipGraph {
    Diff *diff;
    GHashTable *groups_of; /* member -> NameIdVector */
};

MembershipGraph *
membership_graph_new(Diff *diff)
{
    MembershipGraph *graph = g_new0(MembershipGraph, 1);

    graph->diff = diff;
    graph->groups_of = g_hash_table_new(NULL, NULL);
    LIST_FOREACH (const StateMembership, row, &diff->state->memberships)
        membership_graph_add(graph, row->role, row->member);
    return graph;
}

void
membership_graph_free(MembershipGraph *graph)
{
    if (graph == NULL)
        return;
    g_hash_table_destroy(graph->groups_of);
    g_free(graph);
}

void
membership_graph_add(MembershipGraph *graph, NameId role, NameId member)
{
    NameIdVector *groups = g_hash_table_lookup(graph->groups_of, GUINT_TO_POINTER(member));

    if (groups == NULL) {
        groups = ARENA_NEW(graph->diff->arena, NameIdVector);
        g_hash_table_insert(graph->groups_of, GUINT_TO_POINTER(member), groups);
    }
    name_id_vector_add(graph->diff->arena, groups, role);
}

/*
 * Breadth first, as a chain may be as long as there are roles. Each role that was reached, with the
 * member that led to it; NULL when `to` was not.
 */
static GHashTable *
reached_from(const MembershipGraph *graph, NameId from, NameId to)
{
    g_autoptr(GHashTable) reached_by = g_hash_table_new(NULL, NULL);
    g_autoptr(GArray) queue = g_array_new(FALSE, FALSE, sizeof(NameId));

    g_array_append_val(queue, from);
    g_hash_table_insert(reached_by, GUINT_TO_POINTER(from), GUINT_TO_POINTER(NAME_NONE));
    for (guint next = 0; next < queue->len; next++) {
        NameId member = g_array_index(queue, NameId, next);
        const NameIdVector *groups =
            g_hash_table_lookup(graph->groups_of, GUINT_TO_POINTER(member));

        if (member == to)
            return g_steal_pointer(&reached_by);
        for (size_t i = 0; groups != NULL && i < groups->count; i++) {
            if (g_hash_table_contains(reached_by, GUINT_TO_POINTER(groups->items[i])))
                continue;
            g_hash_table_insert(reached_by, GUINT_TO_POINTER(groups->items[i]),
                                GUINT_TO_POINTER(member));
            g_array_append_val(queue, groups->items[i]);
        }
    }
    return NULL;
}

static NameId
member_before(GHashTable *reached_by, NameId role)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(reached_by, GUINT_TO_POINTER(role)));
}

const char *
membership_graph_cycle(const MembershipGraph *graph, NameId role, NameId member)
{
    g_autoptr(GHashTable) reached_by = reached_from(graph, role, member);
    g_autoptr(GString) path = g_string_new(NULL);
    const Names *names = graph->diff->names;

    if (reached_by == NULL)
        return NULL;
    g_string_append_printf(path, "\"%s\"", names_text(names, member));
    for (NameId at = member; at != role; at = member_before(reached_by, at))
        g_string_append_printf(path, " is granted to \"%s\"",
                               names_text(names, member_before(reached_by, at)));
    return arena_strdup(graph->diff->arena, path->str);
}

/* Whether all rows of that membership go in this plan, each grantor's. */
static bool
is_taken(const Diff *diff, NameId role, NameId member)
{
    const List *rows = access_state_memberships_of(diff->state, role, member);

    if (rows == NULL || rows->count == 0)
        return false;
    LIST_FOREACH (const StateMembership, row, rows) {
        if (!membership_is_taken(diff, row))
            return false;
    }
    return true;
}

static void
revoke_first(MembershipGraph *graph, NameId role, NameId member)
{
    NameIdVector *groups = g_hash_table_lookup(graph->groups_of, GUINT_TO_POINTER(member));
    const List *rows = access_state_memberships_of(graph->diff->state, role, member);

    while (rows != NULL && rows->count > 0)
        membership_edit_revoke_first(graph->diff, rows->items[0]);
    for (size_t i = 0; i < groups->count;) {
        if (groups->items[i] == role)
            groups->items[i] = groups->items[--groups->count];
        else
            i++;
    }
}

/* One path at a time: each takes away a link, so the search ends. */
void
membership_graph_open(MembershipGraph *graph, NameId role, NameId member)
{
    bool opened = true;

    while (opened) {
        g_autoptr(GHashTable) reached_by = reached_from(graph, role, member);

        opened = false;
        for (NameId at = member; reached_by != NULL && at != role && !opened;
             at = member_before(reached_by, at)) {
            NameId before = member_before(reached_by, at);

            if (!is_taken(graph->diff, at, before))
                continue;
            revoke_first(graph, at, before);
            opened = true;
        }
    }
}
