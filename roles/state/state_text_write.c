/* An access state as a document: one entry a line where there are many, so that diffs read well. */
#include <math.h>
#include <string.h>

#include "base/yaml_writer.h"
#include "inventory/sql/sql_fragment.h"
#include "roles/password/verifier_digest.h"
#include "roles/state/state_text.h"
#include "roles/state/state_time.h"
#include "roles/state/state_words.h"

#define HEAD                                                                                       \
    "# Who exists on a PostgreSQL server and what they may do. pgcharter snapshot writes such a\n" \
    "# file and plan --state reads it; docs/reference/state.md describes it.\n"

typedef struct Writer {
    YamlWriter *yaml;
    const AccessState *state;
} Writer;

static Arena *
arena_of(const Writer *writer)
{
    return writer->state->arena;
}

/* Names that are there; a key is left out where there is none. */
static void
write_name(const Writer *writer, const char *key, NameId name)
{
    if (name != NAME_NONE)
        yaml_write_text(writer->yaml, key, names_text(writer->state->names, name));
}

/*
 * Keys without a value are left out: a snapshot is read by people, and most roles have most things
 * unset.
 */
static void
write_given_text(const Writer *writer, const char *key, const char *text)
{
    if (text != NULL)
        yaml_write_text(writer->yaml, key, text);
}

/*
 * The server's text as it is, unknown letters included. A state that comes from elsewhere than a
 * catalog has none: then its entries, unless they are those that a NULL stands for.
 */
static void
write_acl(const Writer *writer, const char *text, const Acl *acl, ObjectKind kind, NameId owner)
{
    const AccessState *state = writer->state;
    Acl initial = { 0 };

    if (text == NULL) {
        initial = acl_default(state->arena, kind, owner, state->major_version);
        if (!acl_equal(&initial, acl))
            text = acl_render(state->arena, state->names, acl);
    }
    write_given_text(writer, "acl", text);
}

/* By bit, so that a flag added later is written in a stable place. */
static void
write_flags(const Writer *writer, unsigned flags)
{
    if (flags == 0)
        return;
    yaml_begin_list(writer->yaml, "flags", YAML_FLOW);
    for (unsigned flag = 1; flag <= flags; flag <<= 1) {
        if ((flags & flag) != 0)
            yaml_write_text(writer->yaml, NULL, state_word_of_flag(flag));
    }
    yaml_end_list(writer->yaml);
}

/* ---- the server and its roles ---- */

/*
 * TimeZone belongs to the state: a VALID UNTIL without a zone means what that server takes it for.
 */
static void
write_server(const Writer *writer, const StateText *text)
{
    YamlWriter *yaml = writer->yaml;

    yaml_begin_mapping(yaml, "server", YAML_BLOCK);
    yaml_write_text(yaml, "version", text->server_version);
    yaml_write_text(yaml, "system_identifier", text->system_identifier);
    yaml_write_text(yaml, "time_zone", text->time_zone == NULL ? "UTC" : text->time_zone);
    write_name(writer, "bootstrap_superuser", writer->state->bootstrap_superuser);
    yaml_write_int(yaml, "scram_iterations", writer->state->scram_iterations);
    yaml_end_mapping(yaml);
}

/*
 * Hash tables have no order; a sorted list keeps two snapshots of one server equal byte by byte,
 * which makes them fit for version control.
 */
static void
write_sorted_texts(const Writer *writer, const char *key, List *texts)
{
    list_sort_texts(texts);
    yaml_begin_list(writer->yaml, key, YAML_FLOW);
    LIST_FOREACH (const char, text, texts)
        yaml_write_text(writer->yaml, NULL, text);
    yaml_end_list(writer->yaml);
}

static List
keys_of(Arena *arena, GHashTable *table)
{
    GHashTableIter iter;
    gpointer key = NULL;
    List keys = { 0 };

    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        list_add(arena, &keys, key);
    return keys;
}

/* Which parameters the session may set matters only where it is not a superuser. */
static void
write_parameters(const Writer *writer, const StateText *text)
{
    List open = list_duplicate(arena_of(writer), &text->open_parameters);
    List closed = { 0 };

    if (writer->state->closed_parameters == NULL)
        return;
    closed = keys_of(arena_of(writer), writer->state->closed_parameters);
    write_sorted_texts(writer, "may_set", &open);
    write_sorted_texts(writer, "may_not_set", &closed);
}

static void
write_session(const Writer *writer, const StateText *text)
{
    const AccessState *state = writer->state;
    YamlWriter *yaml = writer->yaml;

    yaml_begin_mapping(yaml, "session", YAML_BLOCK);
    write_name(writer, "role", state->session_role);
    yaml_write_bool(yaml, "superuser", state->session_role_is_superuser);
    yaml_write_bool(yaml, "used_password", state->used_password);
    yaml_write_bool(yaml, "reads_verifiers", state->verifiers_known);
    if (state->self_grants_inherit || state->self_grants_set) {
        yaml_begin_list(yaml, "createrole_self_grant", YAML_FLOW);
        if (state->self_grants_inherit)
            yaml_write_text(yaml, NULL, "inherit");
        if (state->self_grants_set)
            yaml_write_text(yaml, NULL, "set");
        yaml_end_list(yaml);
    }
    write_parameters(writer, text);
    yaml_end_mapping(yaml);
}

/*
 * What the server answered for the texts of the inventory, so that a plan from the file compares
 * the same moments.
 */
static void
write_timestamps(const Writer *writer, const StateText *text)
{
    List texts = keys_of(arena_of(writer), text->timestamps);

    if (texts.count == 0)
        return;
    list_sort_texts(&texts);
    yaml_begin_mapping(writer->yaml, "timestamps", YAML_BLOCK);
    LIST_FOREACH (const char, timestamp, &texts) {
        const double *seconds = g_hash_table_lookup(text->timestamps, timestamp);

        yaml_write_text(writer->yaml, timestamp, state_time_text(arena_of(writer), *seconds));
    }
    yaml_end_mapping(writer->yaml);
}

/* What differs from what CREATE ROLE gives: INHERIT and nothing else. */
static void
write_attributes(const Writer *writer, const StateRole *role)
{
    bool is_begun = false;

    for (unsigned i = 0; i < ROLE_ATTRIBUTE_COUNT; i++) {
        const char *word = state_word_of_attribute((RoleAttribute)i);
        bool usual = i == ROLE_ATTRIBUTE_INHERIT;

        if (role->attributes[i] == usual)
            continue;
        if (!is_begun)
            yaml_begin_list(writer->yaml, "attributes", YAML_FLOW);
        is_begun = true;
        yaml_write_text(writer->yaml, NULL,
                        usual ? arena_printf(arena_of(writer), "no%s", word) : word);
    }
    if (is_begun)
        yaml_end_list(writer->yaml);
}

/*
 * Verifiers become digests: a state is a file that is passed around, and a SCRAM verifier in it
 * would allow a guessing attack and an MD5 one a login.
 */
static void
write_role(const Writer *writer, const StateRole *role)
{
    YamlWriter *yaml = writer->yaml;

    yaml_begin_mapping(yaml, NULL, YAML_FLOW);
    write_name(writer, "name", role->name);
    write_attributes(writer, role);
    if (role->connection_limit != -1)
        yaml_write_int(yaml, "connection_limit", role->connection_limit);
    if (!isnan(role->valid_until))
        yaml_write_text(yaml, "valid_until", state_time_text(arena_of(writer), role->valid_until));
    if (role->verifier != NULL)
        yaml_write_text(yaml, "password",
                        writer->state->verifiers_are_digests
                            ? role->verifier
                            : verifier_digest(arena_of(writer), role->verifier));
    write_given_text(writer, "comment", role->comment);
    if (role->sessions != 0)
        yaml_write_int(yaml, "sessions", role->sessions);
    yaml_end_mapping(yaml);
}

static void
write_membership(const Writer *writer, const StateMembership *membership)
{
    YamlWriter *yaml = writer->yaml;

    yaml_begin_mapping(yaml, NULL, YAML_FLOW);
    write_name(writer, "role", membership->role);
    write_name(writer, "member", membership->member);
    /* The grantor may be gone (before 16 nothing holds it): null, for none is not the default. */
    yaml_write_text(yaml, "grantor",
                    membership->grantor == NAME_NONE
                        ? NULL
                        : names_text(writer->state->names, membership->grantor));
    if (membership->admin)
        yaml_write_bool(yaml, "admin", true);
    if (!membership->inherit)
        yaml_write_bool(yaml, "inherit", false);
    if (!membership->set)
        yaml_write_bool(yaml, "set", false);
    yaml_end_mapping(yaml);
}

/* One pair of role and database, with texts to sort by. */
typedef struct SettingPair {
    const char *role;
    const char *database;
    const List *settings;
} SettingPair;

static int
compare_pairs(const void *a, const void *b)
{
    const SettingPair *left = a;
    const SettingPair *right = b;
    int order = strcmp(left->role, right->role);

    return order != 0 ? order : strcmp(left->database, right->database);
}

/* The state keeps settings by pair, and pairs in no order; within one the server's order counts. */
static List
sorted_settings(const Writer *writer)
{
    const Names *names = writer->state->names;
    GHashTableIter iter;
    gpointer value = NULL;
    List pairs = { 0 };

    g_hash_table_iter_init(&iter, writer->state->setting_index);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const List *settings = value;
        const StateSetting *first = settings->count > 0 ? settings->items[0] : NULL;
        SettingPair *pair = NULL;

        if (first == NULL)
            continue;
        pair = ARENA_NEW(arena_of(writer), SettingPair);
        *pair = (SettingPair){ .role = names_text(names, first->role),
                               .database = names_text(names, first->database),
                               .settings = settings };
        list_add(arena_of(writer), &pairs, pair);
    }
    list_sort(&pairs, compare_pairs);
    return pairs;
}

static void
write_setting(const Writer *writer, const StateSetting *setting)
{
    yaml_begin_mapping(writer->yaml, NULL, YAML_FLOW);
    write_name(writer, "role", setting->role);
    write_name(writer, "database", setting->database);
    yaml_write_text(writer->yaml, "name", setting->name);
    yaml_write_text(writer->yaml, "value", setting->value);
    yaml_end_mapping(writer->yaml);
}

static void
write_cluster_wide(const Writer *writer)
{
    const AccessState *state = writer->state;
    YamlWriter *yaml = writer->yaml;
    List pairs = sorted_settings(writer);

    yaml_begin_list(yaml, "roles", YAML_BLOCK);
    LIST_FOREACH (const StateRole, role, &state->roles)
        write_role(writer, role);
    yaml_end_list(yaml);
    yaml_begin_list(yaml, "memberships", YAML_BLOCK);
    LIST_FOREACH (const StateMembership, membership, &state->memberships)
        write_membership(writer, membership);
    yaml_end_list(yaml);
    yaml_begin_list(yaml, "settings", YAML_BLOCK);
    LIST_FOREACH (const SettingPair, pair, &pairs) {
        LIST_FOREACH (const StateSetting, setting, pair->settings)
            write_setting(writer, setting);
    }
    yaml_end_list(yaml);
}

/* ---- objects ---- */

/*
 * refresh(pg_catalog.int4, app."my kind"[]): what GRANT takes, and nothing depends on search_path.
 * With the schema of every argument type: reading it back must not depend on anybody's search_path.
 */
static const char *
routine_text(Arena *arena, const ObjectIdentity *identity)
{
    g_autoptr(GString) out = g_string_new(sql_quote_identifier(arena, identity->name));

    g_string_append_c(out, '(');
    LIST_FOREACH (const SqlTypeName, type, &identity->arguments) {
        if (out->str[out->len - 1] != '(')
            g_string_append(out, ", ");
        g_string_append_printf(out, "%s.", sql_quote_identifier(arena, type->schema));
        g_string_append_printf(out, "%s%s", sql_quote_identifier(arena, type->name),
                               type->is_array ? "[]" : "");
    }
    g_string_append_c(out, ')');
    return arena_strdup(arena, out->str);
}

static void
write_names(const Writer *writer, const ObjectGroup *group)
{
    bool is_routine = (grant_kind_info(group->kind)->flags & GRANT_KIND_IS_ROUTINE) != 0;

    LIST_FOREACH (const ObjectIdentity, identity, &group->identities)
        yaml_write_text(writer->yaml, NULL,
                        is_routine ? routine_text(arena_of(writer), identity) : identity->name);
}

/* Sequences of a serial or identity column, and the table: its owner is always theirs. */
static void
write_followers(const Writer *writer, const ObjectGroup *group)
{
    bool is_begun = false;

    LIST_FOREACH (const ObjectIdentity, identity, &group->identities) {
        if (identity->owned_by == NULL)
            continue;
        if (!is_begun)
            yaml_begin_mapping(writer->yaml, "owned_by", YAML_BLOCK);
        is_begun = true;
        yaml_write_text(writer->yaml, identity->name, identity->owned_by);
    }
    if (is_begun)
        yaml_end_mapping(writer->yaml);
}

/*
 * Whether an object that is a group of its own goes into the entry of the one before. The catalog
 * reader makes a group of each language, foreign-data wrapper and so on; in the file those with
 * equal owner and ACL share an entry.
 */
static bool
is_same_entry(const ObjectGroup *a, const ObjectGroup *b)
{
    return state_kind_is_single(a->kind) && a->kind == b->kind && a->owner == b->owner &&
           a->flags == b->flags && acl_equal(&a->acl, &b->acl) &&
           g_strcmp0(a->acl_text, b->acl_text) == 0 &&
           g_strcmp0(a->extension_acl, b->extension_acl) == 0;
}

static void
write_objects(const Writer *writer, const char *key, const List *groups)
{
    YamlWriter *yaml = writer->yaml;

    yaml_begin_list(yaml, key, YAML_BLOCK);
    for (size_t i = 0; i < groups->count;) {
        const ObjectGroup *group = groups->items[i];

        yaml_begin_mapping(yaml, NULL, YAML_BLOCK);
        yaml_write_text(yaml, "kind", grant_kind_info(group->kind)->singular);
        write_name(writer, "schema", group->schema);
        write_name(writer, "owner", group->owner);
        write_acl(writer, group->acl_text, &group->acl, object_group_acl_kind(group->kind),
                  group->owner);
        write_given_text(writer, "extension_acl", group->extension_acl);
        write_flags(writer, group->flags);
        yaml_begin_list(yaml, "names", YAML_BLOCK);
        do {
            write_names(writer, groups->items[i++]);
        } while (i < groups->count && is_same_entry(group, groups->items[i]));
        yaml_end_list(yaml);
        write_followers(writer, group);
        yaml_end_mapping(yaml);
    }
    yaml_end_list(yaml);
}

static void
write_columns(const Writer *writer, const StateDatabase *database)
{
    YamlWriter *yaml = writer->yaml;

    yaml_begin_list(yaml, "columns", YAML_BLOCK);
    LIST_FOREACH (const StateTableColumns, table, &database->table_columns) {
        yaml_begin_mapping(yaml, NULL, YAML_FLOW);
        write_name(writer, "schema", table->schema);
        yaml_write_text(yaml, "table", table->table);
        yaml_begin_list(yaml, "names", YAML_FLOW);
        LIST_FOREACH (const char, name, &table->names)
            yaml_write_text(yaml, NULL, name);
        yaml_end_list(yaml);
        yaml_end_mapping(yaml);
    }
    yaml_end_list(yaml);
    yaml_begin_list(yaml, "column_acls", YAML_BLOCK);
    LIST_FOREACH (const StateColumn, column, &database->columns) {
        yaml_begin_mapping(yaml, NULL, YAML_FLOW);
        write_name(writer, "schema", column->table->schema);
        yaml_write_text(yaml, "table", column->table->name);
        yaml_write_text(yaml, "column", column->name);
        write_acl(writer, column->acl_text, &column->acl, OBJECT_KIND_COLUMN, column->owner);
        write_given_text(writer, "extension_acl", column->extension_acl);
        /* That the table is an extension's its own entry says. */
        write_flags(writer, column->flags & OBJECT_GROUP_IS_INITIAL);
        yaml_end_mapping(yaml);
    }
    yaml_end_list(yaml);
}

/* ---- databases ---- */

static void
write_schemas(const Writer *writer, const StateDatabase *database)
{
    YamlWriter *yaml = writer->yaml;

    yaml_begin_list(yaml, "schemas", YAML_BLOCK);
    LIST_FOREACH (const StateSchema, schema, &database->schemas) {
        yaml_begin_mapping(yaml, NULL, YAML_FLOW);
        write_name(writer, "name", schema->name);
        write_name(writer, "owner", schema->owner);
        write_acl(writer, schema->acl_text, &schema->acl, OBJECT_KIND_SCHEMA, schema->owner);
        write_flags(writer, schema->flags);
        yaml_end_mapping(yaml);
    }
    yaml_end_list(yaml);
}

static void
write_default_acls(const Writer *writer, const StateDatabase *database)
{
    YamlWriter *yaml = writer->yaml;

    yaml_begin_list(yaml, "default_privileges", YAML_BLOCK);
    LIST_FOREACH (const StateDefaultAcl, row, &database->default_acls) {
        yaml_begin_mapping(yaml, NULL, YAML_FLOW);
        write_name(writer, "creator", row->creator);
        write_name(writer, "schema", row->schema);
        yaml_write_text(yaml, "on", state_word_of_default(row->type));
        /* Always written: here a NULL does not exist, and an entry without one means nothing. */
        yaml_write_text(yaml, "acl",
                        row->acl_text != NULL
                            ? row->acl_text
                            : acl_render(arena_of(writer), writer->state->names, &row->acl));
        yaml_end_mapping(yaml);
    }
    yaml_end_list(yaml);
}

static void
write_functions(const Writer *writer, const StateDatabase *database)
{
    YamlWriter *yaml = writer->yaml;

    yaml_begin_list(yaml, "functions", YAML_BLOCK);
    LIST_FOREACH (const StateFunction, function, &database->functions) {
        yaml_begin_mapping(yaml, NULL, YAML_FLOW);
        yaml_write_text(yaml, "signature", function->signature);
        write_name(writer, "owner", function->owner);
        write_acl(writer, function->acl_text, &function->acl, OBJECT_KIND_FUNCTION,
                  function->owner);
        yaml_end_mapping(yaml);
    }
    yaml_end_list(yaml);
}

static void
write_database(const Writer *writer, const StateDatabase *database)
{
    YamlWriter *yaml = writer->yaml;

    yaml_begin_mapping(yaml, NULL, YAML_BLOCK);
    write_name(writer, "name", database->name);
    write_name(writer, "owner", database->owner);
    write_acl(writer, database->acl_text, &database->acl, OBJECT_KIND_DATABASE, database->owner);
    if (!database->allow_connections)
        yaml_write_bool(yaml, "allow_connections", false);
    if (database->is_template)
        yaml_write_bool(yaml, "is_template", true);
    if (database->connection_limit != -1)
        yaml_write_int(yaml, "connection_limit", database->connection_limit);
    if (strcmp(database->tablespace, "pg_default") != 0)
        yaml_write_text(yaml, "tablespace", database->tablespace);
    write_given_text(writer, "comment", database->comment);
    if (database->content_known) {
        write_schemas(writer, database);
        write_default_acls(writer, database);
        write_functions(writer, database);
        write_objects(writer, "objects", &database->groups);
        write_columns(writer, database);
    }
    yaml_end_mapping(yaml);
}

bool
state_text_write(const StateText *text, GString *out)
{
    g_autoptr(YamlWriter) yaml = yaml_writer_new(g_string_append(out, HEAD));
    const Writer writer = { .yaml = yaml, .state = text->state };

    yaml_begin_mapping(yaml, NULL, YAML_BLOCK);
    yaml_write_int(yaml, "pgcharter_state", STATE_TEXT_FORMAT);
    write_given_text(&writer, "cluster", text->cluster);
    write_server(&writer, text);
    write_session(&writer, text);
    write_timestamps(&writer, text);
    write_cluster_wide(&writer);
    yaml_begin_list(yaml, "databases", YAML_BLOCK);
    LIST_FOREACH (const StateDatabase, database, &text->state->databases)
        write_database(&writer, database);
    yaml_end_list(yaml);
    write_objects(&writer, "shared_objects", &text->state->shared_groups);
    yaml_write_bool(yaml, "end_of_state", true);
    yaml_end_mapping(yaml);
    return yaml_writer_finish(yaml);
}
