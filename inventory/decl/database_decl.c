/* Databases, schemas and extensions. */
#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/decl/declaration.h"
#include "inventory/decl/grant_decl.h"
#include "inventory/findings.h"

static const IntRange connection_limits = { -1, G_MAXINT32 };

static const WordDef database_states[] = {
    { "create", DATABASE_PRESENT },
    { "recreate", DATABASE_RECREATE },
    { "absent", DATABASE_ABSENT },
    { 0 },
};

/* What schemas and extensions may be; the value tells whether it is absent. */
static const WordDef states[] = {
    { "create", 0 },
    { "absent", 1 },
    { 0 },
};

typedef struct SchemaBinding {
    SchemaDecl schema;
    int absent;
} SchemaBinding;

static const FieldDef schema_fields[] = {
    { "name", field_name, offsetof(SchemaBinding, schema) + offsetof(SchemaDecl, name),
      FIELD_REQUIRED, NULL },
    { "owner", field_opt_role, offsetof(SchemaBinding, schema) + offsetof(SchemaDecl, owner), 0,
      NULL },
    { "state", field_word, offsetof(SchemaBinding, absent), 0, states },
    { 0 },
};

static SchemaDecl *
bind_schema(Binder *binder, const char *key, const Node *item)
{
    SchemaBinding *binding = ARENA_NEW(binder->arena, SchemaBinding);
    const char *object = *binder->object == '\0'
                             ? "a schema"
                             : arena_printf(binder->arena, "a schema of %s", binder->object);

    binding->schema.pos = item->pos;
    if (item->kind != NODE_MAPPING) {
        binding->schema.name = value_name(binder, key, item, NAME_OF_OBJECT);
        return binding->schema.name == NULL ? NULL : &binding->schema;
    }
    if (!bind_mapping(binder, item, schema_fields, UNKNOWN_KEYS_LEFT_ALONE, object, binding))
        return NULL;
    binding->schema.absent = binding->absent != 0;
    return &binding->schema;
}

/* A name or a mapping, as in Pigsty; each database and the templates have a list of their own. */
const List *
schemas_bind(Binder *binder, const char *key, const Node *list)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    const List *known = binder_recall(binder, BINDING_SCHEMAS, list);
    List schemas = { 0 };

    if (known != NULL)
        return known;
    if (!node_is_null(list) && value_is_list(binder, key, list)) {
        for (size_t i = 0; i < list->count; i++) {
            const SchemaDecl *schema = bind_schema(binder, key, list->items[i]);

            if (schema != NULL &&
                !binder_is_repeated(binder, seen, "schema", schema->name, list->items[i]))
                list_add(binder->arena, &schemas, schema);
        }
    }
    return binder_remember(binder, BINDING_SCHEMAS, list, &schemas);
}

typedef struct ExtensionBinding {
    ExtensionDecl extension;
    OptText schema;
    int absent;
} ExtensionBinding;

static const FieldDef extension_fields[] = {
    { "name", field_name, offsetof(ExtensionBinding, extension) + offsetof(ExtensionDecl, name),
      FIELD_REQUIRED, NULL },
    { "schema", field_opt_name, offsetof(ExtensionBinding, schema), 0, NULL },
    { "version", NULL, 0, 0, NULL },
    { "state", field_word, offsetof(ExtensionBinding, absent), 0, states },
    { 0 },
};

/*
 * Extensions are read only to be noted: creating them runs code as a superuser, which is a decision
 * about software and not about access.
 */
static ExtensionDecl *
bind_extension(Binder *binder, const char *key, const Node *item)
{
    ExtensionBinding *binding = ARENA_NEW(binder->arena, ExtensionBinding);

    binding->extension.pos = item->pos;
    if (item->kind != NODE_MAPPING) {
        binding->extension.name = value_name(binder, key, item, NAME_OF_OBJECT);
        return binding->extension.name == NULL ? NULL : &binding->extension;
    }
    if (!bind_mapping(binder, item, extension_fields, UNKNOWN_KEYS_LEFT_ALONE, "an extension",
                      binding) ||
        binding->absent)
        return NULL;
    binding->extension.schema = binding->schema.value;
    return &binding->extension;
}

const List *
extensions_bind(Binder *binder, const char *key, const Node *list)
{
    const List *known = binder_recall(binder, BINDING_EXTENSIONS, list);
    List extensions = { 0 };

    if (known != NULL)
        return known;
    if (!node_is_null(list) && value_is_list(binder, key, list)) {
        for (size_t i = 0; i < list->count; i++) {
            const ExtensionDecl *extension = bind_extension(binder, key, list->items[i]);

            if (extension != NULL)
                list_add(binder->arena, &extensions, extension);
        }
    }
    return binder_remember(binder, BINDING_EXTENSIONS, list, &extensions);
}

/*
 * The lists inside a database are bound by the functions that bind them elsewhere, so that the same
 * words are accepted and the same mistakes found.
 */
static bool
field_schemas(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    DatabaseDecl *database = target;

    database->schemas = *schemas_bind(binder, field->key, value);
    return true;
}

static bool
field_extensions(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    DatabaseDecl *database = target;

    database->extensions = *extensions_bind(binder, field->key, value);
    return true;
}

/* Without a `database` key: a grant inside a database applies to that database. */
static bool
field_grants(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    DatabaseDecl *database = target;

    (void)field;
    database->grants = *grants_bind(binder, GRANT_LIST_OF_DATABASE, value);
    return true;
}

static bool
field_owners(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    DatabaseDecl *database = target;

    (void)field;
    database->owners = *grants_bind(binder, GRANT_LIST_OWNERS, value);
    return true;
}

/* A text of CREATE DATABASE; '' counts as not given. */
static bool
field_creation_text(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    OptText *member = (OptText *)(void *)((char *)target + field->offset);

    if (!field_opt_text(binder, field, value, target))
        return false;
    if (*member->value == '\0')
        member->value = NULL;
    return true;
}

/* createdb() compares these with pg_strcasecmp (src/backend/commands/dbcommands.c). */
static const WordDef strategies[] = { { "wal_log", 0 }, { "file_copy", 0 }, { 0 } };
static const WordDef locale_providers[] = { { "libc", 0 }, { "icu", 0 }, { "builtin", 0 }, { 0 } };

/* A word of CREATE DATABASE, in either case; '' counts as not given. */
static bool
field_creation_word(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    OptText *member = (OptText *)(void *)((char *)target + field->offset);
    g_autofree char *lower = NULL;
    int ignored = 0;

    if (!field_creation_text(binder, field, value, target))
        return false;
    if (member->value == NULL)
        return true;
    lower = g_ascii_strdown(member->value, -1);
    for (const WordDef *word = field->extra; word->word != NULL; word++) {
        if (strcmp(word->word, lower) == 0)
            return true;
    }
    return value_word(binder, field->key, value, field->extra, &ignored);
}

typedef struct DatabaseBinding {
    DatabaseDecl database; /* first: readers of this file get the binding as a DatabaseDecl */
    int state;
} DatabaseBinding;

#define DATABASE(member) (offsetof(DatabaseBinding, database) + offsetof(DatabaseDecl, member))

static const FieldDef database_fields[] = {
    { "name", field_name, DATABASE(name), FIELD_REQUIRED, NULL },
    { "owner", field_opt_role, DATABASE(owner), 0, NULL },
    { "template", field_opt_name, DATABASE(template_name), 0, NULL },
    { "encoding", field_creation_text, DATABASE(encoding), 0, NULL },
    { "locale", field_creation_text, DATABASE(locale), 0, NULL },
    { "lc_collate", field_creation_text, DATABASE(lc_collate), 0, NULL },
    { "lc_ctype", field_creation_text, DATABASE(lc_ctype), 0, NULL },
    { "tablespace", field_opt_name, DATABASE(tablespace), 0, NULL },
    { "strategy", field_creation_word, DATABASE(strategy), 0, strategies },
    { "locale_provider", field_creation_word, DATABASE(locale_provider), 0, locale_providers },
    { "icu_locale", field_creation_text, DATABASE(icu_locale), 0, NULL },
    { "icu_rules", field_creation_text, DATABASE(icu_rules), 0, NULL },
    { "builtin_locale", field_creation_text, DATABASE(builtin_locale), 0, NULL },
    { "is_template", field_bool, DATABASE(is_template), 0, NULL },
    { "allowconn", field_switch, DATABASE(allow_connections), 0, NULL },
    { "connlimit", field_int, DATABASE(connection_limit), 0, &connection_limits },
    { "parameters", field_parameters, DATABASE(parameters), 0, database_list_parameters },
    { "comment", field_opt_text, DATABASE(comment), 0, NULL },
    { "revokeconn", field_switch, DATABASE(revoke_connect), 0, NULL },
    { "schemas", field_schemas, 0, 0, NULL },
    { "extensions", field_extensions, 0, 0, NULL },
    { "baseline", field_creation_text, DATABASE(baseline), 0, NULL },
    { "pgbouncer", field_switch, DATABASE(pgbouncer), 0, NULL },
    { "state", field_word, offsetof(DatabaseBinding, state), 0, database_states },
    { "grants", field_grants, 0, 0, NULL },
    { "owners", field_owners, 0, 0, NULL },
    /* PgBouncer's database.txt and Grafana's data sources are Pigsty's own business. */
    { "pool_auth_user", NULL, 0, 0, NULL },
    { "pool_mode", NULL, 0, 0, NULL },
    { "pool_size", NULL, 0, 0, NULL },
    { "pool_size_min", NULL, 0, 0, NULL },
    { "pool_size_reserve", NULL, 0, 0, NULL },
    { "pool_reserve", NULL, 0, 0, NULL },
    { "pool_connlimit", NULL, 0, 0, NULL },
    { "pool_max_db_conn", NULL, 0, 0, NULL },
    { "register_datasource", NULL, 0, 0, NULL },
    { 0 },
};

/* Messages name the database, unless its name is what is wrong. */
static const char *
describe_database(const Binder *binder, const Node *entry)
{
    const Node *name = node_get(entry, "name");

    if (name == NULL || name->kind != NODE_SCALAR || name->type == SCALAR_NULL ||
        (name->flags & NODE_OF_SECRET) != 0)
        return "a database";
    return arena_printf(binder->arena, "database \"%s\"", name->text);
}

/*
 * Creation options are kept although they cannot be changed later: they are used only when the
 * database does not exist.
 */
static const DatabaseDecl *
bind_database(Binder *binder, const Node *entry)
{
    DatabaseBinding *binding = ARENA_NEW(binder->arena, DatabaseBinding);
    DatabaseDecl *database = &binding->database;

    database->pos = entry->pos;
    if (!bind_mapping(binder, entry, database_fields, UNKNOWN_KEYS_LEFT_ALONE,
                      describe_database(binder, entry), binding))
        return NULL;
    database->state = (DatabaseState)binding->state;
    database->from_policy = source_pos_is_policy(entry->pos);
    return database;
}

/* The order is kept: a database may be the template of a later one. */
const List *
databases_bind(Binder *binder, const Node *list)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    const List *known = binder_recall(binder, BINDING_DATABASES, list);
    List databases = { 0 };

    if (known != NULL)
        return known;
    if (!node_is_null(list) && value_is_list(binder, "pg_databases", list)) {
        for (size_t i = 0; i < list->count; i++) {
            const DatabaseDecl *database = bind_database(binder, list->items[i]);

            if (database != NULL &&
                !binder_is_repeated(binder, seen, "database", database->name, list->items[i]))
                list_add(binder->arena, &databases, database);
        }
    }
    return binder_remember(binder, BINDING_DATABASES, list, &databases);
}
