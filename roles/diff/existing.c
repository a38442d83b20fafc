/* Objects that exist already: the default privileges given to them. */
#include "roles/diff/existing.h"

#include <string.h>

#include "roles/diff/acl_edit.h"

static bool
has_name(const Diff *diff, NameId id, const char *name)
{
    return strcmp(names_text(diff->names, id), name) == 0;
}

/*
 * dbsu's in postgres and template1 are pgbouncer_auth and its like: a reader could call them, and
 * where PUBLIC has EXECUTE only the missing USAGE on their schema prevents it.
 */
static bool
is_dbsus_own(const Diff *diff, const StateDatabase *database, NameId owner)
{
    return owner == diff->scope->creator && (has_name(diff, database->name, "postgres") ||
                                             has_name(diff, database->name, "template1"));
}

static bool
gets_defaults(const Diff *diff, const StateDatabase *database, const ObjectGroup *group)
{
    if ((group->flags & (OBJECT_GROUP_IS_MEMBER | OBJECT_GROUP_IS_SECURITY_DEFINER)) != 0 ||
        object_group_default_type(group->kind) == DEFAULT_ACL_TYPE_COUNT ||
        !scope_is_creator(diff->scope, group->owner) || is_dbsus_own(diff, database, group->owner))
        return false;
    return group->schema == NAME_NONE || scope_is_ordinary_schema(diff->scope, group->schema);
}

/* A fragment with IN SCHEMA never reaches large objects or schemas, which lie in none. */
static bool
fragment_reaches(const Diff *diff, const DefaultPrivilegeDecl *decl, DefaultAclType type,
                 NameId schema)
{
    if (decl->type != type)
        return false;
    if (decl->schemas.count == 0)
        return true;
    LIST_FOREACH (const char, name, &decl->schemas) {
        if (schema != NAME_NONE && has_name(diff, schema, name))
            return true;
    }
    return false;
}

/* How many of an ACL's declarations are those of grants: those of fragments come after them. */
typedef struct Declared {
    size_t present;
    size_t absent;
} Declared;

/* A grant says more than a fragment, which means every object: what it has said stays so. */
static AclEntry
without_declared(const List *declarations, size_t declared, AclEntry entry)
{
    for (size_t i = 0; i < declared; i++) {
        const AclDeclaration *declaration = declarations->items[i];

        if (declaration->entry.grantee != entry.grantee)
            continue;
        entry.privileges &= ~declaration->entry.privileges;
        entry.grantable &= ~declaration->entry.grantable;
    }
    return entry;
}

/*
 * With and without the grant option are two statements in SQL, and an entry may hold some of each
 * after without_declared().
 */
static void
give(Diff *diff, const AclTarget *target, AclEntry entry, SourcePos declared_at)
{
    AclEntry plain = { .grantee = entry.grantee,
                       .privileges = entry.privileges & ~entry.grantable };
    AclEntry with_option = { .grantee = entry.grantee,
                             .privileges = entry.privileges & entry.grantable,
                             .grantable = entry.privileges & entry.grantable };

    if (plain.privileges != 0)
        acl_edit_grant(diff, target, plain, declared_at);
    if (with_option.privileges != 0)
        acl_edit_grant(diff, target, with_option, declared_at);
}

/*
 * Roles that do not exist were reported when the default privileges themselves were applied; here
 * they are skipped without a second note.
 */
static void
apply_fragment(Diff *diff, const DefaultPrivilegeDecl *decl, ObjectKind kind,
               const AclTarget *target, Declared declared)
{
    PrivilegeSet known = object_kind_all(kind, diff->state->major_version);
    PrivilegeSet privileges = decl->all_privileges ? known : decl->privileges & known;

    for (size_t i = 0; i < decl->grantees.count && privileges != 0; i++) {
        const char *grantee = decl->grantees.items[i];
        AclEntry entry = { .grantee = NAME_PUBLIC, .privileges = privileges };

        if (grantee != NULL)
            entry.grantee = names_find(diff->names, grantee);
        if (entry.grantee == NAME_NONE ||
            (entry.grantee != NAME_PUBLIC && access_state_role(diff->state, entry.grantee) == NULL))
            continue;
        if (decl->grant_option)
            entry.grantable = privileges;
        if (!decl->is_revoke) {
            entry = without_declared(&target->declared->absent, declared.absent, entry);
            give(diff, target, entry, decl->pos);
            continue;
        }
        if (decl->grant_option)
            entry.privileges = 0;
        entry = without_declared(&target->declared->present, declared.present, entry);
        acl_edit_revoke(diff, target, entry, decl->pos);
    }
}

static const List *
fragments_of(const Diff *diff, NameId creator)
{
    return scope_is_policy_creator(diff->scope, creator)
               ? &diff->context->cluster->default_privileges
               : &diff->context->cluster->owner_default_privileges;
}

/*
 * ALTER DEFAULT PRIVILEGES does not touch objects that exist (the manual says so in its
 * description); this applies the same fragments to those of declared creators, as if the fragments
 * had always been there.
 */
void
diff_existing(Diff *diff, const DatabaseWork *work)
{
    StateDatabase *database = work->database;

    if (!diff->context->cluster->default_privileges_existing)
        return;
    LIST_FOREACH (ObjectGroup, group, &database->groups) {
        AclTarget target = acl_target_of_group(database, group);
        Declared declared = { group->declared.present.count, group->declared.absent.count };

        if (!gets_defaults(diff, database, group))
            continue;
        LIST_FOREACH (const DefaultPrivilegeDecl, decl, fragments_of(diff, group->owner)) {
            if (fragment_reaches(diff, decl, object_group_default_type(group->kind), group->schema))
                apply_fragment(diff, decl, target.object_kind, &target, declared);
        }
    }
    LIST_FOREACH (StateSchema, schema, &database->schemas) {
        AclTarget target = acl_target_of_schema(database, schema);
        Declared declared = { schema->declared.present.count, schema->declared.absent.count };

        if ((schema->flags & OBJECT_GROUP_IS_MEMBER) != 0 ||
            !scope_is_ordinary_schema(diff->scope, schema->name) ||
            !scope_is_creator(diff->scope, schema->owner) ||
            is_dbsus_own(diff, database, schema->owner))
            continue;
        target.revoke_kind = CHANGE_REVOKE;
        LIST_FOREACH (const DefaultPrivilegeDecl, decl, fragments_of(diff, schema->owner)) {
            if (decl->type == DEFAULT_ACL_SCHEMAS)
                apply_fragment(diff, decl, OBJECT_KIND_SCHEMA, &target, declared);
        }
    }
}
