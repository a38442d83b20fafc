/* Powers that a declared role has and its entry does not say. */
#include "roles/diff/undeclared_powers.h"

#include <string.h>

#include "roles/diff/membership_edit.h"

/* Each of these lets its holder get round what grants say (superuser() and the checks of user.c).
 */
static const RoleAttribute powers[] = {
    ROLE_ATTRIBUTE_SUPERUSER,   ROLE_ATTRIBUTE_CREATEROLE, ROLE_ATTRIBUTE_CREATEDB,
    ROLE_ATTRIBUTE_REPLICATION, ROLE_ATTRIBUTE_BYPASSRLS,
};

static void
append(GString *out, const char *word)
{
    g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "", word);
}

static void
note_attributes(Diff *diff, const RoleDecl *decl, const StateRole *role)
{
    g_autoptr(GString) words = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(powers); i++) {
        if (role->attributes[powers[i]] && !decl->attributes[powers[i]].given &&
            (decl->leaves & (1U << powers[i])) == 0)
            append(words, role_attribute_keyword(powers[i]));
    }
    if (words->len > 0)
        findings_add(diff->notes, &FINDING_ATTRIBUTE_UNDECLARED, decl->pos,
                     "declare it; strict removes what an entry does not say",
                     "role \"%s\" has %s, which its entry does not declare", decl->name,
                     words->str);
}

/* A predefined role is a power by another name: pg_write_all_data, pg_execute_server_program. */
static void
note_predefined(Diff *diff, const RoleDecl *decl, NameId member)
{
    g_autoptr(GString) words = g_string_new(NULL);

    if ((decl->leaves & (1U << ROLE_LEAVE_MEMBERSHIPS)) != 0)
        return;
    LIST_FOREACH (const StateMembership, row, &diff->state->memberships) {
        const StateRole *group = access_state_role(diff->state, row->role);
        g_autofree char *quoted = NULL;

        if (row->member != member || group == NULL || !group->is_predefined ||
            declares_membership(diff, decl, row->role))
            continue;
        quoted = g_strdup_printf("\"%s\"", names_text(diff->names, row->role));
        if (strstr(words->str, quoted) == NULL)
            append(words, quoted);
    }
    if (words->len > 0)
        findings_add(diff->notes, &FINDING_ATTRIBUTE_UNDECLARED, decl->pos,
                     "declare it under roles; strict removes what an entry does not say",
                     "role \"%s\" is a member of %s, which its entry does not declare", decl->name,
                     words->str);
}

void
diff_undeclared_powers(Diff *diff)
{
    LIST_FOREACH (const RoleDecl, decl, &diff->context->cluster->roles) {
        NameId name = names_intern(diff->names, decl->name);
        const StateRole *role = access_state_role(diff->state, name);

        if (decl->absent || role == NULL || !membership_options_count(diff, name))
            continue;
        note_attributes(diff, decl, role);
        note_predefined(diff, decl, name);
    }
}
