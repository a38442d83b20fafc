/* What memberships give: five closures over the same rows. */
#include "roles/authority.h"

/* From this version on a membership says itself whether it inherits and allows SET ROLE, and
 * CREATEROLE alone opens no role. */
#define MEMBERSHIP_OPTIONS_SINCE 16

typedef enum Reach {
    REACH_MEMBER,
    REACH_INHERIT,
    REACH_SET,
} Reach;

/* NameId of a member -> List of StateMembership */
static GHashTable *
rows_by_member(const AccessState *state)
{
    GHashTable *index = g_hash_table_new(NULL, NULL);

    LIST_FOREACH (const StateMembership, row, &state->memberships) {
        List *rows = g_hash_table_lookup(index, GUINT_TO_POINTER(row->member));

        if (rows == NULL) {
            rows = ARENA_NEW(state->arena, List);
            g_hash_table_insert(index, GUINT_TO_POINTER(row->member), rows);
        }
        list_add(state->arena, rows, row);
    }
    return index;
}

static bool
reaches(const AccessState *state, const StateMembership *row, Reach reach)
{
    const StateRole *member = NULL;

    if (reach == REACH_MEMBER)
        return true;
    if (reach == REACH_SET)
        return row->set;
    member = access_state_role(state, row->member);
    return state->major_version >= MEMBERSHIP_OPTIONS_SINCE
               ? row->inherit
               : member != NULL && member->attributes[ROLE_ATTRIBUTE_INHERIT];
}

static void
add_closure(const AccessState *state, GHashTable *by_member, Reach reach, GHashTable *reached,
            GHashTable *admin_of)
{
    g_autoptr(GPtrArray) open = g_ptr_array_new();

    g_hash_table_add(reached, GUINT_TO_POINTER(state->executor));
    g_ptr_array_add(open, GUINT_TO_POINTER(state->executor));
    while (open->len > 0) {
        gpointer member = g_ptr_array_remove_index_fast(open, open->len - 1);
        const List *rows = g_hash_table_lookup(by_member, member);

        for (size_t i = 0; rows != NULL && i < rows->count; i++) {
            const StateMembership *row = rows->items[i];

            if (row->admin && admin_of != NULL)
                g_hash_table_add(admin_of, GUINT_TO_POINTER(row->role));
            if (reaches(state, row, reach) &&
                g_hash_table_add(reached, GUINT_TO_POINTER(row->role)))
                g_ptr_array_add(open, GUINT_TO_POINTER(row->role));
        }
    }
}

void
authority_refresh(Authority *authority)
{
    const AccessState *state = authority->state;
    g_autoptr(GHashTable) by_member = NULL;

    if (state->executor_is_superuser)
        return;
    g_hash_table_remove_all(authority->member_of);
    g_hash_table_remove_all(authority->inherits);
    g_hash_table_remove_all(authority->can_set);
    g_hash_table_remove_all(authority->admin_of);
    g_hash_table_remove_all(authority->grants);
    by_member = rows_by_member(state);
    add_closure(state, by_member, REACH_MEMBER, authority->member_of, authority->admin_of);
    add_closure(state, by_member, REACH_INHERIT, authority->inherits, authority->grants);
    add_closure(state, by_member, REACH_SET, authority->can_set, NULL);
}

void
authority_init(Authority *authority, const AccessState *state, NameId dbsu)
{
    const StateRole *role = access_state_role(state, dbsu);

    *authority = (Authority){
        .state = state,
        .actor = state->executor,
        .is_superuser = state->executor_is_superuser,
        .member_of = g_hash_table_new(NULL, NULL),
        .inherits = g_hash_table_new(NULL, NULL),
        .can_set = g_hash_table_new(NULL, NULL),
        .admin_of = g_hash_table_new(NULL, NULL),
        .grants = g_hash_table_new(NULL, NULL),
    };
    authority_refresh(authority);
    if (role == NULL || !role->attributes[ROLE_ATTRIBUTE_SUPERUSER] ||
        !(state->executor_is_superuser ||
          g_hash_table_contains(authority->can_set, GUINT_TO_POINTER(dbsu))))
        return;
    authority->actor = dbsu;
    authority->is_superuser = true;
}

void
authority_clear(Authority *authority)
{
    g_clear_pointer(&authority->member_of, g_hash_table_destroy);
    g_clear_pointer(&authority->inherits, g_hash_table_destroy);
    g_clear_pointer(&authority->can_set, g_hash_table_destroy);
    g_clear_pointer(&authority->admin_of, g_hash_table_destroy);
    g_clear_pointer(&authority->grants, g_hash_table_destroy);
}

/* Nobody is a member of a new role yet, so its closure is the role itself. */
void
authority_add_created(Authority *authority, NameId role)
{
    const AccessState *state = authority->state;
    gpointer key = GUINT_TO_POINTER(role);

    if (authority->is_superuser || state->major_version < MEMBERSHIP_OPTIONS_SINCE)
        return;
    g_hash_table_add(authority->member_of, key);
    g_hash_table_add(authority->admin_of, key);
    g_hash_table_add(authority->grants, key);
    if (state->self_grants_inherit)
        g_hash_table_add(authority->inherits, key);
    if (state->self_grants_set)
        g_hash_table_add(authority->can_set, key);
}

bool
authority_has_privileges_of(const Authority *authority, NameId role, NameId database)
{
    const StateDatabase *entered = NULL;
    const StateRole *owner = NULL;

    if (authority->is_superuser ||
        g_hash_table_contains(authority->inherits, GUINT_TO_POINTER(role)))
        return true;
    if (role != names_find(authority->state->names, "pg_database_owner"))
        return false;
    entered = access_state_database(authority->state, database);
    if (entered == NULL ||
        !g_hash_table_contains(authority->inherits, GUINT_TO_POINTER(entered->owner)))
        return false;
    /* Before 16 a NOINHERIT owner is pg_database_owner without its rights. */
    owner = access_state_role(authority->state, entered->owner);
    return authority->state->major_version >= MEMBERSHIP_OPTIONS_SINCE ||
           (owner != NULL && owner->attributes[ROLE_ATTRIBUTE_INHERIT]);
}

bool
authority_can_be(const Authority *authority, NameId role)
{
    return authority->is_superuser ||
           g_hash_table_contains(authority->can_set, GUINT_TO_POINTER(role));
}

bool
authority_may_join(const Authority *authority, NameId role)
{
    const AccessState *state = authority->state;
    const StateRole *wanted = access_state_role(state, role);
    const StateRole *executor = access_state_role(state, state->executor);

    /* pg_ roles are never joined in passing, and nobody becomes a superuser here. */
    if (wanted == NULL || executor == NULL || wanted->is_predefined ||
        wanted->attributes[ROLE_ATTRIBUTE_SUPERUSER] ||
        access_state_memberships_of(state, state->executor, role) != NULL)
        return false;
    if (state->major_version >= MEMBERSHIP_OPTIONS_SINCE)
        return g_hash_table_contains(authority->grants, GUINT_TO_POINTER(role));
    /* Being a member twice would not help a NOINHERIT executor. */
    return !g_hash_table_contains(authority->member_of, GUINT_TO_POINTER(role)) &&
           (executor->attributes[ROLE_ATTRIBUTE_CREATEROLE] ||
            g_hash_table_contains(authority->admin_of, GUINT_TO_POINTER(role)));
}

bool
authority_holds(const Authority *authority, const Acl *acl, PrivilegeSet privileges)
{
    if (authority->is_superuser)
        return true;
    for (size_t i = 0; i < acl->count; i++) {
        const AclEntry *entry = &acl->entries[i];

        if (entry->grantee == NAME_PUBLIC ||
            g_hash_table_contains(authority->inherits, GUINT_TO_POINTER(entry->grantee)))
            privileges &= ~entry->privileges;
    }
    return privileges == 0;
}

bool
authority_is_creators_own(const AccessState *state, const StateMembership *membership)
{
    const StateRole *member = access_state_role(state, membership->member);

    return state->major_version >= MEMBERSHIP_OPTIONS_SINCE && membership->admin &&
           !membership->inherit && !membership->set &&
           membership->grantor == state->bootstrap_superuser && member != NULL &&
           member->attributes[ROLE_ATTRIBUTE_CREATEROLE] &&
           !member->attributes[ROLE_ATTRIBUTE_SUPERUSER];
}
