/* The journal, what of it becomes changes, and which changes one statement can do. */
#include "roles/diff/recorder.h"

#include <string.h>

#include "roles/change/precondition.h"
#include "roles/permission/authority.h"

typedef struct JournalItem {
    Change change;
    /* Not NULL: here the changes to the objects of that database stand. */
    StateDatabase *objects_of;
    /* Not NULL for privileges: the ACL as it is in the end, and as it would be without grants. */
    const Acl *acl;
    Acl *base;
    AclEntry entry;
    bool is_revoke;
    bool is_added; /* a revoke that had to come before another one */
    NameId owner;  /* whose grant options hang on nobody */
} JournalItem;

struct Recorder {
    AccessState *state;
    RecorderPreconditions preconditions;
    GPtrArray *journal; /* JournalItem */
    guint next;         /* of the journal, to emit */
};

Recorder *
recorder_new(AccessState *state, RecorderPreconditions preconditions)
{
    Recorder *recorder = g_new0(Recorder, 1);

    recorder->state = state;
    recorder->preconditions = preconditions;
    recorder->journal = g_ptr_array_new();
    return recorder;
}

void
recorder_free(Recorder *recorder)
{
    if (recorder == NULL)
        return;
    g_ptr_array_free(recorder->journal, TRUE);
    g_free(recorder);
}

/* A database of which nothing is known inside is one that nobody can enter. */
static bool
is_not_connectable(const Recorder *recorder, const Change *change)
{
    const StateDatabase *database = change->database == NAME_NONE
                                        ? NULL
                                        : access_state_database(recorder->state, change->database);

    return database != NULL && !database->content_known;
}

static JournalItem *
add_item(Recorder *recorder, const Change *change)
{
    JournalItem *item = ARENA_NEW(recorder->state->arena, JournalItem);

    item->change = *change;
    item->change.not_connectable = is_not_connectable(recorder, change);
    g_ptr_array_add(recorder->journal, item);
    return item;
}

void
recorder_add(Recorder *recorder, const Change *change)
{
    add_item(recorder, change);
}

/*
 * The entry is kept together with the change: when the journal is emitted, later items may have
 * undone a part of it, and only what remains becomes SQL.
 */
void
recorder_add_acl(Recorder *recorder, const AclTarget *target, const AclEntry *entry,
                 const Change *change)
{
    JournalItem *item = add_item(recorder, change);

    item->acl = target->acl;
    item->base = target->base;
    item->owner = target->owner;
    item->entry = *entry;
    item->is_revoke = change->kind == target->revoke_kind;
}

void
recorder_mark_objects(Recorder *recorder, StateDatabase *database)
{
    JournalItem *item = ARENA_NEW(recorder->state->arena, JournalItem);

    item->objects_of = database;
    g_ptr_array_add(recorder->journal, item);
}

static void
fill_default_acl(Arena *arena, const AclTarget *target, const AclEntry *entry,
                 DefaultAclChange *change)
{
    change->type = target->default_type;
    change->schema = target->schema;
    name_id_vector_add(arena, &change->creators, target->owner);
    name_id_vector_add(arena, &change->grantees, entry->grantee);
}

static void
fill_acl(Arena *arena, const AclTarget *target, const AclEntry *entry, bool is_revoke,
         AclChange *change)
{
    change->object_kind = target->object_kind;
    if (target->signature != NULL) {
        change->target = ACL_TARGET_FUNCTIONS;
        list_add(arena, &change->functions, target->signature);
    }
    if (is_revoke && entry->grantor != target->owner)
        change->acting.role = entry->grantor;
    name_id_vector_add(arena, &change->grantees, entry->grantee);
}

static bool
is_default(const Change *change)
{
    return change_has(change, CHANGE_PAYLOAD_DEFAULT_ACL);
}

/* Both payloads of privileges have them under other offsets. */
static void
set_privileges(Change *change, PrivilegeSet privileges, bool grant_option)
{
    if (is_default(change)) {
        change->default_acl.privileges = privileges;
        change->default_acl.grant_option = grant_option;
    } else {
        change_edit_acl(change)->privileges = privileges;
        change->acl.grant_option = grant_option;
    }
}

static bool
has_grant_option(const Change *change)
{
    return is_default(change) ? change->default_acl.grant_option : change_acl(change)->grant_option;
}

Change
acl_change(Arena *arena, const AclTarget *target, const AclEntry *entry, SourcePos declared_at,
           ChangeKind kind)
{
    bool is_revoke = kind == target->revoke_kind;
    bool grant_option = entry->grantable != 0;
    Change change = {
        .kind = kind,
        .declared_at = declared_at,
        .database = target->database,
        .name = target->name,
    };

    if (is_default(&change))
        fill_default_acl(arena, target, entry, &change.default_acl);
    else
        fill_acl(arena, target, entry, is_revoke, &change.acl);
    set_privileges(&change, entry->privileges | entry->grantable,
                   grant_option && !(is_revoke && entry->privileges != 0));
    return change;
}

/*
 * What of a journaled grant still has to be given, with or without the grant option. What the final
 * ACL has and the base does not have yet. A privilege granted and revoked again within one plan
 * produces no statement.
 */
static PrivilegeSet
remaining_grant(Recorder *recorder, JournalItem *item, bool grant_option)
{
    const AclEntry *entry = &item->entry;
    AclEntry final = acl_entry_of(item->acl, entry->grantee, entry->grantor);
    AclEntry had = acl_entry_of(item->base, entry->grantee, entry->grantor);
    AclEntry moved = { .grantee = entry->grantee, .grantor = entry->grantor };

    moved.privileges = entry->privileges & (grant_option ? final.grantable & ~had.grantable
                                                         : final.privileges & ~had.privileges);
    moved.grantable = grant_option ? moved.privileges : 0;
    acl_grant(recorder->state->arena, item->base, &moved);
    return moved.privileges;
}

static PrivilegeSet
remaining_revoke(JournalItem *item)
{
    const AclEntry *entry = &item->entry;
    AclEntry final = acl_entry_of(item->acl, entry->grantee, entry->grantor);
    AclEntry had = acl_entry_of(item->base, entry->grantee, entry->grantor);
    AclEntry moved = { .grantee = entry->grantee, .grantor = entry->grantor };

    if (has_grant_option(&item->change))
        moved.grantable = entry->grantable & had.grantable & ~final.grantable;
    else
        moved.privileges = entry->privileges & had.privileges & ~final.privileges;
    acl_revoke(item->base, &moved);
    return moved.privileges | moved.grantable;
}

/* Pointer equality is enough: signatures are interned by the state that they come from. */
static bool
lists_equal(const List *a, const List *b)
{
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof(void *)) == 0);
}

static bool
same_line(SourcePos a, SourcePos b)
{
    return g_strcmp0(a.file, b.file) == 0 && a.line == b.line;
}

bool
same_refusal(const Refusal *a, const Refusal *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a->lacks, b->lacks) == 0);
}

static void
add_items(Arena *arena, List *into, const List *items)
{
    for (size_t i = 0; i < items->count; i++)
        list_add(arena, into, items->items[i]);
}

/* What has to be equal in all changes that become one statement. */
static bool
same_head(const Change *a, const Change *b)
{
    return a->kind == b->kind && a->database == b->database && a->name == b->name &&
           same_refusal(a->refusal, b->refusal) && same_line(a->declared_at, b->declared_at);
}

/* One statement can name several grantees or several functions: two changes become one when they
 * differ in exactly one of these lists. */
static bool
merge_acl(Arena *arena, AclChange *into, const AclChange *change)
{
    if (into->target != change->target || into->object_kind != change->object_kind ||
        into->privileges != change->privileges || into->grant_option != change->grant_option ||
        into->acting.role != change->acting.role)
        return false;
    if (lists_equal(&into->functions, &change->functions))
        name_id_vector_add_all(arena, &into->grantees, &change->grantees);
    else if (name_id_vector_equal(&into->grantees, &change->grantees))
        add_items(arena, &into->functions, &change->functions);
    else
        return false;
    return true;
}

/* The same for grantees and creators. */
static bool
merge_default_acl(Arena *arena, DefaultAclChange *into, const DefaultAclChange *change)
{
    if (into->type != change->type || into->schema != change->schema ||
        into->privileges != change->privileges || into->grant_option != change->grant_option)
        return false;
    if (name_id_vector_equal(&into->creators, &change->creators))
        name_id_vector_add_all(arena, &into->grantees, &change->grantees);
    else if (name_id_vector_equal(&into->grantees, &change->grantees))
        name_id_vector_add_all(arena, &into->creators, &change->creators);
    else
        return false;
    return true;
}

/* Preconditions of both changes are kept, since both objects' ACLs have to be as they were. */
static bool
merge_privileges(Arena *arena, Change *into, const Change *change)
{
    bool merged = false;

    if (!same_head(into, change))
        return false;
    merged = is_default(change)
                 ? merge_default_acl(arena, change_edit_default_acl(into), &change->default_acl)
                 : merge_acl(arena, change_edit_acl(into), change_acl(change));
    if (merged)
        add_items(arena, &into->preconditions, &change->preconditions);
    return merged;
}

static bool
options_equal(const MembershipChange *a, const MembershipChange *b)
{
    for (unsigned i = 0; i < MEMBERSHIP_OPTION_COUNT; i++) {
        if (a->options[i].given != b->options[i].given ||
            a->options[i].value != b->options[i].value)
            return false;
    }
    return true;
}

/*
 * GRANT a, b TO c is one statement with one grantor and one set of options, so those have to be
 * equal.
 */
static bool
merge_memberships(Arena *arena, Change *into, const Change *change)
{
    MembershipChange *groups = NULL;

    if (!same_head(into, change))
        return false;
    groups = change_edit_membership(into);
    if (groups->grantor != change_membership(change)->grantor ||
        !options_equal(groups, change_membership(change)))
        return false;
    name_id_vector_add(arena, &groups->groups, change->membership.groups.items[0]);
    return true;
}

/* One journal item may give two changes: each merges others into lists of its own. */
static Change *
copy_change(Arena *arena, const Change *change)
{
    Change *copy = ARENA_NEW(arena, Change);

    *copy = *change;
    copy->preconditions = list_duplicate(arena, &change->preconditions);
    if (is_default(change)) {
        copy->default_acl.creators = name_id_vector_copy(arena, &change->default_acl.creators);
        copy->default_acl.grantees = name_id_vector_copy(arena, &change->default_acl.grantees);
    } else {
        copy->acl.functions = list_duplicate(arena, &change->acl.functions);
        copy->acl.grantees = name_id_vector_copy(arena, &change->acl.grantees);
    }
    return copy;
}

/*
 * Adds a change of privileges, to an earlier one where one statement can do both. Creators of
 * default privileges come one after the other, each with all fragments, so for those it looks back
 * further.
 */
static void
add_privilege_change(Recorder *recorder, List *changes, const Change *change)
{
    for (size_t back = changes->count; back > 0; back--) {
        Change *earlier = changes->items[back - 1];

        if (earlier->kind != change->kind || earlier->database != change->database)
            break;
        if (merge_privileges(recorder->state->arena, earlier, change))
            return;
        if (!is_default(change))
            break;
    }
    list_add(recorder->state->arena, changes, copy_change(recorder->state->arena, change));
}

/*
 * A base moves along with what is emitted, so nothing is emitted twice. What was granted with the
 * grant option and has lost only that again on the way is granted without it.
 */
static void
add_privileges_of(Recorder *recorder, List *changes, JournalItem *item)
{
    Change change = item->change;
    bool grant_option = has_grant_option(&change);
    PrivilegeSet privileges = 0;

    if (recorder->preconditions == RECORDER_WITH_PRECONDITIONS)
        list_add(recorder->state->arena, &change.preconditions,
                 precondition_of_acl(recorder->state->arena, recorder->state->names, item->base));
    if (item->is_revoke) {
        privileges = remaining_revoke(item);
        set_privileges(&change, privileges, grant_option);
        if (privileges != 0)
            add_privilege_change(recorder, changes, &change);
        return;
    }
    if (grant_option) {
        privileges = remaining_grant(recorder, item, true);
        set_privileges(&change, privileges, true);
        if (privileges != 0)
            add_privilege_change(recorder, changes, &change);
    }
    privileges = remaining_grant(recorder, item, false);
    set_privileges(&change, privileges, false);
    if (privileges != 0)
        add_privilege_change(recorder, changes, &change);
}

/*
 * A revoke of the journal from `from` on, but first those of what its grantee has passed on: they
 * may come later where somebody got the privilege anew in between, and without them it would fail.
 */
static void
add_revoke_of(Recorder *recorder, List *changes, guint from, JournalItem *item)
{
    PrivilegeSet lost = item->entry.privileges | item->entry.grantable;
    bool passed_on = item->entry.grantee != item->owner &&
                     (acl_held_by(item->base, item->entry.grantee).grantable & lost) != 0;

    item->is_added = true;
    for (guint i = from; passed_on && i < recorder->journal->len; i++) {
        JournalItem *other = g_ptr_array_index(recorder->journal, i);

        if (other->acl == item->acl && other->is_revoke && !other->is_added &&
            other->entry.grantor == item->entry.grantee && (other->entry.privileges & lost) != 0)
            add_revoke_of(recorder, changes, from, other);
    }
    add_privileges_of(recorder, changes, item);
}

/* Changes that wait for no second look: memberships may join the one before them. */
static void
add_plain(Recorder *recorder, List *changes, JournalItem *item)
{
    Change *last = changes->count == 0 ? NULL : changes->items[changes->count - 1];

    if (!change_has(&item->change, CHANGE_PAYLOAD_MEMBERSHIP) || last == NULL ||
        !merge_memberships(recorder->state->arena, last, &item->change))
        list_add(recorder->state->arena, changes, &item->change);
}

StateDatabase *
recorder_emit(Recorder *recorder, List *changes)
{
    while (recorder->next < recorder->journal->len) {
        guint at = recorder->next++;
        JournalItem *item = g_ptr_array_index(recorder->journal, at);

        if (item->objects_of != NULL)
            return item->objects_of;
        if (item->acl == NULL)
            add_plain(recorder, changes, item);
        else if (!item->is_revoke)
            add_privileges_of(recorder, changes, item);
        else if (!item->is_added)
            add_revoke_of(recorder, changes, at, item);
    }
    return NULL;
}
