/* The difference of two ACLs, entry by entry. */
#include "roles/acl/acl_batch.h"

#include <string.h>

#include "roles/acl/object_group.h"

static SourcePos
cause_of(const List *causes, const AclEntry *entry, bool is_grant)
{
    SourcePos none = { 0 };

    for (size_t i = causes->count; i > 0; i--) {
        const AclWish *cause = causes->items[i - 1];

        if (cause->entry.grantee == entry->grantee && cause->absent != is_grant &&
            ((cause->entry.privileges | cause->entry.grantable) & entry->privileges) != 0)
            return cause->because;
    }
    return none;
}

/* Into a bundle at or behind `from`, or a new one; gives its place. */
static size_t
add_to_bundles(Arena *arena, List *bundles, size_t from, const AclBundle *wanted, NameId grantee)
{
    AclBundle *bundle = NULL;
    size_t place = from;

    for (; place < bundles->count && bundle == NULL; place++) {
        AclBundle *known = bundles->items[place];

        if (known->privileges == wanted->privileges &&
            known->grant_option == wanted->grant_option && known->as_role == wanted->as_role)
            bundle = known;
    }
    if (bundle == NULL) {
        bundle = ARENA_NEW(arena, AclBundle);
        *bundle = *wanted;
        list_add(arena, bundles, bundle);
        place = bundles->count;
    }
    list_add(arena, &bundle->grantees, GUINT_TO_POINTER(grantee));
    return place - 1;
}

List
acl_grant_bundles(Arena *arena, const Acl *base, const Acl *acl, const List *causes,
                  const List *wishes)
{
    List bundles = { 0 };

    for (size_t i = 0; i < acl->count; i++) {
        const AclEntry *entry = &acl->entries[i];
        AclEntry had = acl_entry_of(base, entry->grantee, entry->grantor);
        PrivilegeSet with_option = entry->grantable & ~had.grantable;
        PrivilegeSet without = entry->privileges & ~had.privileges & ~with_option;
        const PrivilegeSet parts[] = { without, with_option };

        for (unsigned part = 0; part < G_N_ELEMENTS(parts); part++) {
            AclEntry given = { .grantee = entry->grantee, .privileges = parts[part] };
            AclBundle bundle = { .privileges = parts[part], .grant_option = part == 1 };

            if (parts[part] == 0)
                continue;
            bundle.because = cause_of(causes, &given, true);
            if (bundle.because.file == NULL)
                bundle.because = cause_of(wishes, &given, true);
            if (bundle.because.file == NULL)
                bundle.because = cause_of(causes, &given, false);
            add_to_bundles(arena, &bundles, 0, &bundle, entry->grantee);
        }
    }
    return bundles;
}

/* Whether somebody else's entry of what is lost has to go before this one. What the owner has from
 * others is not what it grants by. */
static bool
has_pending_dependent(const List *lost, const AclEntry *entry, NameId owner)
{
    if (entry->grantee == owner)
        return false;
    LIST_FOREACH (const AclEntry, other, lost) {
        if (other != entry && other->grantor == entry->grantee &&
            (other->privileges & (entry->privileges | entry->grantable)) != 0)
            return true;
    }
    return false;
}

static List
lost_entries(Arena *arena, const Acl *base, const Acl *acl)
{
    List lost = { 0 };

    for (size_t i = 0; i < base->count; i++) {
        AclEntry entry = base->entries[i];
        AclEntry left = acl_entry_of(acl, entry.grantee, entry.grantor);
        AclEntry *copy = NULL;

        entry.grantable &= ~left.grantable & left.privileges;
        entry.privileges &= ~left.privileges;
        if (entry.privileges == 0 && entry.grantable == 0)
            continue;
        copy = ARENA_NEW(arena, AclEntry);
        *copy = entry;
        list_add(arena, &lost, copy);
    }
    return lost;
}

static void
remove_at(List *list, size_t at)
{
    memmove(&list->items[at], &list->items[at + 1], (list->count - at - 1) * sizeof(void *));
    list->count--;
}

/* What the base has more than the final ACL; who passed a privilege on loses it after the others.
 */
List
acl_revoke_bundles(Arena *arena, const Acl *base, const Acl *acl, NameId owner, const List *causes)
{
    List lost = lost_entries(arena, base, acl);
    List bundles = { 0 };
    size_t last = 0;

    while (lost.count > 0) {
        size_t at = 0;
        const AclEntry *entry = NULL;

        while (at + 1 < lost.count && has_pending_dependent(&lost, lost.items[at], owner))
            at++;
        entry = lost.items[at];
        for (unsigned part = 0; part < 2; part++) {
            PrivilegeSet taken = part == 0 ? entry->privileges : entry->grantable;
            AclEntry cause = { .grantee = entry->grantee, .privileges = taken };
            AclBundle bundle = { .privileges = taken,
                                 .grant_option = part == 1,
                                 .as_role = entry->grantor == owner ? NAME_NONE : entry->grantor,
                                 .because = cause_of(causes, &cause, false) };

            if (taken != 0)
                last = add_to_bundles(arena, &bundles, last, &bundle, entry->grantee);
        }
        remove_at(&lost, at);
    }
    return bundles;
}
