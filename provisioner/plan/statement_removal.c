/* Marker roles, and what removes a departed role or an object that is declared absent. */
#include "provisioner/plan/statement_writer.h"

/*
 * GRANT "pgcharter_managed" TO "a", "b" One statement for all members: GRANT takes lists on both
 * sides, and a fleet may have thousands of roles.
 */
static void
write_marker(Writer *writer, const char *path)
{
    const MarkerChange *change = change_marker(writer->change);
    const char *granted_by = NULL;

    if (change->grantor != NAME_NONE)
        granted_by =
            arena_printf(writer->arena, "GRANTED BY %s",
                         sql_identifier(writer->arena, writer_name(writer, change->grantor)));
    writer_emit(writer, path,
                (SqlValue[]){ { "marker", writer_name(writer, writer->change->name) },
                              { "members", writer_role_list(writer, &change->members) },
                              { "granted_by", granted_by },
                              { 0 } });
}

void
write_marker_grant(Writer *writer)
{
    write_marker(writer, "statement/mark_roles.sql");
}

void
write_marker_revoke(Writer *writer)
{
    write_marker(writer, "statement/unmark_roles.sql");
}

void
write_schema_drop(Writer *writer)
{
    writer_emit(
        writer, "statement/drop_schema.sql",
        (SqlValue[]){ { "schema", writer_name(writer, writer->change->name) },
                      { "cascade", change_schema_drop(writer->change)->cascade ? "CASCADE" : NULL },
                      { 0 } });
}

static void
write_of_role(Writer *writer, const char *path)
{
    writer_emit(writer, path,
                (SqlValue[]){ { "role", writer_name(writer, writer->change->name) }, { 0 } });
}

void
write_role_disable(Writer *writer)
{
    write_of_role(writer, "statement/disable_role.sql");
}

void
write_end_sessions(Writer *writer)
{
    write_of_role(writer, "statement/end_sessions.sql");
}

void
write_role_drop(Writer *writer)
{
    write_of_role(writer, "statement/drop_role.sql");
}

void
write_database_drop(Writer *writer)
{
    const char *database = writer_name(writer, writer->change->name);

    /* dropdb() in the server refuses a template ("cannot drop a template database"). */
    if (change_database_drop(writer->change)->is_template)
        writer_emit(
            writer, "statement/alter_database_options.sql",
            (SqlValue[]){ { "database", database }, { "options", "IS_TEMPLATE false" }, { 0 } });
    writer_emit(writer, "statement/drop_database.sql",
                (SqlValue[]){ { "database", database }, { 0 } });
}

/* Written by who looked at the objects that the role owns: plan/prune.c. */
static void
write_given_statements(Writer *writer)
{
    const OwnedChange *owned = change_owned(writer->change);

    if (owned->setting != NULL)
        writer_add_helper(writer, owned->setting);
    LIST_FOREACH (const char, statement, &owned->statements)
        writer_add(writer, statement);
}

void
write_owned(Writer *writer)
{
    write_as_role(writer, &change_owned(writer->change)->acting, write_given_statements);
}
