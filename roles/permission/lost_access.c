/* ACLs before and after, for many roles at once. */
#include "roles/permission/lost_access.h"

#include "roles/permission/inherited_roles.h"

typedef struct LossCheck {
    Arena *arena;
    const AccessState *state;
    const NameIdVector *roles;
    InheritedRoles *inherited;
    List losses; /* LostAccess */
} LossCheck;

/* An owner without an entry of its own still may grant itself what it lacks: it loses nothing. */
static bool
holds(LossCheck *check, const Acl *acl, NameId owner, NameId role, PrivilegeSet privilege)
{
    if (inherited_roles_include(check->inherited, role, owner))
        return true;
    for (size_t i = 0; i < acl->count; i++) {
        const AclEntry *entry = &acl->entries[i];

        if ((entry->privileges & privilege) != 0 &&
            (entry->grantee == NAME_PUBLIC ||
             inherited_roles_include(check->inherited, role, entry->grantee)))
            return true;
    }
    return false;
}

/* Most ACLs lose nobody, and then no role has to be asked about. */
static bool
loses_an_entry(const Acl *before, const Acl *after, PrivilegeSet privilege)
{
    for (size_t i = 0; i < before->count; i++) {
        if ((before->entries[i].privileges & privilege) != 0 &&
            (acl_held_by(after, before->entries[i].grantee).privileges & privilege) == 0)
            return true;
    }
    return false;
}

typedef struct Compared {
    const Acl *before;
    const Acl *after;
    NameId owner;
    PrivilegeSet privilege;
} Compared;

static void
compare(LossCheck *check, const Compared *acls, LostAccess loss)
{
    if (!loses_an_entry(acls->before, acls->after, acls->privilege))
        return;
    for (size_t i = 0; i < check->roles->count; i++) {
        NameId name = check->roles->items[i];
        const StateRole *role = access_state_role(check->state, name);

        if (role == NULL || role->attributes[ROLE_ATTRIBUTE_SUPERUSER])
            continue;
        loss.count += holds(check, acls->before, acls->owner, name, acls->privilege) &&
                      !holds(check, acls->after, acls->owner, name, acls->privilege);
    }
    if (loss.count > 0) {
        LostAccess *kept = ARENA_NEW(check->arena, LostAccess);

        *kept = loss;
        list_add(check->arena, &check->losses, kept);
    }
}

static void
compare_database(LossCheck *check, const StateDatabase *database)
{
    compare(check,
            &(Compared){ .before = &database->base,
                         .after = &database->acl,
                         .owner = database->owner,
                         .privilege = PRIVILEGE_BIT(PRIVILEGE_CONNECT) },
            (LostAccess){ .database = database->name });
    LIST_FOREACH (const StateSchema, schema, &database->schemas)
        compare(check,
                &(Compared){ .before = &schema->base,
                             .after = &schema->acl,
                             .owner = schema->owner,
                             .privilege = PRIVILEGE_BIT(PRIVILEGE_USAGE) },
                (LostAccess){ .database = database->name, .schema = schema->name });
}

List
lost_access(Arena *arena, const AccessState *state, const NameIdVector *roles)
{
    g_autoptr(InheritedRoles) inherited = inherited_roles_new(arena, state);
    LossCheck check = {
        .arena = arena,
        .state = state,
        .roles = roles,
        .inherited = inherited,
    };

    LIST_FOREACH (const StateDatabase, database, &state->databases) {
        if (!database->is_new)
            compare_database(&check, database);
    }
    return check.losses;
}
