/* Reading the structure all/hosts/vars/children. */
#include "inventory/tree/tree.h"

#include <string.h>

#include "base/suggest.h"
#include "inventory/findings.h"
#include "inventory/tree/host_range.h"

static const char *const group_keys[] = { "hosts", "vars", "children", NULL };

/* Group all exists from the start: Ansible has it whether or not it is written down. */
Tree *
tree_new(Arena *arena, Findings *findings)
{
    Tree *tree = g_new0(Tree, 1);

    tree->arena = arena;
    tree->findings = findings;
    tree->groups_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    tree->hosts_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    return tree;
}

void
tree_free(Tree *tree)
{
    if (tree == NULL)
        return;
    g_hash_table_destroy(tree->groups_by_name);
    g_hash_table_destroy(tree->hosts_by_name);
    g_free(tree);
}

/* A group may be mentioned before it is defined; the first mention creates it. */
static Group *
get_group(Tree *tree, const char *name, SourcePos pos)
{
    Group *group = g_hash_table_lookup(tree->groups_by_name, name);

    if (group != NULL)
        return group;
    group = ARENA_NEW(tree->arena, Group);
    group->name = name;
    group->pos = pos;
    group->number = (unsigned)tree->groups.count;
    group->priority = 1;
    g_hash_table_insert(tree->groups_by_name, (gpointer)name, group);
    list_add(tree->arena, &tree->groups, group);
    return group;
}

/* A host is one object however often it is mentioned. */
static Host *
get_host(Tree *tree, const char *name, SourcePos pos)
{
    Host *host = g_hash_table_lookup(tree->hosts_by_name, name);

    if (host != NULL)
        return host;
    host = ARENA_NEW(tree->arena, Host);
    host->name = name;
    host->pos = pos;
    g_hash_table_insert(tree->hosts_by_name, (gpointer)name, host);
    list_add(tree->arena, &tree->hosts, host);
    return host;
}

static bool
list_has(const List *list, const void *item)
{
    /* The last one first: a group's hosts come one after another. */
    for (size_t i = list->count; i > 0; i--) {
        if (list->items[i - 1] == item)
            return true;
    }
    return false;
}

/*
 * A group may be mentioned as a child in several places; parents stay unique, or its depth and the
 * merge order would depend on how often it is mentioned.
 */
static void
add_child(Tree *tree, Group *parent, Group *child)
{
    if (list_has(&child->parents, parent))
        return;
    list_add(tree->arena, &child->parents, parent);
    list_add(tree->arena, &parent->children, child);
}

/* An Ansible section may be left empty, be a mapping, or a single name. */
static bool
check_section(const Tree *tree, const Node *value, const char *what, const char *owner)
{
    if (node_is_null(value))
        return false;
    if (value->kind == NODE_MAPPING) {
        node_report_own_duplicates(value, &FINDING_KEY_DUPLICATE, tree->findings);
        return true;
    }
    findings_add(tree->findings, &FINDING_INVENTORY_INVALID, value->pos, NULL,
                 "%s of \"%s\" must be a mapping, found %s", what, owner, node_describe(value));
    return false;
}

/*
 * Top-level mappings are remembered, because variable names are checked once, where they are
 * written, and not once for each host that inherits them.
 */
static void
add_scope_vars(Tree *tree, List *vars, const Node *mapping)
{
    list_add(tree->arena, vars, mapping);
    list_add(tree->arena, &tree->top_level, mapping);
}

/* A host range stands for many hosts that share one mapping of variables. */
static void
add_host_entry(Tree *tree, Group *group, const NodeEntry *entry)
{
    List names = { 0 };
    const char *problem = NULL;
    bool has_vars = check_section(tree, entry->value, "the variables", entry->key->text);

    if (!host_range_expand(tree->arena, entry->key->text, &names, &problem)) {
        findings_add(tree->findings, &FINDING_HOST_RANGE_INVALID, entry->key->pos, NULL,
                     "cannot expand the host \"%s\": %s", entry->key->text, problem);
        return;
    }
    LIST_FOREACH (const char, name, &names) {
        Host *host = get_host(tree, name, entry->key->pos);

        if (!list_has(&host->groups, group)) {
            list_add(tree->arena, &host->groups, group);
            list_add(tree->arena, &group->hosts, host);
        }
        if (has_vars)
            list_add(tree->arena, &host->scope.inline_vars, entry->value);
    }
    if (has_vars)
        list_add(tree->arena, &tree->top_level, entry->value);
}

static void read_group(Tree *tree, Group *group, const Node *body);

/*
 * Groups may be nested to any depth that YAML allows, and one group may appear in several places:
 * its parts are added up, as Ansible's InventoryData does.
 */
static void
read_section(Tree *tree, Group *group, const char *section, const Node *value)
{
    if (!check_section(tree, value, section, group->name))
        return;
    if (strcmp(section, "vars") == 0) {
        add_scope_vars(tree, &group->scope.inline_vars, value);
        return;
    }
    for (size_t i = 0; i < value->count; i++) {
        const NodeEntry *entry = &value->entries[i];

        if (strcmp(section, "hosts") == 0) {
            add_host_entry(tree, group, entry);
        } else {
            Group *child = get_group(tree, entry->key->text, entry->key->pos);

            add_child(tree, group, child);
            read_group(tree, child, entry->value);
        }
    }
}

/*
 * An unknown key that resembles a known one is an error, because `host:` for `hosts:` would make a
 * cluster disappear; any other one belongs to another tool.
 */
static void
read_group(Tree *tree, Group *group, const Node *body)
{
    if (!check_section(tree, body, "group", group->name))
        return;
    for (size_t i = 0; i < body->count; i++) {
        const Node *key = body->entries[i].key;
        const char *nearest = NULL;
        g_autofree char *hint = NULL;

        if (g_strv_contains(group_keys, key->text)) {
            read_section(tree, group, key->text, body->entries[i].value);
            continue;
        }
        nearest = suggest_nearest(key->text, group_keys);
        if (nearest != NULL)
            hint = g_strdup_printf("did you mean \"%s\"?", nearest);
        findings_add(tree->findings, nearest != NULL ? &FINDING_KEY_UNKNOWN : &FINDING_KEY_IGNORED,
                     key->pos, nearest != NULL ? hint : "a group has hosts, vars and children",
                     "unknown key \"%s\" in group \"%s\"", key->text, group->name);
    }
}

/*
 * Every top-level key is a group below all. `hosts:` or `vars:` at the top level is a common
 * mistake which Ansible turns into a group of that name.
 */
void
tree_add_document(Tree *tree, const Node *document)
{
    Group *all = get_group(tree, "all", document->pos);

    if (document->kind != NODE_MAPPING) {
        findings_add(tree->findings, &FINDING_INVENTORY_INVALID, document->pos,
                     "an inventory begins with \"all:\" and has hosts, vars and children in it",
                     "expected a mapping of groups, found %s", node_describe(document));
        return;
    }
    node_report_own_duplicates(document, &FINDING_KEY_DUPLICATE, tree->findings);
    for (size_t i = 0; i < document->count; i++) {
        const NodeEntry *entry = &document->entries[i];
        Group *group = NULL;

        if (g_strv_contains(group_keys, entry->key->text)) {
            findings_add(tree->findings, &FINDING_INVENTORY_INVALID, entry->key->pos,
                         "move it below \"all:\"", "\"%s\" is not a group", entry->key->text);
            continue;
        }
        group = get_group(tree, entry->key->text, entry->key->pos);
        if (group != all)
            add_child(tree, all, group);
        read_group(tree, group, entry->value);
    }
}

/* A file of variables may contain only comments. */
void
tree_add_vars(Tree *tree, Scope *scope, const Node *document)
{
    if (node_is_null(document))
        return;
    if (document->kind != NODE_MAPPING) {
        findings_add(tree->findings, &FINDING_INVENTORY_INVALID, document->pos, NULL,
                     "a file of variables must be a mapping, found %s", node_describe(document));
        return;
    }
    node_report_own_duplicates(document, &FINDING_KEY_DUPLICATE, tree->findings);
    add_scope_vars(tree, &scope->file_vars, document);
}
