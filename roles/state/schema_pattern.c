/* Which schemas a pattern of the inventory means. */
#include "roles/state/schema_pattern.h"

#include <fnmatch.h>
#include <string.h>

#include "inventory/model/grant.h"

bool
schema_is_system(const char *name)
{
    return strcmp(name, "pg_catalog") == 0 || strcmp(name, "information_schema") == 0;
}

bool
schema_matches_patterns(const List *patterns, const char *schema)
{
    LIST_FOREACH (const GrantText, pattern, patterns) {
        if (schema_is_system(schema) ? strcmp(pattern->text, schema) == 0
                                     : fnmatch(pattern->text, schema, 0) == 0)
            return true;
    }
    return false;
}
