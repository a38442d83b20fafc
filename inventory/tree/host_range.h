/*
 * Host names as Ansible lets them be written: db[1:3], 10.0.0.[01:20:2], db[a:c], several ranges in
 * one name, and a port after a colon, which is not part of the name.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/list.h"

#define HOST_RANGE_MAX ((size_t)100000)

/*
 * Adds the names that the pattern stands for to ret_names (const char). false where it cannot be
 * expanded; then *ret_problem says why.
 */
bool host_range_expand(Arena *arena, const char *pattern, List *ret_names,
                       const char **ret_problem);
