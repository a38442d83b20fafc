/*
 * The roles that pgcharter makes for itself: the two markers (marker_edit.h), and the one that gets
 * what dropped roles owned. Anybody with CREATEROLE can make roles of these names first, or change
 * them, so each is looked at before it is relied on.
 */
#pragma once

#include "roles/diff/diff_context.h"

#define ORPHANS_COMMENT "owner of what dropped roles owned; pgcharter"

/*
 * Why the role cannot be one that pgcharter made, in words; NULL where it may be, or is not there.
 * It can log in or do more than that, has rights or another role's, is administered by a role that
 * is neither a superuser nor the session role, or its comment does not say that it is pgcharter's.
 */
const char *own_role_fault(const Diff *diff, NameId role);

/* In adopt and strict, a marker that pgcharter cannot have made refuses the plan; and whoever has a
 * mark that does not count, and is not declared, is noted. */
void diff_own_roles(Diff *diff);
