/*
 * A privilege on the table is one on all of its columns, and taking it from one of them changes
 * nothing (the manual's page on REVOKE): the two entries cannot both hold.
 */
#include "roles/diff/column_conflicts.h"

#include "roles/diff/table_index.h"

/* The entry on the table that gives what is declared absent; NULL: none does. */
static const AclDeclaration *
given_by(const ObjectGroup *table, const AclDeclaration *absent)
{
    LIST_FOREACH (const AclDeclaration, present, &table->declared.present) {
        if (present->entry.grantee == absent->entry.grantee &&
            !source_pos_is_policy(present->declared_at) &&
            ((present->entry.privileges & absent->entry.privileges) != 0 ||
             (present->entry.grantable & absent->entry.grantable) != 0))
            return present;
    }
    return NULL;
}

/* Once for each entry and grantee, however many columns it names. */
static char *
key_of(const Diff *diff, const AclDeclaration *absent)
{
    return arena_printf(diff->arena, "column of %s %u", pos_text(diff->arena, absent->declared_at),
                        absent->entry.grantee);
}

bool
column_conflict_is_reported(const Diff *diff, const AclDeclaration *absent)
{
    return g_hash_table_contains(diff->reported, key_of(diff, absent));
}

static void
check_column(Diff *diff, const StateDatabase *database, const StateColumn *column,
             const ObjectGroup *table)
{
    LIST_FOREACH (const AclDeclaration, absent, &column->declared.absent) {
        const AclDeclaration *present = absent->ended ? NULL : given_by(table, absent);

        if (present == NULL || !g_hash_table_add(diff->reported, key_of(diff, absent)))
            continue;
        findings_add(diff->notes, &FINDING_GRANT_CONFLICTING_OBJECTS, absent->declared_at,
                     "remove one of the two entries; to leave a column out, grant the others",
                     "%s: declared absent for \"%s\", but the whole table is present at %s:%u",
                     diff_describe_column(diff, database, column),
                     diff_grantee_text(diff, absent->entry.grantee), present->declared_at.file,
                     present->declared_at.line);
    }
}

void
diff_column_conflicts(Diff *diff, const StateDatabase *database)
{
    g_autoptr(GHashTable) tables = NULL;

    LIST_FOREACH (const StateColumn, column, &database->columns) {
        const ObjectGroup *table = NULL;

        if (column->declared.absent.count == 0)
            continue;
        if (tables == NULL)
            tables = table_index_new(database);
        table = table_index_find(tables, column->table);
        if (table != NULL)
            check_column(diff, database, column, table);
    }
}
