/* parameters_in: settings of roles in one database. */
#include "roles/diff/database_parameters.h"

#include <string.h>

#include "roles/diff/parameter_edit.h"

/* Of all entries of the role that name the database: pg_default_roles' and pg_users' add up. */
static List
parameters_of(const Diff *diff, const RoleDecl *decl, const DatabaseParameters *in)
{
    List parameters = { 0 };

    LIST_FOREACH (const DatabaseParameters, other, &decl->parameters_in) {
        for (size_t i = 0;
             strcmp(other->database, in->database) == 0 && i < other->parameters.count; i++)
            list_add(diff->arena, &parameters, other->parameters.items[i]);
    }
    return parameters;
}

static bool
is_first(const RoleDecl *decl, const DatabaseParameters *in)
{
    LIST_FOREACH (const DatabaseParameters, other, &decl->parameters_in) {
        if (strcmp(other->database, in->database) == 0)
            return other == in;
    }
    return true;
}

static void
converge(Diff *diff, const RoleDecl *decl, NameId role, const DatabaseParameters *in)
{
    NameId database = names_find(diff->names, in->database);
    List parameters = parameters_of(diff, decl, in);

    if (database != NAME_NONE && access_state_database(diff->state, database) != NULL)
        parameter_edit_declared(diff, &parameters, role, database);
    else
        findings_add(diff->notes, &FINDING_DATABASE_NOT_FOUND, in->pos,
                     "declare the database, or remove this entry",
                     "parameters_in of role \"%s\": database \"%s\" is neither declared nor on the "
                     "server",
                     decl->name, in->database);
}

void
diff_database_parameters(Diff *diff)
{
    LIST_FOREACH (const RoleDecl, decl, &diff->context->cluster->roles) {
        NameId role = names_intern(diff->names, decl->name);

        if (decl->absent || access_state_role(diff->state, role) == NULL)
            continue;
        LIST_FOREACH (const DatabaseParameters, in, &decl->parameters_in) {
            if (is_first(decl, in))
                converge(diff, decl, role, in);
        }
    }
}
