/* Plan compare: whether two plans for one target do the same, or one a part of the other. */
#pragma once

#include "provisioner/plan/plan.h"

/* The same steps, secrets aside: a new salt is not an other plan. */
bool plan_same_steps(const TargetPlan *a, const TargetPlan *b);
/*
 * Whether nothing is in the part that was not in the whole: only what was shown is ever run. Of
 * privileges it looks at each object, grantee and privilege, as what is left of a statement that
 * somebody else did half of is another statement.
 */
bool plan_is_part_of(const TargetPlan *part, const TargetPlan *whole);
