/* The users and databases of a line: what a server refuses, skips, or takes for something else. */
#pragma once

#include "hba/syntax/check_context.h"

/* False when one of them is an error. */
bool hba_check_names(const HbaCheck *check, const HbaRule *rule);
