/* What a rule finds missing, put into words and into the SQL that would help. */
#include "roles/permission/permission_check.h"

#include <stdarg.h>
#include <string.h>

#include "base/doubled_quotes.h"

const char *
check_name(const PermissionCheck *check, NameId name)
{
    return names_text(check->state->names, name);
}

const char *
check_quoted(const PermissionCheck *check, NameId name)
{
    g_autoptr(GString) out = g_string_new(NULL);

    doubled_quotes_append(out, check_name(check, name), '"');
    return arena_strdup(check->state->arena, out->str);
}

static void add_lack(PermissionCheck *check, const char *help, const char *format,
                     va_list arguments) G_GNUC_PRINTF(3, 0);

/*
 * The same lack may come from two rules of one change; it is reported once. Without a statement
 * that helps only a superuser can, and one such lack outweighs all other help.
 */
static void
add_lack(PermissionCheck *check, const char *help, const char *format, va_list arguments)
{
    g_autofree char *text = g_strdup_vprintf(format, arguments);

    if (strstr(check->lacks->str, text) != NULL)
        return;
    g_string_append_printf(check->lacks, "%s%s", check->lacks->len > 0 ? ", and " : "", text);
    if (help == NULL)
        check->needs_superuser = true;
    else if (strstr(check->help->str, help) == NULL)
        g_string_append_printf(check->help, "%s%s", check->help->len > 0 ? "; " : "", help);
}

void
check_add_lack(PermissionCheck *check, const char *help, const char *format, ...)
{
    va_list arguments;

    check->lacks_more = true;
    va_start(arguments, format);
    add_lack(check, help, format, arguments);
    va_end(arguments);
}

void
check_add_missing_role(PermissionCheck *check, NameId role, const char *help, const char *format,
                       ...)
{
    va_list arguments;

    name_id_vector_add_once(check->state->arena, &check->become, role);
    va_start(arguments, format);
    add_lack(check, help, format, arguments);
    va_end(arguments);
}

bool
check_has(const PermissionCheck *check, RoleAttribute attribute)
{
    return check->actor != NULL && check->actor->attributes[attribute];
}

bool
check_is_superuser(const PermissionCheck *check, NameId role)
{
    const StateRole *found = access_state_role(check->state, role);

    return found != NULL && found->attributes[ROLE_ATTRIBUTE_SUPERUSER];
}

void
check_need_attribute(PermissionCheck *check, RoleAttribute attribute, const char *word)
{
    if (!check_has(check, attribute))
        check_add_lack(check,
                       arena_printf(check->state->arena, "ALTER ROLE %s %s",
                                    check_quoted(check, check->authority->actor), word),
                       "role \"%s\" has no %s", check_name(check, check->authority->actor), word);
}

void
check_need_admin(PermissionCheck *check, NameId role, GHashTable *where)
{
    NameId actor = check->authority->actor;

    if (g_hash_table_contains(where, GUINT_TO_POINTER(role)))
        return;
    /* and nobody can be given it on itself */
    check_add_lack(check,
                   role == actor
                       ? NULL
                       : arena_printf(check->state->arena, "GRANT %s TO %s WITH ADMIN OPTION",
                                      check_quoted(check, role), check_quoted(check, actor)),
                   "role \"%s\" has no ADMIN option on role \"%s\"", check_name(check, actor),
                   check_name(check, role));
}

/*
 * From 16 on a plain GRANT takes INHERIT from the member's attribute; naming both options makes the
 * hint right for a NOINHERIT role, too.
 */
const char *
check_grant_to_actor(const PermissionCheck *check, NameId role)
{
    return arena_printf(check->state->arena, "GRANT %s TO %s%s", check_quoted(check, role),
                        check_quoted(check, check->authority->actor),
                        check->is_limited ? " WITH INHERIT TRUE, SET TRUE" : "");
}

/*
 * SET ROLE is what the server asks for when an object gets an owner: check_can_set_role() from 16
 * on, check_is_member_of_role() before.
 */
void
check_need_to_be(PermissionCheck *check, NameId role)
{
    if (role == NAME_NONE || authority_can_be(check->authority, role))
        return;
    if (check_is_superuser(check, role)) {
        check_add_lack(check, NULL, "role \"%s\" is a superuser", check_name(check, role));
        return;
    }
    check_add_missing_role(check, role, check_grant_to_actor(check, role),
                           "role \"%s\" cannot become role \"%s\"",
                           check_name(check, check->authority->actor), check_name(check, role));
}

/*
 * has_privs_of_role() in acl.c: membership counts only where it is inherited. Before 16 inheritance
 * is an attribute of the member, so a member that does not inherit is helped by ALTER ROLE and not
 * by another GRANT.
 */
void
check_need_privileges_of(PermissionCheck *check, NameId role, const char *what)
{
    NameId database =
        check->change->database != NAME_NONE ? check->change->database : check->change->name;
    const StateDatabase *entered = access_state_database(check->state, database);

    if (authority_has_privileges_of(check->authority, role, database))
        return;
    if (role == names_find(check->state->names, "pg_database_owner") && entered != NULL)
        role = entered->owner;
    if (check_is_superuser(check, role)) {
        check_add_lack(check, NULL, "%s \"%s\", a superuser", what, check_name(check, role));
        return;
    }
    if (!check->is_limited &&
        g_hash_table_contains(check->authority->member_of, GUINT_TO_POINTER(role)))
        check_add_lack(check,
                       arena_printf(check->state->arena, "ALTER ROLE %s INHERIT",
                                    check_quoted(check, check->authority->actor)),
                       "%s \"%s\", whose privileges role \"%s\" does not inherit", what,
                       check_name(check, role), check_name(check, check->authority->actor));
    else
        check_add_missing_role(check, role, check_grant_to_actor(check, role),
                               "%s \"%s\", whose privileges role \"%s\" does not have", what,
                               check_name(check, role), check_name(check, check->authority->actor));
}
