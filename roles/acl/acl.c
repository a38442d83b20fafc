/* The server's arithmetic on access control lists. */
#include "roles/acl/acl.h"

#include <string.h>

#define P(name) PRIVILEGE_BIT(PRIVILEGE_##name)

typedef struct ObjectKindRow {
    const char *keyword;
    PrivilegeSet owner;
    PrivilegeSet public;
} ObjectKindRow;

static const ObjectKindRow object_kind_rows[] = {
#define OBJECT_KIND(name, keyword, owner, public) [OBJECT_KIND_##name] = { keyword, owner, public },
#include "roles/acl/object_kind.def"
#undef OBJECT_KIND
};

static const ObjectKind object_kind_of_default_rows[] = {
    [DEFAULT_ACL_TABLES] = OBJECT_KIND_TABLE,
    [DEFAULT_ACL_SEQUENCES] = OBJECT_KIND_SEQUENCE,
    [DEFAULT_ACL_FUNCTIONS] = OBJECT_KIND_FUNCTION,
    [DEFAULT_ACL_TYPES] = OBJECT_KIND_TYPE,
    [DEFAULT_ACL_SCHEMAS] = OBJECT_KIND_SCHEMA,
    [DEFAULT_ACL_LARGE_OBJECTS] = OBJECT_KIND_LARGE_OBJECT,
};

_Static_assert(G_N_ELEMENTS(object_kind_of_default_rows) == DEFAULT_ACL_TYPE_COUNT,
               "an object kind for each type of default privilege");

const char *
object_kind_keyword(ObjectKind kind)
{
    return object_kind_rows[kind].keyword;
}

PrivilegeSet
object_kind_all(ObjectKind kind, int major_version)
{
    return privileges_of_version(object_kind_rows[kind].owner, major_version);
}

ObjectKind
object_kind_of_default(DefaultAclType type)
{
    return object_kind_of_default_rows[type];
}

/*
 * An ACL has at most one entry for a pair of grantee and grantor; acl.c aclupdate() merges, and so
 * does everything here.
 */
static AclEntry *
find_entry(const Acl *acl, NameId grantee, NameId grantor)
{
    for (size_t i = 0; i < acl->count; i++) {
        if (acl->entries[i].grantee == grantee && acl->entries[i].grantor == grantor)
            return &acl->entries[i];
    }
    return NULL;
}

/* The order of entries has no meaning to the server, so the last one fills the hole. */
static void
remove_entry(Acl *acl, AclEntry *entry)
{
    *entry = acl->entries[--acl->count];
}

/*
 * As aclupdate() in acl.c with ACL_MODECHG_ADD. Circular grant options (check_circularity()) cannot
 * arise here: the grantor is the owner wherever this program grants.
 */
void
acl_grant(Arena *arena, Acl *acl, const AclEntry *entry)
{
    AclEntry *existing = find_entry(acl, entry->grantee, entry->grantor);

    if (entry->privileges == 0)
        return;
    if (existing != NULL) {
        existing->privileges |= entry->privileges;
        existing->grantable |= entry->grantable;
        return;
    }
    if (acl->count == acl->capacity) {
        size_t capacity = acl->capacity == 0 ? 4 : acl->capacity * 2;
        AclEntry *entries = ARENA_NEW_ARRAY(arena, AclEntry, capacity);

        if (acl->count > 0)
            memcpy(entries, acl->entries, acl->count * sizeof(AclEntry));
        acl->entries = entries;
        acl->capacity = capacity;
    }
    acl->entries[acl->count++] = *entry;
}

/*
 * A grant option cannot outlive its privilege, so both go when the privilege goes. Entries that
 * depend on the grant option stay: what happens to those is decided in roles/diff/acl_edit.c, as
 * REVOKE without CASCADE fails on them.
 */
void
acl_revoke(Acl *acl, const AclEntry *entry)
{
    AclEntry *existing = find_entry(acl, entry->grantee, entry->grantor);

    if (existing == NULL)
        return;
    existing->privileges &= ~entry->privileges;
    existing->grantable &= ~(entry->grantable | entry->privileges);
    if (existing->privileges == 0)
        remove_entry(acl, existing);
}

/* False: the grantor has granted none of these privileges. */
static bool
find_granted(const Acl *acl, NameId grantor, PrivilegeSet privileges, AclEntry *ret_entry)
{
    for (size_t i = 0; i < acl->count; i++) {
        *ret_entry = acl->entries[i];
        ret_entry->privileges &= privileges;
        ret_entry->grantable &= privileges;
        if (ret_entry->grantor == grantor && ret_entry->privileges != 0)
            return true;
    }
    return false;
}

/*
 * REVOKE ... CASCADE, as acl.c recursive_revoke() does it: what was granted by an option goes with
 * the last entry that gives that option.
 */
void
acl_revoke_cascade(Acl *acl, const AclEntry *taken)
{
    PrivilegeSet lost =
        taken->privileges & acl_entry_of(acl, taken->grantee, taken->grantor).grantable;
    AclEntry next;

    acl_revoke(acl, taken);
    lost &= ~acl_held_by(acl, taken->grantee).grantable;
    while (find_granted(acl, taken->grantee, lost, &next))
        acl_revoke_cascade(acl, &next);
}

/*
 * acldefault() in acl.c: what a NULL in relacl, datacl and so on stands for. PUBLIC's part differs
 * by kind: CONNECT and TEMPORARY on databases, EXECUTE on functions, USAGE on languages and types,
 * nothing elsewhere.
 */
Acl
acl_default(Arena *arena, ObjectKind kind, NameId owner, int major_version)
{
    Acl acl = { 0 };
    PrivilegeSet all = object_kind_all(kind, major_version);

    acl_grant(arena, &acl,
              &(AclEntry){ .grantee = NAME_PUBLIC,
                           .grantor = owner,
                           .privileges = object_kind_rows[kind].public });
    acl_grant(arena, &acl, &(AclEntry){ .grantee = owner, .grantor = owner, .privileges = all });
    return acl;
}

Acl
acl_copy(Arena *arena, const Acl *acl)
{
    Acl copy = { .count = acl->count, .capacity = acl->count };

    if (acl->count > 0) {
        copy.entries = ARENA_NEW_ARRAY(arena, AclEntry, acl->count);
        memcpy(copy.entries, acl->entries, acl->count * sizeof(AclEntry));
    }
    return copy;
}

/*
 * acl.c aclnewowner(): the new owner takes the old one's place as grantee and as grantor, and
 * entries that become equal merge. Grants that others made stay as they are.
 */
void
acl_change_owner(Acl *acl, NameId old_owner, NameId new_owner)
{
    for (size_t i = 0; i < acl->count; i++) {
        if (acl->entries[i].grantee == old_owner)
            acl->entries[i].grantee = new_owner;
        if (acl->entries[i].grantor == old_owner)
            acl->entries[i].grantor = new_owner;
    }
    for (size_t i = 0; i < acl->count; i++) {
        for (size_t j = acl->count - 1; j > i; j--) {
            AclEntry *kept = &acl->entries[i];
            AclEntry *other = &acl->entries[j];

            if (kept->grantee == other->grantee && kept->grantor == other->grantor) {
                kept->privileges |= other->privileges;
                kept->grantable |= other->grantable;
                remove_entry(acl, other);
            }
        }
    }
}

/* Grants of default privileges only add up, as in aclmerge() that get_user_default_acl() uses. */
void
acl_merge(Arena *arena, Acl *acl, const Acl *other)
{
    for (size_t i = 0; i < other->count; i++)
        acl_grant(arena, acl, &other->entries[i]);
}

/*
 * Several grantors may have given the same privilege; the server asks only whether one of them did.
 */
AclEntry
acl_held_by(const Acl *acl, NameId grantee)
{
    AclEntry held = { .grantee = grantee };

    for (size_t i = 0; i < acl->count; i++) {
        if (acl->entries[i].grantee == grantee) {
            held.privileges |= acl->entries[i].privileges;
            held.grantable |= acl->entries[i].grantable;
        }
    }
    return held;
}

AclEntry
acl_entry_of(const Acl *acl, NameId grantee, NameId grantor)
{
    const AclEntry *entry = find_entry(acl, grantee, grantor);

    return entry != NULL ? *entry : (AclEntry){ .grantee = grantee, .grantor = grantor };
}

Acl
acl_of_grantees(Arena *arena, const Acl *acl, const NameIdVector *grantees)
{
    Acl some = { 0 };

    for (size_t i = 0; i < acl->count; i++) {
        if (name_id_vector_contains(grantees, acl->entries[i].grantee))
            acl_grant(arena, &some, &acl->entries[i]);
    }
    return some;
}

/* As sets: the server reorders entries when it rewrites an ACL. */
bool
acl_equal(const Acl *a, const Acl *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const AclEntry *entry = &a->entries[i];
        const AclEntry *other = find_entry(b, entry->grantee, entry->grantor);

        if (other == NULL || other->privileges != entry->privileges ||
            other->grantable != entry->grantable)
            return false;
    }
    return true;
}
