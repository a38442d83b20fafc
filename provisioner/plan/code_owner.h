/*
 * CodeOwner: who gets code. A function or view runs with the rights of its owner, and a trigger,
 * index or policy runs when its owner does something: whoever wrote it would have all rights once
 * it belonged to a superuser. So no plan gives code to one, unless --allow-superuser-code says so
 * or it belonged to one before.
 */
#pragma once

#include "provisioner/plan/prune.h"
#include "provisioner/server/session_pool.h"

/* Notes what of `code` (OwnedCode of that database) the dropped role owns, and refuses the plan
 * where it would go to a superuser. */
void code_owner_check_drop(const PruneInput *input, const Change *drop, NameId database,
                           const List *code);
/*
 * Refuses the plan where a change of owner gives code to a superuser. Which tables have code only
 * a server knows: without a session only routines and views count.
 */
bool code_owner_check_changes(const PruneInput *input, SessionPool *sessions, const List *changes,
                              GError **error);
