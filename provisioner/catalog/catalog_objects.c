/* Rows become groups; rows with names find their group by everything it is grouped by. */
#include "provisioner/catalog/catalog_objects.h"

#include <jansson.h>
#include <string.h>

#include "base/error.h"
#include "inventory/model/server_feature.h"
#include "inventory/sql/sql_fragment.h"
#include "provisioner/catalog/catalog_query.h"
#include "roles/findings.h"

/* Kinds that one pair of queries reads. */
typedef struct ObjectClass {
    const char *groups_path;
    const char *names_path;
    unsigned kinds; /* bits of GrantKind */
} ObjectClass;

#define KIND(name) (1u << GRANT_KIND_##name)

static const ObjectClass classes[] = {
    { "catalog/relations.sql", "catalog/relation_names.sql",
      KIND(TABLE) | KIND(VIEW) | KIND(MATVIEW) | KIND(SEQUENCE) },
    { "catalog/routines.sql", "catalog/routine_names.sql",
      KIND(FUNCTION) | KIND(PROCEDURE) | KIND(AGGREGATE) },
    { "catalog/types.sql", "catalog/type_names.sql", KIND(TYPE) | KIND(DOMAIN) },
    { "catalog/large_objects.sql", "catalog/large_object_names.sql", KIND(LARGE_OBJECT) },
};

typedef struct Reader {
    Session *session;
    AccessState *state;
    StateDatabase *database;
    Findings *notes;
    bool changed; /* a group had another number of objects when they were named */
} Reader;

static PGresult *
run(Reader *reader, const char *path, const SqlValue *values, GError **error)
{
    return catalog_run(reader->state->arena, reader->session, path, values, error);
}

/*
 * Members of extensions and ACLs as initdb left them (pg_init_privs) are in groups of their own,
 * because they are treated differently.
 */
static unsigned
read_flags(const PGresult *result, int row)
{
    return (session_bool(result, row, "is_member") ? OBJECT_GROUP_IS_MEMBER : 0u) |
           (session_bool(result, row, "is_initial") ? OBJECT_GROUP_IS_INITIAL : 0u) |
           (session_bool(result, row, "is_security_definer") ? OBJECT_GROUP_IS_SECURITY_DEFINER
                                                             : 0u);
}

/*
 * The group of a row, without objects yet. The text of the ACL is kept: rows with names are matched
 * by it, as the server prints equal ACLs alike.
 */
static ObjectGroup *
read_group(Reader *reader, const PGresult *result, int row)
{
    AccessState *state = reader->state;
    ObjectGroup *group = ARENA_NEW(state->arena, ObjectGroup);
    const char *acl = session_text(result, row, "acl");
    bool is_plural = false;

    group->kind = grant_kind_from_word(session_text(result, row, "kind"), &is_plural);
    group->schema = names_intern(state->names, session_text(result, row, "nspname"));
    group->owner = names_intern(state->names, session_text(result, row, "owner"));
    group->old_owner = group->owner;
    group->flags = read_flags(result, row);
    group->acl_text = catalog_text(reader->state->arena, result, row, "acl");
    group->extension_acl = catalog_text(reader->state->arena, result, row, "extension_acl");
    group->acl = catalog_acl(state, acl, object_group_acl_kind(group->kind), group->owner,
                             session_text(result, row, "kind"), reader->notes);
    group->base = acl_copy(state->arena, &group->acl);
    return group;
}

/* Which of the system's schemas are asked for. */
static const SqlValue *
schemas_asked(Arena *arena, const ObjectNeeds *needs)
{
    SqlValue *values = ARENA_NEW_ARRAY(arena, SqlValue, 2);

    values[0] = (SqlValue){ "system_schemas", catalog_literals(arena, &needs->system_schemas) };
    return values;
}

/* One row for each group: the server counts, and 100,000 tables become a few hundred rows. */
static bool
read_groups(Reader *reader, const ObjectClass *class, const ObjectNeeds *needs, GError **error)
{
    Arena *arena = reader->state->arena;
    g_autoptr(PGresult) result =
        run(reader, class->groups_path, schemas_asked(arena, needs), error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        ObjectGroup *group = NULL;

        /* Its schema has a note of its own. */
        if (!answer_is_exact(session_text(result, row, "nspname")))
            continue;
        group = read_group(reader, result, row);
        group->count = (size_t)g_ascii_strtoull(session_text(result, row, "objects"), NULL, 10);
        list_add(arena, &reader->database->groups, group);
    }
    return true;
}

static const char *
text_of_json(Arena *arena, const json_t *value)
{
    return json_is_string(value) ? arena_strdup(arena, json_string_value(value)) : "";
}

/*
 * Types arrive as JSON, because a type's name may contain anything that could separate them. One
 * that is not [schema, name, is_array] was sent by something else than the query, and no signature
 * of a declaration fits it.
 */
List
catalog_read_arguments(Arena *arena, const char *text)
{
    json_t *tree = text == NULL ? NULL : json_loads(text, 0, NULL);
    List types = { 0 };
    json_t *item = NULL;
    size_t i = 0;

    json_array_foreach(tree, i, item)
    {
        SqlTypeName *type = ARENA_NEW(arena, SqlTypeName);

        type->schema = text_of_json(arena, json_array_get(item, 0));
        type->name = text_of_json(arena, json_array_get(item, 1));
        type->is_array = json_is_true(json_array_get(item, 2));
        list_add(arena, &types, type);
    }
    json_decref(tree);
    return types;
}

static ObjectIdentity *
read_identity(Reader *reader, const PGresult *result, int row)
{
    Arena *arena = reader->state->arena;
    ObjectIdentity *identity = ARENA_NEW(arena, ObjectIdentity);

    identity->schema = names_intern(reader->state->names, session_text(result, row, "nspname"));
    identity->name = arena_strdup(arena, session_text(result, row, "name"));
    identity->arguments = catalog_read_arguments(arena, session_text(result, row, "arguments"));
    identity->owned_by = catalog_text(reader->state->arena, result, row, "owned_by");
    return identity;
}

/* Whether the object of the row can be named to the server. */
static bool
takes_object(const Reader *reader, const PGresult *result, int row)
{
    const char *schema = session_text(result, row, "nspname");
    const char *name = session_text(result, row, "name");
    g_autofree char *place = NULL;

    if (answer_is_exact(name))
        return true;
    place = schema == NULL ? NULL : g_strdup_printf("schema \"%s\"", schema);
    return catalog_take_name(session_text(result, row, "kind"), place, name, reader->notes);
}

/* Objects of which each is a row: a group each. */
static bool
read_singles(Reader *reader, const char *path, const SqlValue *values, List *groups, GError **error)
{
    g_autoptr(PGresult) result = run(reader, path, values, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        ObjectGroup *group = NULL;

        if (!takes_object(reader, result, row))
            continue;
        group = read_group(reader, result, row);
        list_add(reader->state->arena, &group->identities, read_identity(reader, result, row));
        group->count = 1;
        group->is_named = true;
        list_add(reader->state->arena, groups, group);
    }
    return true;
}

/* A control character separates the parts, so that "a" "bc" and "ab" "c" differ. */
static char *
group_key(const char *kind, const char *schema, const char *owner, unsigned flags, const char *acl,
          const char *extension_acl)
{
    return g_strdup_printf("%s\1%s\1%s\1%u\1%s%s\1%s", kind, schema == NULL ? "" : schema, owner,
                           flags, acl == NULL ? "" : "=", acl == NULL ? "" : acl,
                           extension_acl == NULL ? "" : extension_acl);
}

static const char *
schema_text(const AccessState *state, const ObjectGroup *group)
{
    return group->schema == NAME_NONE ? NULL : names_text(state->names, group->schema);
}

/*
 * The groups of the class by key, and what the query has to ask for: schemas and ACLs, so that the
 * server returns names only for groups that need them.
 */
static GHashTable *
index_groups(Reader *reader, const ObjectClass *class, const List *groups, List *schemas,
             List *acls)
{
    GHashTable *index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    const AccessState *state = reader->state;

    LIST_FOREACH (ObjectGroup, group, groups) {
        const char *schema = schema_text(state, group);
        const char *acl = group->acl_text == NULL ? "" : group->acl_text;

        if ((class->kinds & (1u << group->kind)) == 0 || group->is_named)
            continue;
        g_hash_table_insert(index,
                            group_key(grant_kind_info(group->kind)->singular, schema,
                                      names_text(state->names, group->old_owner), group->flags,
                                      group->acl_text, group->extension_acl),
                            group);
        if (schema != NULL && g_hash_table_add(seen, (gpointer)schema))
            list_add(state->arena, schemas, schema);
        if (g_hash_table_add(seen, arena_printf(state->arena, "\1%s", acl)))
            list_add(state->arena, acls, acl);
    }
    return index;
}

/*
 * The number of names is compared with the count that was read before. If it differs, somebody has
 * changed an object in between, and the whole plan is made again.
 */
static bool
name_class(Reader *reader, const ObjectClass *class, const List *groups, bool any_acl,
           GError **error)
{
    Arena *arena = reader->state->arena;
    List schemas = { 0 };
    List acls = { 0 };
    g_autoptr(GHashTable) index = index_groups(reader, class, groups, &schemas, &acls);
    g_autoptr(PGresult) result = NULL;
    GHashTableIter iter;
    gpointer value = NULL;

    if (g_hash_table_size(index) == 0)
        return true;
    /* The text is not the one that the server would compare with. */
    LIST_FOREACH (const char, acl, &acls)
        any_acl = any_acl || !answer_is_exact(acl);
    result = run(reader, class->names_path,
                 (SqlValue[]){ { "schemas", catalog_literals(arena, &schemas) },
                               { "any_acl", any_acl ? "true" : "false" },
                               { "acls", any_acl ? "" : catalog_literals(arena, &acls) },
                               { 0 } },
                 error);
    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        g_autofree char *key =
            group_key(session_text(result, row, "kind"), session_text(result, row, "nspname"),
                      session_text(result, row, "owner"), read_flags(result, row),
                      session_text(result, row, "acl"), session_text(result, row, "extension_acl"));
        ObjectGroup *group = g_hash_table_lookup(index, key);

        if (group != NULL && takes_object(reader, result, row))
            list_add(arena, &group->identities, read_identity(reader, result, row));
        else if (group != NULL)
            group->count--;
    }
    g_hash_table_iter_init(&iter, index);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        ObjectGroup *group = value;

        group->is_named = true;
        reader->changed = reader->changed || group->count != group->identities.count;
        group->count = group->identities.count;
    }
    return true;
}

static bool
name_groups(Reader *reader, const List *groups, bool any_acl, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++) {
        if (!name_class(reader, &classes[i], groups, any_acl, error))
            return false;
    }
    return true;
}

/* With names for declared objects, the ACL does not limit the query: a name may be in any group. */
static bool
name_needed_groups(Reader *reader, const ObjectNeeds *needs, GError **error)
{
    List needed = { 0 };

    LIST_FOREACH (ObjectGroup, group, &reader->database->groups) {
        if (object_needs_names(needs, reader->state->names, group))
            list_add(reader->state->arena, &needed, group);
    }
    return name_groups(reader, &needed, true, error);
}

/* ---- columns ---- */

/* Letters that are not known are reported where the table itself is read. */
static const Acl *
acl_of_table(AccessState *state, const char *text)
{
    Acl *acl = ARENA_NEW(state->arena, Acl);

    acl_parse(state->arena, state->names, text, acl);
    return acl;
}

/* Tables and schemas with such names have a note where they are read. */
static bool
takes_column(const Reader *reader, const PGresult *result, int row)
{
    const char *table = session_text(result, row, "relname");
    const char *column = session_text(result, row, "attname");
    g_autofree char *place = NULL;

    if (!answer_is_exact(session_text(result, row, "nspname")) || !answer_is_exact(table))
        return false;
    if (answer_is_exact(column))
        return true;
    place = g_strdup_printf("table \"%s\"", table);
    return catalog_take_name("column", place, column, reader->notes);
}

/*
 * Only columns with an ACL of their own have a row; the query finds them first and joins
 * afterwards, because pg_attribute is the largest catalog.
 */
static bool
read_column_acls(Reader *reader, const ObjectNeeds *needs, GError **error)
{
    AccessState *state = reader->state;
    g_autoptr(PGresult) result =
        run(reader, "catalog/column_acls.sql", schemas_asked(state->arena, needs), error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        ObjectIdentity *table = NULL;
        ObjectGroup group = { 0 };
        StateColumn *column = NULL;
        bool is_plural = false;

        if (!takes_column(reader, result, row))
            continue;
        table = ARENA_NEW(state->arena, ObjectIdentity);
        table->schema = names_intern(state->names, session_text(result, row, "nspname"));
        table->name = arena_strdup(state->arena, session_text(result, row, "relname"));
        group.kind = grant_kind_from_word(session_text(result, row, "kind"), &is_plural);
        group.owner = names_intern(state->names, session_text(result, row, "owner"));
        column =
            state_database_column(state, reader->database, &group, table,
                                  arena_strdup(state->arena, session_text(result, row, "attname")));
        column->flags = (session_bool(result, row, "is_member") ? OBJECT_GROUP_IS_MEMBER : 0u) |
                        (session_bool(result, row, "is_initial") ? OBJECT_GROUP_IS_INITIAL : 0u);
        column->acl_text = catalog_text(reader->state->arena, result, row, "acl");
        column->extension_acl = catalog_text(reader->state->arena, result, row, "extension_acl");
        column->acl = catalog_acl(state, session_text(result, row, "acl"), OBJECT_KIND_COLUMN,
                                  column->owner, column->name, reader->notes);
        column->base = acl_copy(state->arena, &column->acl);
        column->table_acl = acl_of_table(state, session_text(result, row, "table_acl"));
    }
    return true;
}

/* The schemas in which declarations name objects. */
static List
schemas_of_named(const Reader *reader, const ObjectNeeds *needs)
{
    const AccessState *state = reader->state;
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    List schemas = { 0 };

    LIST_FOREACH (const ObjectGroup, group, &reader->database->groups) {
        if (group->schema != NAME_NONE && object_needs_names(needs, state->names, group) &&
            g_hash_table_add(seen, GUINT_TO_POINTER(group->schema)))
            list_add(state->arena, &schemas, names_text(state->names, group->schema));
    }
    return schemas;
}

/*
 * Only columns that grants name are looked up: reading all of 100,000 tables would cost more than
 * the rest of the plan.
 */
static bool
read_known_columns(Reader *reader, const ObjectNeeds *needs, GError **error)
{
    AccessState *state = reader->state;
    List schemas = schemas_of_named(reader, needs);
    g_autoptr(PGresult) result =
        run(reader, "catalog/columns_named.sql",
            (SqlValue[]){ { "schemas", catalog_literals(state->arena, &schemas) },
                          { "columns", catalog_literals(state->arena, &needs->columns) },
                          { 0 } },
            error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++)
        g_hash_table_add(
            state->known_columns,
            state_column_key(state->arena, reader->database->name,
                             names_intern(state->names, session_text(result, row, "nspname")),
                             session_text(result, row, "relname"),
                             session_text(result, row, "attname")));
    return true;
}

/* Rows come table by table. */
static bool
read_all_columns(Reader *reader, const ObjectNeeds *needs, GError **error)
{
    AccessState *state = reader->state;
    g_autoptr(PGresult) result =
        run(reader, "catalog/columns.sql", schemas_asked(state->arena, needs), error);
    StateTableColumns *table = NULL;

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        NameId schema = names_intern(state->names, session_text(result, row, "nspname"));
        const char *name = session_text(result, row, "relname");

        if (table == NULL || table->schema != schema || strcmp(table->table, name) != 0) {
            table = ARENA_NEW(state->arena, StateTableColumns);
            table->schema = schema;
            table->table = arena_strdup(state->arena, name);
            list_add(state->arena, &reader->database->table_columns, table);
        }
        list_add(state->arena, &table->names,
                 arena_strdup(state->arena, session_text(result, row, "attname")));
    }
    return true;
}

/*
 * The server returns groups in the order of its hash table, which changes from run to run; a plan
 * must be the same each time.
 */
static int
compare_groups(const void *a, const void *b)
{
    const ObjectGroup *left = a;
    const ObjectGroup *right = b;

    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    if (left->schema != right->schema)
        return left->schema < right->schema ? -1 : 1;
    if (left->owner != right->owner)
        return left->owner < right->owner ? -1 : 1;
    if (left->flags != right->flags)
        return left->flags < right->flags ? -1 : 1;
    if (g_strcmp0(left->acl_text, right->acl_text) != 0)
        return g_strcmp0(left->acl_text, right->acl_text);
    return g_strcmp0(left->extension_acl, right->extension_acl);
}

/*
 * Large objects are read only when a grant names them: pg_largeobject_metadata can have millions of
 * rows.
 */
static bool
is_needed(const ObjectClass *class, const ObjectNeeds *needs)
{
    return needs->large_objects || (class->kinds & KIND(LARGE_OBJECT)) == 0;
}

/*
 * The same queries in the same order as catalog_read_objects() runs them: answers are matched by
 * text.
 */
void
catalog_ask_objects(Arena *arena, const ObjectNeeds *needs, List *statements)
{
    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++) {
        if (is_needed(&classes[i], needs))
            catalog_ask(arena, statements, classes[i].groups_path, schemas_asked(arena, needs));
    }
    catalog_ask(arena, statements, "catalog/schemaless.sql", NULL);
    if (needs->column_acls)
        catalog_ask(arena, statements, "catalog/column_acls.sql", schemas_asked(arena, needs));
}

/* Groups first, names last: most plans need no names at all. */
bool
catalog_read_objects(Session *session, AccessState *state, StateDatabase *database,
                     const ObjectNeeds *needs, Findings *notes, GError **error)
{
    Reader reader = { .session = session, .state = state, .database = database, .notes = notes };

    for (size_t i = 0; i < G_N_ELEMENTS(classes); i++) {
        if (is_needed(&classes[i], needs) && !read_groups(&reader, &classes[i], needs, error))
            return false;
    }
    list_sort(&database->groups, compare_groups);
    return read_singles(&reader, "catalog/schemaless.sql", NULL, &database->groups, error) &&
           name_needed_groups(&reader, needs, error) &&
           (!needs->column_acls || read_column_acls(&reader, needs, error)) &&
           (needs->columns.count == 0 || read_known_columns(&reader, needs, error)) &&
           (!needs->everything || read_all_columns(&reader, needs, error));
}

/* A part of a group that was split was named with the whole: what is left unnamed is whole. */
bool
catalog_name_objects(Session *session, AccessState *state, StateDatabase *database,
                     const List *groups, Findings *notes, bool *ret_changed, GError **error)
{
    Reader reader = { .session = session, .state = state, .database = database, .notes = notes };
    bool ok = session_execute(session, CATALOG_BEGIN, error) &&
              name_groups(&reader, groups, false, error) &&
              session_execute(session, "COMMIT", error);

    *ret_changed = *ret_changed || reader.changed;
    return ok;
}

/* Those with an ACL are always read: a plan of every mode warns of them. */
static const SqlValue *
all_parameters(bool all)
{
    static const SqlValue yes[] = { { "all", "true" }, { 0 } };
    static const SqlValue no[] = { { "all", "false" }, { 0 } };

    return all ? yes : no;
}

/* Tablespaces and parameters belong to no database, so they are read once. Each mode looks at what
 * their ACLs have beyond the inventory. */
void
catalog_ask_shared_objects(Arena *arena, const Cluster *cluster, int major_version,
                           List *statements)
{
    catalog_ask(arena, statements, "catalog/tablespaces.sql", NULL);
    if (server_has(major_version, SERVER_PARAMETER_PRIVILEGES))
        catalog_ask(
            arena, statements, "catalog/parameters.sql",
            all_parameters(object_needs_shared(arena, cluster, GRANT_KIND_PARAMETER).count > 0));
}

bool
catalog_read_shared_objects(Session *session, AccessState *state, const Cluster *cluster,
                            CatalogScope scope, Findings *notes, GError **error)
{
    Reader reader = { .session = session, .state = state, .notes = notes };
    List parameters = object_needs_shared(state->arena, cluster, GRANT_KIND_PARAMETER);
    bool everything = scope == CATALOG_EVERYTHING;

    if (!read_singles(&reader, "catalog/tablespaces.sql", NULL, &state->shared_groups, error))
        return false;
    if (!server_has(state->major_version, SERVER_PARAMETER_PRIVILEGES))
        return true;
    if (!read_singles(&reader, "catalog/parameters.sql",
                      all_parameters(parameters.count > 0 || everything), &state->shared_groups,
                      error))
        return false;
    /* A snapshot holds what the server has; whoever plans with it adds what its inventory names. */
    if (!everything)
        object_needs_add_parameters(state, &parameters);
    return true;
}
