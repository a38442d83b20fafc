/* Objects found in the state by their names in SQL. */
#include "provisioner/plan/prune_after.h"

#include "provisioner/plan/object_text.h"
#include "roles/change/change.h"

struct PruneAfter {
    const AccessState *state;
    NameId database;
    GHashTable *groups;          /* key_of() -> ObjectGroup */
    GHashTable *dropped_schemas; /* NameId */
};

/* Kinds that GRANT calls the same share their names, too: tables and views are in pg_class. */
static char *
key_of(const Names *names, GrantKind kind, const ObjectIdentity *identity)
{
    g_autoptr(GString) key = g_string_new(object_group_grant_keyword(kind));

    g_string_append_c(key, ' ');
    object_append_sql(key, names, kind, identity);
    return g_string_free(g_steal_pointer(&key), FALSE);
}

/*
 * A group without names does not differ, or it would have been named. Where the policy's change was
 * skipped, the ACL in the state is not what the server will have.
 */
static void
index_groups(PruneAfter *after, const List *groups)
{
    LIST_FOREACH (ObjectGroup, group, groups) {
        if (!group->is_named || group->is_skipped)
            continue;
        LIST_FOREACH (const ObjectIdentity, identity, &group->identities)
            g_hash_table_insert(after->groups, key_of(after->state->names, group->kind, identity),
                                group);
    }
}

PruneAfter *
prune_after_new(const AccessState *state, NameId database, const List *changes)
{
    PruneAfter *after = g_new(PruneAfter, 1);
    const StateDatabase *content = access_state_database(state, database);

    *after = (PruneAfter){
        .state = state,
        .database = database,
        .groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .dropped_schemas = g_hash_table_new(NULL, NULL),
    };
    if (database == NAME_NONE)
        index_groups(after, &state->shared_groups);
    else if (content != NULL)
        index_groups(after, &content->groups);
    LIST_FOREACH (const Change, change, changes) {
        if (change->kind == CHANGE_SCHEMA_DROP && change->database == database)
            g_hash_table_add(after->dropped_schemas, GUINT_TO_POINTER(change->name));
    }
    return after;
}

void
prune_after_free(PruneAfter *after)
{
    g_hash_table_unref(after->groups);
    g_hash_table_unref(after->dropped_schemas);
    g_free(after);
}

static bool
is_dropped(const PruneAfter *after, NameId schema)
{
    return g_hash_table_contains(after->dropped_schemas, GUINT_TO_POINTER(schema));
}

static const ObjectGroup *
group_of(const PruneAfter *after, GrantKind kind, const ObjectIdentity *identity)
{
    g_autofree char *key = key_of(after->state->names, kind, identity);

    return g_hash_table_lookup(after->groups, key);
}

static void
move(const AccessState *state, PruneAcl *acl, NameId owner, const Acl *then)
{
    acl->owner = owner;
    acl->acl = acl_copy(state->arena, then);
}

/* A column that nobody read moves with its table all the same. */
static void
move_column(const PruneAfter *after, PruneAcl *acl)
{
    const AccessState *state = after->state;
    const char *key = state_column_key(state->arena, after->database, acl->identity.schema,
                                       acl->identity.name, acl->column);
    const StateColumn *column = g_hash_table_lookup(state->column_index, key);
    const ObjectGroup *table = NULL;

    if (column != NULL && !column->is_skipped) {
        move(state, acl, column->owner, &column->acl);
        return;
    }
    table = group_of(after, acl->kind, &acl->identity);
    if (table == NULL || table->owner == acl->owner)
        return;
    acl_change_owner(&acl->acl, acl->owner, table->owner);
    acl->owner = table->owner;
}

/* Databases and schemas are no groups. */
static bool
move_named(const PruneAfter *after, PruneAcl *acl)
{
    const AccessState *state = after->state;
    NameId name = names_find(state->names, acl->identity.name);
    const StateDatabase *database =
        access_state_database(state, acl->kind == GRANT_KIND_DATABASE ? name : after->database);
    const StateSchema *schema = NULL;

    if (database == NULL)
        return true;
    if (acl->kind == GRANT_KIND_DATABASE) {
        move(state, acl, database->owner, &database->acl);
        return true;
    }
    schema = state_database_schema(database, name);
    if (schema != NULL)
        move(state, acl, schema->owner, &schema->acl);
    return !is_dropped(after, name);
}

bool
prune_after_acl(const PruneAfter *after, PruneAcl *acl)
{
    const ObjectGroup *group = NULL;

    if (acl->kind == GRANT_KIND_DATABASE || acl->kind == GRANT_KIND_SCHEMA)
        return move_named(after, acl);
    if (is_dropped(after, acl->identity.schema))
        return false;
    if (acl->column != NULL) {
        move_column(after, acl);
        return true;
    }
    group = group_of(after, acl->kind, &acl->identity);
    if (group != NULL)
        move(after->state, acl, group->owner, &group->acl);
    return true;
}

NameId
prune_after_owner(const PruneAfter *after, const PruneRelation *relation)
{
    const ObjectIdentity identity = { .schema = relation->schema, .name = relation->name };
    const ObjectGroup *group = NULL;

    if (is_dropped(after, relation->schema))
        return NAME_NONE;
    group = group_of(after, relation->grant_kind, &identity);
    return group == NULL ? relation->role : group->owner;
}
