/* Subjects and texts of facts; the words for the same thing are made in one place only. */
#include "provisioner/plan/facts.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "inventory/model/privilege.h"
#include "provisioner/plan/object_text.h"
#include "provisioner/plan/old_values.h"
#include "provisioner/server/sql_text.h"
#include "roles/change/precondition.h"

struct Facts {
    Arena *arena;
    const AccessState *state;
    GHashTable *by_key; /* database, subject -> Fact */
};

/* Neither a name nor a subject holds a control character. */
static const char *
key_of(Arena *arena, const char *database, const char *subject)
{
    return arena_printf(arena, "%s\n%s", database == NULL ? "" : database, subject);
}

const Fact *
facts_find(const Facts *facts, const char *database, const char *subject)
{
    return g_hash_table_lookup(facts->by_key, key_of(facts->arena, database, subject));
}

/* Rows of one thing, such as a membership by two grantors, are one fact. */
static void
add(Facts *facts, const char *database, const char *subject, const char *state, const char *acl)
{
    const char *key = key_of(facts->arena, database, subject);
    Fact *fact = g_hash_table_lookup(facts->by_key, key);

    if (fact == NULL) {
        fact = ARENA_NEW(facts->arena, Fact);
        *fact = (Fact){ .database = database, .subject = subject, .state = state, .acl = acl };
        g_hash_table_insert(facts->by_key, (gpointer)key, fact);
        return;
    }
    if (state != NULL)
        fact->state = fact->state == NULL || strcmp(fact->state, state) == 0
                          ? state
                          : arena_printf(facts->arena, "%s; %s", fact->state, state);
    fact->acl = acl == NULL ? fact->acl : acl;
}

/* ---- subjects ---- */

static const char *
text_of(const Facts *facts, NameId name)
{
    return name == NAME_NONE ? NULL : names_text(facts->state->names, name);
}

/* role "a" */
static const char *
subject(const Facts *facts, const char *words, const char *name)
{
    return arena_printf(facts->arena, "%s %s", words, sql_identifier(facts->arena, name));
}

static const char *
membership_subject(const Facts *facts, NameId member, NameId role)
{
    return arena_printf(facts->arena, "membership of %s in %s",
                        sql_identifier(facts->arena, text_of(facts, member)),
                        sql_identifier(facts->arena, text_of(facts, role)));
}

/* Of a role, of a database, or of a role in a database; guc.c compares the names without case. */
static const char *
setting_subject(const Facts *facts, NameId role, NameId database, const char *name)
{
    g_autofree char *folded = g_ascii_strdown(name, -1);
    const char *parameter = subject(facts, "parameter", folded);

    if (role == NAME_NONE)
        return arena_printf(facts->arena, "%s of database %s", parameter,
                            sql_identifier(facts->arena, text_of(facts, database)));
    return arena_printf(
        facts->arena, "%s of role %s%s%s", parameter,
        sql_identifier(facts->arena, text_of(facts, role)),
        database == NAME_NONE ? "" : " in database ",
        database == NAME_NONE ? "" : sql_identifier(facts->arena, text_of(facts, database)));
}

static const char *
default_subject(const Facts *facts, NameId creator, NameId schema, DefaultAclType type)
{
    const char *keyword = default_acl_type_keyword(type);
    const char *of = subject(facts, "default privileges of", text_of(facts, creator));

    if (schema == NAME_NONE)
        return arena_printf(facts->arena, "%s on %s", of, keyword);
    return arena_printf(facts->arena, "%s on %s in schema %s", of, keyword,
                        sql_identifier(facts->arena, text_of(facts, schema)));
}

static const char *
function_subject(const Facts *facts, const char *signature)
{
    return arena_printf(facts->arena, "function %s%s",
                        g_str_has_prefix(signature, "pg_catalog.") ? "" : "pg_catalog.", signature);
}

static const char *
object_subject(const Facts *facts, GrantKind kind, const ObjectIdentity *identity)
{
    g_autoptr(GString) out = g_string_new(grant_kind_info(kind)->singular);

    g_string_append_c(out, ' ');
    object_append_sql(out, facts->state->names, kind, identity);
    return arena_strdup(facts->arena, out->str);
}

static const char *
column_subject(const Facts *facts, const ObjectIdentity *table, const char *column)
{
    g_autoptr(GString) out = g_string_new("column ");

    object_append_sql(out, facts->state->names, GRANT_KIND_TABLE, table);
    g_string_append_c(out, '.');
    sql_append_identifier(out, column);
    return arena_strdup(facts->arena, out->str);
}

/* ---- what the server has ---- */

static const char *
digest(const Facts *facts, const char *text)
{
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

    return arena_printf(facts->arena, "sha256:%s", sum);
}

static int
compare_entries(const void *a, const void *b)
{
    const AclEntry *left = a;
    const AclEntry *right = b;

    if (left->grantee != right->grantee)
        return left->grantee < right->grantee ? -1 : 1;
    return left->grantor < right->grantor ? -1 : left->grantor > right->grantor;
}

static const char *
acl_text(const Facts *facts, const Acl *acl)
{
    Acl sorted = acl_copy(facts->arena, acl);

    if (sorted.count > 1)
        qsort(sorted.entries, sorted.count, sizeof *sorted.entries, compare_entries);
    return acl_render(facts->arena, facts->state->names, &sorted);
}

static const char *
owner_text(const Facts *facts, NameId owner)
{
    return subject(facts, "OWNER", text_of(facts, owner));
}

static void
add_role(Facts *facts, const StateRole *role)
{
    g_autoptr(GString) state = g_string_new(NULL);
    const char *name = text_of(facts, role->name);
    g_autofree char *until =
        isnan(role->valid_until) ? g_strdup("none") : old_values_time(role->valid_until);

    for (unsigned i = 0; i < ROLE_ATTRIBUTE_COUNT; i++)
        g_string_append_printf(state, "%s%s, ", role->attributes[i] ? "" : "NO",
                               role_attribute_keyword((RoleAttribute)i));
    g_string_append_printf(state, "CONNECTION LIMIT %" PRId64 ", VALID UNTIL %s",
                           role->connection_limit, until);
    add(facts, NULL, subject(facts, "role", name), arena_strdup(facts->arena, state->str), NULL);
    if (role->comment != NULL)
        add(facts, NULL, subject(facts, "comment on role", name), digest(facts, role->comment),
            NULL);
    if (role->verifier != NULL)
        add(facts, NULL, subject(facts, "password of role", name),
            precondition_of_password(facts->arena, role->verifier), NULL);
}

static void
add_memberships(Facts *facts)
{
    LIST_FOREACH (const StateMembership, row, &facts->state->memberships)
        add(facts, NULL, membership_subject(facts, row->member, row->role),
            arena_printf(facts->arena, "granted by %s%s%s%s",
                         sql_identifier(facts->arena, text_of(facts, row->grantor)),
                         row->admin ? " with ADMIN" : "", row->inherit ? "" : " without INHERIT",
                         row->set ? "" : " without SET"),
            NULL);
}

static void
add_settings(Facts *facts)
{
    GHashTableIter iterator;
    gpointer settings = NULL;

    g_hash_table_iter_init(&iterator, facts->state->setting_index);
    while (g_hash_table_iter_next(&iterator, NULL, &settings)) {
        LIST_FOREACH (const StateSetting, setting, (const List *)settings)
            add(facts, NULL,
                setting_subject(facts, setting->role, setting->database, setting->name),
                digest(facts, setting->value), NULL);
    }
}

static void
add_inside(Facts *facts, const StateDatabase *database)
{
    const char *name = text_of(facts, database->name);

    LIST_FOREACH (const StateSchema, schema, &database->schemas)
        add(facts, name, subject(facts, "schema", text_of(facts, schema->name)),
            owner_text(facts, schema->owner), acl_text(facts, &schema->acl));
    LIST_FOREACH (const StateDefaultAcl, row, &database->default_acls)
        if (row->acl_text != NULL)
            add(facts, name, default_subject(facts, row->creator, row->schema, row->type), NULL,
                acl_text(facts, &row->acl));
    LIST_FOREACH (const StateFunction, function, &database->functions)
        add(facts, name, function_subject(facts, function->signature),
            owner_text(facts, function->owner), acl_text(facts, &function->acl));
}

static void
add_database(Facts *facts, const StateDatabase *database)
{
    const char *name = text_of(facts, database->name);

    add(facts, NULL, subject(facts, "database", name),
        arena_printf(facts->arena,
                     "%s, CONNECTION LIMIT %" PRId64 ", IS_TEMPLATE %s, ALLOW_CONNECTIONS %s",
                     owner_text(facts, database->owner), database->connection_limit,
                     database->is_template ? "true" : "false",
                     database->allow_connections ? "true" : "false"),
        acl_text(facts, &database->acl));
    if (database->comment != NULL)
        add(facts, NULL, subject(facts, "comment on database", name),
            digest(facts, database->comment), NULL);
    add_inside(facts, database);
}

Facts *
facts_new(Arena *arena, const AccessState *state)
{
    Facts *facts = g_new0(Facts, 1);

    *facts = (Facts){
        .arena = arena,
        .state = state,
        .by_key = g_hash_table_new(g_str_hash, g_str_equal),
    };
    LIST_FOREACH (const StateRole, role, &state->roles)
        add_role(facts, role);
    add_memberships(facts);
    add_settings(facts);
    LIST_FOREACH (const StateDatabase, database, &state->databases)
        add_database(facts, database);
    return facts;
}

void
facts_free(Facts *facts)
{
    if (facts == NULL)
        return;
    g_hash_table_destroy(facts->by_key);
    g_free(facts);
}

/* ---- objects ---- */

/* The text of the catalog: the diff has moved the group's own ACLs. */
static const char *
catalog_acl(const Facts *facts, ObjectKind kind, NameId owner, const char *text)
{
    Acl acl = { 0 };

    if (text == NULL)
        acl = acl_default(facts->arena, kind, owner, facts->state->major_version);
    else
        acl_parse(facts->arena, facts->state->names, text, &acl);
    return acl_text(facts, &acl);
}

static void
add_groups(Facts *facts, const char *database, const List *groups)
{
    LIST_FOREACH (const ObjectGroup, group, groups) {
        const char *owner = owner_text(facts, group->old_owner);
        const char *acl = NULL;

        if (!group->is_named)
            continue;
        acl = catalog_acl(facts, object_group_acl_kind(group->kind), group->old_owner,
                          group->acl_text);
        LIST_FOREACH (const ObjectIdentity, identity, &group->identities) {
            const char *text = object_subject(facts, group->kind, identity);

            if (facts_find(facts, database, text) == NULL)
                add(facts, database, text, owner, acl);
        }
    }
}

void
facts_add_objects(Facts *facts)
{
    add_groups(facts, NULL, &facts->state->shared_groups);
    LIST_FOREACH (const StateDatabase, database, &facts->state->databases) {
        const char *name = text_of(facts, database->name);

        add_groups(facts, name, &database->groups);
        LIST_FOREACH (const StateColumn, column, &database->columns) {
            const char *text = column_subject(facts, column->table, column->name);

            if (facts_find(facts, name, text) == NULL)
                add(facts, name, text, NULL,
                    column->acl_text == NULL
                        ? "{}"
                        : catalog_acl(facts, OBJECT_KIND_COLUMN, column->owner, column->acl_text));
        }
    }
}

bool
facts_may_be_in(const Facts *facts, const List *wanted, const StateDatabase *database,
                const ObjectGroup *group)
{
    const char *where = database == NULL ? NULL : text_of(facts, database->name);
    const char *start =
        group->schema == NAME_NONE
            ? arena_printf(facts->arena, "%s ", grant_kind_info(group->kind)->singular)
            : arena_printf(facts->arena, "%s.",
                           subject(facts, grant_kind_info(group->kind)->singular,
                                   text_of(facts, group->schema)));

    LIST_FOREACH (const Fact, fact, wanted) {
        if (g_strcmp0(fact->database, where) == 0 && g_str_has_prefix(fact->subject, start) &&
            facts_find(facts, fact->database, fact->subject) == NULL)
            return true;
    }
    return false;
}

/* ---- what a change is about ---- */

typedef struct Collection {
    const Facts *facts;
    const char *database;
    List *into;
} Collection;

/* Of what is not there a fact is kept, too: that it is not there. */
static void
collect(const Collection *collection, const char *database, const char *text)
{
    const Facts *facts = collection->facts;
    const Fact *known = facts_find(facts, database, text);
    Fact *nothing = NULL;

    if (known == NULL) {
        nothing = ARENA_NEW(facts->arena, Fact);
        *nothing = (Fact){ .database = database, .subject = text };
    }
    list_add(facts->arena, collection->into, known != NULL ? known : nothing);
}

static void
collect_acl(const Collection *collection, const Change *change)
{
    const Facts *facts = collection->facts;
    const AclChange *acl = change_acl(change);

    if (acl->target == ACL_TARGET_NAMED && acl->object_kind == OBJECT_KIND_DATABASE)
        collect(collection, NULL, subject(facts, "database", text_of(facts, change->name)));
    else if (acl->target == ACL_TARGET_NAMED)
        collect(collection, collection->database,
                subject(facts, "schema", text_of(facts, change->name)));
    LIST_FOREACH (const char, function, &acl->functions)
        collect(collection, collection->database, function_subject(facts, function));
    LIST_FOREACH (const ObjectIdentity, identity, &acl->identities) {
        if (acl->columns.count == 0)
            collect(collection, collection->database,
                    object_subject(facts, acl->grant_kind, identity));
        LIST_FOREACH (const char, column, &acl->columns)
            collect(collection, collection->database, column_subject(facts, identity, column));
    }
}

static void
collect_default_acl(const Collection *collection, const Change *change)
{
    const DefaultAclChange *acl = change_default_acl(change);

    for (size_t i = 0; i < acl->creators.count; i++)
        collect(collection, collection->database,
                default_subject(collection->facts, acl->creators.items[i], acl->schema, acl->type));
}

static void
collect_memberships(const Collection *collection, const Change *change)
{
    const NameIdVector *groups = &change_membership(change)->groups;

    for (size_t i = 0; i < groups->count; i++)
        collect(collection, NULL,
                membership_subject(collection->facts, change->name, groups->items[i]));
}

static void
collect_markers(const Collection *collection, const Change *change)
{
    const NameIdVector *members = &change_marker(change)->members;

    for (size_t i = 0; i < members->count; i++)
        collect(collection, NULL,
                membership_subject(collection->facts, members->items[i], change->name));
}

static void
collect_setting(const Collection *collection, const Change *change)
{
    collect(collection, NULL,
            setting_subject(collection->facts,
                            change->kind == CHANGE_DATABASE_SETTING ? NAME_NONE : change->name,
                            change->database, change_setting(change)->parameter->name));
}

/* The role, database or schema of that name; `prefix` is "", "comment on " or "password of ". */
static void
collect_named(const Collection *collection, const Change *change, const char *prefix)
{
    static const struct {
        ChangeKind first;
        ChangeKind last;
        const char *words;
    } rows[] = {
        { CHANGE_ROLE_CREATE, CHANGE_ROLE_DATABASE_SETTING, "role" },
        { CHANGE_DATABASE_CREATE, CHANGE_DATABASE_COMMENT, "database" },
        { CHANGE_SCHEMA_CREATE, CHANGE_SCHEMA_OWNER, "schema" },
        { CHANGE_SCHEMA_DROP, CHANGE_SCHEMA_DROP, "schema" },
        { CHANGE_ROLE_DISABLE, CHANGE_ROLE_END_SESSIONS, "role" },
        { CHANGE_DATABASE_DROP, CHANGE_DATABASE_DROP, "database" },
        { CHANGE_OWNED_MOVE, CHANGE_ROLE_DROP, "role" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *words = NULL;

        if (change->kind < rows[i].first || change->kind > rows[i].last)
            continue;
        words = g_strconcat(prefix, rows[i].words, NULL);
        collect(collection, strcmp(rows[i].words, "schema") == 0 ? collection->database : NULL,
                subject(collection->facts, words, text_of(collection->facts, change->name)));
    }
}

static void
collect_owners(const Collection *collection, const Change *change)
{
    const ObjectOwnerChange *owner = change_object_owner(change);

    LIST_FOREACH (const ObjectIdentity, identity, &owner->identities)
        collect(collection, collection->database,
                object_subject(collection->facts, owner->grant_kind, identity));
}

static int
compare_subjects(const void *a, const void *b)
{
    return strcmp(((const Fact *)a)->subject, ((const Fact *)b)->subject);
}

void
facts_of_change(const Facts *facts, const Change *change, List *into)
{
    const Collection collection = {
        .facts = facts,
        .database = text_of(facts, change->database),
        .into = into,
    };

    if (change_has(change, CHANGE_PAYLOAD_ACL))
        collect_acl(&collection, change);
    else if (change_has(change, CHANGE_PAYLOAD_DEFAULT_ACL))
        collect_default_acl(&collection, change);
    else if (change_has(change, CHANGE_PAYLOAD_MEMBERSHIP))
        collect_memberships(&collection, change);
    else if (change_has(change, CHANGE_PAYLOAD_MARKER))
        collect_markers(&collection, change);
    else if (change_has(change, CHANGE_PAYLOAD_SETTING))
        collect_setting(&collection, change);
    else if (change_has(change, CHANGE_PAYLOAD_OBJECT_OWNER))
        collect_owners(&collection, change);
    else if (change_has(change, CHANGE_PAYLOAD_COMMENT))
        collect_named(&collection, change, "comment on ");
    else if (change_has(change, CHANGE_PAYLOAD_PASSWORD))
        collect_named(&collection, change, "password of ");
    else
        collect_named(&collection, change, "");
    list_sort(into, compare_subjects);
}
