/* What a policy's roles and comments mean on one cluster. */
#include "inventory/model/policy.h"

#include <string.h>

#include "inventory/model/inventory.h"

#define NAME_PLACEHOLDER "${name}"

static const char *const user_words[] = {
    [SYSTEM_USER_DBSU] = "${dbsu}",
    [SYSTEM_USER_REPLICATION] = "${repl}",
    [SYSTEM_USER_MONITOR] = "${monitor}",
    [SYSTEM_USER_ADMIN] = "${admin}",
};

_Static_assert(G_N_ELEMENTS(user_words) == SYSTEM_USER_COUNT, "a word for each system user");

const char *
system_user_word(SystemUser user)
{
    return user_words[user];
}

const char *
system_user_password_variable(SystemUser user)
{
    static const char *const variables[] = {
        [SYSTEM_USER_DBSU] = "pg_dbsu_password",
        [SYSTEM_USER_REPLICATION] = "pg_replication_password",
        [SYSTEM_USER_MONITOR] = "pg_monitor_password",
        [SYSTEM_USER_ADMIN] = "pg_admin_password",
    };

    _Static_assert(G_N_ELEMENTS(variables) == SYSTEM_USER_COUNT, "one for each system user");
    return variables[user];
}

SystemUser
system_user_from_word(const char *text)
{
    unsigned user = 0;

    while (user < SYSTEM_USER_COUNT && strcmp(user_words[user], text) != 0)
        user++;
    return (SystemUser)user;
}

const char *
system_user_name(const SystemUsers *users, SystemUser user)
{
    const char *const names[] = {
        [SYSTEM_USER_DBSU] = users->dbsu,
        [SYSTEM_USER_REPLICATION] = users->replication,
        [SYSTEM_USER_MONITOR] = users->monitor,
        [SYSTEM_USER_ADMIN] = users->admin,
    };

    _Static_assert(G_N_ELEMENTS(names) == SYSTEM_USER_COUNT, "a name for each system user");
    return names[user];
}

SystemUser
system_user_find(const SystemUsers *users, const char *name)
{
    unsigned user = 0;

    while (user < SYSTEM_USER_COUNT &&
           g_strcmp0(system_user_name(users, (SystemUser)user), name) != 0)
        user++;
    return (SystemUser)user;
}

bool
system_users_have(const SystemUsers *users, const char *name)
{
    return g_strcmp0(users->replication, name) == 0 || g_strcmp0(users->monitor, name) == 0 ||
           g_strcmp0(users->admin, name) == 0;
}

const char *
policy_role_name(const PolicyRole *role, const SystemUsers *users)
{
    return role->name != NULL ? role->name : system_user_name(users, role->user);
}

bool
policy_has_schema(const Policy *policy, const char *name)
{
    LIST_FOREACH (const PolicySchema, schema, &policy->schemas) {
        if (strcmp(schema->name, name) == 0)
            return true;
    }
    return false;
}

bool
policy_publishes(const Policy *policy, const char *password)
{
    LIST_FOREACH (const char, published, &policy->published_passwords) {
        if (strcmp(published, password) == 0)
            return true;
    }
    return false;
}

const char *
policy_comment(Arena *arena, const char *text, const char *name)
{
    g_auto(GStrv) parts = NULL;
    g_autofree char *comment = NULL;

    if (text == NULL)
        return NULL;
    parts = g_strsplit(text, NAME_PLACEHOLDER, -1);
    comment = g_strjoinv(name, parts);
    return arena_strdup(arena, comment);
}
