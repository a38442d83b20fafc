/* Settings of roles and databases (pg_db_role_setting). */
#pragma once

#include "roles/diff/diff_context.h"

/* What the policy sets for that role whatever its entry says; NULL: nothing. */
const ParameterDecl *policy_parameter(const Diff *diff, const char *role, const char *name);
/* The parameters (ParameterDecl) of a role, of a role in a database, or with role NAME_NONE of the
 * database. */
void parameter_edit_declared(Diff *diff, const List *parameters, NameId role, NameId database);
