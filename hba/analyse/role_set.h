/*
 * HbaRoleSet: who is a member of whom, as far as HBA rules need it: `+role` and `samerole` ask
 * is_member_of_role_nosuper() of the server, which goes through all memberships whatever their
 * INHERIT and SET options say, counts the role itself, and gives superusers nothing.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

typedef struct HbaRoleSet HbaRoleSet;

HbaRoleSet *hba_role_set_new(Arena *arena);
void hba_role_set_free(HbaRoleSet *roles);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HbaRoleSet, hba_role_set_free)

/* A role that exists; the text is copied. */
void hba_role_set_add(HbaRoleSet *roles, const char *name);
/* The member is granted the role; both are added where they are missing. */
void hba_role_set_grant(HbaRoleSet *roles, const char *role, const char *member);
bool hba_role_set_has(const HbaRoleSet *roles, const char *name);
/* Directly or indirectly, or the role itself; false when one of them does not exist. */
bool hba_role_set_is_member(const HbaRoleSet *roles, const char *member, const char *role);
/* Calls for each role, in the order in which they became known. */
void hba_role_set_foreach(const HbaRoleSet *roles, void (*take)(const char *name, void *data),
                          void *data);
