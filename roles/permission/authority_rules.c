/* The server's permission checks, one function for each kind of change. */
#include <string.h>

#include "base/doubled_quotes.h"
#include "inventory/model/server_feature.h"
#include "roles/permission/access_ways.h"
#include "roles/permission/permission_check.h"

/*
 * The owner check of dbcommands.c: AlterDatabase() and AlterDatabaseSet() accept whoever has the
 * owner's privileges, not only the owner itself.
 */
static void
need_database(PermissionCheck *check)
{
    const StateDatabase *database = access_state_database(check->state, check->change->name);

    if (database != NULL)
        check_need_privileges_of(check, database->owner, "the database belongs to role");
}

/* Attributes that 13 to 15 leave to superusers and later versions to those who have them. */
static const struct {
    RoleAttribute attribute;
    const char *word;
    bool was_open; /* before 16 to every holder of CREATEROLE */
} given_attributes[] = {
    { ROLE_ATTRIBUTE_CREATEDB, "CREATEDB", true },
    { ROLE_ATTRIBUTE_REPLICATION, "REPLICATION", false },
    { ROLE_ATTRIBUTE_BYPASSRLS, "BYPASSRLS", false },
};

/* CREATE ROLE minds only what is given, ALTER ROLE also what is taken. */
typedef enum AttributesMinded {
    ATTRIBUTES_GIVEN,
    ATTRIBUTES_GIVEN_AND_TAKEN,
} AttributesMinded;

/*
 * user.c CreateRole() and AlterRole(): from 16 on a role hands out only attributes that it has
 * itself; before, CREATEROLE was enough for CREATEDB, and REPLICATION and BYPASSRLS were for
 * superusers. SUPERUSER has been for superusers in every version.
 */
static void
need_attributes(PermissionCheck *check, AttributesMinded minded)
{
    const RoleChange *role = change_role(check->change);

    if (role->attribute_changes[ROLE_ATTRIBUTE_SUPERUSER] &&
        (role->attributes[ROLE_ATTRIBUTE_SUPERUSER] || minded == ATTRIBUTES_GIVEN_AND_TAKEN))
        check_add_lack(check, NULL, "only a superuser may change SUPERUSER");
    for (size_t i = 0; i < G_N_ELEMENTS(given_attributes); i++) {
        RoleAttribute attribute = given_attributes[i].attribute;

        if (!role->attribute_changes[attribute] ||
            (minded == ATTRIBUTES_GIVEN && !role->attributes[attribute]))
            continue;
        if (check->is_limited)
            check_need_attribute(check, attribute, given_attributes[i].word);
        else if (!given_attributes[i].was_open)
            check_add_lack(check, NULL, "only a superuser may change %s", given_attributes[i].word);
    }
}

/*
 * CREATEROLE is enough to create: the new role has no members and owns nothing yet, so there is
 * nothing that ADMIN could protect.
 */
static void
permission_role_create(PermissionCheck *check)
{
    check_need_attribute(check, ROLE_ATTRIBUTE_CREATEROLE, "CREATEROLE");
    need_attributes(check, ATTRIBUTES_GIVEN);
}

/* Before 16 only superusers alter what ALTER ROLE alters of a role with REPLICATION. */
typedef enum ReplicationRoles {
    REPLICATION_ROLES_OPEN,
    REPLICATION_ROLES_CLOSED,
} ReplicationRoles;

/* CREATEROLE, and from 16 on ADMIN; superusers are closed. */
static void
need_role(PermissionCheck *check, NameId name, ReplicationRoles replication)
{
    const StateRole *role = access_state_role(check->state, name);

    if (role != NULL && role->attributes[ROLE_ATTRIBUTE_SUPERUSER])
        check_add_lack(check, NULL, "role \"%s\" is a superuser", check_name(check, name));
    else if (role != NULL && role->attributes[ROLE_ATTRIBUTE_REPLICATION] &&
             replication == REPLICATION_ROLES_CLOSED && !check->is_limited)
        check_add_lack(check, NULL, "role \"%s\" has REPLICATION, which only superusers may alter",
                       check_name(check, name));
    if (check->needs_superuser)
        return;
    check_need_attribute(check, ROLE_ATTRIBUTE_CREATEROLE, "CREATEROLE");
    if (check->is_limited)
        check_need_admin(check, name, check->authority->admin_of);
}

static void
permission_role_alter(PermissionCheck *check)
{
    need_role(check, check->change->name, REPLICATION_ROLES_CLOSED);
    need_attributes(check, ATTRIBUTES_GIVEN_AND_TAKEN);
}

/*
 * Disabling takes LOGIN, which AlterRole() checks like any other attribute that needs no privilege
 * of its own.
 */
static void
permission_role_attributes(PermissionCheck *check)
{
    need_role(check, check->change->name, REPLICATION_ROLES_CLOSED);
}

/*
 * AlterRole() lets every role change its own password without CREATEROLE. The exceptions are roles
 * that only a superuser may alter: superusers, and before 16 also roles with REPLICATION.
 */
static void
permission_role_password(PermissionCheck *check)
{
    const StateRole *role = access_state_role(check->state, check->change->name);
    bool is_closed =
        role != NULL && (role->attributes[ROLE_ATTRIBUTE_SUPERUSER] ||
                         (!check->is_limited && role->attributes[ROLE_ATTRIBUTE_REPLICATION]));

    if (check->change->name != check->authority->actor || is_closed)
        need_role(check, check->change->name, REPLICATION_ROLES_CLOSED);
}

/*
 * ALTER ROLE ... SET and ALTER DATABASE ... SET run the same check as SET (guc.c). Which parameters
 * the session role may not set was read beforehand, since the answer depends on extensions that are
 * loaded. GRANT SET ON PARAMETER exists from 15 on; before, only a superuser can help. RESET of one
 * parameter asks the same (GUCArrayDelete()); RESET ALL would leave it out.
 */
static void
need_parameter(PermissionCheck *check)
{
    const int grantable_since = 15;
    const char *name = change_setting(check->change)->parameter->name;
    g_autofree char *folded = g_ascii_strdown(name, -1);
    g_autoptr(GString) help = g_string_new("GRANT SET ON PARAMETER ");

    if (check->state->closed_parameters == NULL ||
        !g_hash_table_contains(check->state->closed_parameters, folded))
        return;
    doubled_quotes_append(help, folded, '"');
    g_string_append_printf(help, " TO %s", check_quoted(check, check->authority->actor));
    check_add_lack(check, check->state->major_version >= grantable_since ? help->str : NULL,
                   "role \"%s\" may not set parameter \"%s\"",
                   check_name(check, check->authority->actor), name);
}

/*
 * user.c AlterRoleSet() exempts the role itself and does not look at REPLICATION, unlike
 * AlterRole().
 */
static void
permission_role_setting(PermissionCheck *check)
{
    if (check->change->name != check->authority->actor)
        need_role(check, check->change->name, REPLICATION_ROLES_OPEN);
    need_parameter(check);
}

/*
 * objectaddress.c check_object_ownership() is the rule of COMMENT ON ROLE, which asks for
 * CREATEROLE (with ADMIN from 16 on) and does not know REPLICATION either.
 */
static void
permission_role_comment(PermissionCheck *check)
{
    need_role(check, check->change->name, REPLICATION_ROLES_OPEN);
}

/*
 * user.c check_role_membership_authorization(): a superuser role is granted by superusers only.
 * From 16 on ADMIN OPTION is required in every case; before, CREATEROLE was enough for all other
 * roles.
 */
static void
need_to_grant_role(PermissionCheck *check, NameId group)
{
    if (check_is_superuser(check, group))
        check_add_lack(check, NULL, "role \"%s\" is a superuser", check_name(check, group));
    else if (check->is_limited)
        check_need_admin(check, group, check->authority->grants);
    else if (!check_has(check, ROLE_ATTRIBUTE_CREATEROLE))
        check_need_admin(check, group, check->authority->admin_of);
}

/* The role that marks others is granted like any other. */
static void
permission_marker(PermissionCheck *check)
{
    need_to_grant_role(check, check->change->name);
}

/*
 * GRANTED BY somebody else requires the privileges of that grantor (user.c check_role_grantor()).
 * The bootstrap superuser is the usual grantor of memberships that a superuser made, and nobody
 * inherits from it, so that case has a message of its own.
 */
static void
permission_membership(PermissionCheck *check)
{
    const MembershipChange *change = change_membership(check->change);

    for (size_t i = 0; i < change->groups.count; i++)
        need_to_grant_role(check, change->groups.items[i]);
    if (change->grantor == NAME_NONE ||
        authority_has_privileges_of(check->authority, change->grantor, NAME_NONE))
        return;
    if (check_is_superuser(check, change->grantor))
        check_add_lack(check, NULL, "the membership was granted by the superuser \"%s\"",
                       check_name(check, change->grantor));
    else
        check_need_privileges_of(check, change->grantor, "the membership was granted by role");
}

/*
 * dbcommands.c createdb(): CREATEDB, the right to become the owner that is named, and for a
 * template that is not marked as one also its owner's privileges ("permission denied to copy
 * database").
 */
static void
permission_database_create(PermissionCheck *check)
{
    const DatabaseCreateChange *create = change_database_create(check->change);
    const char *template_name = create->decl->template_name.value;
    const StateDatabase *template_database = NULL;

    check_need_attribute(check, ROLE_ATTRIBUTE_CREATEDB, "CREATEDB");
    if (create->owner != check->authority->actor)
        check_need_to_be(check, create->owner);
    if (template_name == NULL || *template_name == '\0')
        template_name = "template1";
    template_database =
        access_state_database(check->state, names_find(check->state->names, template_name));
    if (template_database != NULL && !template_database->is_template)
        check_need_privileges_of(check, template_database->owner,
                                 "the template database belongs to role");
}

/*
 * dbcommands.c AlterDatabaseOwner() asks for three things: ownership, the right to become the new
 * owner, and CREATEDB, because giving a database away amounts to creating one for somebody else.
 */
static void
permission_database_owner(PermissionCheck *check)
{
    need_database(check);
    check_need_to_be(check, change_owner(check->change)->role);
    check_need_attribute(check, ROLE_ATTRIBUTE_CREATEDB, "CREATEDB");
}

static void
permission_database(PermissionCheck *check)
{
    need_database(check);
}

static void
permission_database_setting(PermissionCheck *check)
{
    need_database(check);
    need_parameter(check);
}

/*
 * aclchk.c ExecAlterDefaultPrivilegesStmt(): default privileges are those of the creator, so
 * whoever changes them acts for that role.
 */
static void
permission_default(PermissionCheck *check)
{
    /* Before 16 membership by any path was enough. */
    for (size_t i = 0; i < change_default_acl(check->change)->creators.count; i++) {
        NameId creator = change_default_acl(check->change)->creators.items[i];

        if (!check->is_limited &&
            g_hash_table_contains(check->authority->member_of, GUINT_TO_POINTER(creator)))
            continue;
        check_need_privileges_of(check, creator, "they are the default privileges of role");
    }
}

/*
 * schemacmds.c CreateSchemaCommand(): CREATE on the database, and with AUTHORIZATION the right to
 * become that role.
 */
static void
permission_schema_create(PermissionCheck *check)
{
    const StateDatabase *database = access_state_database(check->state, check->change->database);

    if (database != NULL &&
        !authority_holds(check->authority, &database->acl, PRIVILEGE_BIT(PRIVILEGE_CREATE)))
        check_add_lack(check,
                       arena_printf(check->state->arena, "GRANT CREATE ON DATABASE %s TO %s",
                                    check_quoted(check, database->name),
                                    check_quoted(check, check->authority->actor)),
                       "role \"%s\" may not create schemas in database \"%s\"",
                       check_name(check, check->authority->actor),
                       check_name(check, database->name));
    check_need_to_be(check, change_owner(check->change)->role);
}

/*
 * Whether a role that reaches the actor may grant all that the change grants. acl.c
 * select_best_grantor() picks one grantor for the whole statement; what that one may not grant is
 * left out with a warning, although another role has the option.
 */
static bool
may_grant_on(const PermissionCheck *check)
{
    PrivilegeSet wanted = change_acl(check->change)->privileges;

    for (size_t i = 0; i < check->object->acl->count; i++) {
        NameId grantee = check->object->acl->entries[i].grantee;

        if (g_hash_table_contains(check->authority->inherits, GUINT_TO_POINTER(grantee)) &&
            (wanted & ~acl_held_by(check->object->acl, grantee).grantable) == 0)
            return true;
    }
    return false;
}

/*
 * The owner holds all grant options implicitly (acl.c aclmask()), also where the ACL does not show
 * them.
 */
static void
permission_grant(PermissionCheck *check)
{
    if (change_acl(check->change)->acting.role != NAME_NONE ||
        authority_has_privileges_of(check->authority, check->object->owner,
                                    check->change->database) ||
        may_grant_on(check))
        return;
    check_need_privileges_of(check, check->object->owner, "the object belongs to role");
}

/* Under SET ROLE to another grantor; what the owner granted, only the owner takes. */
static void
permission_revoke(PermissionCheck *check)
{
    NameId grantor = change_acl(check->change)->acting.role;

    if (grantor != NAME_NONE)
        check_need_to_be(check, grantor);
    else
        check_need_privileges_of(check, check->object->owner, "the object belongs to role");
}

/*
 * signalfuncs.c pg_signal_backend(): sessions of superusers end only by superusers; others by
 * whoever has the privileges of the role or of pg_signal_backend.
 */
static void
permission_end_sessions(PermissionCheck *check)
{
    NameId signaller = names_find(check->state->names, "pg_signal_backend");

    if (check_is_superuser(check, check->change->name))
        check_add_lack(check, NULL, "role \"%s\" is a superuser",
                       check_name(check, check->change->name));
    else if (!authority_has_privileges_of(check->authority, check->change->name, NAME_NONE) &&
             !authority_has_privileges_of(check->authority, signaller, NAME_NONE)) {
        check_add_missing_role(check, check->change->name, check_grant_to_actor(check, signaller),
                               "role \"%s\" may not end sessions of role \"%s\"",
                               check_name(check, check->authority->actor),
                               check_name(check, check->change->name));
    }
}

/*
 * Whether the role may create in the schema as it is when owners change: before any grant of the
 * same plan.
 */
static bool
may_create_in(const PermissionCheck *check, NameId role, const StateDatabase *database,
              const StateSchema *schema)
{
    g_autoptr(Arena) scratch = arena_new();
    g_autoptr(AccessWays) ways = access_ways_new(scratch, check->state);
    g_auto(AccessedObject) object = {
        .kind = OBJECT_KIND_SCHEMA,
        .owner = schema->owner,
        .database = database,
        .counts_own = true,
    };
    const AclEntry asked = { .grantee = role, .privileges = PRIVILEGE_BIT(PRIVILEGE_CREATE) };

    accessed_object_init(&object, &schema->base);
    return access_ways_find(ways, &object, &asked).count > 0;
}

/*
 * The old owner's rights, being the new one, and that the new one may create in the schema (alter.c
 * AlterObjectOwner_internal(), tablecmds.c ATExecChangeOwner()).
 */
static void
permission_object_owner(PermissionCheck *check)
{
    const StateDatabase *database = access_state_database(check->state, check->change->database);
    const StateSchema *schema = database == NULL || check->object->schema == NAME_NONE
                                    ? NULL
                                    : state_database_schema(database, check->object->schema);
    NameId role = change_object_owner(check->change)->role;

    check_need_privileges_of(check, check->object->owner, "the object belongs to role");
    check_need_to_be(check, role);
    if (schema != NULL && !may_create_in(check, role, database, schema))
        check_add_lack(check,
                       arena_printf(check->state->arena, "GRANT CREATE ON SCHEMA %s TO %s",
                                    check_quoted(check, schema->name), check_quoted(check, role)),
                       "the new owner \"%s\" has no CREATE on schema \"%s\"",
                       check_name(check, role), check_name(check, schema->name));
}

static void
permission_schema_owner(PermissionCheck *check)
{
    const StateDatabase *database = access_state_database(check->state, check->change->database);
    const StateSchema *schema =
        database == NULL ? NULL : state_database_schema(database, check->change->name);

    if (schema != NULL)
        check_need_privileges_of(check, schema->owner, "the schema belongs to role");
    permission_schema_create(check);
}

/*
 * DROP SCHEMA asks for ownership of the schema alone, also with CASCADE: what is inside follows
 * whoever owns it.
 */
static void
permission_schema_drop(PermissionCheck *check)
{
    const StateDatabase *database = access_state_database(check->state, check->change->database);
    const StateSchema *schema =
        database == NULL ? NULL : state_database_schema(database, check->change->name);

    if (schema != NULL)
        check_need_privileges_of(check, schema->owner, "the schema belongs to role");
}

/*
 * What it owns is given to another role and what it holds is revoked, in every database. REASSIGN
 * OWNED requires the privileges of the role and of the new owner, DROP OWNED those of the role
 * (user.c DropOwnedObjects(), ReassignOwnedObjects()).
 */
static void
permission_role_drop(PermissionCheck *check)
{
    need_role(check, check->change->name, REPLICATION_ROLES_CLOSED);
    check_need_privileges_of(check, check->change->name, "the objects to reassign belong to role");
    check_need_to_be(check, change_role_drop(check->change)->reassign_to);
    if (change_role_drop(check->change)->reassign_to != NAME_NONE)
        check_need_privileges_of(check, change_role_drop(check->change)->reassign_to,
                                 "the objects go to role");
}

/* Comes with ROLE_DROP, which is checked for both. */
static void
permission_nothing(PermissionCheck *check)
{
    (void)check;
}

typedef void PermissionRule(PermissionCheck *check);

static PermissionRule *const rules[] = {
#define CHANGE(name, payload, words, permission, ...) [CHANGE_##name] = permission_##permission,
#include "roles/change/change.def"
#undef CHANGE
};

/*
 * All that is missing is collected, not only the first thing: a hint that names one of three
 * missing grants would send the reader around three times.
 */
const Refusal *
authority_check(const Authority *authority, const Change *change, const AuthorityObject *object)
{
    const AccessState *state = authority->state;
    g_autoptr(GString) lacks = NULL;
    g_autoptr(GString) help = NULL;
    Refusal *refusal = NULL;
    PermissionCheck check = {
        .authority = authority,
        .state = state,
        .change = change,
        .object = object,
        .actor = access_state_role(state, authority->actor),
        .is_limited = server_has(state->major_version, SERVER_LIMITED_CREATEROLE),
    };

    if (authority->is_superuser)
        return NULL;
    check.lacks = lacks = g_string_new(NULL);
    check.help = help = g_string_new(NULL);
    rules[change->kind](&check);
    if (lacks->len == 0)
        return NULL;
    refusal = ARENA_NEW(state->arena, Refusal);
    *refusal = (Refusal){
        .lacks = arena_strdup(state->arena, lacks->str),
        .help = check.needs_superuser ? NULL : arena_strdup(state->arena, help->str),
        .become = check.lacks_more ? (NameIdVector){ 0 } : check.become,
    };
    return refusal;
}
