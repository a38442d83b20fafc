/* Roles and users, in today's dialect and the classic one. */
#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/decl/declaration.h"
#include "inventory/decl/role_options.h"
#include "inventory/findings.h"

static const IntRange connection_limits = { -1, G_MAXINT32 };
/* Ten thousand years, so that adding them to a date cannot overflow. */
static const IntRange expiry_days = { -3650000, 3650000 };

enum {
    ROLE_STATE_CREATE,
    ROLE_STATE_ABSENT,
};

static const WordDef role_states[] = {
    { "create", ROLE_STATE_CREATE },
    { "absent", ROLE_STATE_ABSENT },
    { 0 },
};

/* Pigsty grants for any state but revoke and absent; a typo should not grant. */
static const WordDef membership_states[] = {
    { "grant", ROLE_STATE_CREATE },   { "create", ROLE_STATE_CREATE },
    { "present", ROLE_STATE_CREATE }, { "revoke", ROLE_STATE_ABSENT },
    { "absent", ROLE_STATE_ABSENT },  { 0 },
};

static const WordDef pool_modes[] = {
    { "session", 0 },
    { "transaction", 1 },
    { "statement", 2 },
    { 0 },
};

typedef struct MembershipBinding {
    MembershipDecl membership;
    int state;
} MembershipBinding;

#define MEMBERSHIP(member)                                                                         \
    (offsetof(MembershipBinding, membership) + offsetof(MembershipDecl, member))

static const FieldDef membership_fields[] = {
    { "name", field_role, MEMBERSHIP(role), FIELD_REQUIRED, NULL },
    { "state", field_word, offsetof(MembershipBinding, state), 0, membership_states },
    { "until", field_until, MEMBERSHIP(until), 0, NULL },
    { "expire_at", field_until, MEMBERSHIP(until), 0, NULL },
    { "admin", field_bool, MEMBERSHIP(admin), 0, NULL },
    { "inherit", field_bool, MEMBERSHIP(inherit), 0, NULL },
    { "set", field_bool, MEMBERSHIP(set), 0, NULL },
    /* PostgreSQL's, Ansible's (postgresql_membership) and Terraform's words */
    { "role", NULL, 0, FIELD_FOREIGN, "write name" },
    { "group", NULL, 0, FIELD_FOREIGN, "write name" },
    { "valid_until", NULL, 0, FIELD_FOREIGN, "write until" },
    { "expires", NULL, 0, FIELD_FOREIGN, "write until" },
    { "expiry", NULL, 0, FIELD_FOREIGN, "write until" },
    { "expire_in", NULL, 0, FIELD_FOREIGN, "write until and a date" },
    { "admin_option", NULL, 0, FIELD_FOREIGN, "write admin" },
    { "with_admin", NULL, 0, FIELD_FOREIGN, "write admin" },
    { "with_admin_option", NULL, 0, FIELD_FOREIGN, "write admin" },
    { 0 },
};

/*
 * Pigsty accepts a name or a mapping; the mapping's options need PostgreSQL 16, which the plan
 * knows.
 */
static MembershipDecl *
bind_membership(Binder *binder, const char *key, const Node *item)
{
    MembershipBinding *binding = ARENA_NEW(binder->arena, MembershipBinding);
    MembershipDecl *membership = &binding->membership;
    const char *object = arena_printf(binder->arena, "a membership of %s", binder->object);

    membership->pos = item->pos;
    if (item->kind != NODE_MAPPING) {
        membership->role = value_name(binder, key, item, NAME_OF_ROLE);
        return membership->role == NULL ? NULL : membership;
    }
    if (!bind_mapping(binder, item, membership_fields, UNKNOWN_KEYS_LEFT_ALONE, object, binding))
        return NULL;
    membership->absent =
        binding->state == ROLE_STATE_ABSENT || membership->until.state == UNTIL_PASSED;
    if (!until_agrees(binder, object, &membership->until, binding->state == ROLE_STATE_ABSENT))
        return NULL;
    return membership;
}

/*
 * That the key is there at all is remembered: only then do adopt and strict remove memberships that
 * it does not name.
 */
static bool
field_memberships(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    RoleDecl *role = target;
    bool ok = true;

    if (!value_is_list(binder, field->key, value))
        return false;
    role->memberships_given = true;
    for (size_t i = 0; i < value->count; i++) {
        const MembershipDecl *membership = bind_membership(binder, field->key, value->items[i]);

        if (membership != NULL &&
            !binder_is_repeated(binder, seen, "membership in", membership->role, value->items[i]))
            list_add(binder->arena, &role->memberships, membership);
        ok = ok && membership != NULL;
    }
    return ok;
}

/* Likewise for settings. */
static bool
field_role_parameters(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    RoleDecl *role = target;

    role->parameters_given = true;
    return field_parameters(binder, field, value, target);
}

/* By the keys that would set them. */
static const WordDef leave_words[] = {
    { "login", ROLE_ATTRIBUTE_LOGIN },         { "superuser", ROLE_ATTRIBUTE_SUPERUSER },
    { "createdb", ROLE_ATTRIBUTE_CREATEDB },   { "createrole", ROLE_ATTRIBUTE_CREATEROLE },
    { "inherit", ROLE_ATTRIBUTE_INHERIT },     { "replication", ROLE_ATTRIBUTE_REPLICATION },
    { "bypassrls", ROLE_ATTRIBUTE_BYPASSRLS }, { "connlimit", ROLE_LEAVE_CONNECTION_LIMIT },
    { "expire_at", ROLE_LEAVE_EXPIRY },        { "parameters", ROLE_LEAVE_PARAMETERS },
    { "roles", ROLE_LEAVE_MEMBERSHIPS },       { 0 },
};

/* A word that is not an attribute would leave nothing, and strict would take what it was to keep.
 */
static bool
field_leave(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    RoleDecl *role = target;
    bool ok = true;

    if (!value_is_list(binder, field->key, value))
        return false;
    for (size_t i = 0; i < value->count; i++) {
        int word = 0;

        if (value_word(binder, field->key, value->items[i], leave_words, &word))
            role->leaves |= 1U << (unsigned)word;
        else
            ok = false;
    }
    return ok;
}

typedef struct RoleBinding {
    RoleDecl role; /* first: readers of this file get the binding as a RoleDecl */
    int state;
    int pool_mode;
    SourcePos state_pos;
    const Node *options;
} RoleBinding;

/* The position is kept for a finding: state has no effect in pg_default_roles, as in Pigsty. */
static bool
field_state(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    RoleBinding *binding = target;

    binding->state_pos = value->pos;
    return value_word(binder, field->key, value, role_states, &binding->state);
}

/* PgBouncer's own words are kept as they are written; the check here is only about typos. */
static bool
field_pool_mode(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    RoleBinding *binding = target;

    if (!value_word(binder, field->key, value, pool_modes, &binding->pool_mode))
        return false;
    binding->role.pool_mode = (OptText){ .value = value->text, .pos = value->pos };
    return true;
}

/* The classic dialect's options are read last, after the keys that they may contradict. */
static bool
field_options(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    RoleBinding *binding = target;

    if (value_text(binder, field->key, value) == NULL)
        return false;
    binding->options = value;
    return true;
}

#define ROLE(member)         (offsetof(RoleBinding, role) + offsetof(RoleDecl, member))
#define ATTRIBUTE(attribute) (ROLE(attributes) + sizeof(OptBool) * ROLE_ATTRIBUTE_##attribute)

static const FieldDef role_fields[] = {
    { "name", field_new_role, ROLE(name), 0, NULL },
    { "username", field_new_role, ROLE(name), 0, NULL },
    { "login", field_bool, ATTRIBUTE(LOGIN), 0, NULL },
    { "superuser", field_bool, ATTRIBUTE(SUPERUSER), 0, NULL },
    { "createdb", field_bool, ATTRIBUTE(CREATEDB), 0, NULL },
    { "createrole", field_bool, ATTRIBUTE(CREATEROLE), 0, NULL },
    { "inherit", field_bool, ATTRIBUTE(INHERIT), 0, NULL },
    { "replication", field_bool, ATTRIBUTE(REPLICATION), 0, NULL },
    { "bypassrls", field_bool, ATTRIBUTE(BYPASSRLS), 0, NULL },
    { "options", field_options, 0, 0, NULL },
    { "connlimit", field_int, ROLE(connection_limit), 0, &connection_limits },
    { "expire_in", field_int, ROLE(expire_in), 0, &expiry_days },
    { "expire_at", field_expiry, ROLE(expire_at), 0, NULL },
    { "until", field_until, ROLE(until), 0, NULL },
    { "parameters", field_role_parameters, ROLE(parameters), 0, role_list_parameters },
    { "parameters_in", field_parameters_in, ROLE(parameters_in), 0, role_list_parameters },
    { "roles", field_memberships, 0, 0, NULL },
    { "groups", field_memberships, 0, 0, NULL },
    { "leave", field_leave, 0, 0, NULL },
    { "comment", field_opt_text, ROLE(comment), 0, NULL },
    { "password", field_password, ROLE(password), 0, NULL },
    { "pgbouncer", field_switch, ROLE(pgbouncer), 0, NULL },
    { "pool_mode", field_pool_mode, 0, 0, NULL },
    { "pool_connlimit", field_int, ROLE(pool_connection_limit), 0, &connection_limits },
    { "state", field_state, 0, 0, NULL },
    { "reassign_to", field_opt_role, ROLE(reassign_to), 0, NULL },
    /* The key of before version 1, kept as a synonym. */
    { "heir", field_opt_role, ROLE(reassign_to), 0, NULL },
    /* PostgreSQL's, Ansible's (postgresql_user), Terraform's and ldap2pg's words */
    { "user", NULL, 0, FIELD_FOREIGN, "write name" },
    { "valid_until", NULL, 0, FIELD_FOREIGN, "write expire_at, or until to disable the role then" },
    { "expires", NULL, 0, FIELD_FOREIGN, "write expire_at, or until to disable the role then" },
    { "expiry", NULL, 0, FIELD_FOREIGN, "write expire_at, or until to disable the role then" },
    { "member_of", NULL, 0, FIELD_FOREIGN, "write roles" },
    { "memberships", NULL, 0, FIELD_FOREIGN, "write roles" },
    { "in_roles", NULL, 0, FIELD_FOREIGN, "write roles" },
    { "parents", NULL, 0, FIELD_FOREIGN, "write roles" },
    { "members", NULL, 0, FIELD_FOREIGN, "write this role into the roles of each member" },
    { "connection_limit", NULL, 0, FIELD_FOREIGN, "write connlimit" },
    { "conn_limit", NULL, 0, FIELD_FOREIGN, "write connlimit" },
    { "priv", NULL, 0, FIELD_FOREIGN, "privileges are in pg_grants, or in grants of a database" },
    { "privs", NULL, 0, FIELD_FOREIGN, "privileges are in pg_grants, or in grants of a database" },
    { "privileges", NULL, 0, FIELD_FOREIGN,
      "privileges are in pg_grants, or in grants of a database" },
    { "grants", NULL, 0, FIELD_FOREIGN, "privileges are in pg_grants, or in grants of a database" },
    { "db", NULL, 0, FIELD_FOREIGN, "privileges are in pg_grants, or in grants of a database" },
    { "role_attr_flags", NULL, 0, FIELD_FOREIGN,
      "write options, or login, superuser and the like" },
    { "attributes", NULL, 0, FIELD_FOREIGN, "write options, or login, superuser and the like" },
    { "can_login", NULL, 0, FIELD_FOREIGN, "write login" },
    { "nologin", NULL, 0, FIELD_FOREIGN, "write login: false" },
    { "create_db", NULL, 0, FIELD_FOREIGN, "write createdb" },
    { "create_role", NULL, 0, FIELD_FOREIGN, "write createrole" },
    { "bypass_rls", NULL, 0, FIELD_FOREIGN, "write bypassrls" },
    { "bypass_row_level_security", NULL, 0, FIELD_FOREIGN, "write bypassrls" },
    { "configuration", NULL, 0, FIELD_FOREIGN, "write parameters" },
    { "settings", NULL, 0, FIELD_FOREIGN, "write parameters" },
    { "config", NULL, 0, FIELD_FOREIGN, "write parameters" },
    { 0 },
};

/*
 * The name as far as it can be read, so that findings can tell which role they are about. Messages
 * name the role by either key, and do not quote a name that is itself the problem.
 */
static const char *
describe_role(const Binder *binder, const Node *entry)
{
    const Node *name = node_get(entry, "name");

    if (name == NULL)
        name = node_get(entry, "username");
    if (name == NULL || name->kind != NODE_SCALAR || name->type == SCALAR_NULL ||
        (name->flags & NODE_OF_SECRET) != 0)
        return "a role";
    return arena_printf(binder->arena, "role \"%s\"", name->text);
}

/* One of the two keys is required, and a table cannot say that. */
static bool
check_name_keys(Binder *binder, const Node *entry, const char *object)
{
    static const char *const keys[] = { "name", "username" };

    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        const Node *name = node_get(entry, keys[i]);
        const char *outer = binder->object;

        if (name == NULL)
            continue;
        if (!node_is_null(name))
            return true;
        binder->object = object;
        value_text(binder, keys[i], name);
        binder->object = outer;
        return false;
    }
    findings_add(binder->findings, &FINDING_KEY_MISSING, entry->pos, NULL,
                 "a role has no \"name\"");
    return false;
}

/* A default role cannot be absent: it is the policy's, and Pigsty ignores the key there. */
static void
finish_role(Binder *binder, BindingKind kind, const char *object, RoleBinding *binding)
{
    RoleDecl *role = &binding->role;

    role->is_default = kind == BINDING_DEFAULT_ROLES;
    role->from_policy = source_pos_is_policy(role->pos);
    role->absent = (binding->state == ROLE_STATE_ABSENT || role->until.state == UNTIL_PASSED) &&
                   !role->is_default;
    until_agrees(binder, object, &role->until, binding->state == ROLE_STATE_ABSENT);
    if (role->until.text != NULL && role->is_default)
        findings_add(binder->findings, &FINDING_STATE_IGNORED, role->until.pos,
                     "declare the role in pg_users",
                     "until of role \"%s\" is ignored in pg_default_roles", role->name);
    if (binding->state == ROLE_STATE_ABSENT && role->is_default)
        findings_add(binder->findings, &FINDING_STATE_IGNORED, binding->state_pos,
                     "leave the entry out, or declare the role absent in pg_users",
                     "state of role \"%s\" is ignored in pg_default_roles", role->name);
}

static const RoleDecl *
bind_role(Binder *binder, BindingKind kind, const Node *entry)
{
    RoleBinding *binding = ARENA_NEW(binder->arena, RoleBinding);
    const char *object = describe_role(binder, entry);

    binding->role.pos = entry->pos;
    if (entry->kind == NODE_MAPPING && !check_name_keys(binder, entry, object))
        return NULL;
    bind_mapping(binder, entry, role_fields, UNKNOWN_KEYS_LEFT_ALONE, object, binding);
    /* With errors in it the role still counts as declared, so that they cause no more findings. */
    if (binding->role.name == NULL)
        return NULL;
    if (binding->options != NULL)
        role_options_bind(binder, object, binding->options, &binding->role);
    finish_role(binder, kind, object, binding);
    return &binding->role;
}

/*
 * The kind of list belongs to the key of the binding: the same node may be used for default roles
 * and for users.
 */
const List *
roles_bind(Binder *binder, BindingKind kind, const Node *list)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    const List *known = binder_recall(binder, kind, list);
    const char *key = kind == BINDING_USERS ? "pg_users" : "pg_default_roles";
    List roles = { 0 };

    if (known != NULL)
        return known;
    if (!node_is_null(list) && value_is_list(binder, key, list)) {
        for (size_t i = 0; i < list->count; i++) {
            const RoleDecl *role = bind_role(binder, kind, list->items[i]);

            if (role != NULL &&
                !binder_is_repeated(binder, seen, "role", role->name, list->items[i]))
                list_add(binder->arena, &roles, role);
        }
    }
    return binder_remember(binder, kind, list, &roles);
}
