/*
 * Memberships of the state. From 16 on there is a row for each grantor, and a row whose ADMIN
 * others were granted by cannot go before theirs (check_role_grantor() and plan_recursive_revoke()
 * in user.c of the server).
 */
#pragma once

#include "roles/diff/diff_context.h"

/* Whether a mode removes the row because no declaration names it. */
bool membership_is_undeclared(const Diff *diff, const StateMembership *row, AccessMode mode);

/* Whether this plan revokes the row: by `state: absent`, or as one that the mode removes. */
bool membership_is_taken(const Diff *diff, const StateMembership *row);

/* Whether the entry names the role as one that it is a member of. */
bool declares_membership(const Diff *diff, const RoleDecl *decl, NameId role);
/* Whether options of that member's declared memberships which no entry names count as undeclared:
 * for roles that adopt manages, but not for protected ones. */
bool membership_options_count(const Diff *diff, NameId member);

typedef bool MembershipFlag;

/* The stored options of a row, by the option's index. */
MembershipFlag *membership_option(StateMembership *membership, MembershipOption option);
/* Grants by the bootstrap superuser what that row gives, so that it no longer depends on the row's
 * grantor. */
void membership_edit_keep(Diff *diff, const StateMembership *row, SourcePos declared_at);
/* Before the ADMIN of that row goes: revokes what was granted by it, and keeps what has to stay. */
void membership_edit_release(Diff *diff, const StateMembership *row, SourcePos declared_at);
/* Whether the session role may revoke a row that no entry speaks of; false after a warning. */
bool membership_edit_may_take(Diff *diff, const StateMembership *row);
/* Revokes the row, after membership_edit_release(). */
void membership_edit_revoke(Diff *diff, const StateMembership *row, SourcePos declared_at);
/* The same before any membership is granted, for a row of membership_is_taken() that stands in the
 * way of a grant. */
void membership_edit_revoke_first(Diff *diff, const StateMembership *row);
/* What CREATE ROLE gives the role that runs it, from 16 on (CreateRole() in user.c). */
void membership_edit_creator(Diff *diff, NameId role);
