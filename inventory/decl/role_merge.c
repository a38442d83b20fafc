/* Merging two lists of roles. */
#include "inventory/decl/role_merge.h"

#include <string.h>

static void
append(Arena *arena, List *to, const List *from)
{
    for (size_t i = 0; i < from->count; i++)
        list_add(arena, to, from->items[i]);
}

/* Duplicates stay in the list: the later one of a name wins where it is used. */
static List
joined(Arena *arena, const List *first, const List *second)
{
    List both = { 0 };

    append(arena, &both, first);
    append(arena, &both, second);
    return both;
}

static void
add_parameters_in(Arena *arena, List *databases, const DatabaseParameters *database)
{
    for (size_t i = 0; i < databases->count; i++) {
        const DatabaseParameters *other = databases->items[i];
        DatabaseParameters *both = NULL;

        if (strcmp(other->database, database->database) != 0)
            continue;
        both = ARENA_NEW(arena, DatabaseParameters);
        *both = *other;
        both->parameters = joined(arena, &other->parameters, &database->parameters);
        databases->items[i] = both;
        return;
    }
    list_add(arena, databases, database);
}

/* Each database once, with the parameters of both. */
static List
joined_by_database(Arena *arena, const List *first, const List *second)
{
    List both = list_duplicate(arena, first);

    LIST_FOREACH (const DatabaseParameters, database, second)
        add_parameters_in(arena, &both, database);
    return both;
}

/*
 * Pigsty runs CREATE or ALTER for each entry in turn, so what the later entry says wins and what it
 * does not say stays.
 */
static void
merge_attributes(RoleDecl *role, const RoleDecl *user)
{
    for (size_t i = 0; i < ROLE_ATTRIBUTE_COUNT; i++) {
        if (user->attributes[i].given)
            role->attributes[i] = user->attributes[i];
    }
    if (user->connection_limit.given)
        role->connection_limit = user->connection_limit;
    /* Each entry sets VALID UNTIL for itself: either key of the later one replaces both. */
    if (user->expire_in.given || user->expire_at.value != NULL) {
        role->expire_in = user->expire_in;
        role->expire_at = user->expire_at;
    }
}

/*
 * The person's entry becomes the origin of the role: what follows from it is a person's wish, even
 * where the policy has an entry of that name.
 */
static RoleDecl *
merge_role(Arena *arena, const RoleDecl *base, const RoleDecl *user)
{
    RoleDecl *role = ARENA_NEW(arena, RoleDecl);

    *role = *base;
    role->pos = user->pos;
    role->from_policy = false;
    merge_attributes(role, user);
    role->parameters = joined(arena, &base->parameters, &user->parameters);
    role->parameters_in = joined_by_database(arena, &base->parameters_in, &user->parameters_in);
    role->memberships = joined(arena, &base->memberships, &user->memberships);
    role->parameters_given = base->parameters_given || user->parameters_given;
    role->memberships_given = base->memberships_given || user->memberships_given;
    role->leaves = base->leaves | user->leaves;
    role->comment = user->comment;
    if (user->password.kind != PASSWORD_NOT_GIVEN)
        role->password = user->password;
    if (user->pgbouncer.given)
        role->pgbouncer = user->pgbouncer;
    if (user->pool_mode.value != NULL)
        role->pool_mode = user->pool_mode;
    if (user->pool_connection_limit.given)
        role->pool_connection_limit = user->pool_connection_limit;
    role->absent = user->absent;
    role->until = user->until;
    if (user->reassign_to.value != NULL)
        role->reassign_to = user->reassign_to;
    return role;
}

static const PasswordDecl *
system_password(const SystemUsers *system, const char *name)
{
    const struct {
        const char *name;
        const PasswordDecl *password;
    } users[] = {
        /* In the order in which Pigsty sets them; of one name the last counts. */
        { system->admin, &system->admin_password },
        { system->monitor, &system->monitor_password },
        { system->replication, &system->replication_password },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(users); i++) {
        if (g_strcmp0(users[i].name, name) == 0 && users[i].password->kind != PASSWORD_NOT_GIVEN)
            return users[i].password;
    }
    return NULL;
}

/* A default role, or a system user of pg_users, with the password that pg_*_password gives it. */
static const RoleDecl *
with_system_password(Arena *arena, const RoleDecl *role, const SystemUsers *system)
{
    const PasswordDecl *password = system_password(system, role->name);
    RoleDecl *copy = NULL;

    if (password == NULL || (!role->is_default && role->password.kind != PASSWORD_NOT_GIVEN))
        return role;
    copy = ARENA_NEW(arena, RoleDecl);
    *copy = *role;
    copy->password = *password;
    return copy;
}

List
roles_merge(Arena *arena, const List *defaults, const List *users, const SystemUsers *system)
{
    g_autoptr(GHashTable) places = g_hash_table_new(g_str_hash, g_str_equal);
    List roles = { 0 };

    LIST_FOREACH (const RoleDecl, role, defaults) {
        g_hash_table_insert(places, (gpointer)role->name, GSIZE_TO_POINTER(roles.count + 1));
        list_add(arena, &roles, with_system_password(arena, role, system));
    }
    for (size_t i = 0; users != NULL && i < users->count; i++) {
        const RoleDecl *user = users->items[i];
        size_t place = GPOINTER_TO_SIZE(g_hash_table_lookup(places, user->name));

        if (place > 0)
            roles.items[place - 1] = merge_role(arena, roles.items[place - 1], user);
        else
            list_add(arena, &roles, with_system_password(arena, user, system));
    }
    return roles;
}
