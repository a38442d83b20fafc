/* Merge keys and duplicate keys. */
#include "inventory/yaml/yaml_mapping.h"

#include <string.h>

#include "inventory/findings.h"

/* Below this a walk over the entries is faster than a table. */
#define INDEX_FROM ((size_t)12)

typedef struct MappingBuilder {
    Arena *arena;
    Node *mapping;
    Findings *findings;
    size_t capacity;
} MappingBuilder;

static NodeEntry *
find_entry(const Node *mapping, const char *key)
{
    return (NodeEntry *)node_get_entry(mapping, key);
}

/* Open addressing: the table is at most half full, so a free slot is always near. */
static void
index_add(Node *mapping, size_t at)
{
    size_t slot = g_str_hash(mapping->entries[at].key->text) & mapping->index_mask;

    while (mapping->index[slot] != 0)
        slot = (slot + 1) & mapping->index_mask;
    mapping->index[slot] = (uint32_t)at + 1;
}

/*
 * Entries stay in the order of the file, because show prints them and because rules of one order
 * keep their place. The arrays are the arena's, so old ones are left behind; doubling keeps the sum
 * of what is left below the size of the last one.
 */
static void
add_entry(MappingBuilder *builder, const Node *key, const Node *value)
{
    Node *mapping = builder->mapping;

    if (mapping->count == builder->capacity) {
        size_t capacity = builder->capacity * 2 + 4;
        NodeEntry *entries = ARENA_NEW_ARRAY(builder->arena, NodeEntry, capacity);

        if (mapping->count > 0)
            memcpy(entries, mapping->entries, mapping->count * sizeof(NodeEntry));
        mapping->entries = entries;
        builder->capacity = capacity;
        if (capacity > INDEX_FROM) {
            size_t slots = 32;

            while (slots < capacity * 2)
                slots *= 2;
            mapping->index = ARENA_NEW_ARRAY(builder->arena, uint32_t, slots);
            mapping->index_mask = slots - 1;
            for (size_t i = 0; i < mapping->count; i++)
                index_add(mapping, i);
        }
    }
    mapping->entries[mapping->count] = (NodeEntry){ .key = key, .value = value };
    mapping->count++;
    if (mapping->index != NULL)
        index_add(mapping, mapping->count - 1);
}

/* Only a plain << merges: "<<" in quotes is an ordinary key, as in PyYAML's SafeConstructor. */
static bool
is_merge_key(const Node *key)
{
    return key->kind == NODE_SCALAR && (key->flags & NODE_PLAIN) && strcmp(key->text, "<<") == 0;
}

/*
 * What is in the mapping itself wins over what is merged, and of several sources the first wins
 * (https://yaml.org/type/merge.html). Flags are inherited with the values.
 */
static void
merge_from(MappingBuilder *builder, const Node *source)
{
    for (size_t i = 0; i < source->count; i++) {
        if (find_entry(builder->mapping, source->entries[i].key->text) == NULL)
            add_entry(builder, source->entries[i].key, source->entries[i].value);
    }
    builder->mapping->flags |= source->flags & (NODE_TEMPLATE | NODE_DUPLICATES);
}

/*
 * Several sources are merged in order, so that the first one wins (merge_from() never overwrites).
 */
static void
merge(MappingBuilder *builder, const Node *value)
{
    if (value->kind == NODE_MAPPING) {
        merge_from(builder, value);
        return;
    }
    for (size_t i = 0; value->kind == NODE_SEQUENCE && i < value->count; i++) {
        if (value->items[i]->kind == NODE_MAPPING)
            merge_from(builder, value->items[i]);
        else
            findings_add(builder->findings, &FINDING_MERGE_KEY_INVALID, value->items[i]->pos, NULL,
                         "<< takes mappings, found %s", node_describe(value->items[i]));
    }
    if (value->kind == NODE_SCALAR)
        findings_add(builder->findings, &FINDING_MERGE_KEY_INVALID, value->pos, NULL,
                     "<< takes a mapping or a list of mappings, found %s", node_describe(value));
}

/*
 * The last of two equal keys wins, as in PyYAML; the first is remembered for the finding, which is
 * reported only when the mapping is needed: files of other tools may contain what they like.
 */
static void
add_pair(MappingBuilder *builder, const Node *key, const Node *value)
{
    NodeEntry *there = NULL;

    if (key->kind != NODE_SCALAR) {
        findings_add(builder->findings, &FINDING_KEY_INVALID, key->pos,
                     "a text that begins with { or [ needs quotes", "%s cannot be a key",
                     node_describe(key));
        return;
    }
    if (memchr(key->text, '\0', key->length) != NULL) {
        findings_add(builder->findings, &FINDING_TEXT_INVALID, key->pos, NULL,
                     "a key contains a NUL byte");
        return;
    }
    there = find_entry(builder->mapping, key->text);
    if (there == NULL) {
        add_entry(builder, key, value);
        return;
    }
    there->first_key = there->first_key == NULL ? there->key : there->first_key;
    there->key = key;
    there->value = value;
    builder->mapping->flags |= NODE_DUPLICATES;
}

/* Children arrive as a flat list of keys and values: libyaml's events do not pair them. */
void
yaml_mapping_finish(Arena *arena, Node *mapping, void *const *pairs, size_t count,
                    Findings *findings)
{
    MappingBuilder builder = { .arena = arena, .mapping = mapping, .findings = findings };
    /* Own keys first: a merge must not overwrite a key that comes after it in the file. */
    const Node *first_merge = NULL;

    for (size_t i = 0; i + 1 < count; i += 2) {
        const Node *key = pairs[i];

        if (!is_merge_key(key))
            add_pair(&builder, key, pairs[i + 1]);
    }
    for (size_t i = 0; i + 1 < count; i += 2) {
        const Node *key = pairs[i];

        if (!is_merge_key(key))
            continue;
        if (first_merge != NULL)
            findings_add(findings, &FINDING_KEY_DUPLICATE, key->pos, "write <<: [*a, *b]",
                         "key \"<<\" is given twice, first at %s",
                         pos_text(arena, first_merge->pos));
        first_merge = key;
        merge(&builder, pairs[i + 1]);
    }
}
