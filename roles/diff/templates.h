/* A phase of roles/diff/diff.c. */
#pragma once

#include "roles/diff/diff_context.h"

/* What the policy gives in template1, postgres and the primary database of a Citus cluster. */
void diff_templates(Diff *diff);
