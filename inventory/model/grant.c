/* The table of kinds, and profiles unfolded. */
#include "inventory/model/grant.h"

#include <string.h>

#define P(name) PRIVILEGE_BIT(PRIVILEGE_##name)
#define TABLE_PRIVILEGES                                                                           \
    (P(SELECT) | P(INSERT) | P(UPDATE) | P(DELETE) | P(TRUNCATE) | P(REFERENCES) | P(TRIGGER) |    \
     P(MAINTAIN))

/* The words of the table's flags column. */
enum {
    IN_SCHEMA = GRANT_KIND_IN_SCHEMA,
    HAS_COLUMNS = GRANT_KIND_HAS_COLUMNS,
    HAS_OWNER = GRANT_KIND_HAS_OWNER,
    NAMED_BY_SCHEMA = GRANT_KIND_NAMED_BY_SCHEMA,
    HAS_NAME = GRANT_KIND_HAS_NAME,
    IS_ROUTINE = GRANT_KIND_IS_ROUTINE,
    IS_UNION = GRANT_KIND_IS_UNION,
};

#define NO_FUTURE DEFAULT_ACL_TYPE_COUNT

static const GrantKindInfo kinds[] = {
#define GRANT_KIND(name, singular, plural, privileges, flags, future)                              \
    [GRANT_KIND_##name] = { singular, plural, privileges, flags, future },
#include "inventory/model/grant_kind.def"
#undef GRANT_KIND
};

_Static_assert(G_N_ELEMENTS(kinds) == GRANT_KIND_COUNT, "a row for each kind");

const GrantKindInfo *
grant_kind_info(GrantKind kind)
{
    return &kinds[kind];
}

GrantKind
grant_kind_from_word(const char *word, bool *ret_plural)
{
    for (unsigned i = 0; i < GRANT_KIND_COUNT; i++) {
        *ret_plural = g_strcmp0(kinds[i].plural, word) == 0;
        if (*ret_plural || strcmp(kinds[i].singular, word) == 0)
            return (GrantKind)i;
    }
    return GRANT_KIND_COUNT;
}

PrivilegeSet
grant_column_privileges(void)
{
    return P(SELECT) | P(INSERT) | P(UPDATE) | P(REFERENCES);
}

bool
grant_pattern_is_plain(const char *pattern)
{
    return strpbrk(pattern, "*?[\\") == NULL;
}

static void
expand_profile(Arena *arena, const GrantDecl *grant, const ProfileDecl *profile, List *ret_grants)
{
    LIST_FOREACH (const GrantDecl, entry, &profile->grants) {
        GrantDecl *copy = ARENA_NEW(arena, GrantDecl);

        *copy = *entry;
        copy->pos = grant->pos;
        copy->to = grant->to;
        copy->schemas = grant->schemas;
        copy->databases = grant->databases;
        copy->absent = grant->absent || entry->absent;
        if (grant->until.text != NULL && entry->until.state != UNTIL_PASSED)
            copy->until = grant->until;
        copy->grantable = grant->grantable || entry->grantable;
        copy->missing_is_error = grant->missing_is_error || entry->missing_is_error;
        list_add(arena, ret_grants, copy);
    }
}

void
grant_expand(Arena *arena, const GrantDecl *grant, const List *profiles, List *ret_grants)
{
    if (grant->profiles.count == 0) {
        list_add(arena, ret_grants, grant);
        return;
    }
    LIST_FOREACH (const GrantText, name, &grant->profiles) {
        LIST_FOREACH (const ProfileDecl, profile, profiles) {
            if (strcmp(profile->name, name->text) == 0)
                expand_profile(arena, grant, profile, ret_grants);
        }
    }
}

static void
append_texts(GString *out, const List *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        const GrantText *text = texts->items[i];

        g_string_append_printf(out, "%s\"%s\"", i > 0 ? ", " : "", text->text);
    }
}

const char *
grant_describe(Arena *arena, const GrantDecl *grant)
{
    const GrantKindInfo *info = grant_kind_info(grant->kind);
    g_autoptr(GString) out = g_string_new(grant->is_plural ? info->plural : info->singular);

    if (grant->names.count > 0) {
        g_string_append_c(out, ' ');
        for (size_t i = 0; i < grant->names.count; i++) {
            const GrantName *name = grant->names.items[i];

            g_string_append_printf(out, "%s\"%s\"", i > 0 ? ", " : "", name->text);
        }
    }
    if (grant->schemas.count > 0) {
        g_string_append(out, (info->flags & GRANT_KIND_NAMED_BY_SCHEMA) ? " " : " in schema ");
        append_texts(out, &grant->schemas);
    }
    return arena_strdup(arena, out->str);
}
