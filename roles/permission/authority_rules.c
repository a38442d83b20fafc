/* The server's permission checks, one function for each kind of change. */
#include <string.h>

#include "base/doubled_quotes.h"
#include "inventory/model/server_feature.h"
#include "roles/permission/authority_judge.h"

static void
need_database(Judge *judge)
{
    const StateDatabase *database = access_state_database(judge->state, judge->change->name);

    if (database != NULL)
        judge_need_privileges_of(judge, database->owner, "the database belongs to role");
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

static void
need_attributes(Judge *judge, AttributesMinded minded)
{
    const RoleChange *role = &judge->change->role;

    if (role->attribute_changes[ROLE_ATTRIBUTE_SUPERUSER] &&
        (role->attributes[ROLE_ATTRIBUTE_SUPERUSER] || minded == ATTRIBUTES_GIVEN_AND_TAKEN))
        judge_add_lack(judge, NULL, "only a superuser gives or takes SUPERUSER");
    for (size_t i = 0; i < G_N_ELEMENTS(given_attributes); i++) {
        RoleAttribute attribute = given_attributes[i].attribute;

        if (!role->attribute_changes[attribute] ||
            (minded == ATTRIBUTES_GIVEN && !role->attributes[attribute]))
            continue;
        if (judge->is_limited)
            judge_need_attribute(judge, attribute, given_attributes[i].word);
        else if (!given_attributes[i].was_open)
            judge_add_lack(judge, NULL, "only a superuser gives or takes %s",
                           given_attributes[i].word);
    }
}

static void
judge_role_create(Judge *judge)
{
    judge_need_attribute(judge, ROLE_ATTRIBUTE_CREATEROLE, "CREATEROLE");
    need_attributes(judge, ATTRIBUTES_GIVEN);
}

/* Before 16 only superusers alter what ALTER ROLE alters of a role with REPLICATION. */
typedef enum ReplicationRoles {
    REPLICATION_ROLES_OPEN,
    REPLICATION_ROLES_CLOSED,
} ReplicationRoles;

/* CREATEROLE, and from 16 on ADMIN; superusers are closed. */
static void
need_role(Judge *judge, NameId name, ReplicationRoles replication)
{
    const StateRole *role = access_state_role(judge->state, name);

    if (role != NULL && role->attributes[ROLE_ATTRIBUTE_SUPERUSER])
        judge_add_lack(judge, NULL, "role \"%s\" is a superuser", judge_name(judge, name));
    else if (role != NULL && role->attributes[ROLE_ATTRIBUTE_REPLICATION] &&
             replication == REPLICATION_ROLES_CLOSED && !judge->is_limited)
        judge_add_lack(judge, NULL, "role \"%s\" has REPLICATION, which only superusers may alter",
                       judge_name(judge, name));
    if (judge->needs_superuser)
        return;
    judge_need_attribute(judge, ROLE_ATTRIBUTE_CREATEROLE, "CREATEROLE");
    if (judge->is_limited)
        judge_need_admin(judge, name, judge->authority->admin_of);
}

static void
judge_role_alter(Judge *judge)
{
    need_role(judge, judge->change->name, REPLICATION_ROLES_CLOSED);
    need_attributes(judge, ATTRIBUTES_GIVEN_AND_TAKEN);
}

static void
judge_role_login(Judge *judge)
{
    need_role(judge, judge->change->name, REPLICATION_ROLES_CLOSED);
}

static void
judge_role_password(Judge *judge)
{
    const StateRole *role = access_state_role(judge->state, judge->change->name);
    bool is_closed =
        role != NULL && (role->attributes[ROLE_ATTRIBUTE_SUPERUSER] ||
                         (!judge->is_limited && role->attributes[ROLE_ATTRIBUTE_REPLICATION]));

    if (judge->change->name != judge->authority->actor || is_closed)
        need_role(judge, judge->change->name, REPLICATION_ROLES_CLOSED);
}

static void
need_parameter(Judge *judge)
{
    const int grantable_since = 15;
    const char *name = judge->change->parameter->name;
    g_autofree char *folded = g_ascii_strdown(name, -1);
    g_autoptr(GString) help = g_string_new("GRANT SET ON PARAMETER ");

    if (judge->state->closed_parameters == NULL ||
        !g_hash_table_contains(judge->state->closed_parameters, folded))
        return;
    doubled_quotes_append(help, folded, '"');
    g_string_append_printf(help, " TO %s", judge_quoted(judge, judge->authority->actor));
    judge_add_lack(judge, judge->state->major_version >= grantable_since ? help->str : NULL,
                   "role \"%s\" may not set parameter \"%s\"",
                   judge_name(judge, judge->authority->actor), name);
}

static void
judge_role_setting(Judge *judge)
{
    if (judge->change->name != judge->authority->actor)
        need_role(judge, judge->change->name, REPLICATION_ROLES_OPEN);
    if (judge->change->parameter->value != NULL)
        need_parameter(judge);
}

static void
judge_role_comment(Judge *judge)
{
    need_role(judge, judge->change->name, REPLICATION_ROLES_OPEN);
}

static void
need_to_grant_role(Judge *judge, NameId group)
{
    if (judge_is_superuser(judge, group))
        judge_add_lack(judge, NULL, "role \"%s\" is a superuser", judge_name(judge, group));
    else if (judge->is_limited)
        judge_need_admin(judge, group, judge->authority->grants);
    else if (!judge_has(judge, ROLE_ATTRIBUTE_CREATEROLE))
        judge_need_admin(judge, group, judge->authority->admin_of);
}

/* The role that marks others is granted like any other. */
static void
judge_mark(Judge *judge)
{
    need_to_grant_role(judge, judge->change->name);
}

static void
judge_membership(Judge *judge)
{
    const Change *change = judge->change;

    for (size_t i = 0; i < change->groups.count; i++)
        need_to_grant_role(judge, GPOINTER_TO_UINT(change->groups.items[i]));
    if (change->grantor == NAME_NONE ||
        authority_has_privileges_of(judge->authority, change->grantor, NAME_NONE))
        return;
    if (judge_is_superuser(judge, change->grantor))
        judge_add_lack(judge, NULL, "the membership was granted by the superuser \"%s\"",
                       judge_name(judge, change->grantor));
    else
        judge_need_privileges_of(judge, change->grantor, "the membership was granted by role");
}

static void
judge_database_create(Judge *judge)
{
    const DatabaseDecl *decl = judge->change->create;
    const char *template_name = decl->template_name.value;
    const StateDatabase *template_database = NULL;

    judge_need_attribute(judge, ROLE_ATTRIBUTE_CREATEDB, "CREATEDB");
    if (judge->change->owner != judge->authority->actor)
        judge_need_to_be(judge, judge->change->owner);
    if (template_name == NULL || *template_name == '\0')
        template_name = "template1";
    template_database =
        access_state_database(judge->state, names_find(judge->state->names, template_name));
    if (template_database != NULL && !template_database->is_template)
        judge_need_privileges_of(judge, template_database->owner,
                                 "the template database belongs to role");
}

static void
judge_database_owner(Judge *judge)
{
    need_database(judge);
    judge_need_to_be(judge, judge->change->owner);
    judge_need_attribute(judge, ROLE_ATTRIBUTE_CREATEDB, "CREATEDB");
}

static void
judge_database(Judge *judge)
{
    need_database(judge);
}

static void
judge_database_setting(Judge *judge)
{
    need_database(judge);
    if (judge->change->parameter->value != NULL)
        need_parameter(judge);
}

static void
judge_default(Judge *judge)
{
    /* Before 16 membership by any path was enough. */
    for (size_t i = 0; i < judge->change->creators.count; i++) {
        NameId creator = GPOINTER_TO_UINT(judge->change->creators.items[i]);

        if (!judge->is_limited &&
            g_hash_table_contains(judge->authority->member_of, GUINT_TO_POINTER(creator)))
            continue;
        judge_need_privileges_of(judge, creator, "they are the default privileges of role");
    }
}

static void
judge_schema_create(Judge *judge)
{
    const StateDatabase *database = access_state_database(judge->state, judge->change->database);

    if (database != NULL &&
        !authority_holds(judge->authority, &database->acl, PRIVILEGE_BIT(PRIVILEGE_CREATE)))
        judge_add_lack(judge,
                       arena_printf(judge->state->arena, "GRANT CREATE ON DATABASE %s TO %s",
                                    judge_quoted(judge, database->name),
                                    judge_quoted(judge, judge->authority->actor)),
                       "role \"%s\" may not create schemas in database \"%s\"",
                       judge_name(judge, judge->authority->actor),
                       judge_name(judge, database->name));
    judge_need_to_be(judge, judge->change->owner);
}

/* Whether entries that reach the actor let it grant all that the change grants. */
static bool
may_grant_on(const Judge *judge)
{
    PrivilegeSet missing = judge->change->privileges;

    for (size_t i = 0; i < judge->object->acl->count; i++) {
        const AclEntry *entry = &judge->object->acl->entries[i];

        if (g_hash_table_contains(judge->authority->inherits, GUINT_TO_POINTER(entry->grantee)))
            missing &= ~entry->grantable;
    }
    return missing == 0;
}

static void
judge_grant(Judge *judge)
{
    if (authority_has_privileges_of(judge->authority, judge->object->owner,
                                    judge->change->database) ||
        may_grant_on(judge))
        return;
    judge_need_privileges_of(judge, judge->object->owner, "the object belongs to role");
}

/* Under SET ROLE to another grantor; what the owner granted, only the owner takes. */
static void
judge_revoke(Judge *judge)
{
    if (judge->change->as_role != NAME_NONE)
        judge_need_to_be(judge, judge->change->as_role);
    else
        judge_need_privileges_of(judge, judge->object->owner, "the object belongs to role");
}

static void
judge_end_sessions(Judge *judge)
{
    NameId signaller = names_find(judge->state->names, "pg_signal_backend");

    if (judge_is_superuser(judge, judge->change->name))
        judge_add_lack(judge, NULL, "role \"%s\" is a superuser",
                       judge_name(judge, judge->change->name));
    else if (!authority_has_privileges_of(judge->authority, judge->change->name, NAME_NONE) &&
             !authority_has_privileges_of(judge->authority, signaller, NAME_NONE))
        judge_add_lack(judge, judge_grant_to_actor(judge, signaller),
                       "role \"%s\" may not end sessions of role \"%s\"",
                       judge_name(judge, judge->authority->actor),
                       judge_name(judge, judge->change->name));
}

/* The old owner's rights, and being the new one. */
static void
judge_object_owner(Judge *judge)
{
    judge_need_privileges_of(judge, judge->object->owner, "the object belongs to role");
    judge_need_to_be(judge, judge->change->owner);
}

static void
judge_schema_owner(Judge *judge)
{
    const StateDatabase *database = access_state_database(judge->state, judge->change->database);
    const StateSchema *schema =
        database == NULL ? NULL : state_database_schema(database, judge->change->name);

    if (schema != NULL)
        judge_need_privileges_of(judge, schema->owner, "the schema belongs to role");
    judge_schema_create(judge);
}

static void
judge_schema_drop(Judge *judge)
{
    const StateDatabase *database = access_state_database(judge->state, judge->change->database);
    const StateSchema *schema =
        database == NULL ? NULL : state_database_schema(database, judge->change->name);

    if (schema != NULL)
        judge_need_privileges_of(judge, schema->owner, "the schema belongs to role");
}

/* What it owns is given to the heir and what it holds is taken, in every database. */
static void
judge_role_drop(Judge *judge)
{
    need_role(judge, judge->change->name, REPLICATION_ROLES_CLOSED);
    judge_need_privileges_of(judge, judge->change->name, "what is moved belongs to role");
    if (judge->change->owner != NAME_NONE)
        judge_need_to_be(judge, judge->change->owner);
}

/* Comes with ROLE_DROP, which is judged for both. */
static void
judge_nothing(Judge *judge)
{
    (void)judge;
}

typedef void JudgeFunction(Judge *judge);

static JudgeFunction *const judges[] = {
    [CHANGE_ROLE_CREATE] = judge_role_create,
    [CHANGE_ROLE_ALTER] = judge_role_alter,
    [CHANGE_ROLE_PASSWORD] = judge_role_password,
    [CHANGE_ROLE_COMMENT] = judge_role_comment,
    [CHANGE_ROLE_SETTING] = judge_role_setting,
    [CHANGE_MEMBERSHIP_GRANT] = judge_membership,
    [CHANGE_MEMBERSHIP_REVOKE] = judge_membership,
    [CHANGE_DATABASE_CREATE] = judge_database_create,
    [CHANGE_DATABASE_OWNER] = judge_database_owner,
    [CHANGE_DATABASE_CONNECTION_LIMIT] = judge_database,
    [CHANGE_DATABASE_IS_TEMPLATE] = judge_database,
    [CHANGE_DATABASE_ALLOW_CONNECTIONS] = judge_database,
    [CHANGE_DATABASE_REFUSE_CONNECTIONS] = judge_database,
    [CHANGE_DATABASE_SETTING] = judge_database_setting,
    [CHANGE_DATABASE_COMMENT] = judge_database,
    [CHANGE_DEFAULT_GRANT] = judge_default,
    [CHANGE_DEFAULT_REVOKE] = judge_default,
    [CHANGE_SCHEMA_DEFAULT_GRANT] = judge_default,
    [CHANGE_SCHEMA_DEFAULT_REVOKE] = judge_default,
    [CHANGE_SCHEMA_CREATE] = judge_schema_create,
    [CHANGE_SCHEMA_OWNER] = judge_schema_owner,
    [CHANGE_OBJECT_OWNER] = judge_object_owner,
    [CHANGE_HARDENING] = judge_revoke,
    [CHANGE_GRANT] = judge_grant,
    [CHANGE_REVOKE] = judge_revoke,
    [CHANGE_GRANT_AGAIN] = judge_grant,
    [CHANGE_SHARED_OWNER] = judge_object_owner,
    [CHANGE_SHARED_GRANT] = judge_grant,
    [CHANGE_SHARED_REVOKE] = judge_revoke,
    [CHANGE_ROLE_DISABLE] = judge_role_login,
    [CHANGE_ROLE_END_SESSIONS] = judge_end_sessions,
    [CHANGE_MARK_GRANT] = judge_mark,
    [CHANGE_MARK_REVOKE] = judge_mark,
    [CHANGE_LEAVER_MARK_GRANT] = judge_mark,
    [CHANGE_LEAVER_MARK_REVOKE] = judge_mark,
    [CHANGE_SCHEMA_DROP] = judge_schema_drop,
    [CHANGE_DATABASE_DROP] = judge_database,
    [CHANGE_OWNED_MOVE] = judge_nothing,
    [CHANGE_OWNED_DROP] = judge_nothing,
    [CHANGE_ROLE_DROP] = judge_role_drop,
};

_Static_assert(G_N_ELEMENTS(judges) == CHANGE_KIND_COUNT, "a rule for each kind of change");

const Refusal *
authority_judge(const Authority *authority, const Change *change, const AuthorityObject *object)
{
    const AccessState *state = authority->state;
    g_autoptr(GString) lacks = NULL;
    g_autoptr(GString) help = NULL;
    Refusal *refusal = NULL;
    Judge judge = {
        .authority = authority,
        .state = state,
        .change = change,
        .object = object,
        .actor = access_state_role(state, authority->actor),
        .is_limited = server_has(state->major_version, SERVER_LIMITED_CREATEROLE),
    };

    if (authority->is_superuser)
        return NULL;
    judge.lacks = lacks = g_string_new(NULL);
    judge.help = help = g_string_new(NULL);
    judges[change->kind](&judge);
    if (lacks->len == 0)
        return NULL;
    refusal = ARENA_NEW(state->arena, Refusal);
    *refusal = (Refusal){
        .lacks = arena_strdup(state->arena, lacks->str),
        .help = judge.needs_superuser ? NULL : arena_strdup(state->arena, help->str),
        .become = judge.become,
    };
    return refusal;
}
