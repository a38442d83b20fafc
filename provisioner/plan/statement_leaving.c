/* One case for each kind of change that takes away what has left. */
#include "provisioner/plan/statement_leaving.h"

#include "provisioner/server/sql_text.h"

/* GRANT "pgcharter_managed" TO "a", "b" */
static const char *
mark_statement(Arena *arena, const Names *names, const Change *change, const char *path)
{
    g_autoptr(GString) members = g_string_new(NULL);
    const char *granted_by = NULL;

    for (size_t i = 0; i < change->members.count; i++) {
        if (i > 0)
            g_string_append(members, ", ");
        sql_append_identifier(members,
                              names_text(names, GPOINTER_TO_UINT(change->members.items[i])));
    }
    if (change->grantor != NAME_NONE)
        granted_by = arena_printf(arena, "GRANTED BY %s",
                                  sql_identifier(arena, names_text(names, change->grantor)));
    return sql_render(arena, path,
                      (SqlValue[]){ { "marker", names_text(names, change->name) },
                                    { "members", members->str },
                                    { "granted_by", granted_by },
                                    { 0 } });
}

/* The server drops no template: it stops being one first. */
static List
database_drop_statements(Arena *arena, const Names *names, const Change *change)
{
    const char *database = names_text(names, change->name);
    List statements = { 0 };

    if (change->flag)
        list_add(arena, &statements,
                 sql_render(arena, "statement/alter_database_options.sql",
                            (SqlValue[]){ { "database", database },
                                          { "options", "IS_TEMPLATE false" },
                                          { 0 } }));
    list_add(arena, &statements,
             sql_render(arena, "statement/drop_database.sql",
                        (SqlValue[]){ { "database", database }, { 0 } }));
    return statements;
}

static const char *
role_statement(Arena *arena, const char *path, const char *role)
{
    return sql_render(arena, path, (SqlValue[]){ { "role", role }, { 0 } });
}

static const char *
statement_of(Arena *arena, const Names *names, const Change *change)
{
    const char *name = names_text(names, change->name);

    switch (change->kind) {
    case CHANGE_MARK_GRANT:
    case CHANGE_LEAVER_MARK_GRANT:
        return mark_statement(arena, names, change, "statement/mark_roles.sql");
    case CHANGE_MARK_REVOKE:
    case CHANGE_LEAVER_MARK_REVOKE:
        return mark_statement(arena, names, change, "statement/unmark_roles.sql");
    case CHANGE_SCHEMA_DROP:
        return sql_render(arena, "statement/drop_schema.sql",
                          (SqlValue[]){ { "schema", name },
                                        { "cascade", change->cascade ? "CASCADE" : NULL },
                                        { 0 } });
    case CHANGE_ROLE_DISABLE:
        return role_statement(arena, "statement/disable_role.sql", name);
    case CHANGE_ROLE_END_SESSIONS:
        return role_statement(arena, "statement/end_sessions.sql", name);
    default:
        g_assert(change->kind == CHANGE_ROLE_DROP);
        return role_statement(arena, "statement/drop_role.sql", name);
    }
}

List
statement_render_leaving(Arena *arena, const Names *names, const Change *change)
{
    List statements = { 0 };

    if (change->kind == CHANGE_OWNED_MOVE || change->kind == CHANGE_OWNED_DROP)
        return change->statements;
    if (change->kind == CHANGE_DATABASE_DROP)
        return database_drop_statements(arena, names, change);
    list_add(arena, &statements, statement_of(arena, names, change));
    return statements;
}
