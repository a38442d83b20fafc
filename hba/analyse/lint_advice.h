/* What lint says of single rules: methods, addresses, names; and of the system users of an
 * instance. */
#pragma once

#include "hba/analyse/lint.h"

void hba_lint_advise(const HbaLint *lint, const List *rules);
