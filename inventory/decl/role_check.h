/*
 * Checks of roles against each other: memberships that make a role a member of itself, and roles
 * that a person's file names although nothing declares them.
 */
#pragma once

#include "inventory/bind/binder.h"

/* first_version: of predefined roles; 0 where there is no such role. */
int predefined_role_since(const char *name);

void roles_check_loops(Binder *binder, const List *roles);
/* Warns of every name in a file of the author's that no declaration has. */
void roles_check_references(Binder *binder, const Cluster *cluster, const Instance *primary);
