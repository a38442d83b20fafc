/*
 * Grants, owners and privilege profiles: their shape is checked here (keys, words, names); what
 * they come to on a server is decided where they are planned. The list keeps the nodes.
 */
#pragma once

#include "inventory/binder.h"

typedef enum GrantListKind {
    GRANT_LIST_OF_DATABASE, /* a database's grants */
    GRANT_LIST_OF_CLUSTER,  /* pg_grants */
    GRANT_LIST_OWNERS,      /* a database's owners */
    GRANT_LIST_OF_PROFILE,
} GrantListKind;

/* The entries that are in order: const Node. */
const List *grants_bind(Binder *binder, GrantListKind kind, const Node *list);
/* pg_privilege_profiles; false after a finding. */
bool profiles_bind(Binder *binder, const Node *profiles);
/* Tells of entries that name a profile which is not among the profiles (NULL: there are none). */
void grants_check_profiles(Binder *binder, const List *grants, const Node *profiles);
/* The roles that an entry names: HbaText, without PUBLIC. */
List grant_roles(Binder *binder, const Node *entry);
