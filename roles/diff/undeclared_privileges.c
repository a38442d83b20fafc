/*
 * What nobody declares: adopt and strict take it away, additive says what they would take. Left
 * alone are PUBLIC (its rights change only where a grant names it, and by the hardening), owners'
 * own entries, pg_catalog and information_schema, members of extensions, ACLs as initdb or the
 * extension left them, and what a default privilege of the object's owner explains.
 */
#include <string.h>

#include "roles/diff/diff_context.h"
#include "roles/state/schema_pattern.h"

typedef struct Removal {
    Walk *walk;
    StateDatabase *database;
    const StateDatabase *template_database; /* what the policy gives there is declared everywhere */
    SourcePos because;
    List creators;       /* NameId: the declared ones */
    GHashTable *holders; /* additive: NameId -> how many objects hold what would be taken */
} Removal;

static AclEntry
wished_for(const AclWishes *wishes, NameId grantee)
{
    AclEntry wished = { .grantee = grantee };

    LIST_FOREACH (const AclWish, wish, &wishes->present) {
        if (wish->entry.grantee != grantee)
            continue;
        wished.privileges |= wish->entry.privileges;
        wished.grantable |= wish->entry.grantable;
    }
    return wished;
}

static bool
may_be_taken(const Removal *removal, const AclTarget *target, NameId grantee)
{
    const Walk *walk = removal->walk;

    if (grantee == NAME_PUBLIC || grantee == target->owner)
        return false;
    return walk_manages_role_in(walk, grantee, MAX(walk->input->mode, ACCESS_MODE_ADOPT));
}

static void
take_off(AclEntry *entry, AclEntry kept)
{
    entry->privileges &= ~kept.privileges;
    entry->grantable &= ~kept.grantable;
}

static bool
is_something(const AclEntry *entry)
{
    return entry->privileges != 0 || entry->grantable != 0;
}

/* What of an entry may be taken because neither a declaration nor the policy speaks of it. */
static AclEntry
surplus_of(const Removal *removal, const AclTarget *target, const AclWishes *policy, AclEntry entry)
{
    if (!may_be_taken(removal, target, entry.grantee))
        return (AclEntry){ .grantee = entry.grantee };
    take_off(&entry, wished_for(target->wishes, entry.grantee));
    if (policy != NULL && is_something(&entry))
        take_off(&entry, wished_for(policy, entry.grantee));
    return entry;
}

/* Most ACLs have none, and so nobody asks what explains it. */
static bool
has_surplus(const Removal *removal, const AclTarget *target, const AclWishes *policy)
{
    for (size_t i = 0; i < target->acl->count; i++) {
        const AclEntry gone = surplus_of(removal, target, policy, target->acl->entries[i]);

        if (is_something(&gone))
            return true;
    }
    return false;
}

static void
count_holder(const Removal *removal, NameId holder, size_t objects)
{
    gpointer key = GUINT_TO_POINTER(holder);
    gsize count = GPOINTER_TO_SIZE(g_hash_table_lookup(removal->holders, key));

    g_hash_table_insert(removal->holders, key, GSIZE_TO_POINTER(count + objects));
}

/* Takes, or counts, what of the ACL nobody declares; `explained` may be NULL. */
static void
remove_from(Removal *removal, const AclTarget *target, const AclWishes *policy,
            const Acl *explained, size_t objects)
{
    Walk *walk = removal->walk;
    Acl before = acl_copy(walk->arena, target->acl);

    for (size_t i = 0; i < before.count; i++) {
        AclEntry gone = surplus_of(removal, target, policy, before.entries[i]);

        if (explained != NULL && is_something(&gone))
            take_off(&gone, acl_held_by(explained, gone.grantee));
        if (!is_something(&gone))
            continue;
        if (walk->input->mode == ACCESS_MODE_ADDITIVE) {
            count_holder(removal, gone.grantee, objects);
            continue;
        }
        walk_take(walk, target,
                  (AclEntry){ .grantee = gone.grantee, .privileges = gone.privileges },
                  removal->because);
        walk_take(walk, target, (AclEntry){ .grantee = gone.grantee, .grantable = gone.grantable },
                  removal->because);
    }
}

static bool
is_system_schema(const Walk *walk, NameId schema)
{
    return schema != NAME_NONE && schema_is_system(names_text(walk->names, schema));
}

static void
explain_by(const Removal *removal, NameId creator, NameId schema, DefaultAclType type, Acl *acl)
{
    Walk *walk = removal->walk;
    Acl given = state_database_creation_acl(walk->state, removal->database, creator, schema, type);

    for (size_t i = 0; i < given.count; i++) {
        /* What a creator has on its own is no grant to it on what others own. */
        if (given.entries[i].grantee != creator)
            acl_grant(walk->arena, acl, &given.entries[i]);
    }
}

/*
 * What default privileges give to objects of that type: the owner's, and those of every declared
 * creator, as an object may have got its owner after it was made.
 */
static Acl
explained_by_defaults(const Removal *removal, NameId owner, NameId schema, DefaultAclType type)
{
    Acl acl = { 0 };

    explain_by(removal, owner, schema, type, &acl);
    for (size_t i = 0; i < removal->creators.count; i++) {
        NameId creator = GPOINTER_TO_UINT(removal->creators.items[i]);

        if (creator != owner)
            explain_by(removal, creator, schema, type, &acl);
    }
    return acl;
}

/* Who may look into a schema of the policy is its word, and it says so in template1: where that
 * cannot be entered, it says nothing. */
static bool
is_unknown_policy_schema(const Removal *removal, NameId schema)
{
    const Walk *walk = removal->walk;

    return policy_has_schema(walk->policy, names_text(walk->names, schema)) &&
           (removal->template_database == NULL || !removal->template_database->content_known);
}

static void
remove_from_schemas(Removal *removal)
{
    LIST_FOREACH (StateSchema, schema, &removal->database->schemas) {
        AclTarget target = walk_schema_target(removal->database, schema);
        const StateSchema *same =
            removal->template_database == NULL
                ? NULL
                : state_database_schema(removal->template_database, schema->name);
        Acl explained;

        if (is_system_schema(removal->walk, schema->name) ||
            is_unknown_policy_schema(removal, schema->name) ||
            (schema->flags & (OBJECT_GROUP_IS_MEMBER | OBJECT_GROUP_IS_INITIAL)) != 0)
            continue;
        target.revoke_kind = CHANGE_REVOKE;
        if (!has_surplus(removal, &target, same == NULL ? NULL : &same->wishes))
            continue;
        explained = explained_by_defaults(removal, schema->owner, NAME_NONE, DEFAULT_ACL_SCHEMAS);
        remove_from(removal, &target, same == NULL ? NULL : &same->wishes, &explained, 1);
    }
}

static void
remove_from_defaults(Removal *removal)
{
    LIST_FOREACH (StateDefaultAcl, row, &removal->database->default_acls) {
        AclTarget target = walk_default_target(removal->database, row);
        const AclWishes *policy = NULL;

        if (!walk_is_creator(removal->walk, row->creator) && row->wishes.present.count == 0)
            continue;
        if (removal->template_database != NULL) {
            LIST_FOREACH (const StateDefaultAcl, other, &removal->template_database->default_acls) {
                if (other->creator == row->creator && other->schema == row->schema &&
                    other->type == row->type)
                    policy = &other->wishes;
            }
        }
        remove_from(removal, &target, policy, NULL, 1);
    }
}

static void
remove_from_objects(Removal *removal)
{
    const unsigned left_alone = OBJECT_GROUP_IS_MEMBER | OBJECT_GROUP_IS_INITIAL;

    LIST_FOREACH (ObjectGroup, group, &removal->database->groups) {
        AclTarget target = walk_group_target(removal->database, group);
        DefaultAclType type = object_group_default_type(group->kind);
        Acl explained = { 0 };

        if (is_system_schema(removal->walk, group->schema) || (group->flags & left_alone) != 0 ||
            !has_surplus(removal, &target, NULL))
            continue;
        if (type != DEFAULT_ACL_TYPE_COUNT)
            explained = explained_by_defaults(removal, group->owner, group->schema, type);
        remove_from(removal, &target, NULL, &explained, group->count);
    }
    LIST_FOREACH (StateColumn, column, &removal->database->columns) {
        AclTarget target = walk_column_target(removal->database, column);

        if (!is_system_schema(removal->walk, column->table->schema) &&
            (column->flags & left_alone) == 0)
            remove_from(removal, &target, NULL, NULL, 1);
    }
}

/*
 * While PUBLIC may not connect, the system users may, by the policy: also where revokeconn has gone
 * from the inventory since, for that opens the database to nobody.
 */
static void
remove_from_database(Removal *removal)
{
    Walk *walk = removal->walk;
    const PrivilegeSet connect = PRIVILEGE_BIT(PRIVILEGE_CONNECT);
    AclTarget target = walk_database_target(removal->database);
    AclWishes policy = { 0 };

    target.revoke_kind = CHANGE_REVOKE;
    LIST_FOREACH (const PolicyRole, role, &walk->policy->connect) {
        const char *name = policy_role_name(role, walk->users);
        AclWish *wish = ARENA_NEW(walk->arena, AclWish);

        if (name == NULL)
            continue;
        wish->entry = (AclEntry){ .grantee = names_intern(walk->names, name),
                                  .privileges = connect,
                                  .grantable = connect };
        list_add(walk->arena, &policy.present, wish);
    }
    if ((acl_held_by(target.acl, NAME_PUBLIC).privileges & connect) != 0)
        policy = (AclWishes){ 0 };
    remove_from(removal, &target, &policy, NULL, 1);
}

/* In additive mode one note for each role and database, never one for each object. */
static void
note_holders(const Removal *removal, const DatabaseDecl *decl)
{
    const Walk *walk = removal->walk;

    LIST_FOREACH (const StateRole, role, &walk->state->roles) {
        gsize count =
            GPOINTER_TO_SIZE(g_hash_table_lookup(removal->holders, GUINT_TO_POINTER(role->name)));

        if (count > 0)
            findings_add(walk->input->notes, &FINDING_PRIVILEGE_UNDECLARED, decl->pos,
                         "declare them, or take them away with --mode adopt",
                         "role \"%s\" holds undeclared privileges on %zu %s in database \"%s\"",
                         names_text(walk->names, role->name), count,
                         count == 1 ? "object" : "objects", decl->name);
    }
}

void
walk_undeclared(Walk *walk, const DatabaseDecl *decl, StateDatabase *database)
{
    g_autoptr(GHashTable) holders = g_hash_table_new(NULL, NULL);
    NameId template_name = names_find(walk->names, "template1");
    Removal removal = {
        .walk = walk,
        .database = database,
        .template_database =
            template_name == NAME_NONE ? NULL : access_state_database(walk->state, template_name),
        .because = walk->mode_pos,
        .holders = holders,
    };

    if (!walk_manages_database_in(walk, database->name, MAX(walk->input->mode, ACCESS_MODE_ADOPT)))
        return;
    LIST_FOREACH (const StateRole, role, &walk->state->roles) {
        if (walk_is_creator(walk, role->name))
            list_add(walk->arena, &removal.creators, GUINT_TO_POINTER(role->name));
    }
    remove_from_database(&removal);
    /* First, as they explain what schemas and objects hold. */
    remove_from_defaults(&removal);
    remove_from_schemas(&removal);
    remove_from_objects(&removal);
    note_holders(&removal, decl);
}
