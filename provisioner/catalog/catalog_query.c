/* Templates into answers, answers into values. */
#include "provisioner/catalog/catalog_query.h"

#include "roles/findings.h"

PGresult *
catalog_run(Arena *arena, Session *session, const char *path, const SqlValue *values,
            GError **error)
{
    return answer_ask(arena, session, path, values, error);
}

void
catalog_ask(Arena *arena, List *statements, const char *path, const SqlValue *values)
{
    static const SqlValue no_values[] = { { 0 } };

    list_add(arena, statements, sql_render(arena, path, values != NULL ? values : no_values));
}

/* An empty list gives an empty text, which ARRAY[]::text[] in the templates accepts. */
const char *
catalog_literals(Arena *arena, const List *texts)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (size_t i = 0; i < texts->count; i++) {
        if (i > 0)
            g_string_append(out, ", ");
        sql_append_literal(out, texts->items[i]);
    }
    return arena_strdup(arena, out->str);
}

/*
 * An ACL with letters of a newer server is kept as far as it is understood, and the plan says so;
 * it is never rewritten as a whole.
 */
Acl
catalog_acl(AccessState *state, const char *text, ObjectKind kind, NameId owner, const char *object,
            Findings *notes)
{
    Acl acl = { 0 };

    if (text == NULL)
        return acl_default(state->arena, kind, owner, state->major_version);
    if (acl_parse(state->arena, state->names, text, &acl) != ACL_TEXT_OK)
        findings_add(notes, &FINDING_ACL_LETTER_UNKNOWN, (SourcePos){ 0 }, NULL,
                     "the ACL of \"%s\" holds what this program does not know: %s", object, text);
    return acl;
}
