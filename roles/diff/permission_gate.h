/*
 * PermissionGate: whether a change may go ahead, for a session role that is not a superuser. It
 * only answers: the caller records what it needs and reports what is skipped.
 */
#pragma once

#include "roles/permission/authority.h"

typedef enum PermissionAnswer {
    PERMISSION_YES,
    PERMISSION_REFUSED, /* a person asks for it: it stays in the plan, with the reason */
    PERMISSION_SKIPPED, /* the policy asks for it: it is left out */
    PERMISSION_NEEDS,   /* yes, after the changes of `needs` */
} PermissionAnswer;

typedef struct Decision {
    PermissionAnswer answer;
    const Refusal *refusal; /* REFUSED, SKIPPED */
    List needs;             /* NEEDS: const Change, memberships of the session role */
} Decision;

typedef struct PermissionGate {
    Authority authority;
} PermissionGate;

/* The gate follows the state: permission_gate_add() has to hear of new memberships. */
PermissionGate *permission_gate_new(const AccessState *state, NameId dbsu);
void permission_gate_free(PermissionGate *gate);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PermissionGate, permission_gate_free)

/* Whether statements run as a superuser, to whom everything is allowed. */
bool permission_gate_is_open(const PermissionGate *gate);
Decision permission_gate_ask(const PermissionGate *gate, const Change *change,
                             const AuthorityObject *object);
/* GRANT role TO the session role, as a change that nobody has made yet. */
Change permission_gate_membership(const PermissionGate *gate, NameId role, SourcePos declared_at);
void permission_gate_add(PermissionGate *gate, const StateMembership *row);
