/*
 * PermissionCheck: one change before the rules of authority_rules.c: what they ask, and what is
 * found missing. None of this is for other files.
 */
#pragma once

#include "roles/permission/authority.h"

typedef struct PermissionCheck {
    const Authority *authority;
    const AccessState *state;
    const Change *change;
    const AuthorityObject *object;
    const StateRole *actor;
    bool is_limited; /* the rules of 16 on */
    /* What was found, in the order found; several are several statements of help. */
    GString *lacks;
    GString *help;
    bool needs_superuser;
    NameIdVector become; /* membership in each makes up for a lack */
    bool lacks_more;     /* and for one lack it does not */
} PermissionCheck;

const char *check_name(const PermissionCheck *check, NameId name);
/* As an SQL identifier. */
const char *check_quoted(const PermissionCheck *check, NameId name);
/* help: SQL for a superuser, NULL where only a superuser can do the change itself. The same lack is
 * reported once. */
void check_add_lack(PermissionCheck *check, const char *help, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/* The same for a lack that a membership of the actor in the role makes up for. */
void check_add_missing_role(PermissionCheck *check, NameId role, const char *help,
                            const char *format, ...) G_GNUC_PRINTF(4, 5);
/* Whether the actor has the attribute. */
bool check_has(const PermissionCheck *check, RoleAttribute attribute);
bool check_is_superuser(const PermissionCheck *check, NameId role);
/* The membership that gives the actor the rights of the role and SET ROLE to it. */
const char *check_grant_to_actor(const PermissionCheck *check, NameId role);

void check_need_attribute(PermissionCheck *check, RoleAttribute attribute, const char *word);
/* `where` is the authority's admin_of or grants. */
void check_need_admin(PermissionCheck *check, NameId role, GHashTable *where);
/* Membership as such, or from 16 on the SET option: what it takes to give things to a role. */
void check_need_to_be(PermissionCheck *check, NameId role);
/* The rights of the role without SET ROLE; `what` ends in words that the role's name follows. */
void check_need_privileges_of(PermissionCheck *check, NameId role, const char *what);
