/* Rendering of user options. */
#include "hba/render/useropts.h"

#include <string.h>

#include "hba/findings.h"
#include "hba/syntax/header.h"

/* cfparser.c of libusual: a key is of these, and nothing can be quoted. A bad one stops PgBouncer.
 */
static bool
is_key(const char *name)
{
    for (const char *at = name; *at != '\0'; at++) {
        if (!g_ascii_isalnum(*at) && strchr("_.-", *at) == NULL)
            return false;
    }
    return *name != '\0';
}

/*
 * A bad key would keep PgBouncer from starting and so lock out everybody, hence an error and no
 * attempt to write it.
 */
void
hba_useropts_render(const Instance *instance, Findings *findings, GString *out)
{
    hba_header_fill("hba/useropts.header", instance, "", out);
    LIST_FOREACH (const RoleDecl, role, &instance->pool_roles) {
        /* A file does not change with the clock: who has ended is refused by the server. */
        if (role->absent && role->until.state != UNTIL_PASSED)
            continue;
        if (!is_key(role->name)) {
            findings_add(findings, &FINDING_HBA_PGB_USER_NAME, role->pos,
                         "leave pool_mode and pool_connlimit out, or rename the role",
                         "PgBouncer cannot have settings for a user named \"%s\": only letters, "
                         "digits, _ . and - are allowed",
                         role->name);
            continue;
        }
        g_string_append_printf(out, "%s =", role->name);
        if (role->pool_mode.value != NULL)
            g_string_append_printf(out, " pool_mode=%s", role->pool_mode.value);
        if (role->pool_connection_limit.given)
            g_string_append_printf(out, " max_user_connections=%" G_GINT64_FORMAT,
                                   role->pool_connection_limit.value);
        g_string_append_c(out, '\n');
    }
}
