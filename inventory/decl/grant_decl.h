/*
 * Binding grants, owners and privilege profiles: their keys, words and names are checked here; what
 * they come to on a server is decided where they are planned.
 */
#pragma once

#include "inventory/bind/binder.h"
#include "inventory/model/grant.h"

typedef enum GrantListKind {
    GRANT_LIST_OF_DATABASE, /* a database's grants */
    GRANT_LIST_OF_CLUSTER,  /* pg_grants */
    GRANT_LIST_OWNERS,      /* a database's owners */
    GRANT_LIST_OF_PROFILE,
} GrantListKind;

/* The entries that are in order: GrantDecl. */
const List *grants_bind(Binder *binder, GrantListKind kind, const Node *list);
/* pg_privilege_profiles: ProfileDecl. */
const List *profiles_bind(Binder *binder, const Node *profiles);
/* Tells of entries that name a profile which is not among the profiles, or that lack the schema
 * which a profile needs. */
void grants_check_profiles(Binder *binder, const List *grants, const List *profiles);
/* Tells of grants that are present and absent for the same thing, naming both places. */
void grants_check_contradictions(Binder *binder, const List *grants, const List *profiles);
