/* Configuration parameters of roles and databases. */
#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/decl/declaration.h"
#include "inventory/findings.h"
#include "inventory/sql/sql_fragment.h"

/* Their values are written raw, as SQL; Pigsty's templates name the same. */
const char *const role_list_parameters[] = {
    "search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries", NULL,
};
const char *const database_list_parameters[] = {
    "search_path",
    "temp_tablespaces",
    "local_preload_libraries",
    "session_preload_libraries",
    "log_destination",
    NULL,
};

/* GUC_LIST_INPUT without GUC_LIST_QUOTE: its elements are joined as they are. */
#define UNQUOTED_LIST_PARAMETER "log_destination"

/* What a raw list came to; remembered by its text. */
typedef struct FlattenedList {
    List elements; /* const char, unquoted */
    const char *quoted;
    const char *joined;
    SqlError error;
    bool ok;
} FlattenedList;

/*
 * The server stores list parameters in its own spelling (flatten_set_variable_args() in
 * guc_funcs.c), so the inventory's value is brought to that form before both are compared. Each
 * element is sent as a literal, so a number among them is quoted as well.
 */
static const FlattenedList *
flatten(Binder *binder, const char *raw)
{
    FlattenedList *list = g_hash_table_lookup(binder->fragments, raw);
    g_autoptr(GString) quoted = NULL;
    g_autoptr(GString) joined = NULL;
    List elements = { 0 };

    if (list != NULL)
        return list;
    list = ARENA_NEW(binder->arena, FlattenedList);
    list->ok = sql_set_values_parse(binder->arena, raw, &elements, &list->error);
    quoted = g_string_new(NULL);
    joined = g_string_new(NULL);
    LIST_FOREACH (const SqlSetElement, element, &elements) {
        const char *separator = list->elements.count > 0 ? ", " : "";

        if (!list->ok)
            break;
        list_add(binder->arena, &list->elements, element->text);
        g_string_append_printf(joined, "%s%s", separator, element->text);
        g_string_append_printf(quoted, "%s%s", separator,
                               sql_quote_identifier(binder->arena, element->text));
    }
    list->quoted = arena_strdup(binder->arena, quoted->str);
    list->joined = arena_strdup(binder->arena, joined->str);
    g_hash_table_insert(binder->fragments, arena_strdup(binder->arena, raw), list);
    return list;
}

/*
 * What pg_db_role_setting stores for a list parameter is quoted again by the server, so equal
 * values can only be compared in that form.
 */
static bool
bind_list(Binder *binder, const Node *value, ParameterDecl *parameter)
{
    const FlattenedList *list = flatten(binder, value->text);

    parameter->is_list = true;
    if (!list->ok) {
        findings_add(binder->findings, &FINDING_PARAMETER_INVALID,
                     node_pos_inside(value, list->error.offset),
                     "the value is SQL: names separated by commas, \"quoted\" where they need it",
                     "%s: %s", value_label(binder, parameter->name), list->error.message);
        return false;
    }
    parameter->elements = list->elements;
    parameter->value =
        strcmp(parameter->name, UNQUOTED_LIST_PARAMETER) == 0 ? list->joined : list->quoted;
    return true;
}

/*
 * Other values are literals, whatever type YAML found. A boolean is written as the server shows it
 * (ShowGUCOption() in guc.c): Pigsty's True means the same, but would be a second
 * spelling of what ALTER ROLE ... SET x TO on has left. DEFAULT without quotes removes the setting,
 * as in ALTER ROLE ... SET ... TO DEFAULT.
 */
static bool
bind_parameter(Binder *binder, const NodeEntry *entry, const char *const *list_parameters,
               ParameterDecl *parameter)
{
    const Node *value = entry->value;

    parameter->pos = entry->key->pos;
    parameter->name = entry->key->text;
    if (!value_usable(binder, value) || !value_may_be_shown(binder, parameter->name, value) ||
        !value_check_name(binder, entry->key->pos, parameter->name, NAME_OF_OBJECT))
        return false;
    if (value->kind != NODE_SCALAR) {
        findings_add(binder->findings, &FINDING_PARAMETER_INVALID, value->pos,
                     "write it as SQL in one text: \"a, b\"", "%s must be a text, found %s",
                     value_label(binder, parameter->name), node_describe(value));
        return false;
    }
    if (strlen(value->text) != value->length) {
        findings_add(binder->findings, &FINDING_TEXT_INVALID, value->pos, NULL,
                     "%s contains a NUL byte", value_label(binder, parameter->name));
        return false;
    }
    if (value->type == SCALAR_TEXT && g_ascii_strcasecmp(value->text, "DEFAULT") == 0) {
        parameter->is_list = g_strv_contains(list_parameters, parameter->name);
        return true;
    }
    if (g_strv_contains(list_parameters, parameter->name))
        return bind_list(binder, value, parameter);
    parameter->value = value->type == SCALAR_BOOL ? value->value.integer != 0 ? "on" : "off"
                                                  : node_print(binder->arena, value);
    return true;
}

/* null is skipped, as Pigsty's templates skip undefined values. */
static bool
bind_parameters(Binder *binder, const char *key, const Node *value,
                const char *const *list_parameters, List *parameters)
{
    bool ok = true;

    if (!value_usable(binder, value))
        return false;
    if (value->kind != NODE_MAPPING) {
        findings_add(binder->findings, &FINDING_VALUE_TYPE_INVALID, value->pos, NULL,
                     "%s must be a mapping, found %s", value_label(binder, key),
                     node_describe(value));
        return false;
    }
    for (size_t i = 0; i < value->count; i++) {
        ParameterDecl *parameter = NULL;

        if (node_is_null(value->entries[i].value))
            continue;
        parameter = ARENA_NEW(binder->arena, ParameterDecl);
        if (bind_parameter(binder, &value->entries[i], list_parameters, parameter))
            list_add(binder->arena, parameters, parameter);
        else
            ok = false;
    }
    return ok;
}

bool
field_parameters(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    return bind_parameters(binder, field->key, value, field->extra,
                           (List *)(void *)((char *)target + field->offset));
}

static bool
bind_database(Binder *binder, const NodeEntry *entry, const char *const *list_parameters,
              List *databases)
{
    DatabaseParameters *database = ARENA_NEW(binder->arena, DatabaseParameters);

    database->pos = entry->key->pos;
    database->database = entry->key->text;
    if (!value_check_name(binder, entry->key->pos, database->database, NAME_OF_OBJECT) ||
        !bind_parameters(binder, database->database, entry->value, list_parameters,
                         &database->parameters))
        return false;
    list_add(binder->arena, databases, database);
    return true;
}

/* {app: {search_path: a}}: an empty mapping says that the role has none there. */
bool
field_parameters_in(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    List *databases = (List *)(void *)((char *)target + field->offset);
    bool ok = true;

    if (!value_usable(binder, value))
        return false;
    if (value->kind != NODE_MAPPING) {
        findings_add(binder->findings, &FINDING_VALUE_TYPE_INVALID, value->pos,
                     "write it as {DATABASE: {PARAMETER: VALUE}}",
                     "%s must be a mapping of databases, found %s", value_label(binder, field->key),
                     node_describe(value));
        return false;
    }
    for (size_t i = 0; i < value->count; i++) {
        if (!node_is_null(value->entries[i].value))
            ok = bind_database(binder, &value->entries[i], field->extra, databases) && ok;
    }
    return ok;
}
