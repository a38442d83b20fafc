/* The mapping `policy:` of a policy file; docs/reference/policy.md says what its keys mean. */
#pragma once

#include "inventory/bind/binder.h"

/* All of ret_policy but its name; false after a finding. */
bool policy_bind(Binder *binder, const Node *mapping, Policy *ret_policy);
