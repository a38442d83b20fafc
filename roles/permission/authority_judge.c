/* What a rule finds missing, put into words and into the SQL that would help. */
#include "roles/permission/authority_judge.h"

#include <stdarg.h>
#include <string.h>

#include "base/doubled_quotes.h"

const char *
judge_name(const Judge *judge, NameId name)
{
    return names_text(judge->state->names, name);
}

const char *
judge_quoted(const Judge *judge, NameId name)
{
    g_autoptr(GString) out = g_string_new(NULL);

    doubled_quotes_append(out, judge_name(judge, name), '"');
    return arena_strdup(judge->state->arena, out->str);
}

void
judge_add_lack(Judge *judge, const char *help, const char *format, ...)
{
    va_list arguments;
    g_autofree char *text = NULL;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    if (strstr(judge->lacks->str, text) != NULL)
        return;
    g_string_append_printf(judge->lacks, "%s%s", judge->lacks->len > 0 ? ", and " : "", text);
    if (help == NULL)
        judge->needs_superuser = true;
    else
        g_string_append_printf(judge->help, "%s%s", judge->help->len > 0 ? "; " : "", help);
}

bool
judge_has(const Judge *judge, RoleAttribute attribute)
{
    return judge->actor != NULL && judge->actor->attributes[attribute];
}

bool
judge_is_superuser(const Judge *judge, NameId role)
{
    const StateRole *found = access_state_role(judge->state, role);

    return found != NULL && found->attributes[ROLE_ATTRIBUTE_SUPERUSER];
}

void
judge_need_attribute(Judge *judge, RoleAttribute attribute, const char *word)
{
    if (!judge_has(judge, attribute))
        judge_add_lack(judge,
                       arena_printf(judge->state->arena, "ALTER ROLE %s %s",
                                    judge_quoted(judge, judge->authority->actor), word),
                       "role \"%s\" has no %s", judge_name(judge, judge->authority->actor), word);
}

void
judge_need_admin(Judge *judge, NameId role, GHashTable *where)
{
    NameId actor = judge->authority->actor;

    if (g_hash_table_contains(where, GUINT_TO_POINTER(role)))
        return;
    /* and nobody can be given it on itself */
    judge_add_lack(judge,
                   role == actor
                       ? NULL
                       : arena_printf(judge->state->arena, "GRANT %s TO %s WITH ADMIN OPTION",
                                      judge_quoted(judge, role), judge_quoted(judge, actor)),
                   "role \"%s\" has no ADMIN option on role \"%s\"", judge_name(judge, actor),
                   judge_name(judge, role));
}

const char *
judge_grant_to_actor(const Judge *judge, NameId role)
{
    return arena_printf(judge->state->arena, "GRANT %s TO %s%s", judge_quoted(judge, role),
                        judge_quoted(judge, judge->authority->actor),
                        judge->is_limited ? " WITH INHERIT TRUE, SET TRUE" : "");
}

void
judge_need_to_be(Judge *judge, NameId role)
{
    if (role == NAME_NONE || authority_can_be(judge->authority, role))
        return;
    if (judge_is_superuser(judge, role)) {
        judge_add_lack(judge, NULL, "role \"%s\" is a superuser", judge_name(judge, role));
        return;
    }
    judge->become = role;
    judge_add_lack(judge, judge_grant_to_actor(judge, role),
                   "role \"%s\" cannot become role \"%s\"",
                   judge_name(judge, judge->authority->actor), judge_name(judge, role));
}

void
judge_need_privileges_of(Judge *judge, NameId role, const char *what)
{
    NameId database =
        judge->change->database != NAME_NONE ? judge->change->database : judge->change->name;
    const StateDatabase *entered = access_state_database(judge->state, database);
    bool inherits_not = false;

    if (authority_has_privileges_of(judge->authority, role, database))
        return;
    if (role == names_find(judge->state->names, "pg_database_owner") && entered != NULL)
        role = entered->owner;
    if (judge_is_superuser(judge, role)) {
        judge_add_lack(judge, NULL, "%s \"%s\", a superuser", what, judge_name(judge, role));
        return;
    }
    judge->become = role;
    inherits_not = !judge->is_limited &&
                   g_hash_table_contains(judge->authority->member_of, GUINT_TO_POINTER(role));
    judge_add_lack(judge,
                   inherits_not ? arena_printf(judge->state->arena, "ALTER ROLE %s INHERIT",
                                               judge_quoted(judge, judge->authority->actor))
                                : judge_grant_to_actor(judge, role),
                   "%s \"%s\", whose rights role \"%s\" does not %s", what, judge_name(judge, role),
                   judge_name(judge, judge->authority->actor), inherits_not ? "inherit" : "have");
}
