/* What a grant or owner entry names and nothing has. */
#include "roles/diff/missing.h"

void
report_missing(Diff *diff, const StateDatabase *database, const GrantDecl *decl, const bool *used,
               size_t matched)
{
    const FindingKind *kind =
        decl->missing_is_error ? &FINDING_GRANT_NOT_FOUND : &FINDING_GRANT_UNMATCHED;
    const char *name_of_database = names_text(diff->names, database->name);

    if (database->objects_unknown)
        return;
    for (size_t i = 0; i < decl->names.count; i++) {
        const GrantName *name = decl->names.items[i];

        if (!used[i])
            findings_add(diff->notes, kind, name->pos, NULL, "no %s of database \"%s\" is \"%s\"",
                         grant_kind_info(decl->kind)->singular, name_of_database, name->text);
    }
    if (decl->names.count == 0 && matched == 0)
        findings_add(diff->notes, kind, decl->pos, NULL, "%s %s matches nothing in database \"%s\"",
                     decl->owner != NULL ? "owner of" : "grant on",
                     grant_describe(diff->arena, decl), name_of_database);
}
