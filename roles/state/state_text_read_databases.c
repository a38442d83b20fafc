/* A state file read: the databases' own entries, and in which order all that hangs on them. */
#include "inventory/bind/value.h"
#include "roles/state/state_reader.h"

static const IntRange limit_range = { -2, G_MAXINT32 };

typedef struct DatabaseEntry {
    const char *name;
    const Node *owner;
    const Node *acl;
    OptBool allow_connections;
    OptBool is_template;
    OptInt connection_limit;
    const char *tablespace;
    OptText comment;
    StateContentNodes content;
    StateDatabase *database;
} DatabaseEntry;

#define DATABASE(member) offsetof(DatabaseEntry, member)
#define CONTENT(member)  offsetof(DatabaseEntry, content.member)

static const FieldDef database_fields[] = {
    { "name", state_field_name, DATABASE(name), FIELD_REQUIRED, NULL },
    { "owner", state_field_node, DATABASE(owner), 0, NULL },
    { "acl", state_field_node, DATABASE(acl), 0, NULL },
    { "allow_connections", field_bool, DATABASE(allow_connections), 0, NULL },
    { "is_template", field_bool, DATABASE(is_template), 0, NULL },
    { "connection_limit", field_int, DATABASE(connection_limit), 0, &limit_range },
    { "tablespace", state_field_name, DATABASE(tablespace), 0, NULL },
    { "comment", field_opt_text, DATABASE(comment), 0, NULL },
    { "like", state_field_node, CONTENT(like), 0, NULL },
    { "schemas", state_field_node, CONTENT(schemas), 0, NULL },
    { "default_privileges", state_field_node, CONTENT(default_privileges), 0, NULL },
    { "functions", state_field_node, CONTENT(functions), 0, NULL },
    { "objects", state_field_node, CONTENT(objects), 0, NULL },
    { "columns", state_field_node, CONTENT(columns), 0, NULL },
    { "column_acls", state_field_node, CONTENT(column_acls), 0, NULL },
    { 0 },
};

static bool
fill_database(StateReader *reader, const DatabaseEntry *entry, StateDatabase *database)
{
    if (entry->owner != NULL)
        database->owner = state_role_named(reader, "owner", entry->owner);
    if (database->owner == NAME_NONE)
        return false;
    if (entry->allow_connections.given)
        database->allow_connections = entry->allow_connections.value;
    if (entry->is_template.given)
        database->is_template = entry->is_template.value;
    if (entry->connection_limit.given)
        database->connection_limit = entry->connection_limit.value;
    if (entry->tablespace != NULL)
        database->tablespace = entry->tablespace;
    if (entry->comment.value != NULL)
        database->comment = entry->comment.value;
    if (entry->acl == NULL && entry->owner == NULL)
        return true;
    if (!state_read_acl(reader, entry->acl, OBJECT_KIND_DATABASE, database->owner,
                        &database->acl_text, &database->acl))
        return false;
    database->base = acl_copy(reader->state->arena, &database->acl);
    return true;
}

/* Without its content, which may be like that of a database that comes later. */
static bool
read_database(StateReader *reader, const Node *node, DatabaseEntry *ret_entry)
{
    AccessState *state = reader->state;
    const char *label = state_entry_label(reader, "database", node, "name");
    const char *outer = reader->binder->object;
    bool ok = false;
    NameId name = NAME_NONE;

    if (!bind_mapping(reader->binder, node, database_fields, UNKNOWN_KEYS_REFUSED, label,
                      ret_entry) ||
        !state_entry_is_new(reader,
                            arena_printf(reader->binder->arena, "database %s", ret_entry->name),
                            label, node))
        return false;
    name = names_intern(state->names, ret_entry->name);
    ret_entry->database = access_state_database(state, name);
    if (ret_entry->database == NULL)
        ret_entry->database = access_state_add_database(state, name, state->bootstrap_superuser);
    reader->binder->object = label;
    ok = fill_database(reader, ret_entry, ret_entry->database);
    reader->binder->object = outer;
    return ok;
}

static bool
read_content(StateReader *reader, const DatabaseEntry *entry)
{
    const char *outer = reader->binder->object;
    bool ok = false;

    reader->binder->object = arena_printf(reader->binder->arena, "database \"%s\"", entry->name);
    ok = state_read_content(reader, entry->database, &entry->content);
    reader->binder->object = outer;
    return ok;
}

/*
 * In the order in which the catalog reader reads: names get their numbers in it, and the numbers
 * decide the order of some lists of a plan.
 */
bool
state_read_databases(StateReader *reader, const Node *databases, const Node *settings,
                     const Node *shared_objects)
{
    const Node *list = state_list(reader, "databases", databases);
    DatabaseEntry *entries = ARENA_NEW_ARRAY(reader->binder->arena, DatabaseEntry, list->count + 1);
    bool ok = databases == NULL || list == databases;

    for (size_t i = 0; i < list->count; i++)
        ok = read_database(reader, list->items[i], &entries[i]) && ok;
    if (!ok)
        return false;
    ok = state_read_list(reader, "settings", settings, state_read_setting);
    ok = state_read_objects(reader, NULL, shared_objects, &reader->state->shared_groups) && ok;
    for (size_t i = 0; i < list->count; i++)
        ok = read_content(reader, &entries[i]) && ok;
    return ok;
}
