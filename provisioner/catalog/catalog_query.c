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

const char *
catalog_text(Arena *arena, const PGresult *result, int row, const char *column)
{
    const char *text = session_text(result, row, column);

    return text == NULL ? NULL : arena_strdup(arena, text);
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

bool
catalog_take_name(const char *noun, const char *place, const char *name, Findings *notes)
{
    if (answer_is_exact(name))
        return true;
    findings_add(notes, &FINDING_TEXT_ENCODING, (SourcePos){ 0 },
                 "rename it in a database of the encoding that it was created in",
                 "%s \"%s\"%s%s has a name that is not UTF-8; it is left alone", noun, name,
                 place == NULL ? "" : " in ", place == NULL ? "" : place);
    return false;
}

void
catalog_note_text(const char *what, Findings *notes)
{
    findings_add(notes, &FINDING_TEXT_ENCODING, (SourcePos){ 0 }, NULL,
                 "%s is not UTF-8; it is left alone unless an entry sets another", what);
}

/* Nobody can name such roles to the server, so they are neither wanted nor too many. */
static void
forget_entries(const Names *names, Acl *acl)
{
    size_t kept = 0;

    for (size_t i = 0; i < acl->count; i++) {
        const AclEntry *entry = &acl->entries[i];

        if (answer_is_exact(names_text(names, entry->grantor)) &&
            (entry->grantee == NAME_PUBLIC || answer_is_exact(names_text(names, entry->grantee))))
            acl->entries[kept++] = *entry;
    }
    acl->count = kept;
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
    if (!answer_is_exact(text))
        forget_entries(state->names, &acl);
    return acl;
}
