/* The difference of two ACLs, entry by entry. */
#include "roles/acl/acl_batch.h"

#include <string.h>

#include "roles/acl/object_group.h"

/* The last declaration wins, as it does when the declarations are applied one after the other. */
static SourcePos
reason_of(const List *provenance, const AclEntry *entry, bool is_grant)
{
    SourcePos none = { 0 };

    for (size_t i = provenance->count; i > 0; i--) {
        const AclDeclaration *reason = provenance->items[i - 1];

        if (reason->entry.grantee == entry->grantee && reason->absent != is_grant &&
            ((reason->entry.privileges | reason->entry.grantable) & entry->privileges) != 0)
            return reason->declared_at;
    }
    return none;
}

/*
 * Adds the grantee to the first equal batch from index `from` on, or to a new batch at the end.
 * Returns the index of the batch.
 */
static size_t
add_to_batch(Arena *arena, List *batches, size_t from, const AclBatch *wanted, NameId grantee)
{
    AclBatch *batch = NULL;
    size_t place = from;

    for (; place < batches->count && batch == NULL; place++) {
        AclBatch *known = batches->items[place];

        if (known->privileges == wanted->privileges &&
            known->grant_option == wanted->grant_option && known->as_role == wanted->as_role)
            batch = known;
    }
    if (batch == NULL) {
        batch = ARENA_NEW(arena, AclBatch);
        *batch = *wanted;
        list_add(arena, batches, batch);
        place = batches->count;
    }
    name_id_vector_add(arena, &batch->grantees, grantee);
    return place - 1;
}

List
acl_grant_batches(Arena *arena, const Acl *base, const Acl *acl, const List *provenance,
                  const List *declared)
{
    List batches = { 0 };

    for (size_t i = 0; i < acl->count; i++) {
        const AclEntry *entry = &acl->entries[i];
        AclEntry had = acl_entry_of(base, entry->grantee, entry->grantor);
        PrivilegeSet with_option = entry->grantable & ~had.grantable;
        PrivilegeSet without = entry->privileges & ~had.privileges & ~with_option;
        const PrivilegeSet parts[] = { without, with_option };

        for (unsigned part = 0; part < G_N_ELEMENTS(parts); part++) {
            AclEntry given = { .grantee = entry->grantee, .privileges = parts[part] };
            AclBatch batch = { .privileges = parts[part], .grant_option = part == 1 };

            if (parts[part] == 0)
                continue;
            batch.declared_at = reason_of(provenance, &given, true);
            if (batch.declared_at.file == NULL)
                batch.declared_at = reason_of(declared, &given, true);
            if (batch.declared_at.file == NULL)
                batch.declared_at = reason_of(provenance, &given, false);
            add_to_batch(arena, &batches, 0, &batch, entry->grantee);
        }
    }
    return batches;
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

/*
 * A grant option that goes together with its privilege is not listed a second time: REVOKE of the
 * privilege takes both.
 */
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

/*
 * What the base has more than the final ACL; who passed a privilege on loses it after the others.
 * acl.c recursive_revoke() runs for each statement, and without CASCADE it raises "dependent
 * privileges exist". The order found here makes CASCADE unnecessary, which would also remove grants
 * that are to stay.
 */
List
acl_revoke_batches(Arena *arena, const Acl *base, const Acl *acl, NameId owner,
                   const List *provenance)
{
    List lost = lost_entries(arena, base, acl);
    List batches = { 0 };
    size_t last = 0;

    while (lost.count > 0) {
        size_t at = 0;
        const AclEntry *entry = NULL;

        while (at + 1 < lost.count && has_pending_dependent(&lost, lost.items[at], owner))
            at++;
        entry = lost.items[at];
        for (unsigned part = 0; part < 2; part++) {
            PrivilegeSet taken = part == 0 ? entry->privileges : entry->grantable;
            AclEntry reason = { .grantee = entry->grantee, .privileges = taken };
            AclBatch batch = { .privileges = taken,
                               .grant_option = part == 1,
                               .as_role = entry->grantor == owner ? NAME_NONE : entry->grantor,
                               .declared_at = reason_of(provenance, &reason, false) };

            if (taken != 0)
                last = add_to_batch(arena, &batches, last, &batch, entry->grantee);
        }
        remove_at(&lost, at);
    }
    return batches;
}
