/* Granting and revoking on one ACL of the state, so that nobody loses what he should keep. */
#include "roles/diff/diff_context.h"

/* Remembers what is declared for the target. */
static void
remember_wish(Walk *walk, const AclTarget *target, const AclEntry *entry, bool absent,
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
    remember_wish(walk, target, &entry, false, because);
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

/* The grant options that the grantee has no more once the entry is taken. */
static PrivilegeSet
options_lost(const AclTarget *target, const AclEntry *taken)
{
    PrivilegeSet lost = taken->privileges | taken->grantable;

    if (taken->grantee == target->owner || taken->grantee == NAME_PUBLIC)
        return 0;
    for (size_t i = 0; i < target->acl->count; i++) {
        const AclEntry *other = &target->acl->entries[i];

        if (other->grantee == taken->grantee && other->grantor != taken->grantor)
            lost &= ~other->grantable;
    }
    return lost;
}

static bool
is_gone(const Walk *walk, NameId role)
{
    return role != NAME_PUBLIC && access_state_role(walk->state, role) == NULL;
}

/*
 * A privilege is revoked under its grantor. A superuser revokes as the owner, whoever it is, so
 * what it granted before it became one stays: REVOKE would succeed and change nothing. So does what
 * belongs to a role that is no more, of which the ACL has only the number.
 */
static bool
cannot_revoke(Walk *walk, const AclTarget *target, const AclEntry *entry, SourcePos because)
{
    const StateRole *grantor = access_state_role(walk->state, entry->grantor);
    bool gone = is_gone(walk, entry->grantor) || is_gone(walk, entry->grantee);
    const char *where = "";

    if (!gone &&
        (entry->grantor == target->owner || !grantor->attributes[ROLE_ATTRIBUTE_SUPERUSER]))
        return false;
    if (target->database != NAME_NONE)
        where = arena_printf(walk->arena, " in database \"%s\"",
                             names_text(walk->names, target->database));
    if (g_hash_table_add(walk->told, arena_printf(walk->arena, "%u %u%s", entry->grantor,
                                                  entry->grantee, where)))
        findings_add(
            walk->input->notes, &FINDING_GRANTOR_CANNOT_REVOKE, because,
            gone ? "only a change of the catalog itself can take it"
                 : "REVOKE it as the owner from that role, with CASCADE, or take SUPERUSER "
                   "from the role for one run",
            "\"%s\" keeps what \"%s\" granted it%s: %s",
            entry->grantee == NAME_PUBLIC ? "PUBLIC" : names_text(walk->names, entry->grantee),
            names_text(walk->names, entry->grantor), where,
            gone ? "one of them is a role no more"
                 : "that role is a superuser by now, and they revoke as the owner");
    return true;
}

/* Whether that holds for the entry, or for what was granted on by it. */
static bool
cannot_be_taken(Walk *walk, const AclTarget *target, const AclEntry *taken, SourcePos because)
{
    PrivilegeSet lost = options_lost(target, taken);

    if (cannot_revoke(walk, target, taken, because))
        return true;
    for (size_t i = 0; i < target->acl->count; i++) {
        const AclEntry *other = &target->acl->entries[i];

        if (other->grantor == taken->grantee && (other->privileges & lost) != 0 &&
            cannot_revoke(walk, target, other, because))
            return true;
    }
    return false;
}

/* Takes from exactly that entry, (grantee, grantor). */
static void
take(Walk *walk, const AclTarget *target, const AclEntry *taken, SourcePos because)
{
    PrivilegeSet lost = options_lost(target, taken);

    if (!walk_may_touch(walk, target, taken, because, target->revoke_kind) ||
        cannot_be_taken(walk, target, taken, because))
        return;
    acl_revoke(target->acl, taken);
    if (lost != 0)
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
    remember_wish(walk, target, &entry, true, because);
    walk_take(walk, target, entry, because);
}
