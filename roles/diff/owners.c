/* owners: objects and schemas get the owner that is declared, with what that does to their ACLs. */
#include <string.h>

#include "roles/diff/diff_context.h"
#include "roles/state/schema_pattern.h"

typedef struct OwnerWalk {
    Walk *walk;
    StateDatabase *database;
    const GrantDecl *decl;
    NameId owner;
    bool *used;
    size_t matched;
} OwnerWalk;

/* Columns keep their ACLs in the table's owner's name, too. */
static void
set_owner_of_columns(OwnerWalk *work, const ObjectGroup *group, NameId old_owner)
{
    LIST_FOREACH (StateColumn, column, &work->database->columns) {
        bool inside = false;

        if (column->owner != old_owner || column->table->schema != group->schema)
            continue;
        LIST_FOREACH (const ObjectIdentity, identity, &group->identities)
            inside = inside || strcmp(identity->name, column->table->name) == 0;
        if (!inside)
            continue;
        acl_change_owner(&column->acl, old_owner, work->owner);
        acl_change_owner(&column->base, old_owner, work->owner);
        column->owner = work->owner;
    }
}

static void
set_owner(OwnerWalk *work, ObjectGroup *group)
{
    NameId old_owner = group->owner;

    work->matched++;
    if (old_owner == work->owner)
        return;
    if ((grant_kind_info(group->kind)->flags & GRANT_KIND_HAS_COLUMNS) != 0)
        set_owner_of_columns(work, group, old_owner);
    acl_change_owner(&group->acl, old_owner, work->owner);
    acl_change_owner(&group->base, old_owner, work->owner);
    group->owner = work->owner;
    group->owner_because = work->decl->pos;
}

static bool
follows_its_table(const ObjectIdentity *identity, const void *data)
{
    (void)data;
    return identity->follows;
}

static void
walk_groups(OwnerWalk *work, List *groups)
{
    Walk *walk = work->walk;
    const GrantDecl *decl = work->decl;

    LIST_FOREACH (ObjectGroup, group, groups) {
        if (!object_kind_covers(decl->kind, group->kind) ||
            (group->schema != NAME_NONE &&
             !schema_matches_patterns(&decl->schemas, names_text(walk->names, group->schema))))
            continue;
        if (object_group_select(walk->arena, groups, group, decl, work->used) != group)
            continue;
        if (group->kind == GRANT_KIND_SEQUENCE && group->owner != work->owner &&
            object_group_split(walk->arena, groups, group, follows_its_table, NULL) == group) {
            findings_add(walk->input->notes, &FINDING_SEQUENCE_FOLLOWS_TABLE, decl->pos,
                         "set the owner of the table",
                         "owner of %s: %zu sequences belong to columns and follow their tables",
                         grant_describe(walk->arena, decl), group->count);
            work->matched++;
            continue;
        }
        set_owner(work, group);
    }
}

static void
walk_schema_owners(OwnerWalk *work)
{
    LIST_FOREACH (StateSchema, schema, &work->database->schemas) {
        if (!schema_matches_patterns(&work->decl->schemas,
                                     names_text(work->walk->names, schema->name)))
            continue;
        work->matched++;
        walk_change_schema_owner(work->walk, work->database, schema, work->owner, work->decl->pos);
    }
}

void
walk_change_schema_owner(Walk *walk, StateDatabase *database, StateSchema *schema, NameId owner,
                         SourcePos because)
{
    if (schema->owner == owner)
        return;
    walk_add(walk, &(Change){ .kind = CHANGE_SCHEMA_OWNER,
                              .declared_at = because,
                              .database = database->name,
                              .name = schema->name,
                              .owner = { owner } });
    acl_change_owner(&schema->acl, schema->owner, owner);
    acl_change_owner(&schema->base, schema->owner, owner);
    schema->owner = owner;
}

static void
walk_one(Walk *walk, StateDatabase *database, const GrantDecl *decl)
{
    g_autofree char *purpose = g_strdup_printf("owner of %s", grant_describe(walk->arena, decl));
    OwnerWalk work = {
        .walk = walk,
        .database = database,
        .decl = decl,
        .owner = walk_require_role(walk, decl->owner, decl->owner_pos, purpose),
        .used = ARENA_NEW_ARRAY(walk->arena, bool, decl->names.count + 1),
    };

    if (work.owner == NAME_NONE)
        return;
    if (decl->kind == GRANT_KIND_SCHEMA)
        walk_schema_owners(&work);
    else if (decl->kind == GRANT_KIND_TABLESPACE)
        walk_groups(&work, &walk->state->shared_groups);
    else
        walk_groups(&work, &database->groups);
    walk_note_missing(walk, database, decl, work.used, work.matched);
}

void
walk_owners(Walk *walk, StateDatabase *database, const List *owners)
{
    LIST_FOREACH (const GrantDecl, decl, owners)
        walk_one(walk, database, decl);
}
