/* Granting and revoking on one ACL of the state without removing access that must stay. */
#include "roles/diff/acl_edit.h"

/*
 * Remembers what is declared for the target. Later phases ask what is declared for a target:
 * undeclared privileges, contradictions, and default privileges that grants override.
 */
static void
remember_declared(Diff *diff, const AclTarget *target, const AclEntry *entry, bool absent,
                  SourcePos declared_at)
{
    AclDeclaration *declaration = NULL;

    if (target->declared == NULL)
        return;
    declaration = ARENA_NEW(diff->arena, AclDeclaration);
    *declaration = (AclDeclaration){
        .entry = *entry, .absent = absent, .ended = target->ended, .declared_at = declared_at
    };
    list_add(diff->arena, absent ? &target->declared->absent : &target->declared->present,
             declaration);
}

static Change
change_on(Diff *diff, const AclTarget *target, const AclEntry *entry, SourcePos declared_at,
          ChangeKind kind)
{
    return acl_change(diff->arena, target, entry, declared_for(declared_at, target->origin), kind);
}

static AuthorityObject
object_of(const AclTarget *target)
{
    return (AuthorityObject){ .acl = target->acl, .owner = target->owner };
}

/* Before the ACL moves. Where the difference is taken at the end, the gate is asked then. */
static bool
is_allowed(Diff *diff, const AclTarget *target, const AclEntry *entry, SourcePos declared_at,
           ChangeKind kind)
{
    const AuthorityObject object = object_of(target);
    Change change = { 0 };

    if (target->provenance != NULL || permission_gate_is_open(diff->gate))
        return true;
    change = change_on(diff, target, entry, declared_at, kind);
    return diff_allows(diff, &change, &object);
}

/* is_allowed() has let it pass; the gate is asked again for the reason of a refusal. */
static void
record_change(Diff *diff, const AclTarget *target, const AclEntry *entry, SourcePos declared_at,
              ChangeKind kind)
{
    const AuthorityObject object = object_of(target);
    Change change = change_on(diff, target, entry, declared_at, kind);

    if (diff_allows(diff, &change, &object))
        recorder_add_acl(diff->recorder, target, entry, &change);
}

/* Into the journal, or, where the difference is taken at the end, only why it came to be. */
static void
record(Diff *diff, const AclTarget *target, const AclEntry *entry, SourcePos declared_at,
       ChangeKind kind)
{
    AclDeclaration *reason = NULL;

    if (target->provenance == NULL) {
        record_change(diff, target, entry, declared_at, kind);
        return;
    }
    reason = ARENA_NEW(diff->arena, AclDeclaration);
    *reason = (AclDeclaration){ .entry = *entry,
                                .absent = kind == target->revoke_kind,
                                .declared_at = declared_at };
    list_add(diff->arena, target->provenance, reason);
}

/*
 * The grantor is always the owner, as select_best_grantor() in acl.c would choose for a superuser
 * or a member of the owner. Privileges that the grantee has from anybody count as held: granting
 * them a second time would only add an entry.
 */
static void
give(Diff *diff, const AclTarget *target, AclEntry entry, SourcePos declared_at)
{
    AclEntry held = acl_held_by(target->acl, entry.grantee);
    bool grant_option = entry.grantable != 0;
    PrivilegeSet missing = entry.privileges & ~(grant_option ? held.grantable : held.privileges);

    if (missing == 0)
        return;
    entry.grantor = target->owner;
    entry.privileges = missing;
    entry.grantable = grant_option ? missing : 0;
    if (!is_allowed(diff, target, &entry, declared_at, target->grant_kind))
        return;
    acl_grant(diff->arena, target->acl, &entry);
    record(diff, target, &entry, declared_at, target->grant_kind);
}

void
acl_edit_grant(Diff *diff, const AclTarget *target, AclEntry entry, SourcePos declared_at)
{
    remember_declared(diff, target, &entry, false, declared_at);
    give(diff, target, entry, declared_at);
}

/*
 * What the grantee has granted on would fall with its grant option (or make REVOKE fail without
 * CASCADE): whoever holds it gets it from the owner first, and only then it is taken from where it
 * came from. Whoever should not have it loses it for a reason of its own.
 */
static void
move_dependents(Diff *diff, const AclTarget *target, NameId grantor, PrivilegeSet lost,
                SourcePos declared_at)
{
    Acl before = acl_copy(diff->arena, target->acl);

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
            give(diff, target,
                 (AclEntry){ .grantee = moved.grantee,
                             .privileges = moved.privileges & ~moved.grantable },
                 declared_at);
        if (moved.grantable != 0)
            give(diff, target,
                 (AclEntry){ .grantee = moved.grantee,
                             .privileges = moved.grantable,
                             .grantable = moved.grantable },
                 declared_at);
        record(diff, target, &moved, declared_at, target->revoke_kind);
    }
}

/*
 * The grant options that the grantee has no more once the entry is taken. A grant option that comes
 * from a second grantor, too, survives the revoke, and so does what was granted by it. PUBLIC
 * cannot hold grant options, and the owner's are implicit.
 */
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
is_gone(const Diff *diff, NameId role)
{
    return role != NAME_PUBLIC && access_state_role(diff->state, role) == NULL;
}

/*
 * Whether the grantor has lost the grant options that it needs to take back what it granted: a
 * REVOKE looks at its own entries (acl.c select_best_grantor()), and the owner's REVOKE takes what
 * the owner granted. The base is looked at, too, as an option that goes later in the same plan is
 * still there when this entry is revoked.
 */
static bool
has_lost_options(const AclTarget *target, const AclEntry *entry)
{
    PrivilegeSet held = acl_held_by(target->acl, entry->grantor).grantable |
                        acl_held_by(target->base, entry->grantor).grantable;

    if (target->object_kind == OBJECT_KIND_COLUMN) {
        if (target->table_acl == NULL)
            return false;
        held |= acl_held_by(target->table_acl, entry->grantor).grantable;
    }
    return ((entry->privileges | entry->grantable) & ~held) != 0;
}

typedef struct Hindrance {
    const char *reason;
    const char *hint;
} Hindrance;

static const Hindrance hindrance_gone = {
    "one of the two roles no longer exists",
    "only a direct catalog change can remove it",
};
static const Hindrance hindrance_superuser = {
    "the grantor is now a superuser, and superusers revoke as the owner",
    "as the owner, REVOKE it from that role with CASCADE, or remove SUPERUSER from the role for one "
    "run",
};
static const Hindrance hindrance_lost_options = {
    "the grantor has no grant option any more",
    "as the owner, grant it to that role WITH GRANT OPTION again, then REVOKE it from that role with "
    "CASCADE",
};

/*
 * A privilege is revoked under its grantor. A superuser revokes as the owner, whoever it is, so
 * what it granted before it became one stays: REVOKE would succeed and change nothing. So does what
 * belongs to a role that no longer exists, of which the ACL has only the number, and what a role
 * granted that may not grant it any more.
 */
static const Hindrance *
hindrance_of(const Diff *diff, const AclTarget *target, const AclEntry *entry)
{
    const StateRole *grantor = access_state_role(diff->state, entry->grantor);

    if (is_gone(diff, entry->grantor) || is_gone(diff, entry->grantee))
        return &hindrance_gone;
    if (entry->grantor == target->owner)
        return NULL;
    if (grantor->attributes[ROLE_ATTRIBUTE_SUPERUSER])
        return &hindrance_superuser;
    return has_lost_options(target, entry) ? &hindrance_lost_options : NULL;
}

static bool
cannot_revoke(Diff *diff, const AclTarget *target, const AclEntry *entry, SourcePos declared_at)
{
    const Hindrance *hindrance = hindrance_of(diff, target, entry);
    const char *where = "";

    if (hindrance == NULL)
        return false;
    if (target->database != NAME_NONE)
        where = arena_printf(diff->arena, " in database \"%s\"",
                             names_text(diff->names, target->database));
    if (g_hash_table_add(diff->reported, arena_printf(diff->arena, "%u %u%s", entry->grantor,
                                                      entry->grantee, where)))
        findings_add(diff->notes, &FINDING_GRANTOR_CANNOT_REVOKE, declared_at, hindrance->hint,
                     "\"%s\" keeps privileges granted by \"%s\"%s: %s",
                     diff_grantee_text(diff, entry->grantee),
                     names_text(diff->names, entry->grantor), where, hindrance->reason);
    return true;
}

/* Whether that holds for the entry, or for what was granted on by it. */
static bool
cannot_be_taken(Diff *diff, const AclTarget *target, const AclEntry *taken, SourcePos declared_at)
{
    PrivilegeSet lost = options_lost(target, taken);

    if (cannot_revoke(diff, target, taken, declared_at))
        return true;
    for (size_t i = 0; i < target->acl->count; i++) {
        const AclEntry *other = &target->acl->entries[i];

        if (other->grantor == taken->grantee && (other->privileges & lost) != 0 &&
            cannot_revoke(diff, target, other, declared_at))
            return true;
    }
    return false;
}

/* Takes from exactly that entry, (grantee, grantor). */
static void
take(Diff *diff, const AclTarget *target, const AclEntry *taken, SourcePos declared_at)
{
    PrivilegeSet lost = options_lost(target, taken);

    if (!is_allowed(diff, target, taken, declared_at, target->revoke_kind) ||
        cannot_be_taken(diff, target, taken, declared_at))
        return;
    acl_revoke(target->acl, taken);
    if (lost != 0)
        move_dependents(diff, target, taken->grantee, lost, declared_at);
    record(diff, target, taken, declared_at, target->revoke_kind);
}

/*
 * From a copy: taking an entry may move others, and each entry of the original is to be looked at
 * once.
 */
void
acl_edit_take(Diff *diff, const AclTarget *target, AclEntry entry, SourcePos declared_at)
{
    Acl before = acl_copy(diff->arena, target->acl);

    for (size_t i = 0; i < before.count; i++) {
        AclEntry taken = entry;

        if (before.entries[i].grantee != entry.grantee)
            continue;
        taken.grantor = before.entries[i].grantor;
        taken.privileges &= before.entries[i].privileges;
        taken.grantable &= before.entries[i].grantable;
        if (taken.privileges == 0 && taken.grantable == 0)
            continue;
        take(diff, target, &taken, declared_at);
    }
}

void
acl_edit_revoke(Diff *diff, const AclTarget *target, AclEntry entry, SourcePos declared_at)
{
    remember_declared(diff, target, &entry, true, declared_at);
    acl_edit_take(diff, target, entry, declared_at);
}
