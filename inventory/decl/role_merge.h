/*
 * Merging pg_users over pg_default_roles, as Pigsty runs one after the other: of two entries of one
 * name the later's keys win, its comment always, memberships and parameters add up. pg_*_password
 * goes over the password of a default role and under that of pg_users.
 */
#pragma once

#include "inventory/bind/binder.h"

/* RoleDecl, defaults first, each name once. users may be NULL. */
List roles_merge(Arena *arena, const List *defaults, const List *users, const SystemUsers *system);
