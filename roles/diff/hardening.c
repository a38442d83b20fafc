/* What PUBLIC may do is taken only where nobody lives on it. */
#include "roles/diff/hardening.h"

/* Who may log in and has the privilege through PUBLIC alone, as far as ACLs say it: superusers and
 * the owner keep it anyway. */
static size_t
count_users_of_public(const Diff *diff, const AclTarget *target, PrivilegeSet privileges)
{
    size_t count = 0;

    LIST_FOREACH (const StateRole, role, &diff->state->roles) {
        if (role->attributes[ROLE_ATTRIBUTE_LOGIN] && !role->attributes[ROLE_ATTRIBUTE_SUPERUSER] &&
            role->name != target->owner &&
            (acl_held_by(target->acl, role->name).privileges & privileges) != privileges)
            count++;
    }
    return count;
}

/*
 * A database that somebody else made may have applications in it that live on what PUBLIC may do;
 * to take that away is a decision of its own.
 */
bool
hardening_may_take(Diff *diff, const AclTarget *target, const char *what, bool is_new,
                   SourcePos pos)
{
    const PrivilegeSet create = PRIVILEGE_BIT(PRIVILEGE_CREATE);
    size_t count = 0;

    if (!diff->context->cluster->revoke_public)
        return false;
    if (is_new || diff->context->cluster->harden_existing ||
        diff->context->mode != ACCESS_MODE_ADDITIVE)
        return true;
    if ((acl_held_by(target->acl, NAME_PUBLIC).privileges & create) == 0)
        return true;
    count = count_users_of_public(diff, target, create);
    findings_add(diff->notes, &FINDING_PUBLIC_NOT_HARDENED, pos,
                 "set pg_harden_existing: true to revoke it, or grant CREATE to the roles that "
                 "need it first",
                 "PUBLIC keeps CREATE on %s: the policy's hardening would take it from %zu login "
                 "%s",
                 what, count, count == 1 ? "role" : "roles");
    return false;
}
