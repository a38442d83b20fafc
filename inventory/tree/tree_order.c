/* Depth and precedence of groups, and the chain of variables that they give a host. */
#include <string.h>

#include "inventory/findings.h"
#include "inventory/tree/tree.h"

/* Once for the whole inventory: every group below the limit would repeat it. */
static void
report_depth(Tree *tree, const Group *group)
{
    if (!tree->too_deep)
        findings_add(tree->findings, &FINDING_YAML_TOO_DEEP, group->pos, NULL,
                     "groups are nested deeper than %u levels", GROUP_DEPTH_MAX);
    tree->too_deep = true;
}

/*
 * The depth of a group is that of its deepest parent plus one, which is how Ansible orders groups
 * (Group.get_ancestors() and depth in inventory/group.py). level bounds the recursion: a hostile
 * file may chain any number of groups.
 */
static void
visit(Tree *tree, Group *group, unsigned level)
{
    if (level > GROUP_DEPTH_MAX) {
        report_depth(tree, group);
        return;
    }
    group->state = GROUP_OPEN;
    LIST_FOREACH (Group, parent, &group->parents) {
        if (parent->state == GROUP_OPEN) {
            findings_add(tree->findings, &FINDING_GROUP_CYCLE, parent->pos, NULL,
                         "group \"%s\" is among its own children, by way of \"%s\"", parent->name,
                         group->name);
            continue;
        }
        if (parent->state == GROUP_UNVISITED)
            visit(tree, parent, level + 1);
        group->depth = MAX(group->depth, parent->depth + 1);
    }
    group->state = GROUP_DONE;
    if (group->depth > GROUP_DEPTH_MAX)
        report_depth(tree, group);
}

/* The last of several definitions of one group wins, as with every variable. */
static const Node *
last_value(const List *mappings, const char *key)
{
    for (size_t i = mappings->count; i > 0; i--) {
        const Node *value = node_get(mappings->items[i - 1], key);

        if (value != NULL)
            return value;
    }
    return NULL;
}

/* A priority that cannot be read is not taken for 1: the wrong group would win silently. */
static void
read_priority(Tree *tree, Group *group)
{
    const Node *priority = last_value(&group->scope.file_vars, "ansible_group_priority");

    if (priority == NULL)
        priority = last_value(&group->scope.inline_vars, "ansible_group_priority");
    if (priority == NULL)
        return;
    if (priority->kind != NODE_SCALAR || priority->type != SCALAR_INT)
        findings_add(tree->findings, &FINDING_GROUP_PRIORITY_INVALID, priority->pos, NULL,
                     "ansible_group_priority must be an integer, found %s",
                     node_describe(priority));
    else
        group->priority = priority->value.integer;
}

/*
 * Later in this order means higher precedence: Ansible's sort_groups() sorts by depth, then
 * ansible_group_priority, then name.
 */
static int
compare_groups(const void *a, const void *b)
{
    const Group *left = a;
    const Group *right = b;

    if (left->depth != right->depth)
        return left->depth < right->depth ? -1 : 1;
    if (left->priority != right->priority)
        return left->priority < right->priority ? -1 : 1;
    return strcmp(left->name, right->name);
}

/* A group that is reached on two ways counts once. */
static void
gather(Arena *arena, GHashTable *seen, List *groups, const Group *group)
{
    if (!g_hash_table_add(seen, (gpointer)group))
        return;
    list_add(arena, groups, group);
    LIST_FOREACH (const Group, parent, &group->parents)
        gather(arena, seen, groups, parent);
}

/* The chain is searched from its beginning, so the strongest definition comes first. */
static void
append_reversed(Arena *arena, List *to, const List *mappings)
{
    for (size_t i = mappings->count; i > 0; i--)
        list_add(arena, to, mappings->items[i - 1]);
}

/* Every host belongs to all, also one that is only mentioned in another group. */
static const VarsChain *
build_chain(Tree *tree, const Host *host)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    VarsChain *chain = ARENA_NEW(tree->arena, VarsChain);
    const Group *all = g_hash_table_lookup(tree->groups_by_name, "all");
    List groups = { 0 };

    LIST_FOREACH (const Group, group, &host->groups)
        gather(tree->arena, seen, &groups, group);
    if (all != NULL)
        gather(tree->arena, seen, &groups, all);
    list_sort(&groups, compare_groups);
    for (size_t i = groups.count; i > 0; i--) {
        const Group *group = groups.items[i - 1];

        append_reversed(tree->arena, &chain->file_vars, &group->scope.file_vars);
        append_reversed(tree->arena, &chain->inline_vars, &group->scope.inline_vars);
    }
    return chain;
}

/* Hosts in the same groups share their chain: ten thousand hosts usually have a few dozen. */
static void
set_chains(Tree *tree)
{
    g_autoptr(GHashTable) chains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    LIST_FOREACH (Host, host, &tree->hosts) {
        g_autoptr(GString) key = g_string_new(NULL);

        LIST_FOREACH (const Group, group, &host->groups)
            g_string_append_printf(key, "%u,", group->number);
        host->chain = g_hash_table_lookup(chains, key->str);
        if (host->chain == NULL) {
            host->chain = build_chain(tree, host);
            g_hash_table_insert(chains, g_strdup(key->str), (gpointer)host->chain);
        }
    }
}

/* Ansible puts hosts that stand in no other group than all into "ungrouped". */
static void
add_ungrouped(Tree *tree)
{
    Group *ungrouped = g_hash_table_lookup(tree->groups_by_name, "ungrouped");
    const Group *all = g_hash_table_lookup(tree->groups_by_name, "all");

    if (ungrouped == NULL)
        return;
    LIST_FOREACH (Host, host, &tree->hosts) {
        if (host->groups.count == 1 && host->groups.items[0] == all) {
            list_add(tree->arena, &host->groups, ungrouped);
            list_add(tree->arena, &ungrouped->hosts, host);
        }
    }
}

/*
 * Chains are built only when the groups form a graph without an end; after an error nothing that
 * depends on precedence is resolved.
 */
void
tree_finish(Tree *tree)
{
    LIST_FOREACH (Group, group, &tree->groups) {
        if (group->state == GROUP_UNVISITED)
            visit(tree, group, 0);
        read_priority(tree, group);
    }
    add_ungrouped(tree);
    if (!tree->too_deep)
        set_chains(tree);
}

/* Members of children are members, as groups['x'] is in Ansible. */
static void
gather_hosts(Arena *arena, GHashTable *seen, List *names, const Group *group)
{
    if (!g_hash_table_add(seen, (gpointer)group))
        return;
    LIST_FOREACH (const Host, host, &group->hosts) {
        if (g_hash_table_add(seen, (gpointer)host))
            list_add(arena, names, host->name);
    }
    LIST_FOREACH (const Group, child, &group->children)
        gather_hosts(arena, seen, names, child);
}

/* Sorted by name, as Pigsty's templates sort addresses of the infra group. */
List
tree_group_members(const Tree *tree, const char *group_name)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    const Group *group = g_hash_table_lookup(tree->groups_by_name, group_name);
    List names = { 0 };

    if (group != NULL && !tree->too_deep)
        gather_hosts(tree->arena, seen, &names, group);
    list_sort_texts(&names);
    return names;
}
