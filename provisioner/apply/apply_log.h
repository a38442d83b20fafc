/* The log of an apply (--log): a line of JSON for each step. */
#pragma once

#include <stdio.h>

#include "provisioner/plan/plan.h"

/* result is "done" or "failed"; log NULL writes nothing. */
void apply_log_step(FILE *log, const TargetPlan *target, const Step *step, const char *result);
