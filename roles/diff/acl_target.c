/* Where the parts of a state keep their ACLs. */
#include "roles/diff/acl_target.h"

AclTarget
acl_target_of_group(const StateDatabase *database, ObjectGroup *group)
{
    return (AclTarget){
        .acl = &group->acl,
        .base = &group->base,
        .grant_kind = CHANGE_GRANT,
        .revoke_kind = CHANGE_REVOKE,
        .database = database != NULL ? database->name : NAME_NONE,
        .object_kind = object_group_acl_kind(group->kind),
        .owner = group->owner,
        .declared = &group->declared,
        .provenance = &group->provenance,
    };
}

AclTarget
acl_target_of_column(const StateDatabase *database, StateColumn *column)
{
    return (AclTarget){
        .acl = &column->acl,
        .base = &column->base,
        .grant_kind = CHANGE_GRANT,
        .revoke_kind = CHANGE_REVOKE,
        .database = database->name,
        .object_kind = OBJECT_KIND_COLUMN,
        .owner = column->owner,
        .table_acl = column->table_acl,
        .declared = &column->declared,
        .provenance = &column->provenance,
    };
}

AclTarget
acl_target_of_database(StateDatabase *database)
{
    return (AclTarget){
        .acl = &database->acl,
        .base = &database->base,
        .grant_kind = CHANGE_GRANT,
        .revoke_kind = CHANGE_HARDENING,
        .database = database->name,
        .object_kind = OBJECT_KIND_DATABASE,
        .name = database->name,
        .owner = database->owner,
        .declared = &database->declared,
    };
}

/*
 * Schemas have two revoke kinds: the policy's hardening runs early, a declared revoke in its phase;
 * callers change it where it is the second.
 */
AclTarget
acl_target_of_schema(const StateDatabase *database, StateSchema *schema)
{
    return (AclTarget){
        .acl = &schema->acl,
        .base = &schema->base,
        .grant_kind = CHANGE_GRANT,
        .revoke_kind = CHANGE_HARDENING,
        .database = database->name,
        .object_kind = OBJECT_KIND_SCHEMA,
        .name = schema->name,
        .owner = schema->owner,
        .declared = &schema->declared,
    };
}

AclTarget
acl_target_of_default(const StateDatabase *database, StateDefaultAcl *row)
{
    return (AclTarget){
        .acl = &row->acl,
        .base = &row->base,
        .grant_kind = row->schema == NAME_NONE ? CHANGE_DEFAULT_GRANT : CHANGE_SCHEMA_DEFAULT_GRANT,
        .revoke_kind =
            row->schema == NAME_NONE ? CHANGE_DEFAULT_REVOKE : CHANGE_SCHEMA_DEFAULT_REVOKE,
        .database = database->name,
        .owner = row->creator,
        .schema = row->schema,
        .default_type = row->type,
        .declared = &row->declared,
    };
}

AclTarget
acl_target_of_function(const StateDatabase *database, StateFunction *function)
{
    return (AclTarget){
        .acl = &function->acl,
        .base = &function->base,
        .grant_kind = CHANGE_GRANT,
        .revoke_kind = CHANGE_REVOKE,
        .database = database->name,
        .object_kind = OBJECT_KIND_FUNCTION,
        .signature = function->signature,
        .owner = function->owner,
    };
}
