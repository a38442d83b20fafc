/*
 * Alias rules: {user, db, addr, auth} with words such as `intra` or `${dbsu}` become the lines they
 * stand for on one instance. Meaning and order of the lines are Pigsty's, except for what it would
 * write and no server could use: that is refused.
 */
#pragma once

#include "hba/syntax/check_context.h"

/* Appends the lines to group->rules; false after an error. */
bool hba_alias_expand(const HbaCheck *check, const Instance *instance, const HbaRuleDecl *decl,
                      HbaGroup *group);
/* Whether the lines depend on the cluster that the instance is in (`addr: cluster`). */
bool hba_alias_needs_cluster(const HbaRuleDecl *decl);
