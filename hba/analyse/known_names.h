/* Which roles and databases exist, as far as somebody has said; and rules that name others. */
#pragma once

#include <glib.h>

#include "base/finding.h"
#include "hba/analyse/role_set.h"
#include "hba/syntax/rule.h"

typedef struct KnownNames {
    const HbaRoleSet *roles; /* NULL: nothing is known of roles */
    GHashTable *databases;   /* set of names; NULL: nothing is known of databases */
} KnownNames;

/* Whether the name is one of those; true where nothing is known. */
bool known_names_have_role(const KnownNames *known, const char *name);
bool known_names_have_database(const KnownNames *known, const char *name);
/* A warning for each name that the rule writes out and that is not among them. */
void known_names_check(const KnownNames *known, const HbaRule *rule, Findings *findings);
