/* Databases and schemas with state: absent. */
#include <string.h>

#include "roles/diff/diff_context.h"

static const char *const protected_databases[] = { "template0", "template1", "postgres", NULL };

void
walk_absent_database(Walk *walk, const DatabaseDecl *decl, const StateDatabase *database)
{
    if (!walk->input->prune) {
        findings_add(walk->input->notes, &FINDING_DATABASE_ABSENT_KEPT, decl->pos, NULL,
                     "database \"%s\" is kept", decl->name);
        return;
    }
    if (g_strv_contains(protected_databases, decl->name)) {
        findings_add(walk->input->notes, &FINDING_DATABASE_PROTECTED, decl->pos,
                     "take state: absent out of the inventory",
                     "database \"%s\" is never dropped: the server needs it", decl->name);
        return;
    }
    walk_add(walk, &(Change){ .kind = CHANGE_DATABASE_DROP,
                              .declared_at = decl->pos,
                              .name = database->name,
                              .database_drop = { .is_template = database->is_template } });
}

void
walk_absent_schema(Walk *walk, const SchemaDecl *decl, StateDatabase *database)
{
    const char *database_name = names_text(walk->names, database->name);

    if (!walk->input->prune) {
        findings_add(walk->input->notes, &FINDING_SCHEMA_ABSENT_KEPT, decl->pos, NULL,
                     "schema \"%s\" of database \"%s\" is kept", decl->name, database_name);
        return;
    }
    if (g_str_has_prefix(decl->name, "pg_") || strcmp(decl->name, "information_schema") == 0) {
        findings_add(walk->input->notes, &FINDING_SCHEMA_PROTECTED, decl->pos,
                     "take state: absent out of the inventory",
                     "schema \"%s\" of database \"%s\" is never dropped: the server needs it",
                     decl->name, database_name);
        return;
    }
    walk_add(walk, &(Change){ .kind = CHANGE_SCHEMA_DROP,
                              .declared_at = decl->pos,
                              .database = database->name,
                              .name = names_intern(walk->names, decl->name) });
    /* The change is not taken back: whatever else speaks of the schema comes before it goes. */
    state_database_remove_schema(database, names_intern(walk->names, decl->name));
}
