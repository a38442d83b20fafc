/*
 * Lost access: who could get into a database, or look into a schema, before the changes of a plan
 * and cannot after them. A safety rule counts them: to take CONNECT from PUBLIC is one statement
 * that may shut out everybody.
 */
#pragma once

#include "roles/state/access_state.h"

/* CONNECT on the database, or USAGE on one of its schemas. */
typedef struct LostAccess {
    NameId database;
    NameId schema; /* NAME_NONE: CONNECT on the database */
    size_t count;  /* how many of the roles asked about lose it */
} LostAccess;

/*
 * LostAccess for each database and schema of the state where somebody loses it, in the order of the
 * state. `roles` are asked about; superusers among them lose nothing. The state is as
 * diff_begin() left it, so that each ACL's base is what the server has. Nobody loses what a new
 * database never gave. Memberships count as they
 * are afterwards.
 */
List lost_access(Arena *arena, const AccessState *state, const NameIdVector *roles);
