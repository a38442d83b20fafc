/* Keywords stand as they are, names in quotes. */
#include "provisioner/plan/grant_text.h"

#include "provisioner/server/sql_text.h"
#include "roles/acl/acl.h"

static void
append_columns(GString *out, const List *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        g_string_append(out, i == 0 ? " (" : ", ");
        sql_append_identifier(out, columns->items[i]);
    }
    if (columns->count > 0)
        g_string_append_c(out, ')');
}

/*
 * SELECT, INSERT (a, b); a set that is all the kind has is still spelled out: that is what the ACL
 * stores. ALL PRIVILEGES is not written: it means another set in another version (MAINTAIN in 17),
 * and the plan is to say what it does.
 */
const char *
grant_text_privileges(Arena *arena, PrivilegeSet privileges, const List *columns)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (unsigned bit = 0; bit < PRIVILEGE_COUNT; bit++) {
        if ((privileges & PRIVILEGE_BIT(bit)) == 0)
            continue;
        if (out->len > 0)
            g_string_append(out, ", ");
        g_string_append(out, privilege_keyword((Privilege)bit));
        append_columns(out, columns);
    }
    return arena_strdup(arena, out->str);
}

/* PUBLIC is a keyword and must not be quoted: a role may be named "PUBLIC" in quotes. */
const char *
grant_text_role(Arena *arena, const Names *names, NameId role)
{
    return role == NAME_PUBLIC ? "PUBLIC" : sql_identifier(arena, names_text(names, role));
}
