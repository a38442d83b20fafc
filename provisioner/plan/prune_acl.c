/*
 * DROP OWNED revokes, as the owner and with CASCADE, what the owner granted to the role (aclchk.c
 * RemoveRoleFromObjectACL()). It leaves what others granted to it, what the role granted while it
 * has the grant option by a membership or had it by the table of a column (recursive_revoke() looks
 * at the entries of one ACL), and it takes from those who stay what they have from the role.
 */
#include "provisioner/plan/prune_acl.h"

#include <string.h>

#include "inventory/model/server_feature.h"
#include "inventory/sql/sql_fragment.h"
#include "provisioner/plan/grant_text.h"
#include "provisioner/plan/object_text.h"
#include "provisioner/server/sql_text.h"

/* One ACL at work. */
typedef struct Taking {
    const PruneRoles *roles;
    Arena *arena;
    const PruneAcl *item;
    const Acl *table; /* of a column: its table's ACL; NULL: the server's default */
    const List *schemas;
    NameId owner; /* once dropped roles own nothing any more */
    Acl acl;
    PruneSteps *steps;
} Taking;

/* ---- statements ---- */

static const char *
role_text(const Taking *taking, NameId role)
{
    return grant_text_role(taking->arena, taking->roles->state->names, role);
}

static const char *
statement(const Taking *taking, const char *path, PrivilegeSet privileges, const char *grantees,
          const char *grant_option)
{
    const PruneAcl *item = taking->item;
    g_autoptr(GString) object = g_string_new(NULL);
    List columns = { 0 };

    if (item->column != NULL)
        list_add(taking->arena, &columns, item->column);
    object_append_sql(object, taking->roles->state->names, item->kind, &item->identity);
    return sql_render(
        taking->arena, path,
        (SqlValue[]){ { "privileges", grant_text_privileges(taking->arena, privileges, &columns) },
                      { "kind", object_group_grant_keyword(item->kind) },
                      { "objects", object->str },
                      { "grantees", grantees },
                      { "grant_option", grant_option },
                      { "option_for", NULL },
                      { 0 } });
}

/* By the owner, whose grants stay. */
static const char *
grant(Taking *taking, NameId grantee, PrivilegeSet privileges, PrivilegeSet grantable)
{
    acl_grant(taking->arena, &taking->acl,
              &(AclEntry){ .grantee = grantee,
                           .grantor = taking->owner,
                           .privileges = privileges,
                           .grantable = grantable });
    return statement(taking, "statement/grant.sql", privileges, role_text(taking, grantee),
                     grantable != 0 ? "WITH GRANT OPTION" : NULL);
}

/* ---- what stays with others ---- */

/* They get the same from the owner. */
static void
keep_with_others(Taking *taking)
{
    const PruneRoles *roles = taking->roles;
    const Acl before = acl_copy(taking->arena, &taking->acl);

    for (size_t i = 0; i < before.count; i++) {
        const AclEntry *entry = &before.entries[i];
        const AclEntry own = acl_entry_of(&taking->acl, entry->grantee, taking->owner);
        const PrivilegeSet options = entry->grantable & ~own.grantable;
        const PrivilegeSet plain = entry->privileges & ~own.privileges & ~options;

        if (entry->grantor == taking->owner || prune_roles_drop(roles, entry->grantor) == NULL ||
            prune_roles_drop(roles, entry->grantee) != NULL ||
            !prune_roles_know(roles, entry->grantee))
            continue;
        if (plain != 0)
            list_add(taking->arena, &taking->steps->grants,
                     grant(taking, entry->grantee, plain, 0));
        if (options != 0)
            list_add(taking->arena, &taking->steps->grants,
                     grant(taking, entry->grantee, options, options));
    }
}

/* ---- rights by membership ---- */

/*
 * Only INHERIT is taken where there is such an option; a membership itself may have others granted
 * by it.
 */
static void
leave(Taking *taking, const StateMembership *row)
{
    const Names *names = taking->roles->state->names;
    bool has_options = server_has(taking->roles->state->major_version, SERVER_MEMBERSHIP_OPTIONS);
    PruneLoan *loan = ARENA_NEW(taking->arena, PruneLoan);
    const char *granted_by =
        arena_printf(taking->arena, "GRANTED BY %s", role_text(taking, row->grantor));

    inherited_roles_leave(taking->roles->inherited, row);
    *loan = (PruneLoan){
        .role = row->member,
        .statement =
            sql_render(taking->arena, "statement/revoke_membership.sql",
                       (SqlValue[]){ { "option_for", has_options ? "INHERIT OPTION FOR" : NULL },
                                     { "groups", role_text(taking, row->role) },
                                     { "member", names_text(names, row->member) },
                                     { "granted_by", has_options ? granted_by : NULL },
                                     { 0 } }),
    };
    list_add(taking->arena, &taking->steps->leaves, loan);
}

/* A superuser counts as a member of every owner. */
static void
stop_being_superuser(Taking *taking, NameId name)
{
    const PruneRoles *roles = taking->roles;
    const StateRole *role = access_state_role(roles->state, name);
    PruneLoan *loan = NULL;

    if (!role->attributes[ROLE_ATTRIBUTE_SUPERUSER] ||
        !g_hash_table_add(roles->demoted, (gpointer)role))
        return;
    loan = ARENA_NEW(taking->arena, PruneLoan);
    *loan = (PruneLoan){
        .role = name,
        .statement = sql_render(taking->arena, "statement/alter_role.sql",
                                (SqlValue[]){ { "role", names_text(roles->state->names, name) },
                                              { "options", "NOSUPERUSER" },
                                              { 0 } }),
    };
    list_add(taking->arena, &taking->steps->leaves, loan);
}

/* The role that gives the dropped one these grant options, as its owner or by an entry. */
static NameId
giver_of_options(const Taking *taking, NameId role, PrivilegeSet privileges)
{
    InheritedRoles *inherited = taking->roles->inherited;

    if (inherited_roles_include(inherited, role, taking->owner))
        return taking->owner;
    for (size_t i = 0; i < taking->acl.count; i++) {
        const AclEntry *entry = &taking->acl.entries[i];

        if (entry->grantee != role && (entry->grantable & privileges) != 0 &&
            inherited_roles_include(inherited, role, entry->grantee))
            return entry->grantee;
    }
    return NAME_NONE;
}

/* CASCADE spares what the role may still grant by a membership, so that has to go first. */
static void
leave_groups(Taking *taking)
{
    InheritedRoles *inherited = taking->roles->inherited;

    for (size_t i = 0; i < taking->acl.count; i++) {
        const AclEntry *entry = &taking->acl.entries[i];
        NameId giver = NAME_NONE;

        if (entry->grantor == taking->owner ||
            prune_roles_drop(taking->roles, entry->grantor) == NULL)
            continue;
        stop_being_superuser(taking, entry->grantor);
        while ((giver = giver_of_options(taking, entry->grantor, entry->privileges)) != NAME_NONE) {
            const List rows =
                list_duplicate(taking->arena, inherited_roles_rows(inherited, entry->grantor));

            LIST_FOREACH (const StateMembership, row, &rows) {
                if (inherited_roles_include(inherited, row->role, giver))
                    leave(taking, row);
            }
        }
    }
}

/* ---- what they hold from others than the owner ---- */

static const PruneKept cannot_revoke[] = {
    { .reason = "its grantor no longer exists",
      .hint = "only a direct catalog change can remove it" },
    { .reason =
          "the grantor is a superuser, or has the owner's rights, and so revokes as the owner",
      .hint =
          "as the owner, REVOKE it from the grantor with CASCADE, then run apply --prune again" },
    { .reason = "the grantor has no grant option any more",
      .hint = "as the owner, grant it to that role WITH GRANT OPTION again, then run apply --prune "
              "again" },
};

/* A role that goes later, too. */
static const PruneKept granted_by_kept = {
    .reason = "the grantor cannot be dropped either",
    .hint = "see to that role first",
};

/* Why REVOKE in the grantor's name would take nothing (acl.c select_best_grantor()). */
static const PruneKept *
hindrance_of(const Taking *taking, const AclEntry *entry)
{
    const StateRole *grantor = access_state_role(taking->roles->state, entry->grantor);
    PrivilegeSet options = acl_held_by(&taking->acl, entry->grantor).grantable;

    if (grantor == NULL)
        return &cannot_revoke[0];
    if (grantor->attributes[ROLE_ATTRIBUTE_SUPERUSER] ||
        inherited_roles_include(taking->roles->inherited, entry->grantor, taking->owner))
        return &cannot_revoke[1];
    if (taking->table != NULL)
        options |= acl_held_by(taking->table, entry->grantor).grantable;
    return (entry->privileges & ~options) != 0 ? &cannot_revoke[2] : NULL;
}

static bool
has_usage(const PruneRoles *roles, const PruneAcl *schema, NameId role)
{
    for (size_t i = 0; i < schema->acl.count; i++) {
        const AclEntry *entry = &schema->acl.entries[i];

        if ((entry->privileges & PRIVILEGE_BIT(PRIVILEGE_USAGE)) != 0 &&
            (entry->grantee == NAME_PUBLIC ||
             inherited_roles_include(roles->inherited, role, entry->grantee)))
            return true;
    }
    return inherited_roles_include(roles->inherited, role, schema->owner);
}

/* namespace.c LookupExplicitNamespace() checks USAGE with the rights of whoever names the object.
 */
static void
need_usage(const Taking *taking, PruneRevoke *revoke, const char *name)
{
    LIST_FOREACH (const PruneAcl, schema, taking->schemas) {
        if (strcmp(schema->identity.name, name) == 0 &&
            !has_usage(taking->roles, schema, revoke->grantor))
            name_id_vector_add_once(taking->arena, &revoke->schemas,
                                    names_intern(taking->roles->state->names, name));
    }
}

/* What hangs on it has been granted again by then. */
static void
revoke(Taking *taking, const AclEntry *entry)
{
    const ObjectIdentity *identity = &taking->item->identity;
    PruneRevoke *step = ARENA_NEW(taking->arena, PruneRevoke);
    const char *grantee =
        arena_printf(taking->arena, "%s CASCADE", role_text(taking, entry->grantee));

    *step = (PruneRevoke){
        .role = entry->grantee,
        .grantor = entry->grantor,
        .statement = statement(taking, "statement/revoke.sql", entry->privileges, grantee, NULL),
    };
    if (identity->schema != NAME_NONE)
        need_usage(taking, step, names_text(taking->roles->state->names, identity->schema));
    LIST_FOREACH (const SqlTypeName, type, &identity->arguments)
        need_usage(taking, step, type->schema);
    list_add(taking->arena, &taking->steps->revokes, step);
    acl_revoke_cascade(&taking->acl, entry);
}

static bool
find_held(const Taking *taking, AclEntry *ret_entry)
{
    for (size_t i = 0; i < taking->acl.count; i++) {
        *ret_entry = taking->acl.entries[i];
        if (ret_entry->grantor != taking->owner &&
            prune_roles_drop(taking->roles, ret_entry->grantee) != NULL &&
            prune_roles_drop(taking->roles, ret_entry->grantor) == NULL &&
            hindrance_of(taking, ret_entry) == NULL)
            return true;
    }
    return false;
}

static void
revoke_held(Taking *taking)
{
    AclEntry entry;

    while (find_held(taking, &entry))
        revoke(taking, &entry);
}

/* ---- what they have granted, and DROP OWNED ---- */

/*
 * What the role granted goes with its grant option, so it has to have that in the same ACL: a
 * table's option for a column, or one that is gone, is given to it again for the moment.
 */
static void
drop_owned(Taking *taking, NameId role)
{
    const AclEntry own = acl_entry_of(&taking->acl, role, taking->owner);
    PrivilegeSet granted = 0;
    PruneLoan *loan = NULL;

    for (size_t i = 0; i < taking->acl.count; i++) {
        if (taking->acl.entries[i].grantor == role)
            granted |= taking->acl.entries[i].privileges;
    }
    granted &= ~acl_held_by(&taking->acl, role).grantable;
    if (role != taking->owner && granted != 0) {
        loan = ARENA_NEW(taking->arena, PruneLoan);
        *loan = (PruneLoan){ .role = role, .statement = grant(taking, role, granted, granted) };
        list_add(taking->arena, &taking->steps->loans, loan);
    }
    acl_revoke_cascade(&taking->acl, &(AclEntry){ .grantee = role,
                                                  .grantor = taking->owner,
                                                  .privileges = own.privileges | granted,
                                                  .grantable = own.privileges | granted });
}

/* A role that is still named in an ACL cannot be dropped. */
static void
tell_kept(Taking *taking)
{
    for (size_t i = 0; i < taking->acl.count; i++) {
        const AclEntry *entry = &taking->acl.entries[i];
        const PruneKept *hindrance = NULL;
        PruneKept *kept = NULL;

        if (prune_roles_drop(taking->roles, entry->grantee) == NULL)
            continue;
        hindrance = hindrance_of(taking, entry);
        kept = ARENA_NEW(taking->arena, PruneKept);
        *kept = hindrance != NULL ? *hindrance : granted_by_kept;
        kept->role = entry->grantee;
        kept->grantor = entry->grantor;
        list_add(taking->arena, &taking->steps->kept, kept);
    }
}

/* Entries of the role, on either side. */
static PrivilegeSet
privileges_of(const Acl *acl, NameId role)
{
    PrivilegeSet all = 0;

    for (size_t i = 0; i < acl->count; i++) {
        if (acl->entries[i].grantee == role || acl->entries[i].grantor == role)
            all |= acl->entries[i].privileges;
    }
    return all;
}

static void
begin(Taking *taking, const PruneAcl *item, const PruneAcl *table)
{
    const Change *drop = prune_roles_drop(taking->roles, item->owner);

    taking->item = item;
    taking->owner = item->owner;
    taking->acl = acl_copy(taking->arena, &item->acl);
    taking->table = item->column != NULL && table != NULL &&
                            table->identity.schema == item->identity.schema &&
                            strcmp(table->identity.name, item->identity.name) == 0
                        ? &table->acl
                        : NULL;
    /* Everything that dropped roles own has its new owner by then. */
    if (drop != NULL) {
        taking->owner = change_role_drop(drop)->reassign_to;
        acl_change_owner(&taking->acl, drop->name, taking->owner);
    }
}

static void
take_out(Taking *taking)
{
    keep_with_others(taking);
    revoke_held(taking);
    LIST_FOREACH (const Change, drop, taking->roles->drops)
        drop_owned(taking, drop->name);
    LIST_FOREACH (const Change, drop, taking->roles->drops) {
        if (privileges_of(&taking->item->acl, drop->name) !=
            privileges_of(&taking->acl, drop->name))
            name_id_vector_add_once(taking->arena, &taking->steps->taken, drop->name);
    }
    tell_kept(taking);
}

/*
 * Rights by memberships go first everywhere, since they play a part in all that follows. A column's
 * table stands before it, if it names one of the roles at all.
 */
void
prune_acl_steps(const PruneRoles *roles, const List *acls, const List *schemas, PruneSteps *steps)
{
    const PruneAcl *table = NULL;
    Taking taking = {
        .roles = roles,
        .arena = roles->state->arena,
        .schemas = schemas,
        .steps = steps,
    };

    LIST_FOREACH (const PruneAcl, item, acls) {
        begin(&taking, item, NULL);
        leave_groups(&taking);
    }
    LIST_FOREACH (const PruneAcl, item, acls) {
        if (item->column == NULL)
            table = item;
        begin(&taking, item, table);
        take_out(&taking);
    }
}
