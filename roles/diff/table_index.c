/* Tables by name: a column's identity may have been read apart from its table's. */
#include "roles/diff/table_index.h"

#include <string.h>

static guint
identity_hash(gconstpointer key)
{
    const ObjectIdentity *identity = key;

    return g_str_hash(identity->name) * 31 + identity->schema;
}

static gboolean
identity_equal(gconstpointer a, gconstpointer b)
{
    const ObjectIdentity *left = a;
    const ObjectIdentity *right = b;

    return left->schema == right->schema && strcmp(left->name, right->name) == 0;
}

GHashTable *
table_index_new(const StateDatabase *database)
{
    GHashTable *index = g_hash_table_new(identity_hash, identity_equal);

    LIST_FOREACH (ObjectGroup, group, &database->groups) {
        if ((grant_kind_info(group->kind)->flags & GRANT_KIND_HAS_COLUMNS) == 0)
            continue;
        LIST_FOREACH (const ObjectIdentity, identity, &group->identities)
            g_hash_table_insert(index, (gpointer)identity, group);
    }
    return index;
}

ObjectGroup *
table_index_find(GHashTable *index, const ObjectIdentity *table)
{
    return g_hash_table_lookup(index, table);
}
