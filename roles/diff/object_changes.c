/*
 * What differs in objects becomes changes: one for all objects, of however many groups, that the
 * same privileges are granted on to the same roles, since an ACL is written anew for each statement
 * that names the object.
 */
#include "roles/diff/object_changes.h"

#include <string.h>

#include "inventory/sql/sql_fragment.h"
#include "roles/acl/acl_batch.h"
#include "roles/change/precondition.h"

/* Upper bound on owner changes in one transaction: each takes locks on all parts of the object. */
#define OWNERS_PER_TRANSACTION 200

typedef struct Emission {
    Diff *diff;
    const StateDatabase *database; /* NULL: what belongs to no database */
    List *changes;
    GHashTable *by_key; /* text -> Change that may take more objects */
    GHashTable *places; /* Change -> its place in changes, from 1 */
    size_t last_place;  /* of the changes of the group at hand: they have an order */
} Emission;

/* What no provenance explains follows from the policy as a whole. */
static SourcePos
place_of(const Emission *emission, SourcePos declared_at)
{
    return declared_at.file != NULL || declared_at.origin == ORIGIN_NOBODY
               ? declared_at
               : emission->diff->context->policy_pos;
}

/*
 * The text of everything that has to be equal for two ACL changes to be one statement. Lengths
 * precede the column names, since any character may occur in one.
 */
static char *
batch_key(const AclBatch *batch, ChangeKind kind, GrantKind object, const List *columns)
{
    g_autoptr(GString) key = g_string_new(NULL);

    g_string_printf(key, "%d %s %u %d %u %s:%u %d", (int)kind, object_group_grant_keyword(object),
                    batch->privileges, batch->grant_option, batch->as_role,
                    batch->declared_at.file != NULL ? batch->declared_at.file : "",
                    batch->declared_at.line, (int)batch->declared_at.origin);
    for (size_t i = 0; i < batch->grantees.count; i++)
        g_string_append_printf(key, " %u", batch->grantees.items[i]);
    LIST_FOREACH (const char, column, columns)
        g_string_append_printf(key, " %zu:%s", strlen(column), column);
    return g_string_free(g_steal_pointer(&key), FALSE);
}

/*
 * The change that says so, a new one where the order of the group's own changes asks for it. Order
 * matters only within one group: an object's grants have to come after what they depend on. Across
 * groups a later object may join an earlier change freely.
 */
static Change *
change_of(Emission *emission, const AclBatch *batch, ChangeKind kind, GrantKind object,
          const List *columns, const Refusal *refusal)
{
    Arena *arena = emission->diff->arena;
    g_autofree char *plain_key = batch_key(batch, kind, object, columns);
    /* What the session role may do and what it may not are never one step. */
    g_autofree char *key = g_strconcat(plain_key, " ", refusal == NULL ? "" : refusal->lacks, NULL);
    Change *change = g_hash_table_lookup(emission->by_key, key);
    size_t place = GPOINTER_TO_SIZE(g_hash_table_lookup(emission->places, change));

    if (change == NULL || place < emission->last_place) {
        change = ARENA_NEW(arena, Change);
        *change = (Change){
            .kind = kind,
            .declared_at = place_of(emission, batch->declared_at),
            .database = emission->database != NULL ? emission->database->name : NAME_NONE,
            .refusal = refusal,
            .acl = { .target = ACL_TARGET_OBJECTS,
                     .object_kind = object_group_acl_kind(object),
                     .grant_kind = object,
                     .columns = *columns,
                     .grantees = batch->grantees,
                     .privileges = batch->privileges,
                     .grant_option = batch->grant_option,
                     .acting = { .role = batch->as_role } },
        };
        list_add(arena, emission->changes, change);
        place = emission->changes->count;
        g_hash_table_insert(emission->by_key, g_steal_pointer(&key), change);
        g_hash_table_insert(emission->places, change, GSIZE_TO_POINTER(place));
    }
    emission->last_place = place;
    return change;
}

/* What a saved plan rests on. */
static void
add_precondition(const Emission *emission, Change *change, const Acl *base)
{
    const Diff *diff = emission->diff;

    if (diff->context->input->keep_preconditions)
        list_add(diff->arena, &change->preconditions,
                 precondition_of_acl(diff->arena, diff->names, base));
}

/*
 * Whether the role sees into the schema while grants are made and nothing is taken yet. namespace.c
 * LookupExplicitNamespace() checks USAGE with the privileges of the current role, so REVOKE under
 * SET ROLE fails with "permission denied for schema" although the grantor may revoke.
 */
static bool
has_usage(const Emission *emission, NameId role, NameId schema_name)
{
    const PrivilegeSet usage = PRIVILEGE_BIT(PRIVILEGE_USAGE);
    const AccessState *state = emission->diff->state;
    const StateRole *state_role = access_state_role(state, role);
    const StateSchema *schema = state_database_schema(emission->database, schema_name);

    if (schema == NULL || schema->owner == role ||
        (state_role != NULL && state_role->attributes[ROLE_ATTRIBUTE_SUPERUSER]))
        return true;
    return ((acl_held_by(&schema->base, role).privileges |
             acl_held_by(&schema->base, NAME_PUBLIC).privileges |
             acl_held_by(&schema->acl, role).privileges) &
            usage) != 0;
}

static void
need_usage(const Emission *emission, ActingRole *acting, NameId schema)
{
    if (schema == NAME_NONE || has_usage(emission, acting->role, schema))
        return;
    name_id_vector_add_once(emission->diff->arena, &acting->schemas, schema);
}

/*
 * A grantor that revokes what it granted on names the object, and so has to see into its schema. A
 * routine is named with its argument types, so the schemas of those types have to be visible as
 * well.
 */
static void
need_usage_for(const Emission *emission, ActingRole *acting, const ObjectIdentity *identity)
{
    if (acting->role == NAME_NONE || emission->database == NULL)
        return;
    need_usage(emission, acting, identity->schema);
    LIST_FOREACH (const SqlTypeName, type, &identity->arguments)
        need_usage(emission, acting, names_find(emission->diff->names, type->schema));
}

/*
 * Whether the session role may do it, as whom is in the batch then; false: it is the policy's and
 * was skipped.
 */
static bool
may_emit(const Emission *emission, AclBatch *batch, ChangeKind kind, const AuthorityObject *object,
         const Refusal **ret_refusal)
{
    Change change = {
        .kind = kind,
        .declared_at = place_of(emission, batch->declared_at),
        .database = emission->database != NULL ? emission->database->name : NAME_NONE,
        .acl = { .target = ACL_TARGET_OBJECTS,
                 .privileges = batch->privileges,
                 .acting = { .role = batch->as_role } },
    };

    if (!diff_allows(emission->diff, &change, object))
        return false;
    *ret_refusal = change.refusal;
    batch->as_role = change.acl.acting.role;
    return true;
}

/*
 * Preconditions are those of the ACL that the server has now (base), not of the one that is to
 * come. Where no object of a group has a name that can be given back (text-encoding), nothing is
 * done.
 */
static void
emit_group(Emission *emission, ObjectGroup *group, const List *batches, ChangeKind kind)
{
    const List no_columns = { 0 };

    if (group->identities.count == 0)
        return;
    LIST_FOREACH (AclBatch, batch, batches) {
        const Refusal *refusal = NULL;
        const AuthorityObject object = { .acl = &group->base,
                                         .new_acl = &group->acl,
                                         .owner = group->owner };
        Change *change = NULL;

        if (!may_emit(emission, batch, kind, &object, &refusal)) {
            group->is_skipped = true;
            continue;
        }
        change = change_of(emission, batch, kind, group->kind, &no_columns, refusal);
        LIST_FOREACH (const ObjectIdentity, identity, &group->identities) {
            list_add(emission->diff->arena, &change_edit_acl(change)->identities, identity);
            need_usage_for(emission, &change->acl.acting, identity);
        }
        add_precondition(emission, change, &group->base);
    }
}

/*
 * Changing the owner rewrites the ACL (ATExecChangeOwner(), aclnewowner()), so it comes before all
 * grants of the group. More than a few hundred in one transaction could exhaust the lock table.
 */
static void
emit_owner(Emission *emission, ObjectGroup *group)
{
    Arena *arena = emission->diff->arena;
    bool in_batches = group->identities.count > OWNERS_PER_TRANSACTION;
    Change *change = NULL;

    LIST_FOREACH (const ObjectIdentity, identity, &group->identities) {
        if (change == NULL || change->object_owner.identities.count == OWNERS_PER_TRANSACTION) {
            change = ARENA_NEW(arena, Change);
            *change = (Change){
                .kind = emission->database == NULL ? CHANGE_SHARED_OWNER : CHANGE_OBJECT_OWNER,
                .declared_at = group->owner_declared_at,
                .database = emission->database != NULL ? emission->database->name : NAME_NONE,
                .object_owner = { .role = group->owner,
                                  .old_role = group->old_owner,
                                  .grant_kind = group->kind,
                                  .own_transaction = in_batches },
            };
            if (!diff_allows(emission->diff, change,
                             &(AuthorityObject){ .acl = &group->base,
                                                 .owner = group->old_owner,
                                                 .schema = group->schema })) {
                group->is_skipped = true;
                return;
            }
            if (emission->diff->context->input->keep_preconditions)
                list_add(arena, &change->preconditions,
                         arena_printf(arena, "OWNER \"%s\"",
                                      names_text(emission->diff->names, group->old_owner)));
            list_add(arena, emission->changes, change);
        }
        list_add(arena, &change_edit_object_owner(change)->identities, identity);
    }
}

/* ---- columns ---- */

/* Columns of one table that one statement can name. */
typedef struct ColumnBatch {
    const StateColumn *first;
    AclBatch batch;
    List columns; /* StateColumn */
    List names;   /* const char: theirs */
} ColumnBatch;

static bool
same_table(const StateColumn *a, const StateColumn *b)
{
    return a->table->schema == b->table->schema && strcmp(a->table->name, b->table->name) == 0;
}

/* Columns arrive sorted by table, so the search for a batch ends at the first other table. */
static void
gather_columns(Arena *arena, List *gathered, StateColumn *column, const List *batches)
{
    LIST_FOREACH (const AclBatch, batch, batches) {
        ColumnBatch *found = NULL;

        for (size_t i = gathered->count; i > 0 && found == NULL; i--) {
            ColumnBatch *known = gathered->items[i - 1];

            if (!same_table(known->first, column))
                break;
            if (known->batch.privileges == batch->privileges &&
                known->batch.grant_option == batch->grant_option &&
                known->batch.as_role == batch->as_role &&
                name_id_vector_equal(&known->batch.grantees, &batch->grantees))
                found = known;
        }
        if (found == NULL) {
            found = ARENA_NEW(arena, ColumnBatch);
            *found = (ColumnBatch){ .first = column, .batch = *batch };
            list_add(arena, gathered, found);
        }
        list_add(arena, &found->columns, column);
        list_add(arena, &found->names, column->name);
    }
}

static void
emit_columns(Emission *emission, const List *gathered, ChangeKind kind)
{
    LIST_FOREACH (ColumnBatch, found, gathered) {
        const Refusal *refusal = NULL;
        const AuthorityObject object = { .acl = &found->first->base,
                                         .new_acl = &found->first->acl,
                                         .table_acl = found->first->table_acl,
                                         .owner = found->first->owner };
        Change *change = NULL;

        if (!may_emit(emission, &found->batch, kind, &object, &refusal)) {
            LIST_FOREACH (StateColumn, column, &found->columns)
                column->is_skipped = true;
            continue;
        }
        change =
            change_of(emission, &found->batch, kind, found->first->kind, &found->names, refusal);
        list_add(emission->diff->arena, &change_edit_acl(change)->identities, found->first->table);
        need_usage_for(emission, &change->acl.acting, found->first->table);
        add_precondition(emission, change, &found->first->base);
    }
}

static int
compare_columns(const void *a, const void *b)
{
    const StateColumn *left = a;
    const StateColumn *right = b;
    int order = 0;

    if (left->table->schema != right->table->schema)
        return left->table->schema < right->table->schema ? -1 : 1;
    order = strcmp(left->table->name, right->table->name);
    return order != 0 ? order : strcmp(left->name, right->name);
}

/*
 * The base moves along: what a grant has given is no longer a difference when the revokes are
 * collected.
 */
static void
emit_column_grants(Emission *emission, const List *columns, ChangeKind kind)
{
    List gathered = { 0 };

    LIST_FOREACH (StateColumn, column, columns) {
        List batches = acl_grant_batches(emission->diff->arena, &column->base, &column->acl,
                                         &column->provenance, &column->declared.present);

        gather_columns(emission->diff->arena, &gathered, column, &batches);
        for (size_t i = 0; i < column->acl.count; i++)
            acl_grant(emission->diff->arena, &column->base, &column->acl.entries[i]);
    }
    emission->last_place = 0;
    emit_columns(emission, &gathered, kind);
}

static void
emit_column_revokes(Emission *emission, const List *columns)
{
    List gathered = { 0 };

    LIST_FOREACH (StateColumn, column, columns) {
        List batches = acl_revoke_batches(emission->diff->arena, &column->base, &column->acl,
                                          column->owner, &column->provenance);

        gather_columns(emission->diff->arena, &gathered, column, &batches);
    }
    emission->last_place = 0;
    emit_columns(emission, &gathered, CHANGE_REVOKE);
}

/* The column's ACL as it is once others than the owner have taken back what they granted. */
static Acl
without_others_grants(Arena *arena, const StateColumn *column)
{
    Acl acl = acl_copy(arena, &column->base);

    for (size_t i = 0; i < column->base.count; i++) {
        AclEntry gone = column->base.entries[i];
        const AclEntry kept = acl_entry_of(&column->acl, gone.grantee, gone.grantor);

        gone.privileges &= ~kept.privileges;
        gone.grantable &= ~kept.grantable;
        if (gone.grantor != column->owner && (gone.privileges != 0 || gone.grantable != 0))
            acl_revoke(&acl, &gone);
    }
    return acl;
}

/*
 * A grant on a column may rest on a grant option for the table, and the server does not know that
 * it does: recursive_revoke() looks at entries of the same ACL only. Once the table's option is
 * gone, its former holder cannot revoke any more, so this has to come before it goes.
 */
static void
emit_column_revokes_of_others(Emission *emission, const List *columns)
{
    Arena *arena = emission->diff->arena;
    List gathered = { 0 };

    LIST_FOREACH (StateColumn, column, columns) {
        const Acl without = without_others_grants(arena, column);
        List batches =
            acl_revoke_batches(arena, &column->base, &without, column->owner, &column->provenance);

        gather_columns(arena, &gathered, column, &batches);
        column->base = without;
    }
    emission->last_place = 0;
    emit_columns(emission, &gathered, CHANGE_REVOKE);
}

/* A table's REVOKE takes the same privilege, by the same grantor, from all its columns. */
static void
take_from_columns(const List *columns, const ObjectGroup *group)
{
    g_autoptr(GHashTable) names = NULL;

    LIST_FOREACH (StateColumn, column, columns) {
        if (column->table->schema != group->schema || column->kind != group->kind)
            continue;
        if (names == NULL) {
            names = g_hash_table_new(g_str_hash, g_str_equal);
            LIST_FOREACH (const ObjectIdentity, identity, &group->identities)
                g_hash_table_add(names, (gpointer)identity->name);
        }
        if (!g_hash_table_contains(names, column->table->name))
            continue;
        for (size_t i = 0; i < group->base.count; i++) {
            AclEntry entry = group->base.entries[i];
            AclEntry left = acl_entry_of(&group->acl, entry.grantee, entry.grantor);

            entry.grantable &= ~left.grantable;
            entry.privileges &= ~left.privileges;
            if (entry.privileges != 0 || entry.grantable != 0)
                acl_revoke(&column->base, &entry);
        }
    }
}

/* What of the grantor's grant options on the table goes, and no grant on the column replaces. */
static PrivilegeSet
options_lost(const ObjectGroup *table, const StateColumn *column, NameId grantor)
{
    return acl_held_by(&table->base, grantor).grantable &
           ~acl_held_by(&table->acl, grantor).grantable &
           ~acl_held_by(&column->acl, grantor).grantable;
}

/* Why the table's option goes is why the column's entry moves. */
static SourcePos
reason_of(const ObjectGroup *table, NameId grantor)
{
    for (size_t i = table->provenance.count; i > 0; i--) {
        const AclDeclaration *reason = table->provenance.items[i - 1];

        if (reason->absent && reason->entry.grantee == grantor)
            return reason->declared_at;
    }
    return (SourcePos){ .origin = ORIGIN_NOBODY };
}

/* As move_dependents() of acl_edit.c does it within one ACL. */
static void
move_to_owner(Diff *diff, const ObjectGroup *table, StateColumn *column)
{
    const Acl before = acl_copy(diff->arena, &column->acl);

    for (size_t i = 0; i < before.count; i++) {
        AclEntry moved = before.entries[i];
        const PrivilegeSet lost = options_lost(table, column, moved.grantor);
        AclDeclaration *reason = NULL;

        moved.privileges &= lost;
        moved.grantable &= lost;
        if (moved.grantor == column->owner || moved.privileges == 0)
            continue;
        reason = ARENA_NEW(diff->arena, AclDeclaration);
        acl_revoke(&column->acl, &moved);
        *reason =
            (AclDeclaration){ .entry = moved, .declared_at = reason_of(table, moved.grantor) };
        moved.grantor = column->owner;
        acl_grant(diff->arena, &column->acl, &moved);
        list_add(diff->arena, &column->provenance, reason);
    }
}

static bool
has_foreign_grantor(const StateColumn *column)
{
    for (size_t i = 0; i < column->acl.count; i++) {
        if (column->acl.entries[i].grantor != column->owner)
            return true;
    }
    return false;
}

static bool
holds_table(const ObjectGroup *group, const StateColumn *column)
{
    if (group->kind != column->kind || group->schema != column->table->schema || !group->is_named)
        return false;
    LIST_FOREACH (const ObjectIdentity, identity, &group->identities) {
        if (strcmp(identity->name, column->table->name) == 0)
            return true;
    }
    return false;
}

/* Whoever has a column by a grant option on the table that goes gets it from the owner first. */
static void
move_column_grants(Diff *diff, const List *groups, const List *columns)
{
    LIST_FOREACH (StateColumn, column, columns) {
        if (!has_foreign_grantor(column))
            continue;
        LIST_FOREACH (const ObjectGroup, group, groups) {
            if (!acl_equal(&group->acl, &group->base) && holds_table(group, column))
                move_to_owner(diff, group, column);
        }
    }
}

/* ---- all of it ---- */

static bool
differs(const ObjectGroup *group)
{
    return group->owner != group->old_owner || !acl_equal(&group->acl, &group->base);
}

static const List *
groups_of(const Diff *diff, const StateDatabase *database)
{
    return database != NULL ? &database->groups : &diff->state->shared_groups;
}

List
object_changes_unnamed(const Diff *diff, const StateDatabase *database)
{
    List unnamed = { 0 };

    LIST_FOREACH (const ObjectGroup, group, groups_of(diff, database)) {
        if (!group->is_named && differs(group))
            list_add(diff->arena, &unnamed, group);
    }
    return unnamed;
}

static void
emit_all(Emission *emission, const List *groups, List *columns)
{
    bool shared = emission->database == NULL;
    ChangeKind grant = shared ? CHANGE_SHARED_GRANT : CHANGE_GRANT;
    ChangeKind revoke = shared ? CHANGE_SHARED_REVOKE : CHANGE_REVOKE;

    LIST_FOREACH (ObjectGroup, group, groups) {
        if (group->owner != group->old_owner && !group->owner_follows)
            emit_owner(emission, group);
    }
    LIST_FOREACH (ObjectGroup, group, groups) {
        List batches = acl_grant_batches(emission->diff->arena, &group->base, &group->acl,
                                         &group->provenance, &group->declared.present);

        emission->last_place = 0;
        emit_group(emission, group, &batches, grant);
    }
    emit_column_grants(emission, columns, grant);
    emit_column_revokes_of_others(emission, columns);
    LIST_FOREACH (ObjectGroup, group, groups) {
        List batches = acl_revoke_batches(emission->diff->arena, &group->base, &group->acl,
                                          group->owner, &group->provenance);

        if (batches.count == 0)
            continue;
        emission->last_place = 0;
        emit_group(emission, group, &batches, revoke);
        take_from_columns(columns, group);
    }
    emit_column_grants(emission, columns, CHANGE_GRANT_AGAIN);
    emit_column_revokes(emission, columns);
}

void
object_changes_add(Diff *diff, StateDatabase *database, List *changes)
{
    g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) places = g_hash_table_new(NULL, NULL);
    Emission emission = {
        .diff = diff,
        .database = database,
        .changes = changes,
        .by_key = by_key,
        .places = places,
    };
    List none = { 0 };
    List *columns = database != NULL ? &database->columns : &none;

    /* Without a server there is nobody to ask for names. */
    if (object_changes_unnamed(diff, database).count > 0)
        return;
    list_sort(columns, compare_columns);
    move_column_grants(diff, groups_of(diff, database), columns);
    emit_all(&emission, groups_of(diff, database), columns);
}
