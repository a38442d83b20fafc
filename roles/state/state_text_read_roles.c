/* A state file read: roles, memberships and settings. */
#include <string.h>

#include "inventory/bind/value.h"
#include "roles/findings.h"
#include "roles/password/verifier_digest.h"
#include "roles/state/state_reader.h"
#include "roles/state/state_words.h"

static const IntRange any_count = { 0, G_MAXINT32 };
static const IntRange limit_range = { -2, G_MAXINT32 };

typedef struct RoleEntry {
    const char *name;
    const Node *attributes;
    OptInt connection_limit;
    const Node *valid_until;
    const Node *password;
    OptText comment;
    OptInt sessions;
} RoleEntry;

#define ROLE(member) offsetof(RoleEntry, member)

static const FieldDef role_fields[] = {
    { "name", state_field_name, ROLE(name), FIELD_REQUIRED, NULL },
    { "attributes", state_field_node, ROLE(attributes), 0, NULL },
    { "connection_limit", field_int, ROLE(connection_limit), 0, &limit_range },
    { "valid_until", state_field_node, ROLE(valid_until), 0, NULL },
    { "password", state_field_node, ROLE(password), 0, NULL },
    { "comment", field_opt_text, ROLE(comment), 0, NULL },
    { "sessions", field_int, ROLE(sessions), 0, &any_count },
    { 0 },
};

/*
 * The list replaces what CREATE ROLE gives, so an empty list is a plain NOLOGIN role with INHERIT.
 */
static bool
read_attributes(StateReader *reader, const Node *node, StateRole *role)
{
    const Node *list = state_list(reader, "attributes", node);

    for (unsigned i = 0; i < ROLE_ATTRIBUTE_COUNT; i++)
        role->attributes[i] = i == ROLE_ATTRIBUTE_INHERIT;
    for (size_t i = 0; i < list->count; i++) {
        const char *word = value_text(reader->binder, "attributes", list->items[i]);
        RoleAttribute attribute = ROLE_ATTRIBUTE_LOGIN;
        bool value = false;

        if (word == NULL)
            return false;
        if (!state_attribute_from_word(word, &attribute, &value))
            return state_word_is_unknown(
                reader, "attributes", list->items[i],
                "valid words are login, superuser, createdb, createrole, noinherit, "
                "replication and bypassrls");
        role->attributes[attribute] = value;
    }
    return true;
}

/* Whatever stands there may be a password that somebody pasted: it is in no message. */
static bool
read_password(StateReader *reader, const Node *node, StateRole *role)
{
    const char *text = value_text(reader->binder, "password", node);

    if (text == NULL)
        return false;
    if (!verifier_digest_is_valid(text))
        return state_malformed(
            reader, node->pos,
            "a state holds no passwords: write scram-sha-256 sha256:<64 hex digits>, "
            "md5 or other",
            arena_printf(reader->binder->arena, "%s is not the kind and digest of a verifier",
                         value_label(reader->binder, "password")));
    role->verifier = text;
    return true;
}

/* What the entry does not say stays as initdb left it, or as a new role has it. */
static bool
fill_role(StateReader *reader, const RoleEntry *entry, StateRole *role)
{
    if (entry->attributes != NULL && !read_attributes(reader, entry->attributes, role))
        return false;
    if (entry->connection_limit.given)
        role->connection_limit = entry->connection_limit.value;
    if (entry->valid_until != NULL &&
        !state_read_moment(reader, "valid_until", entry->valid_until, &role->valid_until))
        return false;
    if (entry->comment.value != NULL)
        role->comment = entry->comment.value;
    role->sessions = (unsigned)entry->sessions.value;
    return entry->password == NULL || read_password(reader, entry->password, role);
}

/* An entry for a role that initdb made changes what it says of it. */
bool
state_read_role(StateReader *reader, const Node *node)
{
    const char *label = state_entry_label(reader, "role", node, "name");
    const char *outer = reader->binder->object;
    RoleEntry entry = { 0 };
    StateRole *role = NULL;
    NameId name = NAME_NONE;
    bool ok = false;

    if (!bind_mapping(reader->binder, node, role_fields, UNKNOWN_KEYS_REFUSED, label, &entry) ||
        !state_entry_is_new(reader, arena_printf(reader->binder->arena, "role %s", entry.name),
                            label, node))
        return false;
    name = names_intern(reader->state->names, entry.name);
    role = access_state_role(reader->state, name);
    if (role == NULL)
        role = access_state_add_role(reader->state, name);
    reader->binder->object = label;
    ok = fill_role(reader, &entry, role);
    reader->binder->object = outer;
    return ok;
}

typedef struct MembershipEntry {
    const Node *role;
    const Node *member;
    const Node *grantor;
    OptBool admin;
    OptBool inherit;
    OptBool set;
} MembershipEntry;

#define MEMBERSHIP(member) offsetof(MembershipEntry, member)

static const FieldDef membership_fields[] = {
    { "role", state_field_node, MEMBERSHIP(role), FIELD_REQUIRED, NULL },
    { "member", state_field_node, MEMBERSHIP(member), FIELD_REQUIRED, NULL },
    { "grantor", state_field_node, MEMBERSHIP(grantor), FIELD_NULL_COUNTS, NULL },
    { "admin", field_bool, MEMBERSHIP(admin), 0, NULL },
    { "inherit", field_bool, MEMBERSHIP(inherit), 0, NULL },
    { "set", field_bool, MEMBERSHIP(set), 0, NULL },
    { 0 },
};

/*
 * The bootstrap superuser's where the entry does not say; null: nobody's. null is a grantor that no
 * longer exists, possible before 16, when nothing kept a grantor from being dropped.
 */
static bool
read_grantor(StateReader *reader, const Node *node, NameId *ret_grantor)
{
    *ret_grantor = node == NULL ? reader->state->bootstrap_superuser : NAME_NONE;
    if (node == NULL || node_is_null(node))
        return true;
    *ret_grantor = state_role_named(reader, "grantor", node);
    return *ret_grantor != NAME_NONE;
}

/*
 * From 16 on pg_auth_members is unique by role, member and grantor; the file may list each such row
 * once.
 */
bool
state_read_membership(StateReader *reader, const Node *node)
{
    const char *label = "a membership";
    MembershipEntry entry = { 0 };
    StateMembership *membership = NULL;
    NameId role = NAME_NONE;
    NameId member = NAME_NONE;
    NameId grantor = NAME_NONE;

    if (!bind_mapping(reader->binder, node, membership_fields, UNKNOWN_KEYS_REFUSED, label, &entry))
        return false;
    role = state_role_named(reader, "role", entry.role);
    member = state_role_named(reader, "member", entry.member);
    if (!read_grantor(reader, entry.grantor, &grantor) || role == NAME_NONE || member == NAME_NONE)
        return false;
    label = arena_printf(reader->binder->arena, "the membership of \"%s\" in \"%s\"",
                         entry.member->text, entry.role->text);
    if (!state_entry_is_new(
            reader, arena_printf(reader->binder->arena, "member %u %u %u", role, member, grantor),
            label, node))
        return false;
    membership = access_state_add_membership(reader->state, role, member, grantor);
    membership->admin = entry.admin.value;
    membership->inherit = !entry.inherit.given || entry.inherit.value;
    membership->set = !entry.set.given || entry.set.value;
    return true;
}

typedef struct SettingEntry {
    const Node *role;
    const Node *database;
    const char *name;
    const Node *value;
} SettingEntry;

#define SETTING(member) offsetof(SettingEntry, member)

static const FieldDef setting_fields[] = {
    { "role", state_field_node, SETTING(role), 0, NULL },
    { "database", state_field_node, SETTING(database), 0, NULL },
    { "name", state_field_name, SETTING(name), FIELD_REQUIRED, NULL },
    { "value", state_field_node, SETTING(value), FIELD_REQUIRED, NULL },
    { 0 },
};

/* The settings are read after the databases are known by name and before what is inside them. */
static NameId
database_named(StateReader *reader, const Node *node)
{
    const char *name = value_text(reader->binder, "database", node);
    NameId id = name == NULL ? NAME_NONE : names_find(reader->state->names, name);

    if (name == NULL || (id != NAME_NONE && access_state_database(reader->state, id) != NULL))
        return id;
    findings_add(reader->binder->findings, &FINDING_STATE_NAME_UNKNOWN, node->pos, NULL,
                 "%s names database \"%s\", which is not among the state's databases",
                 value_label(reader->binder, "database"), name);
    return NAME_NONE;
}

/*
 * Either role or database may be absent, as setrole and setdatabase may be 0 in pg_db_role_setting;
 * both absent is ALTER ROLE ALL.
 */
bool
state_read_setting(StateReader *reader, const Node *node)
{
    const char *label = state_entry_label(reader, "setting", node, "name");
    SettingEntry entry = { 0 };
    NameId role = NAME_NONE;
    NameId database = NAME_NONE;
    const char *value = NULL;

    if (!bind_mapping(reader->binder, node, setting_fields, UNKNOWN_KEYS_REFUSED, label, &entry))
        return false;
    role = entry.role == NULL ? NAME_NONE : state_role_named(reader, "role", entry.role);
    database = entry.database == NULL ? NAME_NONE : database_named(reader, entry.database);
    value = value_text(reader->binder, "value", entry.value);
    if ((entry.role != NULL && role == NAME_NONE) ||
        (entry.database != NULL && database == NAME_NONE) || value == NULL ||
        !state_entry_is_new(
            reader,
            arena_printf(reader->binder->arena, "setting %u %u %s", role, database, entry.name),
            label, node))
        return false;
    access_state_set_setting(reader->state, role, database, entry.name, value);
    return true;
}
