/* Looking roles up, and the note where there is none. */
#include "roles/diff/required_role.h"

NameId
required_role(Diff *diff, const char *name, SourcePos declared_at, const char *purpose)
{
    NameId id = names_intern(diff->names, name);
    const DepartedRole *departed = scope_departed(diff->scope, id);

    if (departed != NULL && departed->is_dropped && !source_pos_is_policy(declared_at)) {
        findings_add(diff->notes, &FINDING_ROLE_STILL_REFERENCED, declared_at,
                     "name another role, or omit --prune",
                     "%s: role \"%s\" is scheduled to be dropped", purpose, name);
        return NAME_NONE;
    }
    if (access_state_role(diff->state, id) != NULL && (departed == NULL || !departed->is_dropped))
        return id;
    if (source_pos_is_policy(declared_at) && skipped_has_role(diff->skipped, id))
        return NAME_NONE;
    if (source_pos_is_policy(declared_at))
        findings_add(diff->notes, &FINDING_POLICY_ROLE_SKIPPED, declared_at, NULL,
                     "%s skipped: role \"%s\" is neither declared nor on the server", purpose,
                     name);
    else if (skipped_has_role(diff->skipped, id))
        findings_add(diff->notes, &FINDING_INSUFFICIENT_PRIVILEGE, declared_at,
                     "ask a superuser to apply the inventory once",
                     "%s: the session role may not create the policy's role \"%s\"", purpose, name);
    else
        findings_add(diff->notes, &FINDING_ROLE_NOT_FOUND, declared_at,
                     "declare it in pg_users, or create it on the server",
                     "%s: role \"%s\" is neither declared nor on the server", purpose, name);
    return NAME_NONE;
}

NameId
required_policy_role(Diff *diff, const PolicyRole *role, const char *purpose)
{
    const char *name = policy_role_name(role, diff->context->users);

    return name == NULL ? NAME_NONE : required_role(diff, name, role->pos, purpose);
}
