/* The words that every writer of statements needs. */
#include "provisioner/plan/statement_writer.h"

#include "provisioner/plan/grant_text.h"

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

    for (size_t i = 0; i < roles->count; i++)
        g_string_append_printf(out, "%s%s", i > 0 ? ", " : "",
                               grant_text_role(writer->arena, writer->names, roles->items[i]));
    return arena_strdup(writer->arena, out->str);
}
