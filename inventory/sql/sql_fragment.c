/* libpg_query's parse trees become small structs. */
#include "inventory/sql/sql_fragment.h"

#include <jansson.h>
#include <pg_query.h>
#include <string.h>

/*
 * Grammar that is newer than the library's, rewritten to what it knows before parsing; the new text
 * is not longer than the old one, so that places in it stay what they are.
 */
static const struct {
    const char *first;
    const char *second;
    const char *replacement;
    SqlObjectType type;
} rewrites[] = {
    { "LARGE", "OBJECTS", "TABLES", SQL_OBJECT_LARGE_OBJECTS }, /* PostgreSQL 18 */
};

static const struct {
    const char *name;
    SqlObjectType type;
} object_types[] = {
    { "OBJECT_TABLE", SQL_OBJECT_TABLES },       { "OBJECT_SEQUENCE", SQL_OBJECT_SEQUENCES },
    { "OBJECT_FUNCTION", SQL_OBJECT_FUNCTIONS }, { "OBJECT_TYPE", SQL_OBJECT_TYPES },
    { "OBJECT_SCHEMA", SQL_OBJECT_SCHEMAS },
};

/* Positions are offsets into the fragment; the caller turns them into places in the file. */
static bool
fail(Arena *arena, SqlError *ret_error, size_t offset, const char *message)
{
    ret_error->message = arena_strdup(arena, message);
    ret_error->offset = offset;
    return false;
}

/* cursorpos counts characters from 1; prefix is ASCII. */
static size_t
byte_offset(const char *sql, size_t prefix_length, int cursorpos)
{
    glong characters = g_utf8_strlen(sql, -1);
    const char *at = g_utf8_offset_to_pointer(sql, CLAMP(cursorpos - 1, 0, characters));
    size_t offset = (size_t)(at - sql);

    return offset < prefix_length ? 0 : offset - prefix_length;
}

/*
 * The one statement of that kind that prefix and fragment make, or NULL; *ret_tree owns it. The
 * grammar must not be left by way of a second statement.
 */
static json_t *
parse_statement(Arena *arena, const char *prefix, const char *fragment, const char *statement_kind,
                json_t **ret_tree, SqlError *ret_error)
{
    g_autofree char *sql = g_strconcat(prefix, fragment, NULL);
    PgQueryParseResult result = pg_query_parse(sql);
    json_t *statements = NULL;
    json_t *statement = NULL;

    *ret_tree = NULL;
    if (result.error != NULL) {
        fail(arena, ret_error, byte_offset(sql, strlen(prefix), result.error->cursorpos),
             result.error->message);
    } else {
        *ret_tree = json_loads(result.parse_tree, 0, NULL);
        statements = json_object_get(*ret_tree, "stmts");
        statement =
            json_object_get(json_object_get(json_array_get(statements, 0), "stmt"), statement_kind);
        if (json_array_size(statements) > 1) {
            fail(arena, ret_error, 0, "only one statement is allowed");
            statement = NULL;
        } else if (statement == NULL) {
            fail(arena, ret_error, 0, "unexpected statement type");
        }
    }
    pg_query_free_parse_result(result);
    return statement;
}

/*
 * The library's JSON leaves out members that are zero, false or empty. Copies into the arena: the
 * tree that owns the text is freed before the fragment is used.
 */
static const char *
get_text(Arena *arena, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? NULL : arena_strdup(arena, text);
}

/* Role names of a list of RoleSpecs; PUBLIC is NULL. */
static bool
read_roles(Arena *arena, const json_t *specs, List *ret_roles, size_t prefix_length,
           SqlError *ret_error)
{
    size_t i = 0;
    json_t *item = NULL;

    json_array_foreach(specs, i, item)
    {
        const json_t *spec = json_object_get(item, "RoleSpec");
        const char *type = json_string_value(json_object_get(spec, "roletype"));
        size_t location = (size_t)json_integer_value(json_object_get(spec, "location"));

        if (g_strcmp0(type, "ROLESPEC_CSTRING") == 0)
            list_add(arena, ret_roles, get_text(arena, spec, "rolename"));
        else if (g_strcmp0(type, "ROLESPEC_PUBLIC") == 0)
            list_add(arena, ret_roles, NULL);
        else
            return fail(arena, ret_error, location < prefix_length ? 0 : location - prefix_length,
                        "CURRENT_USER and similar keywords are not allowed here; name the role");
    }
    return true;
}

#define ROLE_PREFIX "CREATE ROLE x "
#define SET_PREFIX  "SET x = "

/*
 * libpg_query 15 writes integers into its JSON only when they are above zero: what is missing is
 * read from the fragment, where the first number after the element's place is its own.
 */
static int64_t
read_integer(const json_t *integer, const char *fragment, size_t offset)
{
    const json_t *value = json_object_get(integer, "ival");
    const char *at = fragment + MIN(offset, strlen(fragment));

    if (value != NULL)
        return json_integer_value(value);
    return g_ascii_strtoll(at + strcspn(at, "-0123456789"), NULL, 10);
}

static bool
read_option(Arena *arena, const char *fragment, const json_t *element, SqlOption *option,
            SqlError *ret_error)
{
    const json_t *argument = json_object_get(element, "arg");
    const json_t *boolean = json_object_get(argument, "Boolean");
    const json_t *integer = json_object_get(argument, "Integer");
    const json_t *text = json_object_get(argument, "String");
    const json_t *roles = json_object_get(argument, "List");
    size_t location = (size_t)json_integer_value(json_object_get(element, "location"));

    option->name = get_text(arena, element, "defname");
    option->offset = location < strlen(ROLE_PREFIX) ? 0 : location - strlen(ROLE_PREFIX);
    if (boolean != NULL) {
        option->kind = SQL_OPTION_BOOL;
        option->integer = json_is_true(json_object_get(boolean, "boolval"));
    } else if (integer != NULL) {
        option->kind = SQL_OPTION_INTEGER;
        option->integer = read_integer(integer, fragment, option->offset);
    } else if (text != NULL) {
        option->kind = SQL_OPTION_TEXT;
        /* The library leaves out what is empty. */
        option->text = get_text(arena, text, "sval");
        if (option->text == NULL)
            option->text = "";
    } else if (roles != NULL) {
        option->kind = SQL_OPTION_ROLES;
        return read_roles(arena, json_object_get(roles, "items"), &option->roles,
                          strlen(ROLE_PREFIX), ret_error);
    }
    return true;
}

/*
 * A prefix makes the fragment a whole statement, and the parser refuses whatever could end it
 * early: a second statement shows up as a second entry of "stmts".
 */
bool
sql_role_options_parse(Arena *arena, const char *options, List *ret_options, SqlError *ret_error)
{
    json_t *tree = NULL;
    json_t *statement =
        parse_statement(arena, ROLE_PREFIX, options, "CreateRoleStmt", &tree, ret_error);
    json_t *item = NULL;
    size_t i = 0;
    bool ok = statement != NULL;

    json_array_foreach(json_object_get(statement, "options"), i, item)
    {
        SqlOption *option = ARENA_NEW(arena, SqlOption);

        ok = ok && read_option(arena, options, json_object_get(item, "DefElem"), option, ret_error);
        list_add(arena, ret_options, option);
    }
    json_decref(tree);
    return ok;
}

/* A number is kept as its text: what is sent to the server are literals. */
static bool
read_set_element(Arena *arena, const char *values, const json_t *constant, SqlSetElement *element)
{
    const json_t *text = json_object_get(constant, "sval");
    const json_t *integer = json_object_get(constant, "ival");
    const json_t *number = json_object_get(constant, "fval");
    size_t location = (size_t)json_integer_value(json_object_get(constant, "location"));

    if (text != NULL)
        element->text = get_text(arena, text, "sval");
    else if (integer != NULL)
        element->text = arena_printf(
            arena, "%" G_GINT64_FORMAT,
            (gint64)read_integer(integer, values, location - MIN(location, strlen(SET_PREFIX))));
    else if (number != NULL)
        element->text = get_text(arena, number, "fval");
    if (text != NULL && element->text == NULL)
        element->text = "";
    return element->text != NULL;
}

/* List parameters are written as SQL in an inventory, "a, b", as in Pigsty. */
bool
sql_set_values_parse(Arena *arena, const char *values, List *ret_elements, SqlError *ret_error)
{
    json_t *tree = NULL;
    json_t *statement =
        parse_statement(arena, SET_PREFIX, values, "VariableSetStmt", &tree, ret_error);
    json_t *item = NULL;
    size_t i = 0;
    bool ok = statement != NULL;

    json_array_foreach(json_object_get(statement, "args"), i, item)
    {
        SqlSetElement *element = ARENA_NEW(arena, SqlSetElement);

        if (ok && !read_set_element(arena, values, json_object_get(item, "A_Const"), element))
            ok = fail(arena, ret_error, 0, "an element is neither a name, a text nor a number");
        list_add(arena, ret_elements, element);
    }
    json_decref(tree);
    return ok;
}

/* Skips a quoted identifier or literal; at stands on its quote. */
static char *
skip_quoted(char *at)
{
    char quote = *at++;

    while (*at != '\0' && *at != quote)
        at++;
    return *at == '\0' ? at : at + 1;
}

/* Bytes above 127 belong to identifiers, as in scan.l. */
static bool
is_word_char(char character)
{
    return g_ascii_isalnum(character) || character == '_' || (character & 0x80) != 0;
}

static bool
word_is(const char *begin, size_t length, const char *word)
{
    return length == strlen(word) && g_ascii_strncasecmp(begin, word, length) == 0;
}

/*
 * Rewrites newer grammar in place; true and *ret_type where something was rewritten. Quoted text is
 * skipped: a role may be called "large objects".
 */
static bool
rewrite(char *sql, SqlObjectType *ret_type)
{
    char *previous = NULL;
    size_t previous_length = 0;

    for (char *at = sql; *at != '\0';) {
        char *begin = at;
        size_t length = 0;

        if (*at == '"' || *at == '\'') {
            at = skip_quoted(at);
            previous = NULL;
            continue;
        }
        if (!is_word_char(*at)) {
            at++;
            continue;
        }
        while (is_word_char(*at))
            at++;
        length = (size_t)(at - begin);
        for (size_t i = 0; previous != NULL && i < G_N_ELEMENTS(rewrites); i++) {
            size_t new_length = strlen(rewrites[i].replacement);

            if (word_is(previous, previous_length, rewrites[i].first) &&
                word_is(begin, length, rewrites[i].second)) {
                memset(previous, ' ', (size_t)(at - previous));
                memcpy(previous, rewrites[i].replacement, new_length);
                *ret_type = rewrites[i].type;
                return true;
            }
        }
        previous = begin;
        previous_length = length;
    }
    return false;
}

#define DEFAULT_PREFIX "ALTER DEFAULT PRIVILEGES "

/* FOR ROLE is refused because one fragment applies to every creator that the policy names. */
static bool
read_default_options(Arena *arena, const json_t *options, SqlDefaultPrivilege *privilege,
                     SqlError *ret_error)
{
    json_t *item = NULL;
    size_t i = 0;

    json_array_foreach(options, i, item)
    {
        const json_t *element = json_object_get(item, "DefElem");
        const char *name = json_string_value(json_object_get(element, "defname"));
        size_t location = (size_t)json_integer_value(json_object_get(element, "location"));
        const json_t *schemas =
            json_object_get(json_object_get(json_object_get(element, "arg"), "List"), "items");
        json_t *schema = NULL;
        size_t j = 0;

        location = location < strlen(DEFAULT_PREFIX) ? 0 : location - strlen(DEFAULT_PREFIX);
        if (g_strcmp0(name, "schemas") != 0)
            return fail(arena, ret_error, location,
                        "FOR ROLE is not allowed here; the entry applies to every creator");
        if (privilege->schemas.count > 0)
            return fail(arena, ret_error, location, "IN SCHEMA is given twice");
        json_array_foreach(schemas, j, schema)
        {
            list_add(arena, &privilege->schemas,
                     get_text(arena, json_object_get(schema, "String"), "sval"));
        }
    }
    return true;
}

/*
 * Column privileges do not exist for default privileges (ALTER DEFAULT PRIVILEGES in the manual),
 * but the grammar shares its rule with GRANT and accepts them.
 */
static bool
read_default_action(Arena *arena, const json_t *action, SqlDefaultPrivilege *privilege,
                    SqlError *ret_error)
{
    const char *type = json_string_value(json_object_get(action, "objtype"));
    json_t *item = NULL;
    size_t i = 0;

    privilege->is_revoke = !json_is_true(json_object_get(action, "is_grant"));
    privilege->grant_option = json_is_true(json_object_get(action, "grant_option"));
    privilege->cascade =
        g_strcmp0(json_string_value(json_object_get(action, "behavior")), "DROP_CASCADE") == 0;
    for (i = 0; i < G_N_ELEMENTS(object_types); i++) {
        if (g_strcmp0(object_types[i].name, type) == 0)
            privilege->type = object_types[i].type;
    }
    json_array_foreach(json_object_get(action, "privileges"), i, item)
    {
        const json_t *access = json_object_get(item, "AccessPriv");

        if (json_object_get(access, "cols") != NULL)
            return fail(arena, ret_error, 0, "default privileges cannot be set for columns");
        list_add(arena, &privilege->privileges, get_text(arena, access, "priv_name"));
    }
    return read_roles(arena, json_object_get(action, "grantees"), &privilege->grantees,
                      strlen(DEFAULT_PREFIX), ret_error);
}

/* What the server refuses after parsing (ExecAlterDefaultPrivilegesStmt). */
static bool
check_default(Arena *arena, const SqlDefaultPrivilege *privilege, SqlError *ret_error)
{
    if (privilege->schemas.count > 0 && privilege->type == SQL_OBJECT_SCHEMAS)
        return fail(arena, ret_error, 0, "IN SCHEMA cannot be used with ON SCHEMAS");
    if (privilege->schemas.count > 0 && privilege->type == SQL_OBJECT_LARGE_OBJECTS)
        return fail(arena, ret_error, 0, "IN SCHEMA cannot be used with ON LARGE OBJECTS");
    LIST_FOREACH (const char, grantee, &privilege->grantees) {
        if (grantee == NULL && privilege->grant_option && !privilege->is_revoke)
            return fail(arena, ret_error, 0, "grant options cannot be given to PUBLIC");
    }
    return true;
}

bool
sql_default_privilege_parse(Arena *arena, const char *fragment, SqlDefaultPrivilege *ret_privilege,
                            SqlError *ret_error)
{
    g_autofree char *known = g_strdup(fragment);
    SqlObjectType newer_type = SQL_OBJECT_TABLES;
    bool is_newer = rewrite(known, &newer_type);
    json_t *tree = NULL;
    json_t *statement = parse_statement(arena, DEFAULT_PREFIX, known, "AlterDefaultPrivilegesStmt",
                                        &tree, ret_error);
    bool ok = statement != NULL;

    *ret_privilege = (SqlDefaultPrivilege){ 0 };
    ok = ok && read_default_options(arena, json_object_get(statement, "options"), ret_privilege,
                                    ret_error);
    ok = ok &&
         read_default_action(arena, json_object_get(statement, "action"), ret_privilege, ret_error);
    if (is_newer)
        ret_privilege->type = newer_type;
    ok = ok && check_default(arena, ret_privilege, ret_error);
    json_decref(tree);
    return ok;
}

/* GRANT's own grammar for a routine's arguments, with a grantee that nobody writes by chance. */
#define TYPES_PREFIX "GRANT EXECUTE ON FUNCTION f("
#define TYPES_SUFFIX ") TO pgcharter_reads_types"

static bool
read_type(Arena *arena, const json_t *type, List *ret_types, SqlError *ret_error)
{
    const json_t *names = json_object_get(type, "names");
    size_t count = json_array_size(names);
    SqlTypeName *result = ARENA_NEW(arena, SqlTypeName);

    if (json_is_true(json_object_get(type, "setof")) ||
        json_is_true(json_object_get(type, "pct_type")) || count == 0 || count > 2)
        return fail(arena, ret_error, 0, "an argument is not the name of a type");
    if (count == 2)
        result->schema =
            get_text(arena, json_object_get(json_array_get(names, 0), "String"), "sval");
    result->name =
        get_text(arena, json_object_get(json_array_get(names, count - 1), "String"), "sval");
    result->is_array = json_array_size(json_object_get(type, "arrayBounds")) > 0;
    list_add(arena, ret_types, result);
    return true;
}

bool
sql_argument_types_parse(Arena *arena, const char *types, List *ret_types, SqlError *ret_error)
{
    g_autofree char *fragment = g_strconcat(types, TYPES_SUFFIX, NULL);
    json_t *tree = NULL;
    json_t *statement =
        parse_statement(arena, TYPES_PREFIX, fragment, "GrantStmt", &tree, ret_error);
    const json_t *objects = json_object_get(statement, "objects");
    const json_t *function = json_object_get(json_array_get(objects, 0), "ObjectWithArgs");
    bool ok = statement != NULL;
    json_t *item = NULL;
    size_t i = 0;

    if (ok && (json_array_size(objects) != 1 || function == NULL ||
               json_array_size(json_object_get(statement, "grantees")) != 1))
        ok = fail(arena, ret_error, 0, "it is not a list of types");
    if (ok) {
        json_array_foreach(json_object_get(function, "objargs"), i, item)
        {
            ok = ok && read_type(arena, json_object_get(item, "TypeName"), ret_types, ret_error);
        }
    }
    json_decref(tree);
    return ok;
}
