/* ACLs before and after, for many roles at once. */
#include "roles/permission/lost_access.h"

#include "roles/permission/authority.h"

typedef struct LossCheck {
    Arena *arena;
    const AccessState *state;
    const NameIdVector *roles;
    GHashTable *groups_of; /* NameId -> List of StateMembership: those that the member inherits */
    GHashTable *reached;   /* NameId -> GHashTable of NameId: itself and what it inherits from */
    List losses;           /* LostAccess */
} LossCheck;

/* Only these give privileges without SET ROLE (roles_is_member_of() with ROLERECURSE_PRIVS). */
static void
index_memberships(LossCheck *check)
{
    LIST_FOREACH (const StateMembership, row, &check->state->memberships) {
        gpointer key = GUINT_TO_POINTER(row->member);
        List *groups = g_hash_table_lookup(check->groups_of, key);

        if (!authority_row_inherits(check->state, row))
            continue;
        if (groups == NULL) {
            groups = ARENA_NEW(check->arena, List);
            g_hash_table_insert(check->groups_of, key, groups);
        }
        list_add(check->arena, groups, row);
    }
}

static GHashTable *
reached_from(LossCheck *check, NameId role)
{
    GHashTable *reached = g_hash_table_lookup(check->reached, GUINT_TO_POINTER(role));
    NameIdVector queue = { 0 };

    if (reached != NULL)
        return reached;
    reached = g_hash_table_new(NULL, NULL);
    g_hash_table_insert(check->reached, GUINT_TO_POINTER(role), reached);
    g_hash_table_add(reached, GUINT_TO_POINTER(role));
    name_id_vector_add(check->arena, &queue, role);
    for (size_t i = 0; i < queue.count; i++) {
        const List *groups =
            g_hash_table_lookup(check->groups_of, GUINT_TO_POINTER(queue.items[i]));

        for (size_t j = 0; groups != NULL && j < groups->count; j++) {
            const StateMembership *row = groups->items[j];

            if (g_hash_table_add(reached, GUINT_TO_POINTER(row->role)))
                name_id_vector_add(check->arena, &queue, row->role);
        }
    }
    return reached;
}

/* An owner without an entry of its own still may grant itself what it lacks: it loses nothing. */
static bool
holds(const Acl *acl, NameId owner, GHashTable *reached, PrivilegeSet privilege)
{
    if (g_hash_table_contains(reached, GUINT_TO_POINTER(owner)))
        return true;
    for (size_t i = 0; i < acl->count; i++) {
        const AclEntry *entry = &acl->entries[i];

        if ((entry->privileges & privilege) != 0 &&
            (entry->grantee == NAME_PUBLIC ||
             g_hash_table_contains(reached, GUINT_TO_POINTER(entry->grantee))))
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
        GHashTable *reached = NULL;

        if (role == NULL || role->attributes[ROLE_ATTRIBUTE_SUPERUSER])
            continue;
        reached = reached_from(check, name);
        loss.count += holds(acls->before, acls->owner, reached, acls->privilege) &&
                      !holds(acls->after, acls->owner, reached, acls->privilege);
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
    g_autoptr(GHashTable) groups_of = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) reached =
        g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_hash_table_destroy);
    LossCheck check = {
        .arena = arena,
        .state = state,
        .roles = roles,
        .groups_of = groups_of,
        .reached = reached,
    };

    index_memberships(&check);
    LIST_FOREACH (const StateDatabase, database, &state->databases) {
        if (!database->is_new)
            compare_database(&check, database);
    }
    return check.losses;
}
