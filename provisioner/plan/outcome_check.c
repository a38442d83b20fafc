/* The questions, and the answers compared. */
#include "provisioner/plan/outcome_check.h"

#include <string.h>

#include "inventory/model/grant.h"
#include "provisioner/plan/object_text.h"
#include "provisioner/server/answer.h"
#include "provisioner/server/sql_text.h"

#define OUTCOME_QUERY "catalog/outcome.sql"

/* Where the server keeps the ACLs of a kind, and what acldefault() calls the kind (acl.c). */
typedef struct Place {
    const char *type;
    const char *catalog;
    const char *name;
    const char *acl;
    const char *owner;
    const char *key; /* what the objects are found by, its type and the type of what is given */
    const char *key_type;
    const char *cast;
} Place;

#define RELATION(type)                                                                             \
    {                                                                                              \
        type, "pg_class", "relname", "relacl", "relowner", "oid", "oid", "regclass"                \
    }
#define ROUTINE                                                                                    \
    {                                                                                              \
        "f", "pg_proc", "proname", "proacl", "proowner", "oid", "oid", "regprocedure"              \
    }
#define DATA_TYPE                                                                                  \
    {                                                                                              \
        "T", "pg_type", "typname", "typacl", "typowner", "oid", "oid", "regtype"                   \
    }
#define NAMED(type, catalog, prefix)                                                               \
    {                                                                                              \
        type, catalog, prefix "name", prefix "acl", prefix "owner", prefix "name", "name", "name"  \
    }

static const Place places[GRANT_KIND_COUNT] = {
    [GRANT_KIND_TABLE] = RELATION("r"),
    [GRANT_KIND_VIEW] = RELATION("r"),
    [GRANT_KIND_MATVIEW] = RELATION("r"),
    [GRANT_KIND_SEQUENCE] = RELATION("s"),
    [GRANT_KIND_FUNCTION] = ROUTINE,
    [GRANT_KIND_PROCEDURE] = ROUTINE,
    [GRANT_KIND_AGGREGATE] = ROUTINE,
    [GRANT_KIND_TYPE] = DATA_TYPE,
    [GRANT_KIND_DOMAIN] = DATA_TYPE,
    [GRANT_KIND_LANGUAGE] = NAMED("l", "pg_language", "lan"),
    [GRANT_KIND_FDW] = NAMED("F", "pg_foreign_data_wrapper", "fdw"),
    [GRANT_KIND_SERVER] = NAMED("S", "pg_foreign_server", "srv"),
    [GRANT_KIND_TABLESPACE] = NAMED("t", "pg_tablespace", "spc"),
    [GRANT_KIND_DATABASE] = { "d", "pg_database", "datname", "datacl", "datdba", "datname", "name",
                              "name" },
    [GRANT_KIND_SCHEMA] = NAMED("n", "pg_namespace", "nsp"),
    [GRANT_KIND_PARAMETER] = NAMED("p", "pg_parameter_acl", "par"),
    [GRANT_KIND_LARGE_OBJECT] = { "L", "pg_largeobject_metadata", "oid", "lomacl", "lomowner",
                                  "oid", "oid", "oid" },
};

typedef struct Question {
    Arena *arena;
    const Names *names;
    const Outcome *outcome;
} Question;

static const char *
ask(const Question *question, const char *type, const char *objects)
{
    return sql_render(question->arena, OUTCOME_QUERY,
                      (SqlValue[]){ { "type", type }, { "objects", objects }, { 0 } });
}

static const char *
ask_place(const Question *question, const Place *place, const char *values)
{
    const SqlValue variables[] = {
        { "name", place->name }, { "acl", place->acl },           { "owner", place->owner },
        { "key", place->key },   { "catalog", place->catalog },   { "values", values },
        { "cast", place->cast }, { "key_type", place->key_type }, { 0 },
    };

    return ask(question, place->type,
               sql_render(question->arena, "catalog/outcome_objects.sql", variables));
}

/*
 * What goes by oid is found by its quoted name, as GRANT finds it; what goes by name is compared
 * with it. Both are literals.
 */
static const char *
object_value(const Question *question, const ObjectIdentity *identity)
{
    const Outcome *outcome = question->outcome;
    g_autoptr(GString) out = g_string_new(NULL);

    if (strcmp(places[outcome->kind].key, "oid") != 0)
        return sql_literal(question->arena, identity->name);
    /* regprocedurein() knows no argument modes. */
    object_append_sql(out, question->names,
                      outcome->kind == GRANT_KIND_PROCEDURE ? GRANT_KIND_FUNCTION : outcome->kind,
                      identity);
    return sql_literal(question->arena, out->str);
}

static const char *
object_values(const Question *question)
{
    g_autoptr(GString) out = g_string_new(NULL);

    LIST_FOREACH (const ObjectIdentity, identity, question->outcome->identities)
        g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "",
                               object_value(question, identity));
    return arena_strdup(question->arena, out->str);
}

static const char *
ask_objects(const Question *question)
{
    const char *values = NULL;
    const char *rows = NULL;

    if (question->outcome->kind != GRANT_KIND_PARAMETER)
        return ask_place(question, &places[question->outcome->kind], object_values(question));
    values = object_values(question);
    rows = sql_render(question->arena, "catalog/outcome_parameters.sql",
                      (SqlValue[]){ { "values", values }, { 0 } });
    return ask(question, "p", rows);
}

static const char *
ask_column(const Question *question)
{
    const ObjectIdentity *table = question->outcome->identities->items[0];
    g_autoptr(GString) name = g_string_new(NULL);

    object_append_sql(name, question->names, question->outcome->kind, table);
    return ask(question, "c",
               sql_render(question->arena, "catalog/outcome_column.sql",
                          (SqlValue[]){ { "table", name->str },
                                        { "column", question->outcome->column },
                                        { 0 } }));
}

/* How pg_default_acl and acldefault() call the types; they differ for sequences. */
static const struct {
    const char *in_catalog;
    const char *as_default;
} default_types[DEFAULT_ACL_TYPE_COUNT] = {
    [DEFAULT_ACL_TABLES] = { "r", "r" },    [DEFAULT_ACL_SEQUENCES] = { "S", "s" },
    [DEFAULT_ACL_FUNCTIONS] = { "f", "f" }, [DEFAULT_ACL_TYPES] = { "T", "T" },
    [DEFAULT_ACL_SCHEMAS] = { "n", "n" },   [DEFAULT_ACL_LARGE_OBJECTS] = { "L", "L" },
};

static const char *
ask_default(const Question *question)
{
    const Outcome *outcome = question->outcome;

    return ask(question, default_types[outcome->type].as_default,
               sql_render(question->arena, "catalog/outcome_default.sql",
                          (SqlValue[]){
                              { "schema", names_text(question->names, outcome->schema) },
                              { "object_type", default_types[outcome->type].in_catalog },
                              { "role", names_text(question->names, outcome->name) },
                              { 0 },
                          }));
}

static const char *
question_text(const Question *question)
{
    const Outcome *outcome = question->outcome;
    const char *name =
        outcome->name == NAME_NONE
            ? ""
            : sql_literal(question->arena, names_text(question->names, outcome->name));

    switch (outcome->target) {
    case OUTCOME_OBJECTS:
        return ask_objects(question);
    case OUTCOME_COLUMN:
        return ask_column(question);
    case OUTCOME_DATABASE:
        return ask_place(question, &places[GRANT_KIND_DATABASE], name);
    case OUTCOME_SCHEMA:
        return ask_place(question, &places[GRANT_KIND_SCHEMA], name);
    case OUTCOME_FUNCTION:
        return ask_place(question, &places[GRANT_KIND_FUNCTION],
                         sql_literal(question->arena, outcome->signature));
    case OUTCOME_DEFAULT:
        return ask_default(question);
    }
    return NULL;
}

/* table "s"."t"; default privileges of role "a" on tables in schema "s" */
static const char *
describe(const Question *question)
{
    const Outcome *outcome = question->outcome;
    Arena *arena = question->arena;
    const char *name = sql_identifier(arena, names_text(question->names, outcome->name));
    g_autoptr(GString) first = g_string_new(NULL);

    switch (outcome->target) {
    case OUTCOME_OBJECTS:
    case OUTCOME_COLUMN:
        object_append_sql(first, question->names, outcome->kind, outcome->identities->items[0]);
        if (outcome->target == OUTCOME_COLUMN)
            return arena_printf(arena, "column %s of %s", sql_identifier(arena, outcome->column),
                                first->str);
        return arena_printf(arena, "%s %s", grant_kind_info(outcome->kind)->singular, first->str);
    case OUTCOME_DATABASE:
        return arena_printf(arena, "database %s", name);
    case OUTCOME_SCHEMA:
        return arena_printf(arena, "schema %s", name);
    case OUTCOME_FUNCTION:
        return arena_printf(arena, "function %s", outcome->signature);
    case OUTCOME_DEFAULT:
        return arena_printf(arena, "default privileges of role %s", name);
    }
    return NULL;
}

static const OutcomeCheck *
check_new(Arena *arena, const Names *names, const Outcome *outcome)
{
    const Question question = { arena, names, outcome };
    OutcomeCheck *check = ARENA_NEW(arena, OutcomeCheck);

    *check = (OutcomeCheck){
        .sql = question_text(&question),
        .what = describe(&question),
        .access = outcome->access,
        .objects = outcome->target == OUTCOME_OBJECTS ? outcome->identities->count : 1,
    };
    for (size_t i = 0; i < outcome->grantees.count; i++) {
        if (outcome->grantees.items[i] == NAME_PUBLIC)
            check->with_public = true;
        else
            list_add(arena, &check->grantees, names_text(names, outcome->grantees.items[i]));
    }
    return check;
}

void
outcome_checks_add(Arena *arena, const Names *names, const List *outcomes, List *steps)
{
    g_autoptr(GHashTable) by_change = g_hash_table_new(NULL, NULL);

    LIST_FOREACH (Step, step, steps)
        g_hash_table_insert(by_change, (gpointer)step->change, step);
    LIST_FOREACH (const Outcome, outcome, outcomes) {
        Step *last = NULL;

        LIST_FOREACH (const Change, change, &outcome->changes) {
            Step *step = g_hash_table_lookup(by_change, change);

            if (step != NULL && (last == NULL || step->seq > last->seq))
                last = step;
        }
        if (last != NULL)
            list_add(arena, &last->checks, check_new(arena, names, outcome));
    }
}

/* Role names are compared as text: the plan's names are gone by now. */
static const char *
access_of(Arena *arena, Names *names, const OutcomeCheck *check, const char *text)
{
    NameIdVector grantees = { 0 };
    Acl acl = { 0 };

    if (text == NULL)
        return "{}";
    if (acl_parse(arena, names, text, &acl) != ACL_TEXT_OK)
        return text;
    if (check->with_public)
        name_id_vector_add(arena, &grantees, NAME_PUBLIC);
    LIST_FOREACH (const char, grantee, &check->grantees)
        name_id_vector_add(arena, &grantees, names_intern(names, grantee));
    acl = acl_of_grantees(arena, &acl, &grantees);
    return acl_access(arena, names, &acl);
}

char *
outcome_check_failure(const OutcomeCheck *check, PGresult *answer)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(Names) names = names_new(arena);
    g_autoptr(GError) error = NULL;
    size_t objects = 0;

    if (!answer_check_query(answer, OUTCOME_QUERY, check->what, &error))
        return g_strdup(error->message);
    for (int row = 0; row < PQntuples(answer); row++) {
        const char *access = access_of(arena, names, check, session_text(answer, row, "acl"));

        objects += (size_t)g_ascii_strtoull(session_text(answer, row, "objects"), NULL, 10);
        if (strcmp(access, check->access) != 0)
            return g_strdup_printf("the privileges on %s%s became %s instead of %s", check->what,
                                   check->objects > 1 ? " or another object" : "", access,
                                   check->access);
    }
    if (objects != check->objects)
        return g_strdup_printf("%s was changed by another session", check->what);
    return NULL;
}
