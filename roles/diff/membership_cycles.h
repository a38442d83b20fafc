/*
 * Circles of memberships, which the server refuses (AddRoleMems() in user.c): found on the state as
 * it would be after the declared grants, and opened where the declarations take one of their links.
 */
#pragma once

#include "roles/diff/diff_context.h"

typedef struct MembershipGraph MembershipGraph;

/* The memberships of the state as they are now. */
MembershipGraph *membership_graph_new(Diff *diff);

/* NULL is fine. */
void membership_graph_free(MembershipGraph *graph);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MembershipGraph, membership_graph_free)

/* `member` has become, or will become, a member of `role`. */
void membership_graph_add(MembershipGraph *graph, NameId role, NameId member);

/*
 * The links from `role` up to `member`, a line such as `"b" is granted to "a"`, in the arena; NULL:
 * granting `role` to `member` would close no circle.
 */
const char *membership_graph_cycle(const MembershipGraph *graph, NameId role, NameId member);

/*
 * Revokes, before anything is granted, what would close a circle with the membership that is about
 * to be granted: rows that the declarations take away in any case. Circles of other rows stay.
 */
void membership_graph_open(MembershipGraph *graph, NameId role, NameId member);
