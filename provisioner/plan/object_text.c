/* Names of objects put together from their quoted parts. */
#include "provisioner/plan/object_text.h"

#include "inventory/sql/sql_fragment.h"
#include "provisioner/server/sql_text.h"

static void
append_type(GString *out, const SqlTypeName *type)
{
    /* pg_catalog is searched first, whatever search_path says. */
    if (g_strcmp0(type->schema, "pg_catalog") != 0) {
        sql_append_identifier(out, type->schema);
        g_string_append_c(out, '.');
    }
    sql_append_identifier(out, type->name);
    if (type->is_array)
        g_string_append(out, "[]");
}

/*
 * Input arguments only. Those of a procedure say IN: without a mode PostgreSQL 14 on would also
 * compare them with all arguments of another procedure, and find the name ambiguous.
 */
static void
append_arguments(GString *out, GrantKind kind, const ObjectIdentity *identity)
{
    g_string_append_c(out, '(');
    for (size_t i = 0; i < identity->arguments.count; i++) {
        if (i > 0)
            g_string_append(out, ", ");
        if (kind == GRANT_KIND_PROCEDURE)
            g_string_append(out, "IN ");
        append_type(out, identity->arguments.items[i]);
    }
    g_string_append_c(out, ')');
}

/* A parameter's name is made of identifiers with dots between them. */
static void
append_parameter(GString *out, const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, ".", -1);

    for (size_t i = 0; parts[i] != NULL; i++) {
        if (i > 0)
            g_string_append_c(out, '.');
        sql_append_identifier(out, parts[i]);
    }
}

/*
 * Large objects are named by OID, and parameters are not quoted as a whole: "a.b" in quotes would
 * be another name.
 */
void
object_append_sql(GString *out, const Names *names, GrantKind kind, const ObjectIdentity *identity)
{
    if (kind == GRANT_KIND_LARGE_OBJECT) {
        g_string_append(out, identity->name);
        return;
    }
    if (kind == GRANT_KIND_PARAMETER) {
        append_parameter(out, identity->name);
        return;
    }
    if (identity->schema != NAME_NONE) {
        sql_append_identifier(out, names_text(names, identity->schema));
        g_string_append_c(out, '.');
    }
    sql_append_identifier(out, identity->name);
    if ((grant_kind_info(kind)->flags & GRANT_KIND_IS_ROUTINE) != 0)
        append_arguments(out, kind, identity);
}

char *
object_label(Arena *arena, const Names *names, const ObjectIdentity *identity)
{
    g_autoptr(GString) out = g_string_new(NULL);

    if (identity->schema != NAME_NONE)
        g_string_append_printf(out, "%s.", names_text(names, identity->schema));
    g_string_append(out, identity->name);
    for (size_t i = 0; i < identity->arguments.count; i++) {
        const SqlTypeName *type = identity->arguments.items[i];

        g_string_append_printf(out, "%s%s%s", i == 0 ? "(" : ", ", type->name,
                               type->is_array ? "[]" : "");
    }
    if (identity->arguments.count > 0)
        g_string_append_c(out, ')');
    return arena_strdup(arena, out->str);
}
