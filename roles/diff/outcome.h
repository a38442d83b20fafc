/*
 * Outcomes: what the access to everything that some changes touch is once they have run, as text
 * that can be compared with a server's answer. Apply asks for it before it commits.
 *
 *     outcomes = outcomes_of_changes(state, &changes);     once the diff is finished
 *
 * Grantors are left out: a grant by a session role that is not the owner may be recorded under
 * another grantor than the plan expects (acl.c select_best_grantor()), and gives the same access.
 */
#pragma once

#include "roles/change/change.h"
#include "roles/state/access_state.h"

typedef enum OutcomeTarget {
    OUTCOME_OBJECTS,  /* `kind` and `identities` */
    OUTCOME_COLUMN,   /* `column` of the table in `identities` */
    OUTCOME_DATABASE, /* `name` */
    OUTCOME_SCHEMA,   /* `name` */
    OUTCOME_FUNCTION, /* `signature` */
    OUTCOME_DEFAULT, /* default privileges of role `name` on `type`, in `schema` if that is given */
} OutcomeTarget;

typedef struct Outcome {
    OutcomeTarget target;
    GrantKind kind;
    const List *identities; /* const ObjectIdentity, the state's */
    const char *column;
    NameId name;
    const char *signature;
    NameId schema;
    DefaultAclType type;
    NameIdVector grantees; /* that the changes speak of: what others have is not theirs */
    const Acl *acl;
    const char *access; /* acl_access() of these grantees */
    List changes;       /* const Change: those that touch it */
} Outcome;

/* Outcome, in the state's arena. Where the policy's changes were skipped there is none. */
List outcomes_of_changes(const AccessState *state, const List *changes);
