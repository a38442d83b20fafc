/* What can only be checked when all grants are known: profiles, and grants that contradict. */
#include <string.h>

#include "inventory/decl/grant_decl.h"
#include "inventory/findings.h"

static const ProfileDecl *
find_profile(const List *profiles, const char *name)
{
    LIST_FOREACH (const ProfileDecl, profile, profiles) {
        if (strcmp(profile->name, name) == 0)
            return profile;
    }
    return NULL;
}

/* A profile usually leaves the schema to the grant that uses it. */
static bool
profile_needs_schema(const ProfileDecl *profile)
{
    LIST_FOREACH (const GrantDecl, grant, &profile->grants) {
        if (grant->schemas.count == 0 && (grant_kind_info(grant->kind)->flags &
                                          (GRANT_KIND_IN_SCHEMA | GRANT_KIND_NAMED_BY_SCHEMA)) != 0)
            return true;
    }
    return false;
}

/* Profiles are checked after all files were read: one may be declared in another file. */
void
grants_check_profiles(Binder *binder, const List *grants, const List *profiles)
{
    LIST_FOREACH (const GrantDecl, grant, grants) {
        LIST_FOREACH (const GrantText, name, &grant->profiles) {
            const ProfileDecl *profile = find_profile(profiles, name->text);

            if (profile == NULL)
                findings_add(binder->findings, &FINDING_PROFILE_UNKNOWN, name->pos, NULL,
                             "profile \"%s\" is not declared in pg_privilege_profiles", name->text);
            else if (grant->schemas.count == 0 && profile_needs_schema(profile))
                findings_add(binder->findings, &FINDING_GRANT_INVALID, name->pos, NULL,
                             "a grant: it has no \"schema\", and profile \"%s\" needs one",
                             name->text);
        }
    }
}

/* Lists are sets here: [a, b] and [b, a] mean the same objects. */
static void
append_sorted(GString *out, char mark, const List *texts)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();

    LIST_FOREACH (const GrantText, text, texts)
        g_ptr_array_add(sorted, (gpointer)text->text);
    g_ptr_array_sort(sorted, (GCompareFunc)g_strcmp0);
    for (guint i = 0; i < sorted->len; i++)
        g_string_append_printf(out, "\1%c%s", mark, (const char *)g_ptr_array_index(sorted, i));
}

/* Everything that says which objects are meant, as one text. */
static char *
scope_key(const GrantDecl *grant)
{
    g_autoptr(GString) out = g_string_new(NULL);

    g_string_append_printf(out, "%d %d", (int)grant->kind, grant->is_plural);
    append_sorted(out, 's', &grant->schemas);
    append_sorted(out, 'c', &grant->columns);
    append_sorted(out, 'd', &grant->databases);
    LIST_FOREACH (const GrantName, name, &grant->names)
        g_string_append_printf(out, "\1n%s", name->text);
    LIST_FOREACH (const GrantName, name, &grant->except)
        g_string_append_printf(out, "\1e%s", name->text);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* NULL is PUBLIC, and equal to itself. */
static const GrantText *
common_grantee(const GrantDecl *a, const GrantDecl *b)
{
    LIST_FOREACH (const GrantText, left, &a->to) {
        LIST_FOREACH (const GrantText, right, &b->to) {
            if (g_strcmp0(left->text, right->text) == 0)
                return left;
        }
    }
    return NULL;
}

/*
 * Patterns that overlap without being equal cannot be compared here; the plan sees the objects and
 * reports grant-conflicting-objects.
 */
static void
check_pair(Binder *binder, const GrantDecl *earlier, const GrantDecl *later)
{
    const GrantText *grantee = common_grantee(earlier, later);
    bool same_privileges = earlier->all_privileges || later->all_privileges ||
                           (earlier->privileges & later->privileges) != 0;

    /* What has ended takes nothing from what goes on. */
    if (earlier->until.state == UNTIL_PASSED || later->until.state == UNTIL_PASSED)
        return;
    if (earlier->absent == later->absent || grantee == NULL || !same_privileges)
        return;
    findings_add(binder->findings, &FINDING_GRANT_CONFLICTING, later->pos,
                 "take one of the two out", "%s is %s for \"%s\" here and %s at %s",
                 grant_describe(binder->arena, later), later->absent ? "absent" : "present",
                 grantee->text == NULL ? "PUBLIC" : grantee->text,
                 earlier->absent ? "absent" : "present", pos_text(binder->arena, earlier->pos));
}

void
grants_check_contradictions(Binder *binder, const List *grants, const List *profiles)
{
    g_autoptr(GHashTable) by_scope = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    List expanded = { 0 };

    LIST_FOREACH (const GrantDecl, grant, grants)
        grant_expand(binder->arena, grant, profiles, &expanded);
    LIST_FOREACH (const GrantDecl, grant, &expanded) {
        char *key = scope_key(grant);
        List *same = g_hash_table_lookup(by_scope, key);

        if (same == NULL) {
            same = ARENA_NEW(binder->arena, List);
            g_hash_table_insert(by_scope, key, same);
        } else {
            g_free(key);
        }
        LIST_FOREACH (const GrantDecl, earlier, same)
            check_pair(binder, earlier, grant);
        list_add(binder->arena, same, grant);
    }
}
