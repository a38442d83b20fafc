/* owners: objects and schemas get the owner that is declared, with what that does to their ACLs. */
#include "roles/diff/owners.h"

#include <string.h>

#include "roles/diff/missing.h"
#include "roles/diff/required_role.h"
#include "roles/diff/schema_edit.h"
#include "roles/state/schema_pattern.h"

typedef struct OwnerRun {
    Diff *diff;
    StateDatabase *database;
    const GrantDecl *decl;
    NameId owner;
    unsigned rank;
    bool *used;
    size_t matched;
} OwnerRun;

/*
 * Columns keep their ACLs in the table's owner's name, too. The tables of a group are named only
 * where an entry names some; one that does not means every table of that kind in the schema.
 */
static void
set_owner_of_columns(OwnerRun *work, const ObjectGroup *group, NameId old_owner)
{
    LIST_FOREACH (StateColumn, column, &work->database->columns) {
        bool inside = !group->is_named;

        if (column->owner != old_owner || column->table->schema != group->schema ||
            column->kind != group->kind)
            continue;
        LIST_FOREACH (const ObjectIdentity, identity, &group->identities)
            inside = inside || strcmp(identity->name, column->table->name) == 0;
        if (!inside)
            continue;
        acl_change_owner(&column->acl, old_owner, work->owner);
        acl_change_owner(&column->base, old_owner, work->owner);
        column->owner = work->owner;
    }
}

/* What the old owner's entries say is the new one's. */
static void
give_group(ObjectGroup *group, NameId owner)
{
    acl_change_owner(&group->acl, group->owner, owner);
    acl_change_owner(&group->base, group->owner, owner);
    group->owner = owner;
}

static bool
is_owned_by(const ObjectIdentity *identity, const void *data)
{
    GHashTable *names = (GHashTable *)data;

    return identity->owned_by != NULL &&
           (names == NULL || g_hash_table_contains(names, identity->owned_by));
}

/* NULL: every table of that kind in the schema. */
static GHashTable *
names_of(const ObjectGroup *tables)
{
    GHashTable *names = NULL;

    if (!tables->is_named)
        return NULL;
    names = g_hash_table_new(g_str_hash, g_str_equal);
    LIST_FOREACH (const ObjectIdentity, table, &tables->identities)
        g_hash_table_add(names, (gpointer)table->name);
    return names;
}

/*
 * ALTER TABLE OWNER takes the sequences of the table's columns along
 * (change_owner_recurse_to_sequences() in tablecmds.c), and what their ACLs say of the old owner
 * with them.
 */
static void
set_owner_of_sequences(OwnerRun *work, const ObjectGroup *tables, NameId old_owner)
{
    List *groups = &work->database->groups;
    g_autoptr(GHashTable) names = names_of(tables);

    LIST_FOREACH (ObjectGroup, group, groups) {
        ObjectGroup *owned = NULL;

        if (group->kind != GRANT_KIND_SEQUENCE || group->schema != tables->schema ||
            group->owner != old_owner || !group->is_named)
            continue;
        owned = object_group_split(work->diff->arena, groups, group, is_owned_by, names);
        if (owned == NULL)
            continue;
        give_group(owned, work->owner);
        owned->owner_follows = true;
    }
}

static bool
is_plain(const List *patterns, const char *(*text_of)(const void *pattern))
{
    LIST_FOREACH (const void, pattern, patterns) {
        if (!grant_pattern_is_plain(text_of(pattern)))
            return false;
    }
    return patterns->count > 0;
}

static const char *
schema_text(const void *pattern)
{
    return ((const GrantText *)pattern)->text;
}

static const char *
name_text(const void *pattern)
{
    return ((const GrantName *)pattern)->pattern;
}

/* A name counts more than a pattern, and that more than all objects; then the same of schemas; then
 * one kind more than several at once. */
static unsigned
owner_rank(const GrantDecl *decl)
{
    unsigned names = decl->names.count == 0 ? 0 : is_plain(&decl->names, name_text) ? 2 : 1;
    unsigned schemas = is_plain(&decl->schemas, schema_text) ? 1 : 0;
    unsigned kind = (grant_kind_info(decl->kind)->flags & GRANT_KIND_IS_UNION) == 0 ? 1 : 0;

    _Static_assert(OWNER_RANK_OF_A_SCHEMA == 0 * 4 + 1 * 2 + 1, "a schema named in full");
    return names * 4 + schemas * 2 + kind;
}

/* Another entry that is more special decides alone. */
static bool
gives_way(const OwnerRun *work, SourcePos other_at, unsigned other_rank)
{
    return other_at.file != NULL && !source_pos_is_policy(other_at) && other_rank > work->rank;
}

/*
 * Two entries that are equally special meet in one object: in every run each would take it from the
 * other, or what the server makes of the ACL would depend on which came first.
 */
static bool
conflicts(const OwnerRun *work, NameId other, SourcePos other_at)
{
    if (other == NAME_NONE || other == work->owner || other_at.file == NULL ||
        source_pos_is_policy(other_at))
        return false;
    findings_add(work->diff->notes, &FINDING_OWNER_CONFLICTING, work->decl->pos,
                 "remove one of the two entries, or add an \"except\"",
                 "owner of %s: declared as \"%s\", but as \"%s\" at %s:%u",
                 grant_describe(work->diff->arena, work->decl),
                 names_text(work->diff->names, work->owner), names_text(work->diff->names, other),
                 other_at.file, other_at.line);
    return true;
}

/* AlterForeignDataWrapperOwner_internal() in foreigncmds.c; nobody else is let off. */
static bool
may_not_own(const OwnerRun *work, const ObjectGroup *group)
{
    const StateRole *role = access_state_role(work->diff->state, work->owner);

    if (group->kind != GRANT_KIND_FDW || role == NULL || role->attributes[ROLE_ATTRIBUTE_SUPERUSER])
        return false;
    findings_add(work->diff->notes, &FINDING_OWNER_NOT_SUPERUSER, work->decl->pos,
                 "grant USAGE on the wrapper instead",
                 "owner of %s: \"%s\" is not a superuser, and only superusers may own wrappers",
                 grant_describe(work->diff->arena, work->decl),
                 names_text(work->diff->names, work->owner));
    return true;
}

static void
set_owner(OwnerRun *work, ObjectGroup *group)
{
    NameId old_owner = group->owner;

    work->matched++;
    if (gives_way(work, group->owner_declared_at, group->owner_rank) ||
        conflicts(work, old_owner, group->owner_declared_at) || may_not_own(work, group))
        return;
    group->owner_declared_at = work->decl->pos;
    group->owner_rank = work->rank;
    if (old_owner == work->owner)
        return;
    if ((grant_kind_info(group->kind)->flags & GRANT_KIND_HAS_COLUMNS) != 0)
        set_owner_of_columns(work, group, old_owner);
    if (group->kind == GRANT_KIND_TABLE)
        set_owner_of_sequences(work, group, old_owner);
    give_group(group, work->owner);
}

static bool
follows_its_table(const ObjectIdentity *identity, const void *data)
{
    (void)data;
    return identity->owned_by != NULL;
}

/*
 * An extension's members belong to whom it belongs to: its update scripts run as the owner, and a
 * dump knows of no other one.
 */
static bool
is_kept_member(OwnerRun *work, NameId owner, unsigned flags, size_t count)
{
    if ((flags & OBJECT_GROUP_IS_MEMBER) == 0)
        return false;
    work->matched++;
    if (owner != work->owner)
        findings_add(work->diff->notes, &FINDING_EXTENSION_MEMBER_OWNER, work->decl->pos, NULL,
                     count == 1 ? "owner of %s: %zu member of an extension keeps its owner"
                                : "owner of %s: %zu members of extensions keep their owner",
                     grant_describe(work->diff->arena, work->decl), count);
    return true;
}

static void
set_group_owners(OwnerRun *work, List *groups)
{
    Diff *diff = work->diff;
    const GrantDecl *decl = work->decl;

    LIST_FOREACH (ObjectGroup, group, groups) {
        if (!object_kind_covers(decl->kind, group->kind) ||
            (group->schema != NAME_NONE &&
             !schema_matches_patterns(&decl->schemas, names_text(diff->names, group->schema))))
            continue;
        if (object_group_select(diff->arena, groups, group, decl, work->used) != group ||
            is_kept_member(work, group->owner, group->flags, group->count))
            continue;
        if (group->kind == GRANT_KIND_SEQUENCE && group->owner != work->owner &&
            object_group_split(diff->arena, groups, group, follows_its_table, NULL) == group) {
            findings_add(
                diff->notes, &FINDING_SEQUENCE_FOLLOWS_TABLE, decl->pos,
                "set the owner of the table",
                group->count == 1
                    ? "owner of %s: %zu sequence is owned by a column and follows its table"
                    : "owner of %s: %zu sequences are owned by columns and follow their tables",
                grant_describe(diff->arena, decl), group->count);
            work->matched++;
            continue;
        }
        set_owner(work, group);
    }
}

static void
set_schema_owners(OwnerRun *work)
{
    LIST_FOREACH (StateSchema, schema, &work->database->schemas) {
        if (!schema_matches_patterns(&work->decl->schemas,
                                     names_text(work->diff->names, schema->name)))
            continue;
        if (is_kept_member(work, schema->owner, schema->flags, 1))
            continue;
        work->matched++;
        if (gives_way(work, schema->owner_declared_at, schema->owner_rank) ||
            conflicts(work, schema->declared_owner, schema->owner_declared_at))
            continue;
        schema->declared_owner = work->owner;
        schema->owner_declared_at = work->decl->pos;
        schema->owner_rank = work->rank;
        schema_edit_owner(work->diff, work->database, schema, work->owner, work->decl->pos);
    }
}

static void
apply_owner(Diff *diff, StateDatabase *database, const GrantDecl *decl)
{
    g_autofree char *purpose = g_strdup_printf("owner of %s", grant_describe(diff->arena, decl));
    OwnerRun work = {
        .diff = diff,
        .database = database,
        .decl = decl,
        .owner = required_role(diff, decl->owner, decl->owner_pos, purpose),
        .rank = owner_rank(decl),
        .used = ARENA_NEW_ARRAY(diff->arena, bool, decl->names.count + 1),
    };

    if (work.owner == NAME_NONE)
        return;
    if (decl->kind == GRANT_KIND_SCHEMA)
        set_schema_owners(&work);
    else if (decl->kind == GRANT_KIND_TABLESPACE)
        set_group_owners(&work, &diff->state->shared_groups);
    else
        set_group_owners(&work, &database->groups);
    report_missing(diff, database, decl, work.used, work.matched);
}

/* Tables first, as their sequences have their owner by then; then the more special ones. */
static int
compare_entries(const void *a, const void *b)
{
    const GrantDecl *one = a;
    const GrantDecl *other = b;
    bool one_tables = object_kind_covers(one->kind, GRANT_KIND_TABLE);
    bool other_tables = object_kind_covers(other->kind, GRANT_KIND_TABLE);

    if (one_tables != other_tables)
        return one_tables ? -1 : 1;
    if (owner_rank(one) != owner_rank(other))
        return owner_rank(one) > owner_rank(other) ? -1 : 1;
    return 0;
}

/*
 * In every mode: an entry of owners is explicit, unlike the owner of a schema, which additive mode
 * only notes.
 */
void
diff_owners(Diff *diff, const DatabaseWork *work)
{
    List entries = list_duplicate(diff->arena, &work->decl->owners);

    list_sort(&entries, compare_entries);
    LIST_FOREACH (const GrantDecl, decl, &entries)
        apply_owner(diff, work->database, decl);
}
