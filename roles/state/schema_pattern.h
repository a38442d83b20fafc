/* Schema patterns: the globs in `schema:` of grants and owners. */
#pragma once

#include <stdbool.h>

#include "base/list.h"

/* pg_catalog and information_schema. */
bool schema_is_system(const char *name);
/* Whether a pattern means the schema; the system's own schemas only by their full names. */
bool schema_matches_patterns(const List *patterns, const char *schema);
