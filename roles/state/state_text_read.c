/* A state file read: the document, the server and the session. */
#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/findings.h"
#include "inventory/yaml/yaml_reader.h"
#include "roles/findings.h"
#include "roles/password/password.h"
#include "roles/state/initdb_state.h"
#include "roles/state/state_reader.h"
#include "roles/state/state_time.h"

#define VERSION_MIN 13

/* ---- the server ---- */

static const IntRange iteration_range = { 1, G_MAXINT32 };

typedef struct ServerEntry {
    OptText version;
    const Node *system_identifier;
    OptText time_zone;
    const char *bootstrap_superuser;
    OptInt scram_iterations;
} ServerEntry;

#define SERVER(member) offsetof(ServerEntry, member)

static const FieldDef server_fields[] = {
    { "version", field_opt_text, SERVER(version), FIELD_REQUIRED, NULL },
    { "system_identifier", state_field_node, SERVER(system_identifier), FIELD_NULL_COUNTS, NULL },
    { "time_zone", field_opt_text, SERVER(time_zone), 0, NULL },
    { "bootstrap_superuser", state_field_name, SERVER(bootstrap_superuser), 0, NULL },
    { "scram_iterations", field_int, SERVER(scram_iterations), 0, &iteration_range },
    { 0 },
};

/* The server prints 16.4, 17beta1 or 16.4 (Debian 16.4-1): the major version is in front. */
static bool
read_version(StateReader *reader, const OptText *version)
{
    guint64 major =
        g_ascii_isdigit(*version->value) ? g_ascii_strtoull(version->value, NULL, 10) : 0;

    if (major < VERSION_MIN)
        return state_malformed(reader, version->pos,
                               "write it as the server prints it, as in \"16.4\"",
                               "\"version\" of server must be that of PostgreSQL 13 or later");
    reader->text->server_version = version->value;
    reader->state->major_version = (int)MIN(major, ACCESS_STATE_VERSION_MAX);
    return true;
}

static bool
read_server(StateReader *reader, const Node *node)
{
    ServerEntry entry = { .bootstrap_superuser = "postgres" };
    StateText *text = reader->text;

    if (!bind_mapping(reader->binder, node, server_fields, UNKNOWN_KEYS_REFUSED, "server",
                      &entry) ||
        !read_version(reader, &entry.version))
        return false;
    text->time_zone = entry.time_zone.value;
    text->has_system_identifier = entry.system_identifier != NULL;
    if (entry.system_identifier != NULL && !node_is_null(entry.system_identifier)) {
        text->system_identifier =
            value_text(reader->binder, "system_identifier", entry.system_identifier);
        if (text->system_identifier == NULL)
            return false;
    }
    reader->state->bootstrap_superuser =
        names_intern(reader->state->names, entry.bootstrap_superuser);
    reader->state->scram_iterations =
        entry.scram_iterations.given ? (int)entry.scram_iterations.value : SCRAM_ITERATIONS_DEFAULT;
    return true;
}

/* ---- the session ---- */

typedef struct SessionEntry {
    const Node *role;
    OptBool superuser;
    OptBool used_password;
    OptBool reads_verifiers;
    const Node *self_grant;
    const Node *may_set;
    const Node *may_not_set;
} SessionEntry;

#define SESSION(member) offsetof(SessionEntry, member)

static const FieldDef session_fields[] = {
    { "role", state_field_node, SESSION(role), 0, NULL },
    { "superuser", field_bool, SESSION(superuser), 0, NULL },
    { "used_password", field_bool, SESSION(used_password), 0, NULL },
    { "reads_verifiers", field_bool, SESSION(reads_verifiers), 0, NULL },
    { "createrole_self_grant", state_field_node, SESSION(self_grant), 0, NULL },
    { "may_set", state_field_node, SESSION(may_set), 0, NULL },
    { "may_not_set", state_field_node, SESSION(may_not_set), 0, NULL },
    { 0 },
};

/*
 * createrole_self_grant decides what a non-superuser gets on the roles that it creates (16 and
 * later), and so what it may do in later steps.
 */
static bool
read_self_grant(StateReader *reader, const Node *node)
{
    const Node *list = state_list(reader, "createrole_self_grant", node);

    for (size_t i = 0; i < list->count; i++) {
        const char *word = value_text(reader->binder, "createrole_self_grant", list->items[i]);

        if (word == NULL)
            return false;
        if (strcmp(word, "inherit") == 0)
            reader->state->self_grants_inherit = true;
        else if (strcmp(word, "set") == 0)
            reader->state->self_grants_set = true;
        else
            return state_word_is_unknown(reader, "createrole_self_grant", list->items[i],
                                         "valid words are inherit and set");
    }
    return true;
}

/* In lower case, as the look-ups want them. */
static bool
read_parameters(StateReader *reader, const char *key, const Node *node, List *ret_names)
{
    const Node *list = state_list(reader, key, node);

    for (size_t i = 0; i < list->count; i++) {
        const char *name = value_text(reader->binder, key, list->items[i]);
        g_autofree char *lower = name == NULL ? NULL : g_ascii_strdown(name, -1);

        if (name == NULL)
            return false;
        list_add(reader->state->arena, ret_names, arena_strdup(reader->state->arena, lower));
    }
    return true;
}

/* What may not be set is known of nobody but those whom it concerns: NULL for a superuser. */
static bool
read_session_parameters(StateReader *reader, const SessionEntry *entry)
{
    List closed = { 0 };

    if (!read_parameters(reader, "may_set", entry->may_set, &reader->text->open_parameters) ||
        !read_parameters(reader, "may_not_set", entry->may_not_set, &closed))
        return false;
    if (reader->state->session_role_is_superuser)
        return true;
    reader->state->closed_parameters = g_hash_table_new(g_str_hash, g_str_equal);
    LIST_FOREACH (const char, name, &closed)
        g_hash_table_add(reader->state->closed_parameters, (gpointer)name);
    return true;
}

/*
 * After the roles, whose attributes decide what is not said. Without the key the session is the
 * bootstrap superuser's, the usual case of a state written for a test or a review.
 */
static bool
read_session(StateReader *reader, const Node *node)
{
    AccessState *state = reader->state;
    SessionEntry entry = { 0 };
    const StateRole *role = NULL;

    if (node != NULL && !bind_mapping(reader->binder, node, session_fields, UNKNOWN_KEYS_REFUSED,
                                      "session", &entry))
        return false;
    state->session_role = entry.role == NULL ? state->bootstrap_superuser
                                             : state_role_named(reader, "role", entry.role);
    if (state->session_role == NAME_NONE)
        return false;
    role = access_state_role(state, state->session_role);
    state->session_role_is_superuser =
        entry.superuser.given ? entry.superuser.value : role->attributes[ROLE_ATTRIBUTE_SUPERUSER];
    state->verifiers_known = entry.reads_verifiers.given ? entry.reads_verifiers.value
                                                         : state->session_role_is_superuser;
    state->used_password = entry.used_password.value;
    return read_self_grant(reader, entry.self_grant) && read_session_parameters(reader, &entry);
}

/* ---- the document ---- */

typedef struct Document {
    const Node *format;
    const char *cluster;
    const Node *server;
    const Node *session;
    const Node *starts_from;
    const Node *timestamps;
    const Node *roles;
    const Node *memberships;
    const Node *settings;
    const Node *databases;
    const Node *shared_objects;
    OptBool end;
} Document;

#define DOCUMENT(member) offsetof(Document, member)

static const FieldDef document_fields[] = {
    { "pgcharter_state", state_field_node, DOCUMENT(format), FIELD_REQUIRED, NULL },
    { "cluster", state_field_name, DOCUMENT(cluster), 0, NULL },
    { "server", state_field_node, DOCUMENT(server), FIELD_REQUIRED, NULL },
    { "session", state_field_node, DOCUMENT(session), 0, NULL },
    { "starts_from", state_field_node, DOCUMENT(starts_from), 0, NULL },
    { "timestamps", state_field_node, DOCUMENT(timestamps), 0, NULL },
    { "roles", state_field_node, DOCUMENT(roles), 0, NULL },
    { "memberships", state_field_node, DOCUMENT(memberships), 0, NULL },
    { "settings", state_field_node, DOCUMENT(settings), 0, NULL },
    { "databases", state_field_node, DOCUMENT(databases), 0, NULL },
    { "shared_objects", state_field_node, DOCUMENT(shared_objects), 0, NULL },
    { "end_of_state", field_bool, DOCUMENT(end), 0, NULL },
    { 0 },
};

/* Before anything else is read: of a file of another kind nothing else is worth a message. */
static bool
check_format(StateReader *reader, const Node *root, const char *file)
{
    const Node *format = node_get(root, "pgcharter_state");
    SourcePos start = { .file = file, .line = 1, .column = 1 };
    Findings *findings = reader->binder->findings;

    if (format == NULL) {
        findings_add(findings, &FINDING_STATE_NOT_RECOGNIZED, start,
                     "pgcharter snapshot -o FILE writes one",
                     "this is not a saved state: it has no key \"pgcharter_state\"");
        return false;
    }
    if (format->kind == NODE_SCALAR && format->type == SCALAR_INT &&
        format->value.integer == STATE_TEXT_FORMAT)
        return true;
    findings_add(findings, &FINDING_STATE_FORMAT_UNSUPPORTED, format->pos,
                 "take a new snapshot with this version of pgcharter",
                 "format version %s is not supported, this version of pgcharter reads %d",
                 format->kind == NODE_SCALAR ? format->text : node_describe(format),
                 STATE_TEXT_FORMAT);
    return false;
}

/* A file that was cut off between two lines is good YAML: its last line tells. */
static bool
check_end(StateReader *reader, const Node *root)
{
    const NodeEntry *last = &root->entries[root->count - 1];

    if (node_get(root, "end_of_state") != NULL)
        return true;
    findings_add(reader->binder->findings, &FINDING_STATE_TRUNCATED, last->key->pos,
                 "take the snapshot again; a hand-written state must end with that line, too",
                 "the state is cut off in or after \"%s\": its last line, end_of_state: true, is "
                 "missing",
                 last->key->text);
    return false;
}

/* No table of fields: the keys are the inventory's own texts. */
static bool
read_timestamps(StateReader *reader, const Node *node)
{
    bool ok = true;

    if (node == NULL)
        return true;
    if (node->kind != NODE_MAPPING) {
        findings_add(reader->binder->findings, &FINDING_VALUE_TYPE_INVALID, node->pos, NULL,
                     "\"timestamps\" must be a mapping, found %s", node_describe(node));
        return false;
    }
    for (size_t i = 0; i < node->count; i++) {
        double *seconds = ARENA_NEW(reader->state->arena, double);

        ok = state_read_moment(reader, "timestamps", node->entries[i].value, seconds) && ok;
        g_hash_table_insert(reader->text->timestamps, (gpointer)node->entries[i].key->text,
                            seconds);
    }
    return ok;
}

/*
 * What initdb left, which the rest of the file then changes; its objects are those that it says. A
 * fresh cluster has predefined roles and three databases; a file that starts from them has to name
 * only what was added.
 */
static bool
start_from(StateReader *reader, const Node *node)
{
    AccessState *state = reader->state;
    int iterations = state->scram_iterations;
    const char *word = node == NULL ? NULL : value_text(reader->binder, "starts_from", node);

    if (node == NULL)
        return true;
    if (word == NULL || strcmp(word, "initdb") != 0)
        return word != NULL &&
               state_word_is_unknown(reader, "starts_from", node, "the only valid word is initdb");
    initdb_state(state, state->major_version, names_text(state->names, state->bootstrap_superuser));
    state->scram_iterations = iterations;
    LIST_FOREACH (StateDatabase, database, &state->databases)
        database->objects_unknown = false;
    return true;
}

static bool
check_bootstrap_superuser(StateReader *reader, const Node *server)
{
    const char *name = names_text(reader->state->names, reader->state->bootstrap_superuser);

    return access_state_role(reader->state, reader->state->bootstrap_superuser) != NULL ||
           state_role_is_unknown(reader, server, name, "\"bootstrap_superuser\" of server");
}

/*
 * Roles first, as nearly everything names one; databases last, as they name roles, schemas and
 * tables.
 */
static bool
read_document(StateReader *reader, const Document *document)
{
    bool ok = true;

    if (!read_server(reader, document->server) || !start_from(reader, document->starts_from))
        return false;
    ok = state_read_list(reader, "roles", document->roles, state_read_role);
    ok = check_bootstrap_superuser(reader, document->server) && ok;
    /* Without all roles every entry that names a missing one would be a follower. */
    if (!ok)
        return false;
    ok = read_session(reader, document->session);
    ok = read_timestamps(reader, document->timestamps) && ok;
    ok = state_read_list(reader, "memberships", document->memberships, state_read_membership) && ok;
    return state_read_databases(reader, document->databases, document->settings,
                                document->shared_objects) &&
           ok;
}

/*
 * Duplicate keys are errors: with "last wins" a merge of two snapshots would lose half of one
 * without a word.
 */
static bool
read_root(StateText *ret_text, Arena *arena, const char *file, const Node *root, Findings *findings)
{
    g_autoptr(Binder) binder = binder_new(arena, findings);
    g_autoptr(GHashTable) entries = g_hash_table_new(g_str_hash, g_str_equal);
    StateReader reader = {
        .binder = binder, .text = ret_text, .state = ret_text->state, .entries = entries
    };
    Document document = { 0 };
    const Node *cluster = NULL;

    if (!check_format(&reader, root, file) || !check_end(&reader, root))
        return false;
    node_report_duplicates(root, &FINDING_KEY_DUPLICATE, findings);
    if (findings_has_errors(findings) ||
        !bind_mapping(binder, root, document_fields, UNKNOWN_KEYS_REFUSED, "the state", &document))
        return false;
    cluster = node_get(root, "cluster");
    ret_text->cluster = document.cluster;
    ret_text->cluster_pos = cluster == NULL ? (SourcePos){ 0 } : cluster->pos;
    ret_text->state->verifiers_are_digests = true;
    return read_document(&reader, &document);
}

bool
state_text_parse(Arena *arena, const char *file, const char *bytes, size_t length,
                 Findings *findings, StateText *ret_text)
{
    const Node *root = yaml_read_bytes(arena, (SourcePos){ .file = file }, bytes, length, findings);

    return root != NULL && read_root(ret_text, arena, file, root, findings);
}

bool
state_text_read(Arena *arena, const char *path, Findings *findings, StateText *ret_text)
{
    const Node *root = yaml_read_file(arena, path, findings);

    return root != NULL && read_root(ret_text, arena, path, root, findings);
}

/*
 * A text that the file does not hold can still be read when it names no zone, in the time zone of
 * the server; anything else only the server can tell.
 */
bool
state_text_timestamp(const StateText *text, const char *timestamp, double *ret_seconds)
{
    const double *known = g_hash_table_lookup(text->timestamps, timestamp);

    if (known == NULL)
        return state_time_in_zone(timestamp, text->time_zone == NULL ? "UTC" : text->time_zone,
                                  ret_seconds);
    *ret_seconds = *known;
    return true;
}
