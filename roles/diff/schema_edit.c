/* Schemas of one database: created, given to an owner, dropped. */
#include "roles/diff/schema_edit.h"

#include <string.h>

#include "roles/diff/owners.h"
#include "roles/diff/required_role.h"

void
schema_edit_owner(Diff *diff, StateDatabase *database, StateSchema *schema, NameId owner,
                  SourcePos declared_at)
{
    if (schema->owner == owner)
        return;
    diff_request(diff, &(Change){ .kind = CHANGE_SCHEMA_OWNER,
                                  .declared_at = declared_at,
                                  .database = database->name,
                                  .name = schema->name,
                                  .owner = { owner } });
    acl_change_owner(&schema->acl, schema->owner, owner);
    acl_change_owner(&schema->base, schema->owner, owner);
    schema->owner = owner;
}

StateSchema *
schema_edit_create(Diff *diff, StateDatabase *database, NameId name, NameId owner,
                   SourcePos declared_at)
{
    Acl acl =
        state_database_creation_acl(diff->state, database, owner, NAME_NONE, DEFAULT_ACL_SCHEMAS);
    Change change = { .kind = CHANGE_SCHEMA_CREATE,
                      .declared_at = declared_at,
                      .database = database->name,
                      .name = name,
                      .owner = { owner } };

    if (!diff_allows(diff, &change, NULL))
        return NULL;
    diff_request(diff, &change);
    return state_database_add_schema(diff->state, database, name, owner, acl);
}

static void
converge_schema_owner(Diff *diff, StateDatabase *database, StateSchema *schema, NameId owner,
                      const SchemaDecl *decl, Origin origin)
{
    if (schema->owner == owner)
        return;
    if (scope_manages_database(diff->scope, database->name))
        schema_edit_owner(diff, database, schema, owner, declared_for(decl->owner.pos, origin));
    else
        findings_add(diff->notes, &FINDING_SCHEMA_OWNER_KEPT, decl->owner.pos,
                     "pg_access_mode adopt or an entry in owners sets it",
                     "schema \"%s\" of database \"%s\" is owned by \"%s\"; unchanged", decl->name,
                     names_text(diff->names, database->name),
                     names_text(diff->names, schema->owner));
}

/* Noted, and with --prune dropped. */
static void
drop_schema(Diff *diff, const SchemaDecl *decl, StateDatabase *database, Origin origin)
{
    const char *database_name = names_text(diff->names, database->name);

    if (!diff->context->input->prune) {
        findings_add(diff->notes, &FINDING_SCHEMA_ABSENT_KEPT, decl->pos, NULL,
                     "schema \"%s\" of database \"%s\" is kept", decl->name, database_name);
        return;
    }
    if (g_str_has_prefix(decl->name, "pg_") || strcmp(decl->name, "information_schema") == 0) {
        findings_add(diff->notes, &FINDING_SCHEMA_PROTECTED, decl->pos,
                     "remove state: absent from the inventory",
                     "schema \"%s\" of database \"%s\" is never dropped: the server needs it",
                     decl->name, database_name);
        return;
    }
    diff_request(diff, &(Change){ .kind = CHANGE_SCHEMA_DROP,
                                  .declared_at = declared_for(decl->pos, origin),
                                  .database = database->name,
                                  .name = names_intern(diff->names, decl->name) });
    /* The change is not taken back: whatever else speaks of the schema comes before it goes. */
    state_database_remove_schema(database, names_intern(diff->names, decl->name));
}

/*
 * A new schema belongs to who is named, else to dbsu; an existing one keeps its owner in additive.
 * CREATE SCHEMA ... AUTHORIZATION sets the owner at once, so a new schema needs no ALTER, which
 * would ask for more privileges.
 */
void
schema_edit_declared(Diff *diff, StateDatabase *database, const List *schemas, Origin origin)
{
    LIST_FOREACH (const SchemaDecl, decl, schemas) {
        NameId name = names_intern(diff->names, decl->name);
        NameId owner = diff->scope->creator;
        StateSchema *schema = state_database_schema(database, name);
        bool exists = schema != NULL;

        if (decl->absent) {
            if (exists)
                drop_schema(diff, decl, database, origin);
            continue;
        }
        if (decl->owner.value != NULL) {
            g_autofree char *purpose = g_strdup_printf("owner of schema \"%s\"", decl->name);

            owner = required_role(diff, decl->owner.value, decl->owner.pos, purpose);
        }
        if (!exists && owner != NAME_NONE)
            schema =
                schema_edit_create(diff, database, name, owner, declared_for(decl->pos, origin));
        else if (owner != NAME_NONE && decl->owner.value != NULL)
            converge_schema_owner(diff, database, schema, owner, decl, origin);
        if (schema != NULL && decl->owner.value != NULL) {
            schema->declared_owner = owner;
            schema->owner_declared_at = decl->owner.pos;
            schema->owner_rank = OWNER_RANK_OF_A_SCHEMA;
        }
    }
}
