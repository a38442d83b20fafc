/* The groups of tables, views and matviews by name, for what is known of their columns. */
#pragma once

#include "roles/state/access_state.h"

/* ObjectIdentity -> ObjectGroup, by schema and name; groups whose names were not read are not in
 * it. The caller destroys it, and splits no group before. */
GHashTable *table_index_new(const StateDatabase *database);
ObjectGroup *table_index_find(GHashTable *index, const ObjectIdentity *table);
