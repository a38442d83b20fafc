/*
 * InheritedRoles: whose privileges a role has without SET ROLE (acl.c roles_is_member_of() with
 * ROLERECURSE_PRIVS), for many roles of one state. Each is looked for once, when it is asked about.
 *
 * pg_database_owner is not among them, as its one member depends on the database; that a superuser
 * has every privilege is another matter, too.
 */
#pragma once

#include "roles/state/access_state.h"

typedef struct InheritedRoles InheritedRoles;

/* The memberships as they are now; what is answered is the arena's. */
InheritedRoles *inherited_roles_new(Arena *arena, const AccessState *state);
void inherited_roles_free(InheritedRoles *inherited);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(InheritedRoles, inherited_roles_free)

/* The role itself, then those that it inherits from, near ones first. */
const NameIdVector *inherited_roles_of(InheritedRoles *inherited, NameId role);
/* Whether `other` is among them. */
bool inherited_roles_include(InheritedRoles *inherited, NameId role, NameId other);
/* The memberships through which it inherits (StateMembership). */
const List *inherited_roles_rows(const InheritedRoles *inherited, NameId role);
/* From now on that membership gives nothing any more. */
void inherited_roles_leave(InheritedRoles *inherited, const StateMembership *row);
