/* A state file read: what lies inside a database, and objects that are no database's. */
#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/findings.h"
#include "inventory/sql/sql_fragment.h"
#include "roles/findings.h"
#include "roles/state/state_reader.h"
#include "roles/state/state_words.h"

/* Of the database that is being read; database NULL: objects that belong to none. */
typedef struct ContentReader {
    StateReader *reader;
    StateDatabase *database;
} ContentReader;

static Binder *
binder_of(const ContentReader *content)
{
    return content->reader->binder;
}

static Arena *
arena_of(const ContentReader *content)
{
    return content->reader->state->arena;
}

/* An identity that no entry of another database or another kind has. */
static bool
is_new(ContentReader *content, const char *identity, const char *label, const Node *entry)
{
    NameId database = content->database == NULL ? NAME_NONE : content->database->name;

    return state_entry_is_new(content->reader,
                              arena_printf(arena_of(content), "in %u %s", database, identity),
                              label, entry);
}

/*
 * Names are resolved against the schemas of this database only: an unknown one is reported here,
 * with its place, and not later as a grant that matches nothing.
 */
static bool
schema_named(ContentReader *content, const Node *node, NameId *ret_schema)
{
    const Names *names = content->reader->state->names;
    const char *name = value_text(binder_of(content), "schema", node);

    *ret_schema = name == NULL ? NAME_NONE : names_find(names, name);
    if (name == NULL)
        return false;
    if (*ret_schema != NAME_NONE && state_database_schema(content->database, *ret_schema) != NULL)
        return true;
    findings_add(binder_of(content)->findings, &FINDING_STATE_NAME_UNKNOWN, node->pos, NULL,
                 "%s names schema \"%s\", which is not among the schemas of database \"%s\"",
                 value_label(binder_of(content), "schema"), name,
                 names_text(names, content->database->name));
    return false;
}

/* ---- schemas ---- */

typedef struct SchemaEntry {
    const char *name;
    const Node *owner;
    const Node *acl;
    const Node *flags;
} SchemaEntry;

static const FieldDef schema_fields[] = {
    { "name", state_field_name, offsetof(SchemaEntry, name), FIELD_REQUIRED, NULL },
    { "owner", state_field_node, offsetof(SchemaEntry, owner), FIELD_REQUIRED, NULL },
    { "acl", state_field_node, offsetof(SchemaEntry, acl), 0, NULL },
    { "flags", state_field_node, offsetof(SchemaEntry, flags), 0, NULL },
    { 0 },
};

/* An entry for a schema that initdb made replaces what was assumed of it. */
static bool
fill_schema(ContentReader *content, const SchemaEntry *entry)
{
    AccessState *state = content->reader->state;
    NameId name = names_intern(state->names, entry->name);
    NameId owner = state_role_named(content->reader, "owner", entry->owner);
    StateSchema *schema = state_database_schema(content->database, name);
    const char *text = NULL;
    Acl acl = { 0 };
    unsigned flags = 0;

    if (owner == NAME_NONE ||
        !state_read_acl(content->reader, entry->acl, OBJECT_KIND_SCHEMA, owner, &text, &acl) ||
        !state_read_flags(content->reader, entry->flags, &flags))
        return false;
    if (schema == NULL)
        schema = state_database_add_schema(state, content->database, name, owner, acl);
    schema->owner = owner;
    schema->flags = flags;
    schema->acl_text = text;
    schema->acl = acl;
    schema->base = acl_copy(state->arena, &acl);
    return true;
}

static bool
read_schema(ContentReader *content, const Node *node)
{
    const char *label = state_entry_label(content->reader, "schema", node, "name");
    const char *outer = binder_of(content)->object;
    SchemaEntry entry = { 0 };
    bool ok =
        bind_mapping(binder_of(content), node, schema_fields, UNKNOWN_KEYS_REFUSED, label,
                     &entry) &&
        is_new(content, arena_printf(arena_of(content), "schema %s", entry.name), label, node);

    binder_of(content)->object = label;
    ok = ok && fill_schema(content, &entry);
    binder_of(content)->object = outer;
    return ok;
}

/* ---- default privileges ---- */

typedef struct DefaultEntry {
    const Node *creator;
    const Node *schema;
    const Node *on;
    const Node *acl;
} DefaultEntry;

static const FieldDef default_fields[] = {
    { "creator", state_field_node, offsetof(DefaultEntry, creator), FIELD_REQUIRED, NULL },
    { "schema", state_field_node, offsetof(DefaultEntry, schema), 0, NULL },
    { "on", state_field_node, offsetof(DefaultEntry, on), FIELD_REQUIRED, NULL },
    { "acl", state_field_node, offsetof(DefaultEntry, acl), FIELD_REQUIRED, NULL },
    { 0 },
};

static bool
default_type(ContentReader *content, const Node *node, DefaultAclType *ret_type)
{
    const char *word = value_text(binder_of(content), "on", node);

    *ret_type = word == NULL ? DEFAULT_ACL_TYPE_COUNT : state_default_from_word(word);
    if (word != NULL && *ret_type == DEFAULT_ACL_TYPE_COUNT)
        findings_add(
            binder_of(content)->findings, &FINDING_VALUE_UNKNOWN, node->pos,
            "valid words are tables, sequences, functions, types, schemas and large_objects",
            "%s does not take \"%s\"", value_label(binder_of(content), "on"), word);
    return *ret_type != DEFAULT_ACL_TYPE_COUNT;
}

/*
 * The row starts from what ALTER DEFAULT PRIVILEGES would start from, and the ACL of the file
 * replaces that.
 */
static bool
read_default(ContentReader *content, const Node *node)
{
    AccessState *state = content->reader->state;
    const char *label = "an entry of default_privileges";
    DefaultEntry entry = { 0 };
    NameId creator = NAME_NONE;
    NameId schema = NAME_NONE;
    DefaultAclType type = DEFAULT_ACL_TYPE_COUNT;
    StateDefaultAcl *row = NULL;

    if (!bind_mapping(binder_of(content), node, default_fields, UNKNOWN_KEYS_REFUSED, label,
                      &entry) ||
        !default_type(content, entry.on, &type))
        return false;
    creator = state_role_named(content->reader, "creator", entry.creator);
    if (creator == NAME_NONE ||
        (entry.schema != NULL && !schema_named(content, entry.schema, &schema)) ||
        !is_new(content, arena_printf(arena_of(content), "default %u %u %u", creator, schema, type),
                label, node))
        return false;
    row = state_database_default_acl(state, content->database, creator, schema, type);
    if (!state_read_acl(content->reader, entry.acl, object_kind_of_default(type), creator,
                        &row->acl_text, &row->acl))
        return false;
    row->base = acl_copy(state->arena, &row->acl);
    return true;
}

/* ---- functions of pg_catalog ---- */

typedef struct FunctionEntry {
    const char *signature;
    const Node *owner;
    const Node *acl;
} FunctionEntry;

static const FieldDef function_fields[] = {
    { "signature", state_field_name, offsetof(FunctionEntry, signature), FIELD_REQUIRED, NULL },
    { "owner", state_field_node, offsetof(FunctionEntry, owner), FIELD_REQUIRED, NULL },
    { "acl", state_field_node, offsetof(FunctionEntry, acl), 0, NULL },
    { 0 },
};

/*
 * Functions of pg_catalog are listed only where the policy grants them; their signature is the text
 * that GRANT takes.
 */
static bool
read_function(ContentReader *content, const Node *node)
{
    AccessState *state = content->reader->state;
    const char *label = state_entry_label(content->reader, "function", node, "signature");
    FunctionEntry entry = { 0 };
    StateFunction *function = NULL;

    if (!bind_mapping(binder_of(content), node, function_fields, UNKNOWN_KEYS_REFUSED, label,
                      &entry) ||
        !is_new(content, arena_printf(arena_of(content), "function %s", entry.signature), label,
                node))
        return false;
    function = state_database_function(content->database, entry.signature);
    if (function == NULL) {
        function = ARENA_NEW(state->arena, StateFunction);
        function->signature = entry.signature;
        list_add(state->arena, &content->database->functions, function);
    }
    function->owner = state_role_named(content->reader, "owner", entry.owner);
    if (function->owner == NAME_NONE ||
        !state_read_acl(content->reader, entry.acl, OBJECT_KIND_FUNCTION, function->owner,
                        &function->acl_text, &function->acl))
        return false;
    function->base = acl_copy(state->arena, &function->acl);
    return true;
}

/* ---- objects ---- */

/* Of the same form as the ACL beside it; ret_text is NULL where there is no such key. */
static bool
read_extension_acl(ContentReader *content, const Node *node, ObjectKind kind, NameId owner,
                   const char **ret_text)
{
    Acl acl = { 0 };

    return node == NULL || state_read_acl(content->reader, node, kind, owner, ret_text, &acl);
}

typedef struct ObjectEntry {
    const Node *kind;
    const Node *schema;
    const Node *owner;
    const Node *acl;
    const Node *extension_acl;
    const Node *flags;
    const Node *names;
    const Node *owned_by;
} ObjectEntry;

#define OBJECT(member) offsetof(ObjectEntry, member)

static const FieldDef object_fields[] = {
    { "kind", state_field_node, OBJECT(kind), FIELD_REQUIRED, NULL },
    { "schema", state_field_node, OBJECT(schema), 0, NULL },
    { "owner", state_field_node, OBJECT(owner), FIELD_REQUIRED, NULL },
    { "acl", state_field_node, OBJECT(acl), 0, NULL },
    { "extension_acl", state_field_node, OBJECT(extension_acl), 0, NULL },
    { "flags", state_field_node, OBJECT(flags), 0, NULL },
    { "names", state_field_node, OBJECT(names), FIELD_REQUIRED, NULL },
    { "owned_by", state_field_node, OBJECT(owned_by), 0, NULL },
    { 0 },
};

static bool
tell(ContentReader *content, SourcePos pos, const char *hint, const char *message)
{
    findings_add(binder_of(content)->findings, &FINDING_STATE_VALUE_MALFORMED, pos, hint, "%s",
                 message);
    return false;
}

/*
 * Kinds that groups may have here: an object says which kind of a union it is, and databases and
 * schemas have lists of their own. Tablespaces and parameters are of the cluster and stand in
 * shared_objects; everything else is of a database.
 */
static bool
kind_is_allowed(const ContentReader *content, GrantKind kind)
{
    bool is_shared = kind == GRANT_KIND_TABLESPACE || kind == GRANT_KIND_PARAMETER;

    return kind < GRANT_KIND_COUNT && (grant_kind_info(kind)->flags & GRANT_KIND_IS_UNION) == 0 &&
           kind != GRANT_KIND_DATABASE && kind != GRANT_KIND_SCHEMA &&
           is_shared == (content->database == NULL);
}

static bool
read_kind(ContentReader *content, const Node *node, GrantKind *ret_kind)
{
    const char *word = value_text(binder_of(content), "kind", node);
    bool is_plural = false;

    *ret_kind = word == NULL ? GRANT_KIND_COUNT : grant_kind_from_word(word, &is_plural);
    if (word == NULL)
        return false;
    if (kind_is_allowed(content, *ret_kind) && !is_plural)
        return true;
    findings_add(
        binder_of(content)->findings, &FINDING_VALUE_UNKNOWN, node->pos,
        content->database == NULL
            ? "valid words are tablespace and parameter"
            : "valid words are table, view, matview, sequence, function, procedure, aggregate, "
              "type, domain, language, fdw, server and large_object",
        "%s does not take \"%s\"", value_label(binder_of(content), "kind"), word);
    return false;
}

/*
 * The byte after a routine's name, which ends at the first parenthesis outside quotes; NULL where
 * there is none. A quoted name may contain parentheses, so the search has to follow the quotes.
 */
static const char *
end_of_name(const char *text, GString *name)
{
    bool is_quoted = false;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"' && is_quoted && at[1] == '"')
            g_string_append_c(name, *++at);
        else if (*at == '"')
            is_quoted = !is_quoted;
        else if (*at == '(' && !is_quoted)
            return at;
        else
            g_string_append_c(name, *at);
    }
    return NULL;
}

/* A type that is written without a schema is one of pg_catalog's: a state has no search_path. */
static void
complete_types(ContentReader *content, List *types)
{
    for (size_t i = 0; i < types->count; i++) {
        SqlTypeName *type = types->items[i];

        if (type->schema == NULL)
            type->schema = arena_strdup(arena_of(content), "pg_catalog");
    }
}

/*
 * The arguments are those of the signature in pg_proc (input arguments), which is what makes
 * overloads distinct.
 */
static bool
read_routine(ContentReader *content, const Node *node, const char *text, ObjectIdentity *identity)
{
    g_autoptr(GString) name = g_string_new(NULL);
    const char *open = end_of_name(text, name);
    size_t length = strlen(text);
    SqlError error = { 0 };
    bool ok = open != NULL && text[length - 1] == ')' && name->len > 0;
    const char *types =
        ok ? arena_strndup(arena_of(content), open + 1, (size_t)(text + length - 1 - (open + 1)))
           : NULL;

    if (!ok || !sql_argument_types_parse(arena_of(content), types, &identity->arguments, &error))
        return tell(content, node->pos, "write it as in refresh(pg_catalog.int4, app.mood[])",
                    arena_printf(arena_of(content),
                                 "\"%s\" is not a routine with the types of its arguments", text));
    complete_types(content, &identity->arguments);
    identity->name = arena_strdup(arena_of(content), name->str);
    return true;
}

/*
 * Two entries with the same name are an error, as they are in the catalog:
 * pg_class_relname_nsp_index and pg_proc_proname_args_nsp_index are unique.
 */
static ObjectIdentity *
read_name(ContentReader *content, const ObjectGroup *group, const Node *node)
{
    bool is_routine = (grant_kind_info(group->kind)->flags & GRANT_KIND_IS_ROUTINE) != 0;
    const char *text = value_text(binder_of(content), "names", node);
    ObjectIdentity *identity = ARENA_NEW(arena_of(content), ObjectIdentity);
    const char *label = NULL;

    if (text == NULL)
        return NULL;
    identity->schema = group->schema;
    identity->name = text;
    if (is_routine && !read_routine(content, node, text, identity))
        return NULL;
    label =
        arena_printf(arena_of(content), "%s \"%s\"", grant_kind_info(group->kind)->singular, text);
    /* One namespace for all relations and one for all routines, as in pg_class and pg_proc. */
    return is_new(content,
                  arena_printf(arena_of(content), "object %u %u %s",
                               object_group_acl_kind(group->kind) == OBJECT_KIND_SEQUENCE
                                   ? OBJECT_KIND_TABLE
                                   : object_group_acl_kind(group->kind),
                               group->schema, text),
                  label, node)
               ? identity
               : NULL;
}

/*
 * An entry without names would describe nothing; whoever deleted the last name has to delete the
 * entry as well.
 */
static bool
read_names(ContentReader *content, const Node *node, ObjectGroup *group)
{
    const Node *list = state_list(content->reader, "names", node);
    bool ok = list == node;

    for (size_t i = 0; i < list->count; i++) {
        ObjectIdentity *identity = read_name(content, group, list->items[i]);

        if (identity != NULL)
            list_add(arena_of(content), &group->identities, identity);
        ok = ok && identity != NULL;
    }
    if (ok && group->identities.count == 0)
        return tell(content, node->pos, "remove the entry", "an entry of objects has no names");
    group->count = group->identities.count;
    group->is_named = true;
    return ok;
}

static bool
set_table_of(ContentReader *content, const NodeEntry *entry, ObjectGroup *group)
{
    Binder *binder = binder_of(content);
    const char *table = value_text(binder, "owned_by", entry->value);

    if (table == NULL)
        return false;
    for (size_t i = 0; group->kind == GRANT_KIND_SEQUENCE && i < group->identities.count; i++) {
        ObjectIdentity *identity = group->identities.items[i];

        if (strcmp(identity->name, entry->key->text) == 0) {
            identity->owned_by = table;
            return true;
        }
    }
    findings_add(binder->findings, &FINDING_STATE_NAME_UNKNOWN, entry->key->pos, NULL,
                 "%s holds \"%s\", which is not a sequence among the names of this entry",
                 value_label(binder, "owned_by"), entry->key->text);
    return false;
}

/* No table of fields: the keys are the names of sequences. */
static bool
read_owned_by(ContentReader *content, const Node *node, ObjectGroup *group)
{
    bool ok = true;

    if (node == NULL)
        return true;
    if (node->kind != NODE_MAPPING) {
        findings_add(binder_of(content)->findings, &FINDING_VALUE_TYPE_INVALID, node->pos, NULL,
                     "%s must be a mapping of sequences to their tables, found %s",
                     value_label(binder_of(content), "owned_by"), node_describe(node));
        return false;
    }
    for (size_t i = 0; i < node->count; i++)
        ok = set_table_of(content, &node->entries[i], group) && ok;
    return ok;
}

/* base is a copy, not the same ACL: the diff moves acl and compares. */
static bool
fill_group(ContentReader *content, const ObjectEntry *entry, ObjectGroup *group)
{
    bool in_schema = (grant_kind_info(group->kind)->flags & GRANT_KIND_IN_SCHEMA) != 0;

    if (in_schema != (entry->schema != NULL))
        return tell(content, entry->kind->pos, NULL,
                    arena_printf(arena_of(content),
                                 in_schema ? "an entry of kind \"%s\" needs \"schema\""
                                           : "an entry of kind \"%s\" has no \"schema\"",
                                 grant_kind_info(group->kind)->singular));
    if (in_schema && !schema_named(content, entry->schema, &group->schema))
        return false;
    group->owner = state_role_named(content->reader, "owner", entry->owner);
    group->old_owner = group->owner;
    if (group->owner == NAME_NONE ||
        !state_read_acl(content->reader, entry->acl, object_group_acl_kind(group->kind),
                        group->owner, &group->acl_text, &group->acl) ||
        !read_extension_acl(content, entry->extension_acl, object_group_acl_kind(group->kind),
                            group->owner, &group->extension_acl) ||
        !state_read_flags(content->reader, entry->flags, &group->flags) ||
        !read_names(content, entry->names, group))
        return false;
    group->base = acl_copy(arena_of(content), &group->acl);
    return read_owned_by(content, entry->owned_by, group);
}

/* The catalog reader makes a group of each language, tablespace and the like. */
static void
add_group(ContentReader *content, ObjectGroup *group, List *groups)
{
    if (!state_kind_is_single(group->kind)) {
        list_add(arena_of(content), groups, group);
        return;
    }
    LIST_FOREACH (const ObjectIdentity, identity, &group->identities) {
        ObjectGroup *single = object_group_copy(arena_of(content), group, NAME_NONE);

        single->identities = (List){ 0 };
        list_add(arena_of(content), &single->identities, identity);
        single->count = 1;
        list_add(arena_of(content), groups, single);
    }
}

static bool
read_object(ContentReader *content, const Node *node, List *groups)
{
    const char *outer = binder_of(content)->object;
    ObjectEntry entry = { 0 };
    ObjectGroup *group = ARENA_NEW(arena_of(content), ObjectGroup);
    bool ok = bind_mapping(binder_of(content), node, object_fields, UNKNOWN_KEYS_REFUSED,
                           "an entry of objects", &entry);

    binder_of(content)->object = "an entry of objects";
    ok = ok && read_kind(content, entry.kind, &group->kind) && fill_group(content, &entry, group);
    binder_of(content)->object = outer;
    if (ok)
        add_group(content, group, groups);
    return ok;
}

bool
state_read_objects(StateReader *reader, StateDatabase *database, const Node *list, List *groups)
{
    ContentReader content = { .reader = reader, .database = database };
    const char *key = database == NULL ? "shared_objects" : "objects";
    const Node *entries = state_list(reader, key, list);
    bool ok = list == NULL || entries == list;

    for (size_t i = 0; i < entries->count; i++)
        ok = read_object(&content, entries->items[i], groups) && ok;
    return ok;
}

/* ---- columns ---- */

typedef struct ColumnEntry {
    const Node *schema;
    const Node *table;
    const Node *names;  /* of columns */
    const char *column; /* of column_acls */
    const Node *acl;
    const Node *extension_acl;
    const Node *flags;
} ColumnEntry;

#define COLUMN(member) offsetof(ColumnEntry, member)

static const FieldDef columns_fields[] = {
    { "schema", state_field_node, COLUMN(schema), FIELD_REQUIRED, NULL },
    { "table", state_field_node, COLUMN(table), FIELD_REQUIRED, NULL },
    { "names", state_field_node, COLUMN(names), FIELD_REQUIRED, NULL },
    { 0 },
};

static const FieldDef column_acl_fields[] = {
    { "schema", state_field_node, COLUMN(schema), FIELD_REQUIRED, NULL },
    { "table", state_field_node, COLUMN(table), FIELD_REQUIRED, NULL },
    { "column", state_field_name, COLUMN(column), FIELD_REQUIRED, NULL },
    { "acl", state_field_node, COLUMN(acl), FIELD_REQUIRED, NULL },
    { "extension_acl", state_field_node, COLUMN(extension_acl), 0, NULL },
    { "flags", state_field_node, COLUMN(flags), 0, NULL },
    { 0 },
};

/* "number of schema" table -> its group: columns are the table's in kind, owner and extension. */
static GHashTable *
index_tables(ContentReader *content)
{
    GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);

    LIST_FOREACH (ObjectGroup, group, &content->database->groups) {
        if ((grant_kind_info(group->kind)->flags & GRANT_KIND_HAS_COLUMNS) == 0)
            continue;
        LIST_FOREACH (const ObjectIdentity, identity, &group->identities)
            g_hash_table_insert(
                index, arena_printf(arena_of(content), "%u %s", identity->schema, identity->name),
                group);
    }
    return index;
}

static const ObjectGroup *
table_named(ContentReader *content, GHashTable *tables, const ColumnEntry *entry,
            NameId *ret_schema)
{
    const char *table = value_text(binder_of(content), "table", entry->table);
    const ObjectGroup *group = NULL;

    if (table == NULL || !schema_named(content, entry->schema, ret_schema))
        return NULL;
    group =
        g_hash_table_lookup(tables, arena_printf(arena_of(content), "%u %s", *ret_schema, table));
    if (group == NULL)
        findings_add(binder_of(content)->findings, &FINDING_STATE_NAME_UNKNOWN, entry->table->pos,
                     NULL, "%s names \"%s\", which is not a table or view among the objects",
                     value_label(binder_of(content), "table"), table);
    return group;
}

/* These entries say only that a column exists; a column with an ACL has an entry in column_acls. */
static bool
read_table_columns(ContentReader *content, GHashTable *tables, const Node *node)
{
    AccessState *state = content->reader->state;
    ColumnEntry entry = { 0 };
    NameId schema = NAME_NONE;
    StateTableColumns *table = ARENA_NEW(state->arena, StateTableColumns);
    const Node *names = NULL;

    if (!bind_mapping(binder_of(content), node, columns_fields, UNKNOWN_KEYS_REFUSED,
                      "an entry of columns", &entry) ||
        table_named(content, tables, &entry, &schema) == NULL)
        return false;
    names = state_list(content->reader, "names", entry.names);
    *table = (StateTableColumns){ .schema = schema, .table = entry.table->text };
    for (size_t i = 0; i < names->count; i++) {
        const char *name = value_text(binder_of(content), "names", names->items[i]);

        if (name == NULL)
            return false;
        list_add(state->arena, &table->names, name);
        g_hash_table_add(
            state->known_columns,
            state_column_key(state->arena, content->database->name, schema, table->table, name));
    }
    list_add(state->arena, &content->database->table_columns, table);
    return true;
}

/*
 * attacl NULL means that nothing was granted on the column, so only columns with an ACL have an
 * entry here.
 */
static bool
read_column_acl(ContentReader *content, GHashTable *tables, const Node *node)
{
    AccessState *state = content->reader->state;
    ColumnEntry entry = { 0 };
    ObjectIdentity *table = ARENA_NEW(state->arena, ObjectIdentity);
    const ObjectGroup *group = NULL;
    StateColumn *column = NULL;
    Acl *table_acl = NULL;
    const char *label = NULL;
    unsigned flags = 0;

    if (!bind_mapping(binder_of(content), node, column_acl_fields, UNKNOWN_KEYS_REFUSED,
                      "an entry of column_acls", &entry))
        return false;
    group = table_named(content, tables, &entry, &table->schema);
    if (group == NULL || !state_read_flags(content->reader, entry.flags, &flags))
        return false;
    table->name = entry.table->text;
    label = arena_printf(state->arena, "column \"%s\" of \"%s\"", entry.column, table->name);
    if (!is_new(content,
                arena_printf(state->arena, "column %u %zu %s %s", table->schema,
                             strlen(table->name), table->name, entry.column),
                label, node))
        return false;
    column = state_database_column(state, content->database, group, table, entry.column);
    column->flags = (group->flags & OBJECT_GROUP_IS_MEMBER) | flags;
    if (!state_read_acl(content->reader, entry.acl, OBJECT_KIND_COLUMN, column->owner,
                        &column->acl_text, &column->acl) ||
        !read_extension_acl(content, entry.extension_acl, OBJECT_KIND_COLUMN, column->owner,
                            &column->extension_acl))
        return false;
    column->base = acl_copy(state->arena, &column->acl);
    table_acl = ARENA_NEW(state->arena, Acl);
    *table_acl = acl_copy(state->arena, &group->acl);
    column->table_acl = table_acl;
    /* Whoever has an ACL exists. */
    g_hash_table_add(state->known_columns,
                     state_column_key(state->arena, content->database->name, table->schema,
                                      table->name, column->name));
    return true;
}

static bool
read_columns(ContentReader *content, const StateContentNodes *nodes)
{
    g_autoptr(GHashTable) tables = index_tables(content);
    const Node *columns = state_list(content->reader, "columns", nodes->columns);
    const Node *acls = state_list(content->reader, "column_acls", nodes->column_acls);
    bool ok = true;

    for (size_t i = 0; i < columns->count; i++)
        ok = read_table_columns(content, tables, columns->items[i]) && ok;
    for (size_t i = 0; i < acls->count; i++)
        ok = read_column_acl(content, tables, acls->items[i]) && ok;
    return ok;
}

/* ---- the whole ---- */

/*
 * `like` keeps a file small where fifty databases were made from one template; only a database that
 * was read completely can be copied.
 */
static bool
copy_content(ContentReader *content, const Node *node)
{
    AccessState *state = content->reader->state;
    const char *name = value_text(binder_of(content), "like", node);
    NameId id = name == NULL ? NAME_NONE : names_find(state->names, name);
    const StateDatabase *other = id == NAME_NONE ? NULL : access_state_database(state, id);

    if (name == NULL)
        return false;
    if (other == NULL || other == content->database || !other->content_known ||
        content->database->content_known) {
        findings_add(
            binder_of(content)->findings, &FINDING_STATE_NAME_UNKNOWN, node->pos, NULL,
            "%s names \"%s\", but only an earlier database with schemas can be named, and only "
            "where this database has none of its own",
            value_label(binder_of(content), "like"), name);
        return false;
    }
    state_database_copy_content(state, content->database, other);
    return true;
}

typedef bool ReadContentEntry(ContentReader *content, const Node *node);

static bool
read_list(ContentReader *content, const char *key, const Node *node, ReadContentEntry *read)
{
    const Node *list = state_list(content->reader, key, node);
    bool ok = node == NULL || list == node;

    for (size_t i = 0; i < list->count; i++)
        ok = read(content, list->items[i]) && ok;
    return ok;
}

bool
state_read_content(StateReader *reader, StateDatabase *database, const StateContentNodes *nodes)
{
    ContentReader content = { .reader = reader, .database = database };
    bool ok = nodes->like == NULL || copy_content(&content, nodes->like);

    if (!ok)
        return false;
    database->content_known = database->content_known || nodes->schemas != NULL;
    ok = read_list(&content, "schemas", nodes->schemas, read_schema);
    /* What names a schema that could not be read would only follow. */
    if (!ok)
        return false;
    ok = read_list(&content, "default_privileges", nodes->default_privileges, read_default);
    ok = read_list(&content, "functions", nodes->functions, read_function) && ok;
    ok = state_read_objects(reader, database, nodes->objects, &database->groups) && ok;
    return ok && read_columns(&content, nodes);
}
