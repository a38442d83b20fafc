/* Alias rules for rules that are there: the words of {user, db, addr, auth} that say exactly them.
 */
#pragma once

#include <stdbool.h>

#include "hba/syntax/check_context.h"

typedef struct HbaAliasWords {
    const char *user;
    const char *db;
    const char *addr;
    const char *auth;
} HbaAliasWords;

/*
 * Whether one alias rule, expanded for any instance of the check's version, gives these rules
 * (HbaRule) in their order and without a warning; words live in the check's arena. Words that
 * depend on the inventory (intra, cluster, pwd, ${dbsu}) are never found.
 */
bool hba_alias_find(const HbaCheck *check, const List *rules, HbaAliasWords *ret_words);
