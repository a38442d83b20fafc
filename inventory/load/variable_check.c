/* Walking every mapping of variables once. */
#include "inventory/load/variable_check.h"

#include <string.h>

#include "base/suggest.h"
#include "inventory/decl/instance_decl.h"
#include "inventory/findings.h"

static const char *const known_variables[] = {
#define KNOWN_VARIABLE(name) name,
#include "inventory/tree/known_variable.def"
#undef KNOWN_VARIABLE
};

static const char *const prefixes[] = { "pg_", "pgb_", "pgbouncer_" };

/*
 * Only names with our prefixes are compared: any other name belongs to another role of the
 * playbook.
 */
static bool
looks_like_ours(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++) {
        if (g_str_has_prefix(name, prefixes[i]))
            return true;
    }
    return false;
}

/* A name that differs from all of ours by more than a typo is Pigsty's or a user's own. */
static void
check_name(Binder *binder, GHashTable *known, const char *const *ours, const Node *key)
{
    g_autofree char *hint = NULL;
    const char *nearest = NULL;

    if (!looks_like_ours(key->text) || g_hash_table_contains(known, key->text))
        return;
    nearest = suggest_nearest(key->text, ours);
    if (nearest == NULL)
        return;
    hint = g_strdup_printf("did you mean \"%s\"?", nearest);
    findings_add(binder->findings, &FINDING_VARIABLE_UNKNOWN, key->pos, hint,
                 "unknown variable \"%s\"", key->text);
}

typedef struct SetVariables {
    Findings *findings;
    const char *noun; /* group or host */
    const char *name;
    GHashTable *by_key; /* text of a key -> const Node, the key that was set last */
} SetVariables;

/*
 * The later file wins. Where several people keep a folder, the author of the earlier one may not
 * know that the value there is out of force.
 */
static void
check_set_once(const SetVariables *set, const List *mappings)
{
    LIST_FOREACH (const Node, mapping, mappings) {
        for (size_t i = 0; i < mapping->count; i++) {
            const Node *key = mapping->entries[i].key;
            const Node *before = g_hash_table_lookup(set->by_key, key->text);

            if (before != NULL && g_strcmp0(before->pos.file, key->pos.file) != 0)
                findings_add(set->findings, &FINDING_VARIABLE_OVERRIDDEN, key->pos,
                             "keep a variable of a group or host in one file",
                             "\"%s\" of %s \"%s\" is set at %s:%u, too, and this value replaces it",
                             key->text, set->noun, set->name, before->pos.file, before->pos.line);
            g_hash_table_replace(set->by_key, (gpointer)key->text, (gpointer)key);
        }
    }
}

static void
check_scope(Findings *findings, const char *noun, const char *name, const Scope *scope)
{
    g_autoptr(GHashTable) by_key = g_hash_table_new(g_str_hash, g_str_equal);
    const SetVariables set = { findings, noun, name, by_key };

    if (scope->inline_vars.count + scope->file_vars.count < 2)
        return;
    check_set_once(&set, &scope->inline_vars);
    check_set_once(&set, &scope->file_vars);
}

void
variables_check_set_once(const Tree *tree, Findings *findings)
{
    LIST_FOREACH (const Group, group, &tree->groups)
        check_scope(findings, "group", group->name, &group->scope);
    LIST_FOREACH (const Host, host, &tree->hosts)
        check_scope(findings, "host", host->name, &host->scope);
}

/*
 * Duplicates inside our variables lose something that the author wrote; inside others they are only
 * worth a warning, because another tool reads them.
 */
void
variables_check_names(const Tree *tree, Binder *binder)
{
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) ours = g_hash_table_new(g_str_hash, g_str_equal);
    const char *const *names = instance_variable_names(binder->arena);

    for (size_t i = 0; i < G_N_ELEMENTS(known_variables); i++)
        g_hash_table_add(known, (gpointer)known_variables[i]);
    for (size_t i = 0; names[i] != NULL; i++) {
        g_hash_table_add(known, (gpointer)names[i]);
        g_hash_table_add(ours, (gpointer)names[i]);
    }
    LIST_FOREACH (const Node, mapping, &tree->top_level) {
        for (size_t i = 0; i < mapping->count; i++) {
            const NodeEntry *entry = &mapping->entries[i];
            bool is_ours = g_hash_table_contains(ours, entry->key->text);

            check_name(binder, known, names, entry->key);
            node_report_duplicates(
                entry->value, is_ours ? &FINDING_KEY_DUPLICATE : &FINDING_KEY_DUPLICATE_ELSEWHERE,
                binder->findings);
        }
    }
}
