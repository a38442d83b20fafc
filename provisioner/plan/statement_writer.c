/* The words that every writer of statements needs. */
#include "provisioner/plan/statement_writer.h"

const char *
writer_name(const Writer *writer, NameId id)
{
    return names_text(writer->names, id);
}

void
writer_add(Writer *writer, const char *statement)
{
    list_add(writer->arena, &writer->statements, sql_statement_new(writer->arena, statement));
}

void
writer_add_helper(Writer *writer, const char *statement)
{
    list_add(writer->arena, &writer->statements,
             sql_statement_new_helper(writer->arena, statement));
}

void
writer_emit(Writer *writer, const char *path, const SqlValue *values)
{
    writer_add(writer, sql_render(writer->arena, path, values));
}

/* "a", "b", PUBLIC */
const char *
writer_role_list(Writer *writer, const NameIdVector *roles)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (size_t i = 0; i < roles->count; i++) {
        NameId role = roles->items[i];

        if (i > 0)
            g_string_append(out, ", ");
        if (role == NAME_PUBLIC)
            g_string_append(out, "PUBLIC");
        else
            sql_append_identifier(out, writer_name(writer, role));
    }
    return arena_strdup(writer->arena, out->str);
}
