/*
 * From ACLs to the statements that take dropped roles out of them: what they hold, and what they
 * have granted to others, who keep it. It follows what the statements do, so that what they leave
 * is known before anything runs.
 */
#pragma once

#include "provisioner/catalog/prune_catalog.h"
#include "provisioner/plan/prune_roles.h"

/* What a dropped role has from somebody who is not the owner: only its grantor can take it. */
typedef struct PruneRevoke {
    NameId role;
    NameId grantor;
    NameIdVector schemas; /* that the grantor cannot look into, and has to */
    const char *statement;
} PruneRevoke;

/* What only has to happen before DROP OWNED BY the role, and goes with it. */
typedef struct PruneLoan {
    NameId role;
    const char *statement;
} PruneLoan;

/* What nothing takes, so that the role cannot be dropped. */
typedef struct PruneKept {
    NameId role;
    NameId grantor;
    const char *reason;
    const char *hint;
} PruneKept;

/* In the order in which they have to run. */
typedef struct PruneSteps {
    List grants;        /* const char: by the owners, to those who stay */
    List leaves;        /* PruneLoan: the role has no rights of others any more */
    List revokes;       /* PruneRevoke */
    List loans;         /* PruneLoan */
    List kept;          /* PruneKept */
    NameIdVector taken; /* roles that lose something by that */
} PruneSteps;

/* acls and schemas: PruneAcl, as the plan's other steps leave them. Adds to the steps. */
void prune_acl_steps(const PruneRoles *roles, const List *acls, const List *schemas,
                     PruneSteps *steps);
