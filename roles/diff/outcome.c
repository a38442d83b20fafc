/* From changes to the parts of the state that they touch. */
#include "roles/diff/outcome.h"

typedef struct Gathering {
    const AccessState *state;
    GHashTable *by_part;   /* a part of the state that has an ACL -> Outcome */
    GHashTable *group_of;  /* ObjectIdentity -> ObjectGroup */
    GHashTable *databases; /* those whose objects are in group_of */
    List outcomes;
} Gathering;

/* Another session may change what others have at any time; a change of owner moves two roles'. */
static void
add_grantees(Arena *arena, NameIdVector *grantees, const Change *change)
{
    const NameIdVector *named = NULL;

    if (change_has(change, CHANGE_PAYLOAD_OBJECT_OWNER)) {
        name_id_vector_add_once(arena, grantees, change_object_owner(change)->role);
        name_id_vector_add_once(arena, grantees, change_object_owner(change)->old_role);
        return;
    }
    named = change_has(change, CHANGE_PAYLOAD_ACL) ? &change_acl(change)->grantees
                                                   : &change_default_acl(change)->grantees;
    for (size_t i = 0; i < named->count; i++)
        name_id_vector_add_once(arena, grantees, named->items[i]);
}

/* `part` is whatever holds the ACL; `as` describes it the first time. */
static void
touch(Gathering *gathering, const void *part, const Acl *acl, const Outcome *as,
      const Change *change)
{
    Arena *arena = gathering->state->arena;
    Outcome *outcome = g_hash_table_lookup(gathering->by_part, part);

    if (outcome == NULL) {
        outcome = ARENA_NEW(arena, Outcome);
        *outcome = *as;
        outcome->acl = acl;
        g_hash_table_insert(gathering->by_part, (gpointer)part, outcome);
        list_add(arena, &gathering->outcomes, outcome);
    }
    list_add(arena, &outcome->changes, change);
    add_grantees(arena, &outcome->grantees, change);
}

static void
index_groups(const Gathering *gathering, const List *groups)
{
    if (!g_hash_table_add(gathering->databases, (gpointer)groups))
        return;
    LIST_FOREACH (ObjectGroup, group, groups) {
        LIST_FOREACH (const ObjectIdentity, identity, &group->identities)
            g_hash_table_insert(gathering->group_of, (gpointer)identity, group);
    }
}

static void
touch_objects(Gathering *gathering, const Change *change, const List *identities)
{
    const StateDatabase *database = access_state_database(gathering->state, change->database);
    const ObjectGroup *last = NULL;

    index_groups(gathering,
                 database == NULL ? &gathering->state->shared_groups : &database->groups);
    LIST_FOREACH (const ObjectIdentity, identity, identities) {
        const ObjectGroup *group = g_hash_table_lookup(gathering->group_of, identity);

        if (group == NULL || group == last || group->is_skipped)
            continue;
        touch(gathering, group, &group->acl,
              &(Outcome){ .target = OUTCOME_OBJECTS,
                          .kind = group->kind,
                          .schema = group->schema,
                          .identities = &group->identities },
              change);
        last = group;
    }
}

static const StateColumn *
find_column(const Gathering *gathering, NameId database, const ObjectIdentity *table,
            const char *name)
{
    const AccessState *state = gathering->state;
    const char *key = state_column_key(state->arena, database, table->schema, table->name, name);

    return g_hash_table_lookup(state->column_index, key);
}

static void
touch_columns(Gathering *gathering, const Change *change)
{
    const AclChange *payload = change_acl(change);

    LIST_FOREACH (const ObjectIdentity, table, &payload->identities) {
        LIST_FOREACH (const char, name, &payload->columns) {
            const StateColumn *column = find_column(gathering, change->database, table, name);
            List *tables = NULL;

            if (column == NULL || column->is_skipped)
                continue;
            tables = ARENA_NEW(gathering->state->arena, List);
            list_add(gathering->state->arena, tables, column->table);
            touch(gathering, column, &column->acl,
                  &(Outcome){ .target = OUTCOME_COLUMN,
                              .kind = column->kind,
                              .schema = column->table->schema,
                              .identities = tables,
                              .column = column->name },
                  change);
        }
    }
}

static void
touch_named(Gathering *gathering, const Change *change)
{
    const StateDatabase *database = access_state_database(gathering->state, change->database);
    const StateSchema *schema = NULL;

    if (database == NULL)
        return;
    if (change_acl(change)->object_kind == OBJECT_KIND_DATABASE) {
        touch(gathering, database, &database->acl,
              &(Outcome){ .target = OUTCOME_DATABASE, .name = database->name }, change);
        return;
    }
    schema = state_database_schema(database, change->name);
    if (schema != NULL)
        touch(gathering, schema, &schema->acl,
              &(Outcome){ .target = OUTCOME_SCHEMA, .name = schema->name }, change);
}

static void
touch_functions(Gathering *gathering, const Change *change)
{
    const StateDatabase *database = access_state_database(gathering->state, change->database);

    LIST_FOREACH (const char, signature, &change_acl(change)->functions) {
        const StateFunction *function =
            database == NULL ? NULL : state_database_function(database, signature);

        if (function != NULL)
            touch(gathering, function, &function->acl,
                  &(Outcome){ .target = OUTCOME_FUNCTION, .signature = signature }, change);
    }
}

static void
touch_acl(Gathering *gathering, const Change *change)
{
    const AclChange *payload = change_acl(change);

    if (payload->target == ACL_TARGET_NAMED)
        touch_named(gathering, change);
    else if (payload->target == ACL_TARGET_FUNCTIONS)
        touch_functions(gathering, change);
    else if (payload->columns.count > 0)
        touch_columns(gathering, change);
    else
        touch_objects(gathering, change, &payload->identities);
}

/* Rows are searched: a database has a few of them, and adding one here would not be right. */
static const StateDefaultAcl *
find_default(const StateDatabase *database, NameId creator, NameId schema, DefaultAclType type)
{
    LIST_FOREACH (const StateDefaultAcl, row, &database->default_acls) {
        if (row->creator == creator && row->schema == schema && row->type == type)
            return row;
    }
    return NULL;
}

static void
touch_defaults(Gathering *gathering, const Change *change)
{
    const DefaultAclChange *payload = change_default_acl(change);
    const StateDatabase *database = access_state_database(gathering->state, change->database);

    for (size_t i = 0; database != NULL && i < payload->creators.count; i++) {
        const StateDefaultAcl *row =
            find_default(database, payload->creators.items[i], payload->schema, payload->type);

        if (row != NULL)
            touch(gathering, row, &row->acl,
                  &(Outcome){ .target = OUTCOME_DEFAULT,
                              .name = row->creator,
                              .schema = row->schema,
                              .type = row->type },
                  change);
    }
}

List
outcomes_of_changes(const AccessState *state, const List *changes)
{
    g_autoptr(GHashTable) by_part = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) group_of = g_hash_table_new(NULL, NULL);
    g_autoptr(GHashTable) databases = g_hash_table_new(NULL, NULL);
    Gathering gathering = {
        .state = state,
        .by_part = by_part,
        .group_of = group_of,
        .databases = databases,
    };

    LIST_FOREACH (const Change, change, changes) {
        if (change->refusal != NULL)
            continue;
        if (change_has(change, CHANGE_PAYLOAD_ACL))
            touch_acl(&gathering, change);
        else if (change_has(change, CHANGE_PAYLOAD_DEFAULT_ACL))
            touch_defaults(&gathering, change);
        else if (change_has(change, CHANGE_PAYLOAD_OBJECT_OWNER))
            touch_objects(&gathering, change, &change_object_owner(change)->identities);
    }
    LIST_FOREACH (Outcome, outcome, &gathering.outcomes) {
        const Acl acl = acl_of_grantees(state->arena, outcome->acl, &outcome->grantees);

        outcome->access = acl_access(state->arena, state->names, &acl);
    }
    return gathering.outcomes;
}
