/* Passwords that everybody knows. */
#include "inventory/decl/published_password.h"

#include "inventory/findings.h"

/*
 * The message names the variable where there is one: whoever copied a default rarely knows where
 * else it comes from. The password itself is in no message, though everybody knows it.
 */
static void
check_password(Binder *binder, const Instance *instance, const char *name,
               const PasswordDecl *password)
{
    SystemUser user = system_user_find(&instance->users, name);
    const char *hint = "choose another one, or refer to it: {env: NAME}";

    if (password->kind != PASSWORD_PLAINTEXT || !policy_publishes(instance->policy, password->text))
        return;
    if (user != SYSTEM_USER_COUNT)
        hint = arena_printf(binder->arena, "set another %s, such as {env: NAME}",
                            system_user_password_variable(user));
    findings_add(binder->findings, &FINDING_DEFAULT_PASSWORD, password->pos, hint,
                 "the password of role \"%s\" is a published default", name);
}

/* Those of system users are looked at apart from the roles: no list has to declare such a user. */
void
roles_check_published(Binder *binder, const List *roles, const Instance *instance)
{
    const SystemUsers *users = &instance->users;

    LIST_FOREACH (const RoleDecl, role, roles) {
        if (!role->absent)
            check_password(binder, instance, role->name, &role->password);
    }
    if (users->replication != NULL)
        check_password(binder, instance, users->replication, &users->replication_password);
    if (users->monitor != NULL)
        check_password(binder, instance, users->monitor, &users->monitor_password);
    if (users->admin != NULL)
        check_password(binder, instance, users->admin, &users->admin_password);
}
