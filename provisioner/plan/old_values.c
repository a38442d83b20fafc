/* Copies of what the diff changes in place, and one writer for each payload that has two ends. */
#include "provisioner/plan/old_values.h"

#include <inttypes.h>
#include <math.h>

#include "provisioner/server/sql_text.h"

struct OldValues {
    Arena *arena;
    const AccessState *state;
    GHashTable *roles;     /* NameId -> StateRole */
    GHashTable *databases; /* NameId -> StateDatabase, of which only plain members are read */
    GHashTable *owners;    /* "database schema" -> NameId of the schema's owner */
    GHashTable *settings;  /* "role database name" -> value */
};

static const char *
schema_key(Arena *arena, NameId database, NameId schema)
{
    return arena_printf(arena, "%u %u", database, schema);
}

/* guc.c guc_name_compare(): names of parameters are compared without case. */
static const char *
setting_key(Arena *arena, NameId role, NameId database, const char *name)
{
    g_autofree char *folded = g_ascii_strdown(name, -1);

    return arena_printf(arena, "%u %u %s", role, database, folded);
}

static void
copy_databases(OldValues *old)
{
    LIST_FOREACH (const StateDatabase, database, &old->state->databases) {
        StateDatabase *copy = ARENA_NEW(old->arena, StateDatabase);

        *copy = *database;
        g_hash_table_insert(old->databases, GUINT_TO_POINTER(database->name), copy);
        LIST_FOREACH (const StateSchema, schema, &database->schemas)
            g_hash_table_insert(old->owners,
                                (gpointer)schema_key(old->arena, database->name, schema->name),
                                GUINT_TO_POINTER(schema->owner));
    }
}

static void
copy_settings(OldValues *old)
{
    GHashTableIter iterator;
    gpointer settings = NULL;

    g_hash_table_iter_init(&iterator, old->state->setting_index);
    while (g_hash_table_iter_next(&iterator, NULL, &settings)) {
        LIST_FOREACH (const StateSetting, setting, (const List *)settings)
            g_hash_table_insert(
                old->settings,
                (gpointer)setting_key(old->arena, setting->role, setting->database, setting->name),
                (gpointer)setting->value);
    }
}

OldValues *
old_values_new(Arena *arena, const AccessState *state)
{
    OldValues *old = g_new0(OldValues, 1);

    *old = (OldValues){ .arena = arena,
                        .state = state,
                        .roles = g_hash_table_new(NULL, NULL),
                        .databases = g_hash_table_new(NULL, NULL),
                        .owners = g_hash_table_new(g_str_hash, g_str_equal),
                        .settings = g_hash_table_new(g_str_hash, g_str_equal) };
    LIST_FOREACH (const StateRole, role, &state->roles) {
        StateRole *copy = ARENA_NEW(arena, StateRole);

        *copy = *role;
        g_hash_table_insert(old->roles, GUINT_TO_POINTER(role->name), copy);
    }
    copy_databases(old);
    copy_settings(old);
    return old;
}

void
old_values_free(OldValues *old)
{
    if (old == NULL)
        return;
    g_hash_table_destroy(old->roles);
    g_hash_table_destroy(old->databases);
    g_hash_table_destroy(old->owners);
    g_hash_table_destroy(old->settings);
    g_free(old);
}

static void
append_pair(GString *out, const char *label, const char *before, const char *after)
{
    g_string_append_printf(out, "%s%s%s -> %s", out->len > 0 ? ", " : "", label, before, after);
}

/* In UTC, whatever the server's time zone: the new value stands in the statement as it was written.
 */
char *
old_values_time(double seconds)
{
    g_autoptr(GDateTime) time = NULL;

    if (isinf(seconds) != 0)
        return g_strdup(seconds < 0 ? "-infinity" : "infinity");
    time = g_date_time_new_from_unix_utc((gint64)seconds);
    return time == NULL ? g_strdup("another time")
                        : g_date_time_format(time, "%Y-%m-%d %H:%M:%S+00");
}

static void
append_attributes(GString *out, const StateRole *role, const RoleChange *change)
{
    for (unsigned i = 0; i < ROLE_ATTRIBUTE_COUNT; i++) {
        const char *keyword = role_attribute_keyword((RoleAttribute)i);
        g_autofree char *off = g_strconcat("NO", keyword, NULL);

        if (change->attribute_changes[i] && role->attributes[i] != change->attributes[i])
            append_pair(out, "", role->attributes[i] ? keyword : off,
                        change->attributes[i] ? keyword : off);
    }
    if (change->connection_limit_changes) {
        g_autofree char *before = g_strdup_printf("%" PRId64, role->connection_limit);
        g_autofree char *after = g_strdup_printf("%" PRId64, change->connection_limit);

        append_pair(out, "CONNECTION LIMIT ", before, after);
    }
    if (change->valid_until != NULL && !isnan(role->valid_until)) {
        g_autofree char *before = old_values_time(role->valid_until);

        append_pair(out, "VALID UNTIL ", before, change->valid_until);
    }
}

static const char *
literal_or_none(const OldValues *old, const char *text)
{
    return text == NULL ? "none" : sql_literal(old->arena, text);
}

static void
append_texts(const OldValues *old, GString *out, const char *before, const char *after)
{
    if (before != NULL)
        append_pair(out, "", literal_or_none(old, before), literal_or_none(old, after));
}

static void
append_comment(const OldValues *old, GString *out, const Change *change)
{
    const StateRole *role = g_hash_table_lookup(old->roles, GUINT_TO_POINTER(change->name));
    const StateDatabase *database =
        g_hash_table_lookup(old->databases, GUINT_TO_POINTER(change->name));

    if (change->kind == CHANGE_ROLE_COMMENT)
        append_texts(old, out, role == NULL ? NULL : role->comment, change_comment(change)->text);
    else
        append_texts(old, out, database == NULL ? NULL : database->comment,
                     change_comment(change)->text);
}

static void
append_setting(const OldValues *old, GString *out, const Change *change)
{
    const ParameterDecl *parameter = change_setting(change)->parameter;
    NameId role = change->kind == CHANGE_DATABASE_SETTING ? NAME_NONE : change->name;

    append_texts(old, out,
                 g_hash_table_lookup(old->settings, setting_key(old->arena, role, change->database,
                                                                parameter->name)),
                 parameter->value);
}

static void
append_roles(const OldValues *old, GString *out, NameId before, NameId after)
{
    const Names *names = old->state->names;

    if (before != NAME_NONE)
        append_pair(out, "OWNER ", sql_identifier(old->arena, names_text(names, before)),
                    sql_identifier(old->arena, names_text(names, after)));
}

static void
append_owner(const OldValues *old, GString *out, const Change *change)
{
    const StateDatabase *database =
        g_hash_table_lookup(old->databases, GUINT_TO_POINTER(change->name));
    NameId before = NAME_NONE;

    if (change->kind == CHANGE_DATABASE_OWNER)
        before = database == NULL ? NAME_NONE : database->owner;
    else if (change->kind == CHANGE_SCHEMA_OWNER)
        before = GPOINTER_TO_UINT(g_hash_table_lookup(
            old->owners, schema_key(old->arena, change->database, change->name)));
    append_roles(old, out, before, change_owner(change)->role);
}

static void
append_limit(const OldValues *old, GString *out, const Change *change)
{
    const StateDatabase *database =
        g_hash_table_lookup(old->databases, GUINT_TO_POINTER(change->name));
    g_autofree char *after = g_strdup_printf("%" PRId64, change_connection_limit(change)->limit);
    g_autofree char *before = NULL;

    if (database == NULL)
        return;
    before = g_strdup_printf("%" PRId64, database->connection_limit);
    append_pair(out, "CONNECTION LIMIT ", before, after);
}

/* A password has no ends that could be shown, and privileges are their own difference. */
const char *
old_values_text(const OldValues *old, const Change *change)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const StateRole *role = g_hash_table_lookup(old->roles, GUINT_TO_POINTER(change->name));

    if (change->kind == CHANGE_ROLE_ALTER && role != NULL)
        append_attributes(out, role, change_role(change));
    else if (change_has(change, CHANGE_PAYLOAD_COMMENT))
        append_comment(old, out, change);
    else if (change_has(change, CHANGE_PAYLOAD_SETTING))
        append_setting(old, out, change);
    else if (change_has(change, CHANGE_PAYLOAD_OWNER))
        append_owner(old, out, change);
    else if (change_has(change, CHANGE_PAYLOAD_OBJECT_OWNER))
        append_roles(old, out, change_object_owner(change)->old_role,
                     change_object_owner(change)->role);
    else if (change_has(change, CHANGE_PAYLOAD_CONNECTION_LIMIT))
        append_limit(old, out, change);
    return out->len == 0 ? NULL : arena_strdup(old->arena, out->str);
}
