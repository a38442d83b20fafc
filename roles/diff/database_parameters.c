/* parameters_in: settings of roles in one database. */
#include "roles/diff/database_parameters.h"

#include "roles/diff/parameter_edit.h"

static void
converge(Diff *diff, const RoleDecl *decl, NameId role, const DatabaseParameters *in)
{
    NameId database = names_find(diff->names, in->database);

    if (database != NAME_NONE && access_state_database(diff->state, database) != NULL)
        parameter_edit_declared(diff, &in->parameters, role, database);
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
        LIST_FOREACH (const DatabaseParameters, in, &decl->parameters_in)
            converge(diff, decl, role, in);
    }
}
