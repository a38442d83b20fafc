/* Granting and revoking on one ACL of the state, so that nobody loses what he should keep. */
#include "roles/desired_walk.h"

void
walk_wish(Walk *walk, const AclTarget *target, const AclEntry *entry, bool absent,
          SourcePos because)
{
    AclWish *wish = NULL;

    if (target->wishes == NULL)
        return;
    wish = ARENA_NEW(walk->arena, AclWish);
    *wish = (AclWish){ .entry = *entry, .absent = absent, .because = because };
    list_add(walk->arena, absent ? &target->wishes->absent : &target->wishes->present, wish);
}

/* Into the journal, or, where the difference is taken at the end, only why it came to be. */
static void
record(Walk *walk, const AclTarget *target, const AclEntry *entry, SourcePos because,
       ChangeKind kind)
{
    AclWish *cause = NULL;

    if (target->causes == NULL) {
        walk_journal(walk, target, entry, because, kind);
        return;
    }
    cause = ARENA_NEW(walk->arena, AclWish);
    *cause =
        (AclWish){ .entry = *entry, .absent = kind == target->revoke_kind, .because = because };
    list_add(walk->arena, target->causes, cause);
}

static void
give(Walk *walk, const AclTarget *target, AclEntry entry, SourcePos because)
{
    AclEntry held = acl_held_by(target->acl, entry.grantee);
    bool grant_option = entry.grantable != 0;
    PrivilegeSet missing = entry.privileges & ~(grant_option ? held.grantable : held.privileges);

    if (missing == 0)
        return;
    entry.grantor = target->owner;
    entry.privileges = missing;
    entry.grantable = grant_option ? missing : 0;
    if (!walk_may_touch(walk, target, &entry, because, target->grant_kind))
        return;
    acl_grant(walk->arena, target->acl, &entry);
    record(walk, target, &entry, because, target->grant_kind);
}

void
walk_grant(Walk *walk, const AclTarget *target, AclEntry entry, SourcePos because)
{
    walk_wish(walk, target, &entry, false, because);
    give(walk, target, entry, because);
}

/*
 * What the grantee has granted on would fall with its grant option (or make REVOKE fail without
 * CASCADE): whoever holds it gets it from the owner first, and only then it is taken from where it
 * came from. Whoever should not have it loses it for a reason of its own.
 */
static void
move_dependents(Walk *walk, const AclTarget *target, NameId grantor, PrivilegeSet lost,
                SourcePos because)
{
    Acl before = acl_copy(walk->arena, target->acl);

    for (size_t i = 0; i < before.count; i++) {
        AclEntry moved = before.entries[i];

        if (moved.grantor != grantor || moved.grantee == grantor)
            continue;
        moved.privileges &= lost;
        moved.grantable &= lost;
        if (moved.privileges == 0)
            continue;
        acl_revoke(target->acl, &moved);
        if ((moved.privileges & ~moved.grantable) != 0)
            give(walk, target,
                 (AclEntry){ .grantee = moved.grantee,
                             .privileges = moved.privileges & ~moved.grantable },
                 because);
        if (moved.grantable != 0)
            give(walk, target,
                 (AclEntry){ .grantee = moved.grantee,
                             .privileges = moved.grantable,
                             .grantable = moved.grantable },
                 because);
        record(walk, target, &moved, because, target->revoke_kind);
    }
}

/* Takes from exactly that entry, (grantee, grantor). */
static void
take(Walk *walk, const AclTarget *target, const AclEntry *taken, SourcePos because)
{
    PrivilegeSet lost = taken->privileges | taken->grantable;

    if (!walk_may_touch(walk, target, taken, because, target->revoke_kind))
        return;
    acl_revoke(target->acl, taken);
    lost &= ~acl_held_by(target->acl, taken->grantee).grantable;
    if (lost != 0 && taken->grantee != target->owner && taken->grantee != NAME_PUBLIC)
        move_dependents(walk, target, taken->grantee, lost, because);
    record(walk, target, taken, because, target->revoke_kind);
}

void
walk_take(Walk *walk, const AclTarget *target, AclEntry entry, SourcePos because)
{
    Acl before = acl_copy(walk->arena, target->acl);

    for (size_t i = 0; i < before.count; i++) {
        AclEntry taken = entry;

        if (before.entries[i].grantee != entry.grantee)
            continue;
        taken.grantor = before.entries[i].grantor;
        taken.privileges &= before.entries[i].privileges;
        taken.grantable &= before.entries[i].grantable;
        if (taken.privileges == 0 && taken.grantable == 0)
            continue;
        take(walk, target, &taken, because);
    }
}

void
walk_revoke(Walk *walk, const AclTarget *target, AclEntry entry, SourcePos because)
{
    walk_wish(walk, target, &entry, true, because);
    walk_take(walk, target, entry, because);
}
