/* Tables of fields against mappings. */
#include "inventory/bind/binder.h"

#include <string.h>

#include "base/suggest.h"
#include "inventory/bind/value.h"
#include "inventory/findings.h"

Binder *
binder_new(Arena *arena, Findings *findings)
{
    Binder *binder = g_new0(Binder, 1);

    binder->arena = arena;
    binder->findings = findings;
    binder->object = "";
    for (size_t i = 0; i < BINDING_KIND_COUNT; i++)
        binder->bindings[i] = g_hash_table_new(NULL, NULL);
    binder->fragments = g_hash_table_new(g_str_hash, g_str_equal);
    binder->keys = g_hash_table_new(g_str_hash, g_str_equal);
    return binder;
}

void
binder_free(Binder *binder)
{
    if (binder == NULL)
        return;
    for (size_t i = 0; i < BINDING_KIND_COUNT; i++)
        g_hash_table_destroy(binder->bindings[i]);
    g_hash_table_destroy(binder->fragments);
    g_hash_table_destroy(binder->keys);
    g_free(binder);
}

/*
 * Keys made by the program are shared nodes, so that ten thousand instances do not make a copy
 * each.
 */
const Node *
binder_key(Binder *binder, const char *key)
{
    const Node *node = g_hash_table_lookup(binder->keys, key);

    if (node == NULL) {
        node = node_new_text(binder->arena, (SourcePos){ 0 }, key);
        g_hash_table_insert(binder->keys, (gpointer)node->text, (gpointer)node);
    }
    return node;
}

/*
 * Bindings are remembered by the identity of the node: variables_get() gives the same node for the
 * same value.
 */
const List *
binder_recall(const Binder *binder, BindingKind kind, const Node *node)
{
    return g_hash_table_lookup(binder->bindings[kind], node);
}

const List *
binder_remember(Binder *binder, BindingKind kind, const Node *node, const List *declarations)
{
    List *copy = ARENA_NEW(binder->arena, List);

    *copy = *declarations;
    g_hash_table_insert(binder->bindings[kind], (gpointer)node, copy);
    return copy;
}

/*
 * Tables have a few dozen rows at most; comparing the first character avoids most calls of
 * strcmp().
 */
static const FieldDef *
find_field(const FieldDef fields[], const char *key)
{
    for (const FieldDef *field = fields; field->key != NULL; field++) {
        if (field->key[0] == key[0] && strcmp(field->key, key) == 0)
            return field;
    }
    return NULL;
}

/*
 * A key that resembles a known one is an error in every mapping: a typo in `superuser` or `state`
 * must not be ignored. Other keys belong to other tools, except in mappings that are ours alone.
 */
static bool
report_unknown_key(Binder *binder, const FieldDef fields[], UnknownKeys unknown_keys,
                   const Node *key)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    g_autofree char *hint = NULL;
    const char *nearest = NULL;
    bool is_error = false;

    for (const FieldDef *field = fields; field->key != NULL; field++) {
        if ((field->flags & FIELD_FOREIGN) == 0)
            g_ptr_array_add(known, (gpointer)field->key);
    }
    g_ptr_array_add(known, NULL);
    nearest = suggest_nearest(key->text, (const char *const *)known->pdata);
    if (nearest != NULL)
        hint = g_strdup_printf("did you mean \"%s\"?", nearest);
    is_error = nearest != NULL || unknown_keys == UNKNOWN_KEYS_REFUSED;
    findings_add(binder->findings, is_error ? &FINDING_KEY_UNKNOWN : &FINDING_KEY_IGNORED, key->pos,
                 hint, "unknown key \"%s\" in %s", key->text, binder->object);
    return !is_error;
}

/* Every key is read even after one failed, so that one run reports all findings. */
static bool
bind_entries(Binder *binder, const Node *mapping, const FieldDef fields[], UnknownKeys unknown_keys,
             void *target)
{
    bool ok = true;

    for (size_t i = 0; i < mapping->count; i++) {
        const NodeEntry *entry = &mapping->entries[i];
        const FieldDef *field = find_field(fields, entry->key->text);

        if (field == NULL) {
            ok = report_unknown_key(binder, fields, unknown_keys, entry->key) && ok;
            continue;
        }
        if (field->flags & FIELD_FOREIGN) {
            findings_add(binder->findings, &FINDING_KEY_UNKNOWN, entry->key->pos, field->extra,
                         "unknown key \"%s\" in %s", field->key, binder->object);
            ok = false;
        }
        if (field->read == NULL)
            continue;
        if (node_is_null(entry->value) && !(field->flags & (FIELD_NULL_COUNTS | FIELD_REQUIRED)))
            continue;
        ok = field->read(binder, field, entry->value, target) && ok;
    }
    for (const FieldDef *field = fields; field->key != NULL; field++) {
        if ((field->flags & FIELD_REQUIRED) && node_get_entry(mapping, field->key) == NULL) {
            findings_add(binder->findings, &FINDING_KEY_MISSING, mapping->pos, NULL,
                         "%s has no \"%s\"", binder->object, field->key);
            ok = false;
        }
    }
    return ok;
}

/*
 * `object` names what is being bound in every message below; it is restored for the outer mapping.
 */
bool
bind_mapping(Binder *binder, const Node *mapping, const FieldDef fields[], UnknownKeys unknown_keys,
             const char *object, void *target)
{
    const char *outer = binder->object;
    bool ok = false;

    binder->object = object;
    if (value_usable(binder, mapping)) {
        if (mapping->kind == NODE_MAPPING)
            ok = bind_entries(binder, mapping, fields, unknown_keys, target);
        else
            findings_add(binder->findings, &FINDING_VALUE_TYPE_INVALID, mapping->pos, NULL,
                         "%s must be a mapping, found %s", object, node_describe(mapping));
    }
    binder->object = outer;
    return ok;
}

/*
 * Pigsty runs every entry one after the other, so the last of two wins there. Which one the author
 * meant cannot be known, so entries that differ are an error.
 */
bool
binder_is_repeated(Binder *binder, GHashTable *seen, const char *what, const char *name,
                   const Node *entry)
{
    const Node *first = g_hash_table_lookup(seen, name);

    if (first == NULL) {
        g_hash_table_insert(seen, (gpointer)name, (gpointer)entry);
        return false;
    }
    if (node_equal(first, entry))
        findings_add(binder->findings, &FINDING_ENTRY_DUPLICATE, entry->pos, NULL,
                     "%s \"%s\" is declared twice, first at %s", what, name,
                     pos_text(binder->arena, first->pos));
    else
        findings_add(binder->findings, &FINDING_ENTRY_CONFLICTING, entry->pos,
                     "make the two one entry, or rename one",
                     "%s \"%s\" is declared twice and differently, first at %s", what, name,
                     pos_text(binder->arena, first->pos));
    return true;
}
