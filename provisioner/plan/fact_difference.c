/* Two facts about one thing, in words. */
#include <string.h>

#include "inventory/model/privilege.h"
#include "provisioner/plan/facts.h"
#include "provisioner/plan/grant_text.h"
#include "provisioner/server/sql_text.h"
#include "roles/acl/acl.h"

typedef struct Difference {
    Arena *arena;
    Names *names;
    List sentences; /* const char */
} Difference;

/* "sales"."t01": quoted names with dots between them; a quote inside is doubled. */
const char *
fact_name(Arena *arena, const char *subject)
{
    const char *start = strchr(subject, '"');
    bool inside = false;

    for (const char *at = start; at != NULL && *at != '\0'; at++) {
        if (*at == '"')
            inside = !inside;
        else if (!inside && *at != '.')
            return arena_strndup(arena, start, (size_t)(at - start));
    }
    return start == NULL ? NULL : arena_strdup(arena, start);
}

static const char *
role_text(const Difference *difference, NameId role)
{
    return grant_text_role(difference->arena, difference->names, role);
}

/* Who granted it is part of the entry (aclitem in acl.h): nothing is guessed. */
static void
add_entry(Difference *difference, const AclEntry *entry, const char *verb, PrivilegeSet privileges,
          const char *what)
{
    if (privileges != 0)
        list_add(difference->arena, &difference->sentences,
                 arena_printf(difference->arena, ": %s %s %s%s (granted by %s)",
                              role_text(difference, entry->grantee), verb, what,
                              privilege_set_text(difference->arena, privileges),
                              role_text(difference, entry->grantor)));
}

static void
compare_entry(Difference *difference, const AclEntry *before, const AclEntry *after)
{
    const AclEntry *named = after->privileges != 0 ? after : before;
    PrivilegeSet gained = after->privileges & ~before->privileges;
    PrivilegeSet lost = before->privileges & ~after->privileges;

    add_entry(difference, named, "now has", gained, "");
    add_entry(difference, named, "no longer has", lost, "");
    add_entry(difference, named, "now has", after->grantable & ~before->grantable,
              "the grant option for ");
    add_entry(difference, named, "no longer has", before->grantable & ~after->grantable & ~lost,
              "the grant option for ");
}

static Acl
read_acl(const Difference *difference, const char *text)
{
    Acl acl = { 0 };

    if (text != NULL)
        acl_parse(difference->arena, difference->names, text, &acl);
    return acl;
}

/* OWNER "a", ...: "a" without its quotes; NAME_NONE where the state begins otherwise. */
static NameId
owner_of(const Difference *difference, const char *state)
{
    const char *quoted = NULL;
    g_auto(GStrv) parts = NULL;
    g_autofree char *name = NULL;

    if (state == NULL || !g_str_has_prefix(state, "OWNER \""))
        return NAME_NONE;
    quoted = fact_name(difference->arena, state);
    parts =
        g_strsplit(arena_strndup(difference->arena, quoted + 1, strlen(quoted) - 2), "\"\"", -1);
    name = g_strjoinv("\"", parts);
    return names_intern(difference->names, name);
}

/* A new owner stands in for the old one in the whole ACL (aclnewowner()): that is not told twice.
 */
static void
compare_acls(Difference *difference, const Fact *old, const Fact *new)
{
    Acl before = read_acl(difference, old->acl);
    const Acl after = read_acl(difference, new->acl);
    NameId old_owner = owner_of(difference, old->state);
    NameId new_owner = owner_of(difference, new->state);
    /* What an owner has by itself is not news where there was no ACL at all. */
    bool all_known = old->acl != NULL && new->acl != NULL;

    if (old_owner != NAME_NONE && new_owner != NAME_NONE && old_owner != new_owner)
        acl_change_owner(&before, old_owner, new_owner);
    for (size_t i = 0; i < after.count; i++) {
        const AclEntry *entry = &after.entries[i];
        const AclEntry had = acl_entry_of(&before, entry->grantee, entry->grantor);

        if (all_known || entry->grantee != entry->grantor)
            compare_entry(difference, &had, entry);
    }
    for (size_t i = 0; i < before.count; i++) {
        const AclEntry *entry = &before.entries[i];
        const AclEntry now = acl_entry_of(&after, entry->grantee, entry->grantor);

        if (now.privileges == 0 && (all_known || entry->grantee != entry->grantor))
            compare_entry(difference, entry, &now);
    }
}

/* How long the words are that both begin with: names, which may hold blanks, are quoted. */
static size_t
common_words(const char *before, const char *after)
{
    size_t words = 0;

    for (size_t i = 0; before[i] != '\0' && before[i] == after[i] && before[i] != '"'; i++) {
        if (before[i] == ' ')
            words = i + 1;
    }
    return words;
}

/* "LOGIN, CONNECTION LIMIT 5": those parts that differ; of a digest, that it does. */
static void
compare_states(Difference *difference, const char *before, const char *after)
{
    g_auto(GStrv) old = g_strsplit(before, ", ", -1);
    g_auto(GStrv) now = g_strsplit(after, ", ", -1);

    if (strcmp(before, after) == 0)
        return;
    if (g_str_has_prefix(before, "sha256:") || g_str_has_prefix(after, "sha256:")) {
        list_add(difference->arena, &difference->sentences, " was changed");
        return;
    }
    if (g_strv_length(old) != g_strv_length(now)) {
        list_add(difference->arena, &difference->sentences,
                 arena_printf(difference->arena, ": %s -> %s", before, after));
        return;
    }
    for (size_t i = 0; old[i] != NULL; i++) {
        if (strcmp(old[i], now[i]) != 0)
            list_add(difference->arena, &difference->sentences,
                     arena_printf(difference->arena, ": %s -> %s", old[i],
                                  now[i] + common_words(old[i], now[i])));
    }
}

/* Default privileges have no state: they are always there, if only as PostgreSQL's own. */
List
fact_differences(Arena *arena, const Fact *before, const Fact *after)
{
    g_autoptr(Names) names = names_new(arena);
    Difference difference = { .arena = arena, .names = names };

    if (before->state == NULL && after->state != NULL && before->acl == NULL)
        list_add(arena, &difference.sentences,
                 g_str_has_prefix(after->state, "granted by")
                     ? arena_printf(arena, " exists now (%s)", after->state)
                     : " exists now");
    else if (before->state != NULL && after->state == NULL && after->acl == NULL)
        list_add(arena, &difference.sentences, " is gone");
    else {
        if (before->state != NULL && after->state != NULL)
            compare_states(&difference, before->state, after->state);
        compare_acls(&difference, before, after);
    }
    return difference.sentences;
}
