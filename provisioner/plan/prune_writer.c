/* Statements become changes, in the transactions that fit. */
#include "provisioner/plan/prune_writer.h"

#include "provisioner/server/sql_text.h"

/* Upper bound on statements per transaction, however large the lock table is. */
#define STATEMENTS_PER_BATCH 5000
/* Longer lists of statements are summed up where people read them. */
#define STATEMENTS_SHOWN 20

static const char *
name_of(const PruneWriter *writer, NameId name)
{
    return names_text(writer->roles->state->names, name);
}

Change *
prune_writer_add(PruneWriter *writer, ChangeKind kind, const Change *drop, NameId database)
{
    Change *change = ARENA_NEW(writer->arena, Change);

    *change = (Change){
        .kind = kind,
        .declared_at = drop->declared_at,
        .database = database,
        .name = drop->name,
        .batch = writer->batch,
    };
    list_add(writer->arena, &writer->changes, change);
    return change;
}

/* People get one line instead of thousands; the statements themselves are unchanged. */
static void
sum_up(PruneWriter *writer, Change *change, const Change *drop)
{
    OwnedChange *owned = change == NULL ? NULL : change_edit_owned(change);

    if (owned != NULL && owned->statements.count > STATEMENTS_SHOWN)
        owned->summary =
            arena_printf(writer->arena, "ALTER ... OWNER TO \"%s\": %zu relations of \"%s\"",
                         name_of(writer, change_role_drop(drop)->reassign_to),
                         owned->statements.count, name_of(writer, drop->name));
}

/*
 * REASSIGN OWNED takes the locks of everything at once, and with many tables runs out of them; so
 * relations go one by one, in transactions that take no more than half of the lock table.
 */
static void
move_relations(PruneWriter *writer, const List *relations, const Change *drop, NameId database)
{
    Change *change = NULL;
    guint64 locks = 0;

    LIST_FOREACH (const PruneRelation, relation, relations) {
        const SqlValue values[] = { { "kind", relation->kind },
                                    { "schema", name_of(writer, relation->schema) },
                                    { "relation", relation->name },
                                    { "reassign_to",
                                      name_of(writer, change_role_drop(drop)->reassign_to) },
                                    { 0 } };

        if (relation->role != drop->name)
            continue;
        locks += relation->locks;
        if (change == NULL || locks > writer->lock_budget ||
            change_owned(change)->statements.count == STATEMENTS_PER_BATCH) {
            sum_up(writer, change, drop);
            writer->batch++;
            change = prune_writer_add(writer, CHANGE_OWNED_MOVE, drop, database);
            locks = relation->locks;
        }
        list_add(writer->arena, &change_edit_owned(change)->statements,
                 sql_render(writer->arena, "statement/alter_relation_owner.sql", values));
    }
    sum_up(writer, change, drop);
}

/*
 * REVOKE only removes the entries of the role that runs it, so the statements are grouped by
 * grantor and run under SET ROLE to each.
 */
static void
revoke_held(PruneWriter *writer, const List *revokes, NameId database)
{
    Change *change = NULL;

    LIST_FOREACH (const PruneRevoke, revoke, revokes) {
        if (change == NULL || change->name != revoke->role ||
            change_owned(change)->acting.role != revoke->grantor) {
            change = prune_writer_add(writer, CHANGE_OWNED_DROP,
                                      prune_roles_drop(writer->roles, revoke->role), database);
            change_edit_owned(change)->acting.role = revoke->grantor;
        }
        list_add(writer->arena, &change_edit_owned(change)->statements, revoke->statement);
        for (size_t i = 0; i < revoke->schemas.count; i++)
            name_id_vector_add_once(writer->arena, &change_edit_owned(change)->acting.schemas,
                                    revoke->schemas.items[i]);
    }
}

/*
 * Event triggers and the like fail with any owner but a superuser, and REASSIGN OWNED with them.
 * They are no code: an event trigger runs with the rights of whoever fires it.
 */
static void
move_superuser_objects(PruneWriter *writer, const List *objects, const Change *drop, Change *change)
{
    NameId superuser = change_role_drop(drop)->superuser;

    LIST_FOREACH (const PruneSuperuserObject, object, objects) {
        const SqlValue values[] = { { "kind", object->kind },
                                    { "object", sql_identifier(writer->arena, object->name) },
                                    { "owner", name_of(writer, superuser) },
                                    { 0 } };

        if (object->role == drop->name && superuser != change_role_drop(drop)->reassign_to)
            list_add(writer->arena, &change_edit_owned(change)->statements,
                     sql_render(writer->arena, "statement/alter_object_owner.sql", values));
    }
}

/* The statement timeout is lifted for what cannot be split. */
static void
lift_timeout(PruneWriter *writer, Change *change)
{
    change_edit_owned(change)->setting =
        sql_render(writer->arena, "statement/unlimited_time.sql", (SqlValue[]){ { 0 } });
}

/* What relations do not need one by one changes its owner. */
static Change *
reassign_owned(PruneWriter *writer, const PruneOwned *owned, const Change *drop, NameId database)
{
    const SqlValue values[] = { { "role", name_of(writer, drop->name) },
                                { "reassign_to",
                                  name_of(writer, change_role_drop(drop)->reassign_to) },
                                { 0 } };
    Change *change = NULL;

    writer->batch++;
    change = prune_writer_add(writer, CHANGE_OWNED_MOVE, drop, database);
    lift_timeout(writer, change);
    move_superuser_objects(writer, &owned->superuser, drop, change);
    list_add(writer->arena, &change_edit_owned(change)->statements,
             sql_render(writer->arena, "statement/reassign_owned.sql", values));
    return change;
}

static void
add_loans(PruneWriter *writer, const List *loans, NameId role, Change *change)
{
    LIST_FOREACH (const PruneLoan, loan, loans) {
        if (loan->role == role)
            list_add(writer->arena, &change_edit_owned(change)->statements, loan->statement);
    }
}

/* Everything else goes, with what only prepares that in the same transaction. */
static void
drop_owned(PruneWriter *writer, const PruneOwned *owned, const Change *drop, const Change *before,
           NameId database)
{
    Change *change = prune_writer_add(writer, CHANGE_OWNED_DROP, drop, database);

    if (change->batch != before->batch)
        lift_timeout(writer, change);
    add_loans(writer, &owned->steps.loans, drop->name, change);
    list_add(writer->arena, &change_edit_owned(change)->statements,
             sql_render(writer->arena, "statement/drop_owned.sql",
                        (SqlValue[]){ { "role", name_of(writer, drop->name) }, { 0 } }));
}

/* The rights by membership that the roles must not have while CASCADE is at work. */
static void
leave_groups(PruneWriter *writer, const List *leaves, NameId database)
{
    LIST_FOREACH (const Change, drop, writer->roles->drops) {
        bool leaves_any = false;

        LIST_FOREACH (const PruneLoan, leave, leaves)
            leaves_any = leaves_any || leave->role == drop->name;
        if (leaves_any)
            add_loans(writer, leaves, drop->name,
                      prune_writer_add(writer, CHANGE_OWNED_DROP, drop, database));
    }
}

/*
 * First everything gets its new owner, so that a grant by the owner lasts. Then others get what
 * they have from the roles, and only then something is taken: a grant may hang on the grant option
 * of another role that is dropped, too. REASSIGN OWNED leaves privileges alone and DROP OWNED
 * removes them together with what is still owned, so the order of these two is fixed (manual,
 * "Dropping Roles"). One role needs one transaction.
 */
void
prune_writer_take(PruneWriter *writer, const PruneOwned *owned, const List *drops, NameId database)
{
    Change *last = NULL;

    LIST_FOREACH (const Change, drop, drops) {
        move_relations(writer, &owned->relations, drop, database);
        last = reassign_owned(writer, owned, drop, database);
    }
    LIST_FOREACH (const char, grant, &owned->steps.grants)
        list_add(writer->arena, &change_edit_owned(last)->statements, grant);
    leave_groups(writer, &owned->steps.leaves, database);
    revoke_held(writer, &owned->steps.revokes, database);
    LIST_FOREACH (const Change, drop, drops) {
        if (drop != drops->items[0])
            writer->batch++;
        drop_owned(writer, owned, drop, last, database);
    }
}
