/* Roles that are to own something: the session role joins those it has to act for. */
#include "roles/diff/owner_roles.h"

static void
join_owner(Diff *diff, const OptText *owner)
{
    NameId role = owner->value == NULL ? NAME_NONE : names_find(diff->names, owner->value);

    if (role == NAME_NONE || source_pos_is_policy(owner->pos) ||
        (authority_can_be(&diff->gate->authority, role) &&
         authority_has_privileges_of(&diff->gate->authority, role, NAME_NONE)) ||
        !authority_may_join(&diff->gate->authority, role))
        return;
    diff_join_role(diff, role, owner->pos);
}

/*
 * Before anything else is judged by memberships, or the next plan would find the session role more
 * powerful than this one did, and not be empty.
 */
void
diff_owner_roles(Diff *diff)
{
    if (permission_gate_is_open(diff->gate))
        return;
    LIST_FOREACH (const DatabaseDecl, decl, &diff->context->cluster->databases) {
        NameId name = names_find(diff->names, decl->name);
        const StateDatabase *database =
            name == NAME_NONE ? NULL : access_state_database(diff->state, name);

        if (decl->state == DATABASE_ABSENT)
            continue;
        if (database == NULL ||
            g_strcmp0(names_text(diff->names, database->owner), decl->owner.value) != 0)
            join_owner(diff, &decl->owner);
        LIST_FOREACH (const SchemaDecl, schema, &decl->schemas) {
            NameId id = names_find(diff->names, schema->name);

            if (!schema->absent && (database == NULL || id == NAME_NONE ||
                                    state_database_schema(database, id) == NULL))
                join_owner(diff, &schema->owner);
        }
    }
}
