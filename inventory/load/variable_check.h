/* Checks of the names of variables, wherever they are set. */
#pragma once

#include "inventory/bind/binder.h"
#include "inventory/tree/tree.h"

/* Warns of names that look like ours, and tells of keys that stand twice in a value. */
void variables_check_names(const Tree *tree, Binder *binder);
/* Warns of a variable of one group or host that two files set. */
void variables_check_set_once(const Tree *tree, Findings *findings);
