/*
 * The order of an instance's rule declarations. Today's dialect: those that have `order` first,
 * ascending and stable over default, rules and extra, then the others. In sections (classic):
 * default, common, role, extra, and inside each of them the same.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/finding.h"
#include "inventory/model/inventory.h"

/* Remembers the order of lists seen before: most instances of a fleet share theirs. */
typedef struct HbaOrderMemo HbaOrderMemo;

HbaOrderMemo *hba_order_memo_new(Arena *arena);
void hba_order_memo_free(HbaOrderMemo *memo);

/* HbaRuleDecl, ordered. `order: null` and numbers beside texts are errors. */
const List *hba_order(HbaOrderMemo *memo, Findings *findings, const HbaRuleLists *lists,
                      bool in_sections);
