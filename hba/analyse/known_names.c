/* Only names that are written out: keywords, expressions and files name nobody. */
#include "hba/analyse/known_names.h"

#include "hba/findings.h"

bool
known_names_have_role(const KnownNames *known, const char *name)
{
    return known->roles == NULL || hba_role_set_has(known->roles, name);
}

bool
known_names_have_database(const KnownNames *known, const char *name)
{
    return known->databases == NULL || g_hash_table_contains(known->databases, name);
}

void
known_names_check(const KnownNames *known, const HbaRule *rule, Findings *findings)
{
    LIST_FOREACH (const HbaToken, token, &rule->users) {
        const char *name = token->text + (token->kind == HBA_TOKEN_ROLE ? 1 : 0);

        if ((token->kind == HBA_TOKEN_NAME || token->kind == HBA_TOKEN_ROLE) &&
            !known_names_have_role(known, name))
            findings_add(findings, &FINDING_HBA_ROLE_NOT_FOUND, rule->pos,
                         "declare it, or correct the name", "role \"%s\" is not known", name);
    }
    LIST_FOREACH (const HbaToken, token, &rule->databases) {
        if (token->kind == HBA_TOKEN_NAME && !known_names_have_database(known, token->text))
            findings_add(findings, &FINDING_HBA_DATABASE_NOT_FOUND, rule->pos,
                         "declare it, or correct the name", "database \"%s\" is not known",
                         token->text);
    }
}
