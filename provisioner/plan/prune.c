/* From roles that are to be dropped to the steps that make that possible. */
#include "provisioner/plan/prune.h"

#include <string.h>

#include "provisioner/catalog/prune_catalog.h"
#include "provisioner/findings.h"
#include "provisioner/plan/code_owner.h"
#include "provisioner/plan/prune_notes.h"
#include "provisioner/server/sql_text.h"
#include "roles/diff/own_roles.h"

/* Upper bound on statements per transaction, however large the lock table is. */
#define STATEMENTS_PER_BATCH 5000
/* Longer lists of statements are summed up where people read them. */
#define STATEMENTS_SHOWN 20

typedef struct Prune {
    const PruneInput *input;
    Arena *arena;
    AccessState *state;
    List drops; /* Change: ROLE_DROP */
    const char *roles;
    List counts; /* PruneCount */
    unsigned lock_budget;
    unsigned batch;
    GHashTable *blocked; /* NameId of roles that cannot be dropped this time */
    List changes;        /* Change: what comes of it */
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
            change->batch = ++prune->batch;
    }
    return rest;
}

static Change *
add_change(Prune *prune, ChangeKind kind, const Change *drop, NameId database)
{
    Change *change = ARENA_NEW(prune->arena, Change);

    *change = (Change){
        .kind = kind,
        .declared_at = drop->declared_at,
        .database = database,
        .name = drop->name,
        .batch = prune->batch,
    };
    list_add(prune->arena, &prune->changes, change);
    return change;
}

/* People get one line instead of thousands; the statements themselves are unchanged. */
static void
sum_up(Prune *prune, Change *change, const Change *drop)
{
    OwnedChange *owned = change == NULL ? NULL : change_edit_owned(change);

    if (owned != NULL && owned->statements.count > STATEMENTS_SHOWN)
        owned->summary =
            arena_printf(prune->arena, "ALTER ... OWNER TO \"%s\": %zu relations of \"%s\"",
                         name_of(prune, change_role_drop(drop)->reassign_to),
                         owned->statements.count, name_of(prune, drop->name));
}

/*
 * REASSIGN OWNED takes the locks of everything at once, and with many tables runs out of them; so
 * relations go one by one, in transactions that take no more than half of the lock table.
 */
static void
move_relations(Prune *prune, const List *relations, const Change *drop, NameId database)
{
    Change *change = NULL;
    guint64 locks = 0;

    LIST_FOREACH (const PruneRelation, relation, relations) {
        const SqlValue values[] = { { "kind", relation->kind },
                                    { "schema", relation->schema },
                                    { "relation", relation->name },
                                    { "reassign_to",
                                      name_of(prune, change_role_drop(drop)->reassign_to) },
                                    { 0 } };

        if (relation->role != drop->name)
            continue;
        locks += relation->locks;
        if (change == NULL || locks > prune->lock_budget ||
            change_owned(change)->statements.count == STATEMENTS_PER_BATCH) {
            sum_up(prune, change, drop);
            prune->batch++;
            change = add_change(prune, CHANGE_OWNED_MOVE, drop, database);
            locks = relation->locks;
        }
        list_add(prune->arena, &change_edit_owned(change)->statements,
                 sql_render(prune->arena, "statement/alter_relation_owner.sql", values));
    }
    sum_up(prune, change, drop);
}

/*
 * DROP OWNED takes what the owner granted, and DROP ROLE fails for the rest. REVOKE only removes
 * the entries of the role that runs it, so the statements are grouped by grantor and run under SET
 * ROLE to each.
 */
static void
revoke_held(Prune *prune, const List *revokes, NameId database)
{
    Change *change = NULL;

    LIST_FOREACH (const PruneRevoke, revoke, revokes) {
        if (change == NULL || change->name != revoke->role ||
            change_owned(change)->acting.role != revoke->grantor) {
            LIST_FOREACH (const Change, drop, &prune->drops) {
                if (drop->name == revoke->role)
                    change = add_change(prune, CHANGE_OWNED_DROP, drop, database);
            }
            change_edit_owned(change)->acting.role = revoke->grantor;
        }
        list_add(prune->arena, &change_edit_owned(change)->statements, revoke->statement);
        if (revoke->closed_schema != NAME_NONE)
            name_id_vector_add_once(prune->arena, &change_edit_owned(change)->acting.schemas,
                                    revoke->closed_schema);
    }
}

/*
 * Event triggers and the like fail with any owner but a superuser, and REASSIGN OWNED with them.
 * They are no code: an event trigger runs with the rights of whoever fires it.
 */
static void
move_superuser_objects(Prune *prune, const List *objects, const Change *drop, Change *change)
{
    NameId superuser = change_role_drop(drop)->superuser;

    LIST_FOREACH (const PruneSuperuserObject, object, objects) {
        const SqlValue values[] = { { "kind", object->kind },
                                    { "object", sql_identifier(prune->arena, object->name) },
                                    { "owner", name_of(prune, superuser) },
                                    { 0 } };

        if (object->role == drop->name && superuser != change_role_drop(drop)->reassign_to)
            list_add(prune->arena, &change_edit_owned(change)->statements,
                     sql_render(prune->arena, "statement/alter_object_owner.sql", values));
    }
}

/* What has to happen to the roles in one database, as read there. */
typedef struct Owned {
    List relations; /* PruneRelation */
    List superuser; /* PruneSuperuserObject */
    List grants;    /* const char */
    List revokes;   /* PruneRevoke */
} Owned;

/*
 * What is left: the rest changes its owner, grants to others are renewed, everything else goes. The
 * first role renews the grants of all: a grant may depend on another removed role's, and would be
 * gone in between. REASSIGN OWNED leaves privileges alone and DROP OWNED removes them together with
 * what is still owned, so the order is fixed (manual, "Dropping Roles"). The statement timeout is
 * lifted: neither statement can be split.
 */
static void
drop_owned(Prune *prune, const Owned *owned, const Change *drop, NameId database)
{
    const SqlValue values[] = { { "role", name_of(prune, drop->name) },
                                { "reassign_to",
                                  name_of(prune, change_role_drop(drop)->reassign_to) },
                                { 0 } };
    Change *change = NULL;

    prune->batch++;
    change = add_change(prune, CHANGE_OWNED_MOVE, drop, database);
    change_edit_owned(change)->setting =
        sql_render(prune->arena, "statement/unlimited_time.sql", values);
    move_superuser_objects(prune, &owned->superuser, drop, change);
    list_add(prune->arena, &change_edit_owned(change)->statements,
             sql_render(prune->arena, "statement/reassign_owned.sql", values));
    LIST_FOREACH (const char, grant, &owned->grants)
        list_add(prune->arena, &change_edit_owned(change)->statements, grant);
    revoke_held(prune, &owned->revokes, database);
    change = add_change(prune, CHANGE_OWNED_DROP, drop, database);
    list_add(prune->arena, &change_edit_owned(change)->statements,
             sql_render(prune->arena, "statement/drop_owned.sql", values));
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

static bool
read_owned(Prune *prune, Session *session, const Place *place, Owned *ret_owned, GError **error)
{
    AccessState *state = prune->state;

    return (!place->with_shared ||
            prune_read_grants(session, state, prune->roles, PRUNE_GRANTS_SHARED, &ret_owned->grants,
                              &ret_owned->revokes, error)) &&
           prune_read_grants(session, state, prune->roles, PRUNE_GRANTS_HERE, &ret_owned->grants,
                             &ret_owned->revokes, error) &&
           prune_read_relations(session, state, prune->roles, &ret_owned->relations, error) &&
           prune_read_superuser_objects(session, state, prune->roles, &ret_owned->superuser, error);
}

/*
 * The grants and revokes of all roles go with the first one: a grant may hang on the grant option
 * of another role that is dropped, too.
 */
static bool
expand_in(Prune *prune, Session *session, const Place *place, GError **error)
{
    Owned owned = { 0 };
    List code = { 0 };

    if (!read_owned(prune, session, place, &owned, error) ||
        !prune_read_code(session, prune->state, prune->roles, &code, error))
        return false;
    LIST_FOREACH (const Change, drop, &prune->drops) {
        if (!has_ties(prune, drop->name, place->database) &&
            !(place->with_shared && has_ties(prune, drop->name, NAME_NONE)))
            continue;
        code_owner_check_drop(prune->input, drop, place->database, &code);
        move_relations(prune, &owned.relations, drop, place->database);
        drop_owned(prune, &owned, drop, place->database);
        owned.grants = owned.revokes = (List){ 0 };
    }
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
        concerned = concerned || has_ties(prune, drop->name, database->name) ||
                    (place.with_shared && has_ties(prune, drop->name, NAME_NONE));
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
        create = add_change(prune, CHANGE_ROLE_CREATE, drop, NAME_NONE);
        create->name = owner;
        change_edit_role(create)->attribute_changes[ROLE_ATTRIBUTE_LOGIN] = true;
        comment = add_change(prune, CHANGE_ROLE_COMMENT, drop, NAME_NONE);
        comment->name = owner;
        change_edit_comment(comment)->text = ORPHANS_COMMENT;
    }
}

/* All in one last batch: when it runs, nothing depends on the roles any more. */
static void
add_role_drops(Prune *prune)
{
    prune->batch++;
    LIST_FOREACH (Change, drop, &prune->drops) {
        if (g_hash_table_contains(prune->blocked, GUINT_TO_POINTER(drop->name)))
            continue;
        drop->batch = prune->batch;
        list_add(prune->arena, &prune->changes, drop);
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
        .blocked = blocked,
    };

    prune.changes = take_drops(&prune, changes);
    if (prune.drops.count > 0) {
        prune.roles = role_list(input->arena, input->state->names, &prune.drops);
        if (!prune_read_counts(input->session, input->state, prune.roles, &prune.counts, error) ||
            !prune_read_lock_budget(input->session, input->arena, &prune.lock_budget, error) ||
            !prune_note_prepared(input, prune.roles, &prune.drops, error))
            return false;
        prune_note_counts(input, &prune.counts, &prune.drops);
        prune_note_members(input, &prune.drops);
        add_new_owner(&prune);
        if (!expand_databases(&prune, changes, error))
            return false;
        add_role_drops(&prune);
    }
    *changes = prune.changes;
    return true;
}
