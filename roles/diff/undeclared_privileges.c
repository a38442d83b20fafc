/*
 * What nobody declares: adopt and strict take it away. Left
 * alone are PUBLIC (its rights change only where a grant names it, and by the hardening), owners'
 * own entries, pg_catalog and information_schema, ACLs as initdb left them, what an extension gave
 * its members, and what a default privilege of the object's owner explains.
 */
#include "roles/diff/undeclared_privileges.h"

#include "roles/diff/acl_edit.h"

typedef struct Removal {
    Diff *diff;
    StateDatabase *database;
    const StateDatabase *template_database; /* what the policy gives there is declared everywhere */
    SourcePos declared_at;
    NameIdVector creators; /* the declared ones */
} Removal;

/*
 * PUBLIC and the owner are left alone: PUBLIC's privileges are the policy's hardening, declared
 * elsewhere, and what the owner lacks in its own ACL it can grant itself again at any time.
 */
static bool
may_be_taken(const Removal *removal, const AclTarget *target, NameId grantee)
{
    const Diff *diff = removal->diff;

    if (grantee == NAME_PUBLIC || grantee == target->owner)
        return false;
    return scope_manages_role(diff->scope, grantee);
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
undeclared_of(const Removal *removal, const AclTarget *target, const AclDeclarations *policy,
              AclEntry entry)
{
    if (!may_be_taken(removal, target, entry.grantee))
        return (AclEntry){ .grantee = entry.grantee };
    take_off(&entry, acl_declared_for(target->declared, entry.grantee));
    if (policy != NULL && is_something(&entry))
        take_off(&entry, acl_declared_for(policy, entry.grantee));
    return entry;
}

/* Most ACLs have none, and so nobody asks what explains it. */
static bool
has_undeclared(const Removal *removal, const AclTarget *target, const AclDeclarations *policy)
{
    for (size_t i = 0; i < target->acl->count; i++) {
        const AclEntry gone = undeclared_of(removal, target, policy, target->acl->entries[i]);

        if (is_something(&gone))
            return true;
    }
    return false;
}

/*
 * Takes what of the ACL nobody declares; `explained` may be NULL. Plain privileges go
 * before grant options: a grant option of a privilege that goes disappears with it, and would
 * otherwise be revoked twice.
 */
static void
remove_from(Removal *removal, const AclTarget *target, const AclDeclarations *policy,
            const Acl *explained)
{
    Diff *diff = removal->diff;
    Acl before = acl_copy(diff->arena, target->acl);

    for (size_t i = 0; i < before.count; i++) {
        AclEntry gone = undeclared_of(removal, target, policy, before.entries[i]);

        if (explained != NULL && is_something(&gone))
            take_off(&gone, acl_held_by(explained, gone.grantee));
        if (!is_something(&gone))
            continue;
        acl_edit_take(diff, target,
                      (AclEntry){ .grantee = gone.grantee, .privileges = gone.privileges },
                      removal->declared_at);
        acl_edit_take(diff, target,
                      (AclEntry){ .grantee = gone.grantee, .grantable = gone.grantable },
                      removal->declared_at);
    }
}

static void
explain_by(const Removal *removal, NameId creator, NameId schema, DefaultAclType type, Acl *acl)
{
    Diff *diff = removal->diff;
    Acl given = state_database_creation_acl(diff->state, removal->database, creator, schema, type);

    for (size_t i = 0; i < given.count; i++) {
        /* What a creator has on its own is not a grant to it on what others own. */
        if (given.entries[i].grantee != creator)
            acl_grant(diff->arena, acl, &given.entries[i]);
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
        NameId creator = removal->creators.items[i];

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
    const Diff *diff = removal->diff;

    return policy_has_schema(diff->context->policy, names_text(diff->names, schema)) &&
           (removal->template_database == NULL || !removal->template_database->content_known);
}

/* Members of extensions, and schemas whose ACL is still the one in pg_init_privs, belong to whoever
 * made them. */
static void
remove_from_schemas(Removal *removal)
{
    LIST_FOREACH (StateSchema, schema, &removal->database->schemas) {
        AclTarget target = acl_target_of_schema(removal->database, schema);
        const StateSchema *same =
            removal->template_database == NULL
                ? NULL
                : state_database_schema(removal->template_database, schema->name);
        Acl explained;

        if (diff_schema_is_system(removal->diff, schema->name) ||
            is_unknown_policy_schema(removal, schema->name) ||
            (schema->flags & (OBJECT_GROUP_IS_MEMBER | OBJECT_GROUP_IS_INITIAL)) != 0)
            continue;
        target.revoke_kind = CHANGE_REVOKE;
        if (!has_undeclared(removal, &target, same == NULL ? NULL : &same->declared))
            continue;
        explained = explained_by_defaults(removal, schema->owner, NAME_NONE, DEFAULT_ACL_SCHEMAS);
        remove_from(removal, &target, same == NULL ? NULL : &same->declared, &explained);
    }
}

/*
 * Adopt speaks of the default privileges of every declared role, strict of everybody's. Those of a
 * role that nobody declares are, in adopt, as much its own affair as its objects.
 */
static bool
speaks_of_defaults(const Removal *removal, const StateDefaultAcl *row)
{
    const Scope *scope = removal->diff->scope;

    return scope_is_creator(scope, row->creator) || row->declared.present.count > 0 ||
           (scope_speaks_of_role(scope, row->creator) &&
            (scope->mode == ACCESS_MODE_STRICT || scope_declaration(scope, row->creator) != NULL));
}

/* Said once for each creator: what the inventory cannot explain, and why it stays. */
static void
report_kept_defaults(const Removal *removal, const StateDefaultAcl *row, const AclTarget *target,
                     const DatabaseDecl *decl)
{
    Diff *diff = removal->diff;

    if (!has_undeclared(removal, target, NULL))
        return;
    findings_add(diff->notes, &FINDING_DEFAULT_PRIVILEGE_KEPT, decl->pos,
                 "declare the role, or revoke them with --mode strict",
                 "default privileges of role \"%s\" in database \"%s\" are kept: the role is not "
                 "declared",
                 names_text(diff->names, row->creator), decl->name);
}

static void
remove_from_defaults(Removal *removal, const DatabaseDecl *decl)
{
    LIST_FOREACH (StateDefaultAcl, row, &removal->database->default_acls) {
        AclTarget target = acl_target_of_default(removal->database, row);
        const AclDeclarations *policy = NULL;

        if (!speaks_of_defaults(removal, row)) {
            report_kept_defaults(removal, row, &target, decl);
            continue;
        }
        if (removal->template_database != NULL) {
            LIST_FOREACH (const StateDefaultAcl, other, &removal->template_database->default_acls) {
                if (other->creator == row->creator && other->schema == row->schema &&
                    other->type == row->type)
                    policy = &other->declared;
            }
        }
        remove_from(removal, &target, policy, NULL);
    }
}

/* What CREATE EXTENSION gave its member, by pg_init_privs: the extension's word, not an
 * inventory's. */
static void
explain_by_extension(const Removal *removal, const char *extension_acl, Acl *explained)
{
    const AccessState *state = removal->diff->state;
    Acl given = { 0 };

    if (extension_acl == NULL)
        return;
    acl_parse(state->arena, state->names, extension_acl, &given);
    for (size_t i = 0; i < given.count; i++)
        acl_grant(state->arena, explained, &given.entries[i]);
}

/*
 * Languages, wrappers and servers are granted by name only: of those, an extension's members belong
 * to it. The others are among what a plural kind means, as ALL FUNCTIONS IN SCHEMA does, and what
 * it gave is taken again.
 */
static bool
is_left_alone(const ObjectGroup *group)
{
    return (group->flags & OBJECT_GROUP_IS_INITIAL) != 0 ||
           ((group->flags & OBJECT_GROUP_IS_MEMBER) != 0 &&
            (grant_kind_info(group->kind)->flags & GRANT_KIND_IN_SCHEMA) == 0);
}

/* Columns have no defaults that could explain their entries; pg_default_acl knows no columns. */
static void
remove_from_objects(Removal *removal)
{
    LIST_FOREACH (ObjectGroup, group, &removal->database->groups) {
        AclTarget target = acl_target_of_group(removal->database, group);
        DefaultAclType type = object_group_default_type(group->kind);
        Acl explained = { 0 };

        if (diff_schema_is_system(removal->diff, group->schema) || is_left_alone(group) ||
            !has_undeclared(removal, &target, NULL))
            continue;
        if (type != DEFAULT_ACL_TYPE_COUNT)
            explained = explained_by_defaults(removal, group->owner, group->schema, type);
        explain_by_extension(removal, group->extension_acl, &explained);
        remove_from(removal, &target, NULL, &explained);
    }
    LIST_FOREACH (StateColumn, column, &removal->database->columns) {
        AclTarget target = acl_target_of_column(removal->database, column);
        Acl explained = { 0 };

        if (diff_schema_is_system(removal->diff, column->table->schema) ||
            (column->flags & OBJECT_GROUP_IS_INITIAL) != 0)
            continue;
        explain_by_extension(removal, column->extension_acl, &explained);
        remove_from(removal, &target, NULL, &explained);
    }
}

/*
 * While PUBLIC may not connect, the system users may, by the policy: also where revokeconn has gone
 * from the inventory since, for that opens the database to nobody.
 */
static void
remove_from_database(Removal *removal)
{
    Diff *diff = removal->diff;
    const PrivilegeSet connect = PRIVILEGE_BIT(PRIVILEGE_CONNECT);
    AclTarget target = acl_target_of_database(removal->database);
    AclDeclarations policy = { 0 };

    target.revoke_kind = CHANGE_REVOKE;
    LIST_FOREACH (const PolicyRole, role, &diff->context->policy->connect) {
        const char *name = policy_role_name(role, diff->context->users);
        AclDeclaration *declaration = ARENA_NEW(diff->arena, AclDeclaration);

        if (name == NULL)
            continue;
        declaration->entry = (AclEntry){ .grantee = names_intern(diff->names, name),
                                         .privileges = connect,
                                         .grantable = connect };
        list_add(diff->arena, &policy.present, declaration);
    }
    if ((acl_held_by(target.acl, NAME_PUBLIC).privileges & connect) != 0)
        policy = (AclDeclarations){ 0 };
    remove_from(removal, &target, &policy, NULL);
}

void
diff_undeclared_privileges(Diff *diff, const DatabaseWork *work)
{
    StateDatabase *database = work->database;
    NameId template_name = names_find(diff->names, "template1");
    Removal removal = {
        .diff = diff,
        .database = database,
        .template_database =
            template_name == NAME_NONE ? NULL : access_state_database(diff->state, template_name),
        .declared_at = { .origin = ORIGIN_NOBODY },
    };

    if (!scope_manages_database(diff->scope, database->name))
        return;
    LIST_FOREACH (const StateRole, role, &diff->state->roles) {
        if (scope_is_creator(diff->scope, role->name))
            name_id_vector_add(diff->arena, &removal.creators, role->name);
    }
    remove_from_database(&removal);
    if (!database->content_known)
        return;
    /* First, as they explain what schemas and objects hold. */
    remove_from_defaults(&removal, work->decl);
    remove_from_schemas(&removal);
    remove_from_objects(&removal);
}

/* Tablespaces and parameters lie in no database; no default privilege explains what they have. */
void
diff_undeclared_shared_privileges(Diff *diff)
{
    Removal removal = { .diff = diff, .declared_at = { .origin = ORIGIN_NOBODY } };

    LIST_FOREACH (ObjectGroup, group, &diff->state->shared_groups) {
        AclTarget target = acl_target_of_group(NULL, group);

        if (has_undeclared(&removal, &target, NULL))
            remove_from(&removal, &target, NULL, NULL);
    }
}
