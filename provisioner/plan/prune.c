/* From roles that are to be dropped to the steps that make that possible. */
#include "provisioner/plan/prune.h"

#include <string.h>

#include "provisioner/catalog/prune_catalog.h"
#include "provisioner/findings.h"
#include "provisioner/plan/code_owner.h"
#include "provisioner/plan/prune_after.h"
#include "provisioner/plan/prune_notes.h"
#include "provisioner/plan/prune_writer.h"
#include "provisioner/server/sql_text.h"
#include "roles/diff/own_roles.h"

typedef struct Prune {
    const PruneInput *input;
    Arena *arena;
    AccessState *state;
    List drops;          /* Change: ROLE_DROP */
    const List *others;  /* Change: what the plan does before */
    const char *names;   /* of the roles, as literals */
    List counts;         /* PruneCount */
    GHashTable *blocked; /* NameId of roles that cannot be dropped this time */
    PruneWriter writer;
} Prune;

static const char *
name_of(const Prune *prune, NameId name)
{
    return names_text(prune->state->names, name);
}

static bool
is_dropped_database(const List *changes, NameId database)
{
    LIST_FOREACH (const Change, change, changes) {
        if (change->kind == CHANGE_DATABASE_DROP && change->name == database)
            return true;
    }
    return false;
}

/*
 * Takes the drops out of the list: databases first, since nothing in them has to be reassigned.
 * DROP DATABASE cannot run in a transaction (PreventInTransactionBlock()), so each is a batch of
 * its own.
 */
static List
take_drops(Prune *prune, const List *changes)
{
    List rest = { 0 };

    LIST_FOREACH (Change, change, changes) {
        if (change->kind == CHANGE_ROLE_DROP)
            list_add(prune->arena, &prune->drops, change);
        else
            list_add(prune->arena, &rest, change);
        if (change->kind == CHANGE_DATABASE_DROP)
            change->batch = ++prune->writer.batch;
    }
    return rest;
}

/*
 * Whether something depends on the role in that database, or, asked of NAME_NONE, on the server.
 * pg_shdepend records for each role in which database something depends on it, so databases without
 * a row need no connection.
 */
static bool
has_ties(const Prune *prune, NameId role, NameId database)
{
    LIST_FOREACH (const PruneCount, count, &prune->counts) {
        if (count->role == role && count->database == database)
            return true;
    }
    return false;
}

/*
 * A role that is still referenced anywhere cannot be dropped (user.c DropRole()); it stays
 * disabled, and the next run tries again.
 */
static void
block_roles(Prune *prune, NameId database, const char *reason)
{
    LIST_FOREACH (const Change, drop, &prune->drops) {
        if (!has_ties(prune, drop->name, database))
            continue;
        g_hash_table_add(prune->blocked, GUINT_TO_POINTER(drop->name));
        findings_add(prune->input->notes, &FINDING_PRUNE_BLOCKED, drop->declared_at,
                     "allow connections, then run apply --prune again",
                     "role \"%s\" remains disabled: it is still referenced in database \"%s\", %s",
                     name_of(prune, drop->name), name_of(prune, database), reason);
    }
}

typedef struct Place {
    NameId database;
    bool with_shared; /* the first place where things happen takes the shared objects along */
} Place;

/* Of what is read, what the plan's other steps leave. */
static bool
read_acls(Prune *prune, Session *session, PruneGrantScope scope, const PruneAfter *after,
          List *acls, GError **error)
{
    List read = { 0 };

    if (!prune_read_acls(session, prune->state, prune->names, scope, &read, error))
        return false;
    LIST_FOREACH (PruneAcl, acl, &read) {
        if (prune_after_acl(after, acl))
            list_add(prune->arena, acls, acl);
    }
    return true;
}

static bool
read_shared_acls(Prune *prune, Session *session, List *acls, GError **error)
{
    g_autoptr(PruneAfter) after = prune_after_new(prune->state, NAME_NONE, prune->others);

    return read_acls(prune, session, PRUNE_GRANTS_SHARED, after, acls, error);
}

static bool
read_schemas(Prune *prune, Session *session, const PruneAfter *after, List *schemas, GError **error)
{
    if (!prune_read_schemas(session, prune->state, schemas, error))
        return false;
    LIST_FOREACH (PruneAcl, schema, schemas)
        prune_after_acl(after, schema);
    return true;
}

static bool
read_relations(Prune *prune, Session *session, const PruneAfter *after, List *relations,
               GError **error)
{
    List read = { 0 };

    if (!prune_read_relations(session, prune->state, prune->names, &read, error))
        return false;
    LIST_FOREACH (PruneRelation, relation, &read) {
        if (prune_after_owner(after, relation) == relation->role)
            list_add(prune->arena, relations, relation);
    }
    return true;
}

static bool
read_owned(Prune *prune, Session *session, const Place *place, PruneOwned *ret_owned,
           GError **error)
{
    g_autoptr(PruneAfter) after = prune_after_new(prune->state, place->database, prune->others);
    List acls = { 0 };
    List schemas = { 0 };

    if ((place->with_shared && !read_shared_acls(prune, session, &acls, error)) ||
        !read_acls(prune, session, PRUNE_GRANTS_HERE, after, &acls, error) ||
        !read_schemas(prune, session, after, &schemas, error) ||
        !read_relations(prune, session, after, &ret_owned->relations, error) ||
        !prune_read_superuser_objects(session, prune->state, prune->names, &ret_owned->superuser,
                                      error))
        return false;
    prune_acl_steps(prune->writer.roles, &acls, &schemas, &ret_owned->steps);
    return true;
}

/* What cannot be taken from a role keeps it, as a database does that cannot be entered. */
static void
block_kept(Prune *prune, const List *kept, NameId database)
{
    g_autoptr(GHashTable) told = g_hash_table_new(g_str_hash, g_str_equal);

    LIST_FOREACH (const PruneKept, item, kept) {
        const char *text =
            arena_printf(prune->arena,
                         "role \"%s\" remains disabled: it keeps privileges granted by \"%s\" in "
                         "database \"%s\": %s",
                         name_of(prune, item->role), name_of(prune, item->grantor),
                         name_of(prune, database), item->reason);

        g_hash_table_add(prune->blocked, GUINT_TO_POINTER(item->role));
        if (g_hash_table_add(told, (gpointer)text))
            findings_add(prune->input->notes, &FINDING_PRUNE_BLOCKED,
                         prune_roles_drop(prune->writer.roles, item->role)->declared_at, item->hint,
                         "%s", text);
    }
}

static bool
is_concerned(const Prune *prune, const Change *drop, const Place *place)
{
    return has_ties(prune, drop->name, place->database) ||
           (place->with_shared && has_ties(prune, drop->name, NAME_NONE));
}

/*
 * Whether the role has nothing left there but what keeps it: then there is nothing to do, in this
 * run or any other. Entries of default privileges always go with DROP OWNED.
 */
static bool
is_stuck(const Prune *prune, const Change *drop, const Place *place, const PruneSteps *steps)
{
    bool is_kept = false;

    LIST_FOREACH (const PruneKept, item, &steps->kept)
        is_kept = is_kept || item->role == drop->name;
    if (!is_kept || name_id_vector_contains(&steps->taken, drop->name))
        return false;
    LIST_FOREACH (const PruneCount, count, &prune->counts) {
        bool is_here = count->database == place->database ||
                       (place->with_shared && count->database == NAME_NONE);

        if (is_here && count->role == drop->name &&
            (count->dependency != 'a' || strcmp(count->object_class, "pg_default_acl") == 0))
            return false;
    }
    return true;
}

static bool
expand_in(Prune *prune, Session *session, const Place *place, GError **error)
{
    PruneOwned owned = { 0 };
    List code = { 0 };
    List concerned = { 0 };

    if (!read_owned(prune, session, place, &owned, error) ||
        !prune_read_code(session, prune->state, prune->names, &code, error))
        return false;
    LIST_FOREACH (const Change, drop, &prune->drops) {
        if (!is_concerned(prune, drop, place) || is_stuck(prune, drop, place, &owned.steps))
            continue;
        code_owner_check_drop(prune->input, drop, place->database, &code);
        list_add(prune->arena, &concerned, drop);
    }
    if (concerned.count > 0)
        prune_writer_take(&prune->writer, &owned, &concerned, place->database);
    block_kept(prune, &owned.steps.kept, place->database);
    return true;
}

/*
 * Both statements see only the current database and shared objects (pg_shdepend.c shdepDropOwned(),
 * shdepReassignOwned()), so each database is visited.
 */
static bool
expand_database(Prune *prune, const StateDatabase *database, GError **error)
{
    const Place place = {
        .database = database->name,
        .with_shared = strcmp(name_of(prune, database->name), "postgres") == 0,
    };
    bool concerned = false;
    g_autoptr(GError) reason = NULL;
    g_autoptr(Session) own = NULL;

    LIST_FOREACH (const Change, drop, &prune->drops)
        concerned = concerned || is_concerned(prune, drop, &place);
    if (!concerned)
        return true;
    if (place.with_shared)
        return expand_in(prune, prune->input->session, &place, error);
    if (!database->allow_connections) {
        block_roles(prune, database->name, "which does not accept connections");
        return true;
    }
    own = session_open(prune->input->connection, name_of(prune, database->name), &reason);
    if (own == NULL) {
        block_roles(
            prune, database->name,
            arena_printf(prune->arena, "which cannot be connected to: %s", reason->message));
        return true;
    }
    return expand_in(prune, own, &place, error);
}

/* Database postgres comes first: the grants on shared objects are renewed there, and the first
 * DROP OWNED takes them, whichever database it is run in. */
static bool
expand_databases(Prune *prune, const List *changes, GError **error)
{
    for (unsigned round = 0; round < 2; round++) {
        LIST_FOREACH (const StateDatabase, database, &prune->state->databases) {
            bool is_postgres = strcmp(name_of(prune, database->name), "postgres") == 0;

            if (is_postgres != (round == 0) || is_dropped_database(changes, database->name))
                continue;
            if (!expand_database(prune, database, error))
                return false;
        }
    }
    return true;
}

/*
 * pgcharter_orphans is made when it gets something. REASSIGN OWNED names it wherever a role has
 * ties, so that what the role makes between the plan and its end is never dropped.
 */
static void
add_new_owner(Prune *prune)
{
    LIST_FOREACH (const Change, drop, &prune->drops) {
        NameId owner = change_role_drop(drop)->reassign_to;
        bool has_any = false;
        Change *create = NULL;
        Change *comment = NULL;

        LIST_FOREACH (const PruneCount, count, &prune->counts)
            has_any = has_any || count->role == drop->name;
        if (!has_any || access_state_role(prune->state, owner) != NULL)
            continue;
        access_state_add_role(prune->state, owner);
        create = prune_writer_add(&prune->writer, CHANGE_ROLE_CREATE, drop, NAME_NONE);
        create->name = owner;
        change_edit_role(create)->attribute_changes[ROLE_ATTRIBUTE_LOGIN] = true;
        comment = prune_writer_add(&prune->writer, CHANGE_ROLE_COMMENT, drop, NAME_NONE);
        comment->name = owner;
        change_edit_comment(comment)->text = ORPHANS_COMMENT;
    }
}

/* All in one last batch: when it runs, nothing depends on the roles any more. */
static void
add_role_drops(Prune *prune)
{
    prune->writer.batch++;
    LIST_FOREACH (Change, drop, &prune->drops) {
        if (g_hash_table_contains(prune->blocked, GUINT_TO_POINTER(drop->name)))
            continue;
        drop->batch = prune->writer.batch;
        list_add(prune->arena, &prune->writer.changes, drop);
    }
}

/* The names as SQL literals, with commas between them. */
static const char *
role_list(Arena *arena, const Names *names, const List *role_drops)
{
    g_autoptr(GString) out = g_string_new(NULL);

    LIST_FOREACH (const Change, change, role_drops) {
        if (out->len > 0)
            g_string_append(out, ", ");
        sql_append_literal(out, names_text(names, change->name));
    }
    return arena_strdup(arena, out->str);
}

bool
prune_expand(const PruneInput *input, List *changes, GError **error)
{
    g_autoptr(GHashTable) blocked = g_hash_table_new(NULL, NULL);
    Prune prune = {
        .input = input,
        .arena = input->arena,
        .state = input->state,
        .others = changes,
        .blocked = blocked,
        .writer = { .arena = input->arena },
    };
    g_autoptr(PruneRoles) roles = NULL;

    prune.writer.changes = take_drops(&prune, changes);
    if (prune.drops.count > 0) {
        prune.writer.roles = roles = prune_roles_new(input->state, &prune.drops);
        prune.names = role_list(input->arena, input->state->names, &prune.drops);
        if (!prune_read_counts(input->session, input->state, prune.names, &prune.counts, error) ||
            !prune_read_lock_budget(input->session, input->arena, &prune.writer.lock_budget,
                                    error) ||
            !prune_note_prepared(input, prune.names, &prune.drops, error))
            return false;
        prune_note_counts(input, &prune.counts, &prune.drops);
        prune_note_members(input, &prune.drops);
        add_new_owner(&prune);
        if (!expand_databases(&prune, changes, error))
            return false;
        add_role_drops(&prune);
    }
    *changes = prune.writer.changes;
    return true;
}
