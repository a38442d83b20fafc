/*
 * Authority: what the role that statements run as may do on a server, by the rules of its version
 * (user.c, aclchk.c and acl.c in the server). It looks at an access state that moves along with the
 * changes checked: authority_add() tells it of a new membership.
 *
 * A superuser may do everything; for one, nothing is computed.
 */
#pragma once

#include <stdbool.h>

#include "roles/change/change.h"
#include "roles/state/access_state.h"

/* Why a change would fail, and what would help. */
typedef struct Refusal {
    const char *lacks; /* what is missing, in words */
    const char *help;  /* SQL for a superuser; NULL: nothing but running the statement itself */
    /* Being a member of these roles would be enough; empty: something else is missing, too. */
    NameIdVector become;
} Refusal;

typedef struct Authority {
    const AccessState *state;
    NameId actor;      /* statements run as this role: dbsu under SET ROLE, or the session role */
    bool is_superuser; /* the actor */
    /* What the session role reaches by memberships, itself included; NameId. */
    GHashTable *member_of; /* by any path */
    GHashTable *inherits;  /* whose privileges it has without SET ROLE */
    GHashTable *can_set;   /* as whom it may SET ROLE */
    GHashTable *admin_of;  /* on which one of member_of has ADMIN */
    GHashTable *grants;    /* which it may grant: one of `inherits` has ADMIN */
    GHashTable *by_member; /* NameId -> List of StateMembership */
} Authority;

/* The object that a grant, a revoke or a change of owner is about. */
typedef struct AuthorityObject {
    const Acl *acl;
    const Acl *new_acl;   /* what the plan makes of it, as far as that is known; else NULL */
    const Acl *table_acl; /* of a column: options on its table count, too; else NULL */
    NameId owner;
    NameId schema; /* in which it lies; only for a change of owner */
} AuthorityObject;

/* The actor is dbsu where that is a superuser as whom the session role may SET ROLE. */
void authority_init(Authority *authority, const AccessState *state, NameId dbsu);
void authority_clear(Authority *authority);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Authority, authority_clear)

/* Whether the row gives its member the role's privileges without SET ROLE, by the server's version.
 */
bool authority_row_inherits(const AccessState *state, const StateMembership *row);

/* A membership has come into the state. */
void authority_add(Authority *authority, const StateMembership *row);

/* Whether it may act with the rights of the role without SET ROLE (has_privs_of_role() in the
 * server); the database decides who is pg_database_owner. */
bool authority_has_privileges_of(const Authority *authority, NameId role, NameId database);
/* Whether it may give things to the role, as CREATE SCHEMA ... AUTHORIZATION does. */
bool authority_can_be(const Authority *authority, NameId role);
/*
 * Whether a grant or revoke should run as the owner, as select_best_grantor() in acl.c could choose
 * another role that the actor has the rights of: the entry would be that role's, and go with what
 * it loses.
 */
bool authority_should_act_as_owner(const Authority *authority, const AuthorityObject *object,
                                   PrivilegeSet privileges);
/*
 * Whether a REVOKE on an object of that owner may be done in the name of another role than the
 * owner, and so do nothing: acl.c select_best_grantor() takes the first role with the grant options
 * whose privileges the session role has. The owner has to run it then.
 */
bool authority_may_act_as_other(const Authority *authority, const AuthorityObject *object,
                                PrivilegeSet privileges);
/* Whether it may grant itself the role. */
bool authority_may_join(const Authority *authority, NameId role);
/* Whether a grantee's privilege on the database reaches it: CONNECT, CREATE. */
bool authority_holds(const Authority *authority, const Acl *acl, PrivilegeSet privileges);

/*
 * Whether the server would refuse the change, which has not happened in the state yet; NULL: it may
 * be done. `object` is needed for grants and revokes only. What no role but a superuser sees
 * beforehand (a parameter's value, a lock) is not checked.
 */
const Refusal *authority_check(const Authority *authority, const Change *change,
                               const AuthorityObject *object);

/*
 * Whether 16 or later gave the membership to a creator of roles by itself: ADMIN without INHERIT
 * and SET, from the bootstrap superuser. No inventory names it, and none may take it away.
 */
bool authority_is_creators_own(const AccessState *state, const StateMembership *membership);
