/*
 * Judge: one change before the rules of authority_rules.c: what they ask, and what is found
 * missing. None of this is for other files.
 */
#pragma once

#include "roles/permission/authority.h"

typedef struct Judge {
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
    NameId become;
} Judge;

const char *judge_name(const Judge *judge, NameId name);
/* As an SQL identifier. */
const char *judge_quoted(const Judge *judge, NameId name);
/* help: SQL for a superuser, NULL where only a superuser can do the change itself. The same lack is
 * told once. */
void judge_add_lack(Judge *judge, const char *help, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* Whether the actor has the attribute. */
bool judge_has(const Judge *judge, RoleAttribute attribute);
bool judge_is_superuser(const Judge *judge, NameId role);
/* The membership that gives the actor the rights of the role and SET ROLE to it. */
const char *judge_grant_to_actor(const Judge *judge, NameId role);

void judge_need_attribute(Judge *judge, RoleAttribute attribute, const char *word);
/* `where` is the authority's admin_of or grants. */
void judge_need_admin(Judge *judge, NameId role, GHashTable *where);
/* Membership as such, or from 16 on the SET option: what it takes to give things to a role. */
void judge_need_to_be(Judge *judge, NameId role);
/* The rights of the role without SET ROLE; `what` ends in words that the role's name follows. */
void judge_need_privileges_of(Judge *judge, NameId role, const char *what);
