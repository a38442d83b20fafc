/* Objects that exist already: the default privileges given to them, and who made them. */
#include <string.h>

#include "roles/diff/diff_context.h"
#include "roles/state/schema_pattern.h"

/* So many creators are named one by one. */
#define CREATORS_NAMED_MAX 20

static bool
has_name(const Walk *walk, NameId id, const char *name)
{
    return strcmp(names_text(walk->names, id), name) == 0;
}

/* Whether pg_default_privileges speak of what the role creates, by the policy's word. */
static bool
is_policy_creator(const Walk *walk, NameId role)
{
    LIST_FOREACH (const PolicyRole, creator, &walk->policy->creators) {
        const char *name = policy_role_name(creator, walk->users);

        if (walk_policy_role_is_dbsu(creator) ? role == walk->creator
                                              : name != NULL && has_name(walk, role, name))
            return true;
    }
    return false;
}

bool
walk_is_creator(const Walk *walk, NameId role)
{
    if (is_policy_creator(walk, role))
        return true;
    LIST_FOREACH (const DatabaseDecl, decl, &walk->cluster->databases) {
        if (decl->state != DATABASE_ABSENT && decl->owner.value != NULL &&
            has_name(walk, role, decl->owner.value))
            return true;
    }
    return false;
}

static bool
is_ordinary_schema(const Walk *walk, NameId schema)
{
    const char *name = names_text(walk->names, schema);

    return !schema_is_system(name) && !policy_has_schema(walk->policy, name);
}

/* dbsu's in postgres and template1 are pgbouncer_auth and its like: a reader could call them. */
static bool
gets_defaults(const Walk *walk, const StateDatabase *database, const ObjectGroup *group)
{
    bool system_database =
        has_name(walk, database->name, "postgres") || has_name(walk, database->name, "template1");

    if ((group->flags & (OBJECT_GROUP_IS_MEMBER | OBJECT_GROUP_IS_SECURITY_DEFINER)) != 0 ||
        object_group_default_type(group->kind) == DEFAULT_ACL_TYPE_COUNT ||
        !walk_is_creator(walk, group->owner) || (system_database && group->owner == walk->creator))
        return false;
    return group->schema == NAME_NONE || is_ordinary_schema(walk, group->schema);
}

static bool
fragment_reaches(const Walk *walk, const DefaultPrivilegeDecl *decl, DefaultAclType type,
                 NameId schema)
{
    if (decl->type != type)
        return false;
    if (decl->schemas.count == 0)
        return true;
    LIST_FOREACH (const char, name, &decl->schemas) {
        if (schema != NAME_NONE && has_name(walk, schema, name))
            return true;
    }
    return false;
}

/* How many of an ACL's wishes are those of grants: what fragments wish comes behind them. */
typedef struct Declared {
    size_t present;
    size_t absent;
} Declared;

/* A grant says more than a fragment, which means every object: what it has said stays so. */
static AclEntry
without_declared(const List *wishes, size_t declared, AclEntry entry)
{
    for (size_t i = 0; i < declared; i++) {
        const AclWish *wish = wishes->items[i];

        if (wish->entry.grantee != entry.grantee)
            continue;
        entry.privileges &= ~wish->entry.privileges;
        entry.grantable &= ~wish->entry.grantable;
    }
    return entry;
}

static void
give(Walk *walk, const AclTarget *target, AclEntry entry, SourcePos because)
{
    AclEntry plain = { .grantee = entry.grantee,
                       .privileges = entry.privileges & ~entry.grantable };
    AclEntry with_option = { .grantee = entry.grantee,
                             .privileges = entry.privileges & entry.grantable,
                             .grantable = entry.privileges & entry.grantable };

    if (plain.privileges != 0)
        walk_grant(walk, target, plain, because);
    if (with_option.privileges != 0)
        walk_grant(walk, target, with_option, because);
}

static void
apply_fragment(Walk *walk, const DefaultPrivilegeDecl *decl, ObjectKind kind,
               const AclTarget *target, Declared declared)
{
    PrivilegeSet known = object_kind_all(kind, walk->state->major_version);
    PrivilegeSet privileges = decl->all_privileges ? known : decl->privileges & known;

    for (size_t i = 0; i < decl->grantees.count && privileges != 0; i++) {
        const char *grantee = decl->grantees.items[i];
        AclEntry entry = { .grantee = NAME_PUBLIC, .privileges = privileges };

        if (grantee != NULL)
            entry.grantee = names_find(walk->names, grantee);
        if (entry.grantee == NAME_NONE ||
            (entry.grantee != NAME_PUBLIC && access_state_role(walk->state, entry.grantee) == NULL))
            continue;
        if (decl->grant_option)
            entry.grantable = privileges;
        if (!decl->is_revoke) {
            entry = without_declared(&target->wishes->absent, declared.absent, entry);
            give(walk, target, entry, decl->pos);
            continue;
        }
        if (decl->grant_option)
            entry.privileges = 0;
        entry = without_declared(&target->wishes->present, declared.present, entry);
        walk_revoke(walk, target, entry, decl->pos);
    }
}

static const List *
fragments_of(const Walk *walk, NameId creator)
{
    return is_policy_creator(walk, creator) ? &walk->cluster->default_privileges
                                            : &walk->cluster->owner_default_privileges;
}

void
walk_existing_objects(Walk *walk, StateDatabase *database)
{
    if (!walk->cluster->default_privileges_existing)
        return;
    LIST_FOREACH (ObjectGroup, group, &database->groups) {
        AclTarget target = walk_group_target(database, group);
        Declared declared = { group->wishes.present.count, group->wishes.absent.count };

        if (!gets_defaults(walk, database, group))
            continue;
        LIST_FOREACH (const DefaultPrivilegeDecl, decl, fragments_of(walk, group->owner)) {
            if (fragment_reaches(walk, decl, object_group_default_type(group->kind), group->schema))
                apply_fragment(walk, decl, target.object_kind, &target, declared);
        }
    }
    LIST_FOREACH (StateSchema, schema, &database->schemas) {
        AclTarget target = walk_schema_target(database, schema);
        Declared declared = { schema->wishes.present.count, schema->wishes.absent.count };

        if ((schema->flags & OBJECT_GROUP_IS_MEMBER) != 0 ||
            !is_ordinary_schema(walk, schema->name) || !walk_is_creator(walk, schema->owner))
            continue;
        target.revoke_kind = CHANGE_REVOKE;
        LIST_FOREACH (const DefaultPrivilegeDecl, decl, fragments_of(walk, schema->owner)) {
            if (decl->type == DEFAULT_ACL_SCHEMAS)
                apply_fragment(walk, decl, OBJECT_KIND_SCHEMA, &target, declared);
        }
    }
}

static bool
has_default(const StateDatabase *database, const ObjectGroup *group)
{
    DefaultAclType type = object_group_default_type(group->kind);

    LIST_FOREACH (const StateDefaultAcl, row, &database->default_acls) {
        if (row->creator == group->owner && row->type == type && row->acl.count > 0 &&
            (row->schema == NAME_NONE || row->schema == group->schema))
            return true;
    }
    return false;
}

typedef struct Uncovered {
    NameId owner;
    NameId schema;
    size_t count;
} Uncovered;

static int
compare_uncovered(const void *a, const void *b)
{
    const Uncovered *left = a;
    const Uncovered *right = b;

    return left->count == right->count ? 0 : left->count > right->count ? -1 : 1;
}

static List
gather_uncovered(Walk *walk, const StateDatabase *database)
{
    List found = { 0 };

    LIST_FOREACH (const ObjectGroup, group, &database->groups) {
        Uncovered *item = NULL;

        if (group->kind != GRANT_KIND_TABLE || (group->flags & OBJECT_GROUP_IS_MEMBER) != 0 ||
            !is_ordinary_schema(walk, group->schema) || walk_is_creator(walk, group->owner) ||
            group->owner == walk->state->bootstrap_superuser || has_default(database, group))
            continue;
        LIST_FOREACH (Uncovered, known, &found) {
            if (known->owner == group->owner && known->schema == group->schema)
                item = known;
        }
        if (item == NULL) {
            item = ARENA_NEW(walk->arena, Uncovered);
            *item = (Uncovered){ .owner = group->owner, .schema = group->schema };
            list_add(walk->arena, &found, item);
        }
        item->count += group->count;
    }
    list_sort(&found, compare_uncovered);
    return found;
}

void
walk_note_creators(Walk *walk, const DatabaseDecl *decl, StateDatabase *database)
{
    List found = { 0 };

    if (walk->cluster->default_privileges.count == 0)
        return;
    found = gather_uncovered(walk, database);
    for (size_t i = 0; i < found.count && i < CREATORS_NAMED_MAX; i++) {
        const Uncovered *item = found.items[i];

        findings_add(walk->input->notes, &FINDING_CREATOR_NOT_COVERED, decl->pos,
                     "let it SET ROLE dbrole_admin first, or grant with future",
                     "\"%s\" made %zu %s in schema \"%s\" of database \"%s\" that no default "
                     "privilege covers",
                     names_text(walk->names, item->owner), item->count,
                     item->count == 1 ? "table" : "tables", names_text(walk->names, item->schema),
                     decl->name);
    }
    if (found.count > CREATORS_NAMED_MAX)
        findings_add(walk->input->notes, &FINDING_CREATOR_NOT_COVERED, decl->pos, NULL,
                     "and %zu more creators in database \"%s\"", found.count - CREATORS_NAMED_MAX,
                     decl->name);
}
