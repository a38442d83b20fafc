/* Loading an inventory: files, groups and hosts, clusters, checks. */
#include "inventory/load/inventory_load.h"

#include <string.h>

#include "inventory/findings.h"
#include "inventory/load/cluster.h"
#include "inventory/load/variable_check.h"
#include "inventory/tree/inventory_files.h"
#include "inventory/yaml/yaml_reader.h"

static void
read_text(Tree *tree, const InventoryText *text, List *files)
{
    const Node *document = yaml_read_bytes(tree->arena, (SourcePos){ .file = text->file },
                                           text->bytes, text->length, tree->findings);

    list_add(tree->arena, files, text->file);
    if (document != NULL)
        tree_add_document(tree, document);
}

static void
build(Tree *tree, Binder *binder, Inventory *inventory, const InventoryOptions *options)
{
    g_autoptr(Resolver) resolver = resolver_new(tree);
    g_autoptr(GHashTable) policies_by_name = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) merged = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) checked = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    const List infra = tree_group_members(tree, "infra");
    Policies policies = {
        .by_name = policies_by_name,
        .may_read_files = options->text == NULL,
        .files = &inventory->files,
        .digests = tree->digests,
    };
    ClusterBuild cluster_build = {
        .binder = binder,
        .tree = tree,
        .resolver = resolver,
        .policies = &policies,
        .merged = merged,
        .checked = checked,
        .infra = &infra,
    };

    clusters_build(&cluster_build, inventory);
}

const Inventory *
inventory_load(Arena *arena, const InventoryOptions *options, Findings *findings)
{
    g_autoptr(Tree) tree = tree_new(arena, findings);
    g_autoptr(Binder) binder = binder_new(arena, findings);
    Inventory *inventory = ARENA_NEW(arena, Inventory);

    inventory->arena = arena;
    inventory->passwords =
        options->passwords != NULL ? options->passwords : vault_passwords_new(arena);
    inventory->now = options->now != 0 ? options->now : g_get_real_time() / G_USEC_PER_SEC;
    binder->now = inventory->now;
    tree->passwords = inventory->passwords;
    binder->passwords = inventory->passwords;
    binder->needs_connections = (options->flags & INVENTORY_NO_CONNECTIONS) == 0;
    binder->refuses_commands = (options->flags & INVENTORY_NO_COMMANDS) != 0;
    tree->digests = (options->flags & INVENTORY_DIGESTS) != 0 ? &inventory->digests : NULL;
    if (options->text != NULL)
        read_text(tree, options->text, &inventory->files);
    else
        inventory_files_read(tree, options->paths, &inventory->files);
    tree_finish(tree);
    variables_check_names(tree, binder);
    variables_check_set_once(tree, findings);
    build(tree, binder, inventory, options);
    if (inventory->clusters.count == 0 && !findings_has_errors(findings))
        findings_add(
            findings, &FINDING_CLUSTER_MISSING,
            (SourcePos){ .file = inventory->files.count > 0 ? inventory->files.items[0] : NULL },
            "a host is an instance where pg_cluster, pg_seq and pg_role are set for it",
            "the inventory declares no cluster");
    return inventory;
}
