/* The walk's order, its journal, and what of the journal becomes changes. */
#include <string.h>

#include "roles/change/precondition.h"
#include "roles/diff/diff.h"
#include "roles/diff/diff_context.h"

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

void
walk_add(Walk *walk, const Change *change)
{
    JournalItem *item = ARENA_NEW(walk->arena, JournalItem);

    item->change = *change;
    item->change.not_connectable = walk->from_outside;
    if (change->refusal == NULL && !walk_may(walk, &item->change, NULL))
        return;
    g_ptr_array_add(walk->journal, item);
}

static void
fill_default_acl(Walk *walk, const AclTarget *target, const AclEntry *entry,
                 DefaultAclChange *change)
{
    change->type = target->default_type;
    change->schema = target->schema;
    list_add(walk->arena, &change->creators, GUINT_TO_POINTER(target->owner));
    list_add(walk->arena, &change->grantees, GUINT_TO_POINTER(entry->grantee));
}

static void
fill_acl(Walk *walk, const AclTarget *target, const AclEntry *entry, bool is_revoke,
         AclChange *change)
{
    change->object_kind = target->object_kind;
    if (target->signature != NULL) {
        change->target = ACL_TARGET_FUNCTIONS;
        list_add(walk->arena, &change->functions, target->signature);
    }
    if (is_revoke && entry->grantor != target->owner)
        change->acting.role = entry->grantor;
    list_add(walk->arena, &change->grantees, GUINT_TO_POINTER(entry->grantee));
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

static void
fill_change(Walk *walk, const AclTarget *target, const AclEntry *entry, SourcePos because,
            ChangeKind kind, Change *change)
{
    bool is_revoke = kind == target->revoke_kind;
    bool grant_option = entry->grantable != 0;

    *change = (Change){
        .kind = kind,
        .declared_at = because,
        .database = target->database,
        .name = target->name,
        .not_connectable = walk->from_outside,
    };
    if (is_default(change))
        fill_default_acl(walk, target, entry, &change->default_acl);
    else
        fill_acl(walk, target, entry, is_revoke, &change->acl);
    set_privileges(change, entry->privileges | entry->grantable,
                   grant_option && !(is_revoke && entry->privileges != 0));
}

bool
walk_may_touch(Walk *walk, const AclTarget *target, const AclEntry *entry, SourcePos because,
               ChangeKind kind)
{
    Change change = { .kind = kind };

    if (walk->authority->is_superuser || target->causes != NULL)
        return true;
    fill_change(walk, target, entry, because, kind, &change);
    return walk_may(walk, &change,
                    &(AuthorityObject){ .acl = target->acl, .owner = target->owner });
}

void
walk_journal(Walk *walk, const AclTarget *target, const AclEntry *entry, SourcePos because,
             ChangeKind kind)
{
    JournalItem *item = ARENA_NEW(walk->arena, JournalItem);
    Change *change = &item->change;

    fill_change(walk, target, entry, because, kind, change);
    item->acl = target->acl;
    item->base = target->base;
    item->owner = target->owner;
    item->entry = *entry;
    item->is_revoke = kind == target->revoke_kind;
    /* walk_may_touch() has let it pass; this is for the reason of a refusal. */
    if (walk_may(walk, change, &(AuthorityObject){ .acl = target->acl, .owner = target->owner }))
        g_ptr_array_add(walk->journal, item);
}

/* What of a journaled grant still has to be given, with or without the grant option. */
static PrivilegeSet
remaining_grant(Walk *walk, JournalItem *item, bool grant_option)
{
    const AclEntry *entry = &item->entry;
    AclEntry final = acl_entry_of(item->acl, entry->grantee, entry->grantor);
    AclEntry had = acl_entry_of(item->base, entry->grantee, entry->grantor);
    AclEntry moved = { .grantee = entry->grantee, .grantor = entry->grantor };

    moved.privileges = entry->privileges & (grant_option ? final.grantable & ~had.grantable
                                                         : final.privileges & ~had.privileges);
    moved.grantable = grant_option ? moved.privileges : 0;
    acl_grant(walk->arena, item->base, &moved);
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

/* What the executor may do and what it may not are never one step. */
static bool
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
        add_items(arena, &into->grantees, &change->grantees);
    else if (lists_equal(&into->grantees, &change->grantees))
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
    if (lists_equal(&into->creators, &change->creators))
        add_items(arena, &into->grantees, &change->grantees);
    else if (lists_equal(&into->grantees, &change->grantees))
        add_items(arena, &into->creators, &change->creators);
    else
        return false;
    return true;
}

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
    list_add(arena, &groups->groups, change->membership.groups.items[0]);
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
        copy->default_acl.creators = list_duplicate(arena, &change->default_acl.creators);
        copy->default_acl.grantees = list_duplicate(arena, &change->default_acl.grantees);
    } else {
        copy->acl.functions = list_duplicate(arena, &change->acl.functions);
        copy->acl.grantees = list_duplicate(arena, &change->acl.grantees);
    }
    return copy;
}

/*
 * Adds a change of privileges, to an earlier one where one statement can do both. Creators of
 * default privileges come one after the other, each with all fragments, so for those it looks back
 * further.
 */
static void
add_privilege_change(Walk *walk, List *changes, const Change *change)
{
    for (size_t back = changes->count; back > 0; back--) {
        Change *earlier = changes->items[back - 1];

        if (earlier->kind != change->kind || earlier->database != change->database)
            break;
        if (merge_privileges(walk->arena, earlier, change))
            return;
        if (!is_default(change))
            break;
    }
    list_add(walk->arena, changes, copy_change(walk->arena, change));
}

/*
 * A base moves along with what is emitted, so nothing is emitted twice. What was granted with the
 * grant option and has lost only that again on the way is granted without it.
 */
static void
add_privileges_of(Walk *walk, List *changes, JournalItem *item)
{
    Change change = item->change;
    bool grant_option = has_grant_option(&change);
    PrivilegeSet privileges = 0;

    if (walk->input->keep_preconditions)
        list_add(walk->arena, &change.preconditions,
                 precondition_of_acl(walk->arena, walk->names, item->base));
    if (item->is_revoke) {
        privileges = remaining_revoke(item);
        set_privileges(&change, privileges, grant_option);
        if (privileges != 0)
            add_privilege_change(walk, changes, &change);
        return;
    }
    if (grant_option) {
        privileges = remaining_grant(walk, item, true);
        set_privileges(&change, privileges, true);
        if (privileges != 0)
            add_privilege_change(walk, changes, &change);
    }
    privileges = remaining_grant(walk, item, false);
    set_privileges(&change, privileges, false);
    if (privileges != 0)
        add_privilege_change(walk, changes, &change);
}

/*
 * A revoke of the journal from `from` on, but first those of what its grantee has passed on: they
 * may come later where somebody got the privilege anew in between, and without them it would fail.
 */
static void
add_revoke_of(Walk *walk, List *changes, guint from, JournalItem *item)
{
    PrivilegeSet lost = item->entry.privileges | item->entry.grantable;
    bool passed_on = item->entry.grantee != item->owner &&
                     (acl_held_by(item->base, item->entry.grantee).grantable & lost) != 0;

    item->is_added = true;
    for (guint i = from; passed_on && i < walk->journal->len; i++) {
        JournalItem *other = g_ptr_array_index(walk->journal, i);

        if (other->acl == item->acl && other->is_revoke && !other->is_added &&
            other->entry.grantor == item->entry.grantee && (other->entry.privileges & lost) != 0)
            add_revoke_of(walk, changes, from, other);
    }
    add_privileges_of(walk, changes, item);
}

void
walk_mark_objects(Walk *walk, StateDatabase *database)
{
    JournalItem *item = ARENA_NEW(walk->arena, JournalItem);

    item->objects_of = database;
    g_ptr_array_add(walk->journal, item);
}

static List
changes_of_journal(Walk *walk)
{
    List changes = { 0 };

    walk_object_changes(walk, NULL, &changes);

    for (guint i = 0; i < walk->journal->len; i++) {
        JournalItem *item = g_ptr_array_index(walk->journal, i);
        Change *last = changes.count == 0 ? NULL : changes.items[changes.count - 1];

        if (item->objects_of != NULL)
            walk_object_changes(walk, item->objects_of, &changes);
        else if (item->is_revoke && !item->is_added)
            add_revoke_of(walk, &changes, i, item);
        else if (item->acl != NULL && !item->is_revoke)
            add_privileges_of(walk, &changes, item);
        else if (item->is_revoke)
            continue;
        else if (!change_has(&item->change, CHANGE_PAYLOAD_MEMBERSHIP) || last == NULL ||
                 !merge_memberships(walk->arena, last, &item->change))
            list_add(walk->arena, &changes, &item->change);
    }
    return changes;
}

NameId
walk_require_role(Walk *walk, const char *name, SourcePos because, const char *purpose)
{
    NameId id = names_intern(walk->names, name);
    const Leaver *leaver = walk_leaver(walk, id);

    if (leaver != NULL && leaver->is_dropped && !source_pos_is_policy(because)) {
        findings_add(walk->input->notes, &FINDING_ROLE_STILL_REFERENCED, because,
                     "name another role, or leave --prune out",
                     "%s: role \"%s\" has left and would be dropped", purpose, name);
        return NAME_NONE;
    }
    if (access_state_role(walk->state, id) != NULL && (leaver == NULL || !leaver->is_dropped))
        return id;
    if (source_pos_is_policy(because) &&
        g_hash_table_contains(walk->left_out_roles, GUINT_TO_POINTER(id)))
        return NAME_NONE;
    if (source_pos_is_policy(because))
        findings_add(walk->input->notes, &FINDING_POLICY_ROLE_SKIPPED, because, NULL,
                     "%s is left out: role \"%s\" is neither declared nor on the server", purpose,
                     name);
    else if (g_hash_table_contains(walk->left_out_roles, GUINT_TO_POINTER(id)))
        findings_add(walk->input->notes, &FINDING_INSUFFICIENT_PRIVILEGE, because,
                     "Let a superuser apply the inventory once.",
                     "%s: the executor may not create the policy's role \"%s\"", purpose, name);
    else
        findings_add(walk->input->notes, &FINDING_ROLE_NOT_FOUND, because,
                     "declare it in pg_users, or create it on the server",
                     "%s: role \"%s\" is neither declared nor on the server", purpose, name);
    return NAME_NONE;
}

NameId
walk_policy_role(Walk *walk, const PolicyRole *role, const char *purpose)
{
    const char *name = policy_role_name(role, walk->users);

    return name == NULL ? NAME_NONE : walk_require_role(walk, name, role->pos, purpose);
}

bool
walk_policy_role_is_dbsu(const PolicyRole *role)
{
    return role->name == NULL && role->user == SYSTEM_USER_DBSU;
}

bool
walk_is_protected(const Walk *walk, NameId role)
{
    const StateRole *state_role = access_state_role(walk->state, role);

    return role == walk->state->executor || role == names_find(walk->names, walk->users->dbsu) ||
           role == walk->state->bootstrap_superuser ||
           (state_role != NULL && state_role->is_predefined);
}

/* dbsu when its role is a superuser, else whoever we are; what we make ourselves is dbsu's only
 * where its role can be taken. */
static void
choose_creator(Walk *walk)
{
    NameId dbsu = names_intern(walk->names, walk->users->dbsu);
    const StateRole *role = access_state_role(walk->state, dbsu);

    walk->default_creator =
        role != NULL && role->attributes[ROLE_ATTRIBUTE_SUPERUSER] ? dbsu : walk->state->executor;
    walk->creator = walk->authority->is_superuser ? walk->default_creator : walk->state->executor;
}

static void
walk_templates(Walk *walk)
{
    const char *const names[] = { "template1", "postgres" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        StateDatabase *database =
            access_state_database(walk->state, names_intern(walk->names, names[i]));

        if (database != NULL && database->content_known)
            walk_template(walk, database);
        else if (database != NULL && !database->allow_connections &&
                 walk->cluster->default_privileges.count > 0)
            findings_add(walk->input->notes, &FINDING_DATABASE_CLOSED, walk->policy_pos, NULL,
                         "database \"%s\" does not accept connections: its default privileges "
                         "cannot be planned",
                         names[i]);
    }
}

List
desired_changes(const DesiredInput *input)
{
    g_autoptr(GPtrArray) journal = g_ptr_array_new();
    g_autoptr(GHashTable) declared_roles = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) left_out_roles = g_hash_table_new(NULL, NULL);
    g_auto(Authority) authority = { 0 };
    g_autoptr(Preconditions) preconditions =
        input->keep_preconditions ? preconditions_new(input->state) : NULL;
    g_autoptr(GHashTable) leaver_index = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);
    const Instance *primary = input->cluster->primary;
    Walk walk = {
        .input = input,
        .arena = input->state->arena,
        .state = input->state,
        .names = input->state->names,
        .cluster = input->cluster,
        .users = &primary->users,
        .policy = primary->policy,
        .policy_pos = primary->policy->pos,
        .journal = journal,
        .declared_roles = declared_roles,
        .leaver_index = leaver_index,
        .told = told,
        .managed_marker = names_intern(input->state->names, "pgcharter_managed"),
        .disabled_marker = names_intern(input->state->names, "pgcharter_disabled"),
        .mode_pos =
            input->cluster->mode_pos.file != NULL ? input->cluster->mode_pos : input->cluster->pos,
        .authority = &authority,
        .left_out_roles = left_out_roles,
    };
    List changes;

    LIST_FOREACH (const RoleDecl, decl, &walk.cluster->roles) {
        if (!decl->absent)
            g_hash_table_insert(declared_roles,
                                GUINT_TO_POINTER(names_intern(walk.names, decl->name)),
                                (gpointer)decl);
    }
    authority_init(&authority, walk.state, names_intern(walk.names, walk.users->dbsu));
    choose_creator(&walk);
    walk_find_leavers(&walk);
    walk_roles(&walk);
    choose_creator(&walk);
    walk_memberships(&walk);
    walk_surplus(&walk);
    walk_declared_marks(&walk);
    walk_join_owners(&walk);
    walk_templates(&walk);
    walk_databases(&walk);
    walk_leaving_roles(&walk);
    changes = changes_of_journal(&walk);
    walk_tell_left_out(&walk);
    if (preconditions != NULL)
        preconditions_fill(preconditions, &changes);
    return changes;
}
