/* Look-ups and the few places where the server derives one thing from another. */
#include "roles/state/access_state.h"

#include <math.h>
#include <string.h>

static const char *const attribute_keywords[] = {
    [ROLE_ATTRIBUTE_LOGIN] = "LOGIN",         [ROLE_ATTRIBUTE_SUPERUSER] = "SUPERUSER",
    [ROLE_ATTRIBUTE_CREATEDB] = "CREATEDB",   [ROLE_ATTRIBUTE_CREATEROLE] = "CREATEROLE",
    [ROLE_ATTRIBUTE_INHERIT] = "INHERIT",     [ROLE_ATTRIBUTE_REPLICATION] = "REPLICATION",
    [ROLE_ATTRIBUTE_BYPASSRLS] = "BYPASSRLS",
};

_Static_assert(G_N_ELEMENTS(attribute_keywords) == ROLE_ATTRIBUTE_COUNT,
               "a keyword for each attribute");

const char *
role_attribute_keyword(RoleAttribute attribute)
{
    return attribute_keywords[attribute];
}

/*
 * GLib's tables hold pointers into the arena and own nothing, so freeing the state does not visit
 * the entries.
 */
AccessState *
access_state_new(Arena *arena)
{
    AccessState *state = g_new0(AccessState, 1);

    state->arena = arena;
    state->names = names_new(arena);
    state->role_index = g_hash_table_new(NULL, NULL);
    state->membership_index = g_hash_table_new(g_int64_hash, g_int64_equal);
    state->setting_index = g_hash_table_new(g_int64_hash, g_int64_equal);
    state->column_index = g_hash_table_new(g_str_hash, g_str_equal);
    state->known_columns = g_hash_table_new(g_str_hash, g_str_equal);
    return state;
}

void
access_state_free(AccessState *state)
{
    if (state == NULL)
        return;
    names_free(state->names);
    g_clear_pointer(&state->closed_parameters, g_hash_table_destroy);
    LIST_FOREACH (StateDatabase, database, &state->databases) {
        g_hash_table_destroy(database->schema_index);
        g_hash_table_destroy(database->default_index);
    }
    g_hash_table_destroy(state->role_index);
    g_hash_table_destroy(state->membership_index);
    g_hash_table_destroy(state->setting_index);
    g_hash_table_destroy(state->column_index);
    g_hash_table_destroy(state->known_columns);
    g_free(state);
}

/*
 * The defaults are CREATE ROLE's: INHERIT, no connection limit, no expiry. Names that begin with
 * pg_ are reserved (catalog.c IsReservedName()), so such a role is one of the server's.
 */
StateRole *
access_state_add_role(AccessState *state, NameId name)
{
    StateRole *role = ARENA_NEW(state->arena, StateRole);

    role->name = name;
    role->connection_limit = -1;
    role->valid_until = (double)NAN;
    role->attributes[ROLE_ATTRIBUTE_INHERIT] = true;
    role->is_predefined = strncmp(names_text(state->names, name), "pg_", 3) == 0;
    list_add(state->arena, &state->roles, role);
    g_hash_table_insert(state->role_index, GUINT_TO_POINTER(name), role);
    return role;
}

StateRole *
access_state_role(const AccessState *state, NameId name)
{
    return g_hash_table_lookup(state->role_index, GUINT_TO_POINTER(name));
}

/*
 * Two 32-bit ids make one 64-bit key: look-ups by pair are the most frequent ones and need no text.
 */
static gint64
pair_key(NameId a, NameId b)
{
    return (gint64)(((guint64)a << 32) | b);
}

static List *
list_of_pair(const GHashTable *index, NameId a, NameId b)
{
    gint64 key = pair_key(a, b);

    return g_hash_table_lookup((GHashTable *)index, &key);
}

static List *
ensure_list_of_pair(Arena *arena, GHashTable *index, NameId a, NameId b)
{
    List *list = list_of_pair(index, a, b);
    gint64 *key = NULL;

    if (list != NULL)
        return list;
    key = ARENA_NEW(arena, gint64);
    *key = pair_key(a, b);
    list = ARENA_NEW(arena, List);
    g_hash_table_insert(index, key, list);
    return list;
}

/*
 * INHERIT and SET are on unless the server says otherwise; before 16 there is nothing on the row
 * that could switch them off.
 */
StateMembership *
access_state_add_membership(AccessState *state, NameId role, NameId member, NameId grantor)
{
    StateMembership *membership = ARENA_NEW(state->arena, StateMembership);
    List *rows = ensure_list_of_pair(state->arena, state->membership_index, role, member);

    *membership = (StateMembership){
        .role = role, .member = member, .grantor = grantor, .inherit = true, .set = true
    };
    list_add(state->arena, rows, membership);
    list_add(state->arena, &state->memberships, membership);
    return membership;
}

const List *
access_state_memberships_of(const AccessState *state, NameId role, NameId member)
{
    const List *rows = list_of_pair(state->membership_index, role, member);

    return rows != NULL && rows->count > 0 ? rows : NULL;
}

/* Keeps the order: plans are deterministic because lists keep the order of the catalog queries. */
static void
remove_item(List *list, const void *item)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i] == item) {
            memmove(&list->items[i], &list->items[i + 1], (list->count - i - 1) * sizeof(void *));
            list->count--;
            return;
        }
    }
}

void
access_state_remove_membership(AccessState *state, const StateMembership *membership)
{
    remove_item(list_of_pair(state->membership_index, membership->role, membership->member),
                membership);
    remove_item(&state->memberships, membership);
}

static guint
hash_default_acl(gconstpointer item)
{
    const StateDefaultAcl *row = item;

    return (row->creator * 31 + row->schema) * 31 + row->type;
}

static gboolean
default_acls_match(gconstpointer a, gconstpointer b)
{
    const StateDefaultAcl *left = a;
    const StateDefaultAcl *right = b;

    return left->creator == right->creator && left->schema == right->schema &&
           left->type == right->type;
}

/*
 * A database that is about to be created has the ACL that datacl NULL stands for; createdb() does
 * not copy the template's.
 */
StateDatabase *
access_state_add_database(AccessState *state, NameId name, NameId owner)
{
    StateDatabase *database = ARENA_NEW(state->arena, StateDatabase);

    database->name = name;
    database->owner = owner;
    database->connection_limit = -1;
    database->allow_connections = true;
    database->tablespace = "pg_default";
    database->acl = acl_default(state->arena, OBJECT_KIND_DATABASE, owner, state->major_version);
    database->base = acl_copy(state->arena, &database->acl);
    database->schema_index = g_hash_table_new(NULL, NULL);
    database->default_index = g_hash_table_new(hash_default_acl, default_acls_match);
    list_add(state->arena, &state->databases, database);
    return database;
}

/* A linear search: a cluster has few databases, and most callers hold one already. */
StateDatabase *
access_state_database(const AccessState *state, NameId name)
{
    LIST_FOREACH (StateDatabase, database, &state->databases) {
        if (database->name == name)
            return database;
    }
    return NULL;
}

/*
 * Names of parameters are case-insensitive (guc_name_compare() in guc.c), while pg_db_role_setting
 * keeps the spelling of SET.
 */
StateSetting *
access_state_setting(const AccessState *state, NameId role, NameId database, const char *name)
{
    const List *settings = list_of_pair(state->setting_index, role, database);

    for (size_t i = 0; settings != NULL && i < settings->count; i++) {
        StateSetting *setting = settings->items[i];

        if (g_ascii_strcasecmp(setting->name, name) == 0)
            return setting;
    }
    return NULL;
}

List
access_state_setting_names(const AccessState *state)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter iter;
    gpointer value = NULL;
    List names = { 0 };

    g_hash_table_iter_init(&iter, state->setting_index);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        LIST_FOREACH (const StateSetting, setting, (const List *)value) {
            if (g_hash_table_add(seen, (gpointer)setting->name))
                list_add(state->arena, &names, setting->name);
        }
    }
    list_sort_texts(&names);
    return names;
}

const List *
access_state_settings_of(const AccessState *state, NameId role, NameId database)
{
    const List *settings = list_of_pair(state->setting_index, role, database);

    return settings != NULL && settings->count > 0 ? settings : NULL;
}

/* NULL is RESET, which removes the entry of pg_db_role_setting. */
void
access_state_set_setting(AccessState *state, NameId role, NameId database, const char *name,
                         const char *value)
{
    StateSetting *setting = access_state_setting(state, role, database, name);

    if (value == NULL) {
        if (setting != NULL)
            remove_item(list_of_pair(state->setting_index, role, database), setting);
        return;
    }
    if (setting == NULL) {
        setting = ARENA_NEW(state->arena, StateSetting);
        *setting = (StateSetting){ .role = role, .database = database, .name = name };
        list_add(state->arena,
                 ensure_list_of_pair(state->arena, state->setting_index, role, database), setting);
    }
    setting->value = value;
}

StateSchema *
state_database_schema(const StateDatabase *database, NameId name)
{
    return g_hash_table_lookup(database->schema_index, GUINT_TO_POINTER(name));
}

/*
 * base is the ACL as it is on the server and acl the one that is wanted; both start equal, and
 * their difference becomes the plan.
 */
StateSchema *
state_database_add_schema(AccessState *state, StateDatabase *database, NameId name, NameId owner,
                          Acl acl)
{
    StateSchema *schema = ARENA_NEW(state->arena, StateSchema);

    schema->name = name;
    schema->owner = owner;
    schema->acl = acl;
    schema->base = acl_copy(state->arena, &acl);
    list_add(state->arena, &database->schemas, schema);
    g_hash_table_insert(database->schema_index, GUINT_TO_POINTER(name), schema);
    return schema;
}

void
state_database_remove_schema(StateDatabase *database, NameId name)
{
    remove_item(&database->schemas, state_database_schema(database, name));
}

static StateDefaultAcl *
find_default_acl(const StateDatabase *database, NameId creator, NameId schema, DefaultAclType type)
{
    const StateDefaultAcl key = { .creator = creator, .schema = schema, .type = type };

    return g_hash_table_lookup(database->default_index, &key);
}

static void
add_default_acl(AccessState *state, StateDatabase *database, StateDefaultAcl *row)
{
    list_add(state->arena, &database->default_acls, row);
    g_hash_table_add(database->default_index, row);
}

StateDefaultAcl *
state_database_default_acl(AccessState *state, StateDatabase *database, NameId creator,
                           NameId schema, DefaultAclType type)
{
    StateDefaultAcl *row = find_default_acl(database, creator, schema, type);

    if (row != NULL)
        return row;
    row = ARENA_NEW(state->arena, StateDefaultAcl);
    *row = (StateDefaultAcl){ .creator = creator, .schema = schema, .type = type };
    /* A global row replaces the built-in default and so starts from it; a schema's only adds. */
    if (schema == NAME_NONE)
        row->acl =
            acl_default(state->arena, object_kind_of_default(type), creator, state->major_version);
    row->base = acl_copy(state->arena, &row->acl);
    add_default_acl(state, database, row);
    return row;
}

StateFunction *
state_database_function(const StateDatabase *database, const char *signature)
{
    LIST_FOREACH (StateFunction, function, &database->functions) {
        if (strcmp(function->signature, signature) == 0)
            return function;
    }
    return NULL;
}

/*
 * get_user_default_acl() in aclchk.c: the global row, or the built-in default where there is none,
 * and on top of it the row of the schema.
 */
Acl
state_database_creation_acl(AccessState *state, StateDatabase *database, NameId creator,
                            NameId schema, DefaultAclType type)
{
    const StateDefaultAcl *global = find_default_acl(database, creator, NAME_NONE, type);
    const StateDefaultAcl *local =
        schema == NAME_NONE ? NULL : find_default_acl(database, creator, schema, type);
    Acl acl = global != NULL ? acl_copy(state->arena, &global->acl)
                             : acl_default(state->arena, object_kind_of_default(type), creator,
                                           state->major_version);

    if (local != NULL)
        acl_merge(state->arena, &acl, &local->acl);
    return acl;
}

/* The length of the table's name keeps "a" "bc" and "ab" "c" apart. */
char *
state_column_key(Arena *arena, NameId database, NameId schema, const char *table,
                 const char *column)
{
    return arena_printf(arena, "%u %u %zu %s%s", database, schema, strlen(table), table, column);
}

void
state_database_forget_objects(AccessState *state, StateDatabase *database)
{
    LIST_FOREACH (const StateColumn, column, &database->columns) {
        g_autoptr(Arena) scratch = arena_new();

        g_hash_table_remove(state->column_index,
                            state_column_key(scratch, database->name, column->table->schema,
                                             column->table->name, column->name));
    }
    database->columns = (List){ 0 };
    database->groups = (List){ 0 };
}

void
state_database_forget(AccessState *state, StateDatabase *database)
{
    state_database_forget_objects(state, database);
    database->content_known = false;
    database->schemas = (List){ 0 };
    database->default_acls = (List){ 0 };
    database->functions = (List){ 0 };
    g_hash_table_remove_all(database->schema_index);
    g_hash_table_remove_all(database->default_index);
}

/*
 * Made on demand: a state has columns only where they have an ACL of their own or a grant names
 * them.
 */
StateColumn *
state_database_column(AccessState *state, StateDatabase *database, const ObjectGroup *group,
                      const ObjectIdentity *table, const char *name)
{
    char *key = state_column_key(state->arena, database->name, table->schema, table->name, name);
    StateColumn *added = g_hash_table_lookup(state->column_index, key);

    if (added != NULL)
        return added;
    added = ARENA_NEW(state->arena, StateColumn);
    *added = (StateColumn){ .kind = group->kind,
                            .table = table,
                            .name = name,
                            .owner = group->owner,
                            .flags = group->flags };
    list_add(state->arena, &database->columns, added);
    g_hash_table_insert(state->column_index, key, added);
    return added;
}

/*
 * CREATE DATABASE copies the files of the template, so schemas, default privileges, functions,
 * objects and columns come along with their ACLs.
 */
void
state_database_copy_content(AccessState *state, StateDatabase *database,
                            const StateDatabase *template_database)
{
    database->content_known = template_database->content_known;
    LIST_FOREACH (const StateSchema, schema, &template_database->schemas)
        state_database_add_schema(state, database, schema->name, schema->owner,
                                  acl_copy(state->arena, &schema->acl))
            ->flags = schema->flags;
    LIST_FOREACH (const StateDefaultAcl, row, &template_database->default_acls) {
        StateDefaultAcl *copy = ARENA_NEW(state->arena, StateDefaultAcl);

        *copy = *row;
        copy->acl = acl_copy(state->arena, &row->acl);
        copy->base = acl_copy(state->arena, &row->acl);
        add_default_acl(state, database, copy);
    }
    LIST_FOREACH (const StateFunction, function, &template_database->functions) {
        StateFunction *copy = ARENA_NEW(state->arena, StateFunction);

        *copy = *function;
        copy->acl = acl_copy(state->arena, &function->acl);
        copy->base = acl_copy(state->arena, &function->acl);
        list_add(state->arena, &database->functions, copy);
    }
    LIST_FOREACH (const ObjectGroup, group, &template_database->groups) {
        /* The template may be made from another one in the same plan: names are where objects are.
         */
        NameId read_from =
            group->read_from != NAME_NONE ? group->read_from : template_database->name;

        list_add(state->arena, &database->groups,
                 object_group_copy(state->arena, group, read_from));
    }
    LIST_FOREACH (const StateColumn, column, &template_database->columns) {
        const ObjectGroup of = { .kind = column->kind,
                                 .owner = column->owner,
                                 .flags = column->flags };
        StateColumn *copy =
            state_database_column(state, database, &of, column->table, column->name);

        copy->acl = acl_copy(state->arena, &column->acl);
        copy->base = acl_copy(state->arena, &column->acl);
        copy->table_acl = column->table_acl;
    }
}

static void
settle_acl(Arena *arena, const Acl *acl, Acl *base, AclDeclarations *declared)
{
    *base = acl_copy(arena, acl);
    *declared = (AclDeclarations){ 0 };
}

static void
settle_group(AccessState *state, ObjectGroup *group)
{
    settle_acl(state->arena, &group->acl, &group->base, &group->declared);
    group->old_owner = group->owner;
    group->provenance = (List){ 0 };
}

static void
settle_database(AccessState *state, StateDatabase *database)
{
    settle_acl(state->arena, &database->acl, &database->base, &database->declared);
    LIST_FOREACH (StateSchema, schema, &database->schemas)
        settle_acl(state->arena, &schema->acl, &schema->base, &schema->declared);
    LIST_FOREACH (StateDefaultAcl, row, &database->default_acls)
        settle_acl(state->arena, &row->acl, &row->base, &row->declared);
    LIST_FOREACH (StateFunction, function, &database->functions)
        function->base = acl_copy(state->arena, &function->acl);
    LIST_FOREACH (ObjectGroup, group, &database->groups)
        settle_group(state, group);
    LIST_FOREACH (StateColumn, column, &database->columns) {
        settle_acl(state->arena, &column->acl, &column->base, &column->declared);
        column->provenance = (List){ 0 };
    }
}

void
access_state_settle(AccessState *state)
{
    LIST_FOREACH (StateDatabase, database, &state->databases)
        settle_database(state, database);
    LIST_FOREACH (ObjectGroup, group, &state->shared_groups)
        settle_group(state, group);
}
