/* What memberships give: what the session role reaches over their rows in three ways, and where it
 * meets ADMIN on the way. */
#include "roles/permission/authority.h"

#include "inventory/model/server_feature.h"

typedef enum Reach {
    REACH_MEMBER,
    REACH_INHERIT,
    REACH_SET,
    REACH_COUNT,
} Reach;

/* Rows that begin at a member; NameId of the member -> List of StateMembership */
static void
index_row(Authority *authority, const StateMembership *row)
{
    gpointer key = GUINT_TO_POINTER(row->member);
    List *rows = g_hash_table_lookup(authority->by_member, key);

    if (rows == NULL) {
        rows = ARENA_NEW(authority->state->arena, List);
        g_hash_table_insert(authority->by_member, key, rows);
    }
    list_add(authority->state->arena, rows, row);
}

static GHashTable *
reached_by(const Authority *authority, Reach reach)
{
    GHashTable *const sets[] = {
        [REACH_MEMBER] = authority->member_of,
        [REACH_INHERIT] = authority->inherits,
        [REACH_SET] = authority->can_set,
    };

    _Static_assert(G_N_ELEMENTS(sets) == REACH_COUNT, "a set for each way to reach a role");
    return sets[reach];
}

bool
authority_row_inherits(const AccessState *state, const StateMembership *row)
{
    const StateRole *member = access_state_role(state, row->member);

    return server_has(state->major_version, SERVER_MEMBERSHIP_OPTIONS)
               ? row->inherit
               : member != NULL && member->attributes[ROLE_ATTRIBUTE_INHERIT];
}

/*
 * acl.c roles_is_member_of() with ROLERECURSE_MEMBERS, ROLERECURSE_PRIVS and ROLERECURSE_SETROLE.
 * Before 16 there are no options on the row: INHERIT is the member's attribute and SET is always
 * there, which is how the state stores such rows.
 */
static bool
reaches(const AccessState *state, const StateMembership *row, Reach reach)
{
    if (reach == REACH_MEMBER)
        return true;
    return reach == REACH_SET ? row->set : authority_row_inherits(state, row);
}

/*
 * One row of a member that is reached already; what it newly reaches is added to `open`. ADMIN
 * counts by two paths: over any membership for alter and drop (is_admin_of_role()), and over
 * inherited ones for a grant, whose grantor must be a role that the session has the privileges of.
 */
static void
follow_row(Authority *authority, const StateMembership *row, Reach reach, GPtrArray *open)
{
    gpointer role = GUINT_TO_POINTER(row->role);

    if (row->admin && reach == REACH_MEMBER)
        g_hash_table_add(authority->admin_of, role);
    if (row->admin && reach == REACH_INHERIT)
        g_hash_table_add(authority->grants, role);
    if (reaches(authority->state, row, reach) &&
        g_hash_table_add(reached_by(authority, reach), role))
        g_ptr_array_add(open, role);
}

/*
 * A walk with an explicit stack: chains of memberships have no limit in PostgreSQL, and the sets
 * that are filled keep a cycle in a hand-written state from looping.
 */
static void
follow(Authority *authority, Reach reach, GPtrArray *open)
{
    while (open->len > 0) {
        gpointer member = g_ptr_array_remove_index_fast(open, open->len - 1);
        const List *rows = g_hash_table_lookup(authority->by_member, member);

        for (size_t i = 0; rows != NULL && i < rows->count; i++)
            follow_row(authority, rows->items[i], reach, open);
    }
}

static void
reach_from_session_role(Authority *authority)
{
    const AccessState *state = authority->state;
    g_autoptr(GPtrArray) open = g_ptr_array_new();

    LIST_FOREACH (const StateMembership, row, &state->memberships)
        index_row(authority, row);
    for (unsigned reach = 0; reach < REACH_COUNT; reach++) {
        g_hash_table_add(reached_by(authority, (Reach)reach),
                         GUINT_TO_POINTER(state->session_role));
        g_ptr_array_add(open, GUINT_TO_POINTER(state->session_role));
        follow(authority, (Reach)reach, open);
    }
}

/*
 * Keeps the sets current when a planned step grants a membership: later steps of the same plan may
 * rely on it, as they do on the server. Revokes are not followed; they come last in a plan.
 */
void
authority_add(Authority *authority, const StateMembership *row)
{
    g_autoptr(GPtrArray) open = NULL;

    if (authority->is_superuser)
        return;
    open = g_ptr_array_new();
    index_row(authority, row);
    for (unsigned reach = 0; reach < REACH_COUNT; reach++) {
        if (!g_hash_table_contains(reached_by(authority, (Reach)reach),
                                   GUINT_TO_POINTER(row->member)))
            continue;
        follow_row(authority, row, (Reach)reach, open);
        follow(authority, (Reach)reach, open);
    }
}

/*
 * Under SET ROLE to a superuser every check passes, so nothing else has to be known of the session
 * role then.
 */
void
authority_init(Authority *authority, const AccessState *state, NameId dbsu)
{
    const StateRole *role = access_state_role(state, dbsu);

    *authority = (Authority){
        .state = state,
        .actor = state->session_role,
        .is_superuser = state->session_role_is_superuser,
        .member_of = g_hash_table_new(NULL, NULL),
        .inherits = g_hash_table_new(NULL, NULL),
        .can_set = g_hash_table_new(NULL, NULL),
        .admin_of = g_hash_table_new(NULL, NULL),
        .grants = g_hash_table_new(NULL, NULL),
        .by_member = g_hash_table_new(NULL, NULL),
    };
    if (!state->session_role_is_superuser)
        reach_from_session_role(authority);
    if (role == NULL || !role->attributes[ROLE_ATTRIBUTE_SUPERUSER] ||
        !(state->session_role_is_superuser ||
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
    g_clear_pointer(&authority->by_member, g_hash_table_destroy);
}

/*
 * pg_database_owner has exactly one implicit member, the owner of the current database (acl.c
 * roles_is_member_of()); no row of pg_auth_members says so.
 */
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
    return server_has(authority->state->major_version, SERVER_MEMBERSHIP_OPTIONS) ||
           (owner != NULL && owner->attributes[ROLE_ATTRIBUTE_INHERIT]);
}

bool
authority_can_be(const Authority *authority, NameId role)
{
    return authority->is_superuser ||
           g_hash_table_contains(authority->can_set, GUINT_TO_POINTER(role));
}

/* Whether somebody else than the owner holds one of the options, as what the actor joins later may
 * be that role. */
static bool
has_other_holder(const Acl *acl, NameId owner, PrivilegeSet privileges)
{
    for (size_t i = 0; acl != NULL && i < acl->count; i++) {
        if (acl->entries[i].grantee != owner && (acl->entries[i].grantable & privileges) != 0)
            return true;
    }
    return false;
}

bool
authority_should_act_as_owner(const Authority *authority, const AuthorityObject *object,
                              PrivilegeSet privileges)
{
    return !authority->is_superuser && authority->actor != object->owner &&
           authority_can_be(authority, object->owner) &&
           (has_other_holder(object->acl, object->owner, privileges) ||
            has_other_holder(object->new_acl, object->owner, privileges) ||
            has_other_holder(object->table_acl, object->owner, privileges));
}

bool
authority_may_act_as_other(const Authority *authority, const AuthorityObject *object,
                           PrivilegeSet privileges)
{
    if (authority->is_superuser || authority->actor == object->owner)
        return false;
    for (size_t i = 0; i < object->acl->count; i++) {
        const AclEntry *entry = &object->acl->entries[i];

        if (entry->grantee != object->owner && (entry->grantable & privileges) != 0 &&
            g_hash_table_contains(authority->inherits, GUINT_TO_POINTER(entry->grantee)))
            return true;
    }
    return false;
}

/*
 * The session role grants itself a role that it needs. That is refused for superusers, which
 * CREATEROLE never reaches, and for predefined roles: joining pg_write_all_data for one step would
 * be more than the inventory asked for.
 */
bool
authority_may_join(const Authority *authority, NameId role)
{
    const AccessState *state = authority->state;
    const StateRole *wanted = access_state_role(state, role);
    const StateRole *session_role = access_state_role(state, state->session_role);

    /* pg_ roles are never joined in passing, and nobody becomes a superuser here. */
    if (wanted == NULL || session_role == NULL || wanted->is_predefined ||
        wanted->attributes[ROLE_ATTRIBUTE_SUPERUSER] ||
        access_state_memberships_of(state, state->session_role, role) != NULL)
        return false;
    if (server_has(state->major_version, SERVER_MEMBERSHIP_OPTIONS))
        return g_hash_table_contains(authority->grants, GUINT_TO_POINTER(role));
    /* Being a member twice would not help a NOINHERIT session role. */
    return !g_hash_table_contains(authority->member_of, GUINT_TO_POINTER(role)) &&
           (session_role->attributes[ROLE_ATTRIBUTE_CREATEROLE] ||
            g_hash_table_contains(authority->admin_of, GUINT_TO_POINTER(role)));
}

/*
 * PUBLIC counts for everybody and inherited roles count, as in aclmask(). The owner's implicit
 * privileges are in the ACL already, since the state spells out acldefault().
 */
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

/*
 * user.c CreateRole() from 16 on: the creator gets ADMIN without INHERIT and SET, granted by the
 * bootstrap superuser, so that it can manage the role. Nobody declared that row; treating it as
 * undeclared would take a non-superuser's control over the roles it made.
 */
bool
authority_is_creators_own(const AccessState *state, const StateMembership *membership)
{
    const StateRole *member = access_state_role(state, membership->member);

    return server_has(state->major_version, SERVER_MEMBERSHIP_OPTIONS) && membership->admin &&
           !membership->inherit && !membership->set &&
           membership->grantor == state->bootstrap_superuser && member != NULL &&
           member->attributes[ROLE_ATTRIBUTE_CREATEROLE] &&
           !member->attributes[ROLE_ATTRIBUTE_SUPERUSER];
}
