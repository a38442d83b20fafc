/* Walking memberships, and looking names up. */
#include "inventory/decl/role_check.h"

#include <string.h>

#include "inventory/decl/declaration.h"
#include "inventory/decl/grant_decl.h"
#include "inventory/findings.h"

static const struct {
    const char *name;
    int since;
} predefined_roles[] = {

#define PREDEFINED_ROLE(name, since) { name, since },
#include "inventory/model/predefined_role.def"
#undef PREDEFINED_ROLE
};

/*
 * 0: the name is not predefined. Roles that every supported server has carry the version that
 * introduced them, which is below 13.
 */
int
predefined_role_since(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(predefined_roles); i++) {
        if (strcmp(predefined_roles[i].name, name) == 0)
            return predefined_roles[i].since;
    }
    return 0;
}

/* One role on the way of a depth-first walk. */
typedef struct Step {
    const RoleDecl *role;
    size_t next; /* membership to follow next */
} Step;

typedef struct LoopCheck {
    Binder *binder;
    GHashTable *by_name; /* RoleDecl */
    GHashTable *state;   /* RoleDecl -> 1 on the way, 2 done */
    GArray *way;         /* Step */
} LoopCheck;

/* The walk's way holds roles before the cycle, too: the path begins where the cycle does. */
static void
report_loop(LoopCheck *check, const RoleDecl *role, const MembershipDecl *membership)
{
    g_autoptr(GString) path = g_string_new(NULL);
    bool inside = false;

    for (guint i = 0; i < check->way->len; i++) {
        const RoleDecl *on_way = g_array_index(check->way, Step, i).role;

        inside = inside || on_way == role;
        if (inside)
            g_string_append_printf(path, "%s -> ", on_way->name);
    }
    g_string_append(path, role->name);
    findings_add(check->binder->findings, &FINDING_MEMBERSHIP_CYCLE, membership->pos, NULL,
                 "role \"%s\" is a member of itself: %s", role->name, path->str);
}

static void
enter(LoopCheck *check, const RoleDecl *role)
{
    Step step = { .role = role };

    g_hash_table_insert(check->state, (gpointer)role, GINT_TO_POINTER(1));
    g_array_append_val(check->way, step);
}

/*
 * Without recursion: a chain of memberships may be as long as the list. States: not seen, on the
 * way, done. A role on the way that is met again closes a cycle.
 */
static void
walk_from(LoopCheck *check, const RoleDecl *start)
{
    enter(check, start);
    while (check->way->len > 0) {
        Step *step = &g_array_index(check->way, Step, check->way->len - 1);
        const MembershipDecl *membership = NULL;
        const RoleDecl *group = NULL;
        int state = 0;

        if (step->next == step->role->memberships.count) {
            g_hash_table_insert(check->state, (gpointer)step->role, GINT_TO_POINTER(2));
            g_array_set_size(check->way, check->way->len - 1);
            continue;
        }
        membership = step->role->memberships.items[step->next++];
        group = g_hash_table_lookup(check->by_name, membership->role);
        if (group == NULL || membership->absent)
            continue;
        state = GPOINTER_TO_INT(g_hash_table_lookup(check->state, group));
        if (state == 1)
            report_loop(check, group, membership);
        else if (state == 0)
            enter(check, group);
    }
}

/*
 * PostgreSQL refuses a cycle when the last of its grants is made (AddRoleMems() in user.c), that
 * is, in the middle of an apply. Found here, nothing is applied, and the message names the whole
 * path.
 */
void
roles_check_loops(Binder *binder, const List *roles)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) state = g_hash_table_new(NULL, NULL);
    g_autoptr(GArray) way = g_array_new(FALSE, FALSE, sizeof(Step));
    LoopCheck check = { .binder = binder, .by_name = by_name, .state = state, .way = way };

    LIST_FOREACH (const RoleDecl, role, roles) {
        if (!role->absent)
            g_hash_table_insert(by_name, (gpointer)role->name, (gpointer)role);
    }
    LIST_FOREACH (const RoleDecl, role, roles) {
        if (!role->absent && g_hash_table_lookup(state, role) == NULL)
            walk_from(&check, role);
    }
}

typedef struct ReferenceCheck {
    Binder *binder;
    GHashTable *declared; /* names -> RoleDecl; NULL for those that the server has anyway */
    const Instance *primary;
} ReferenceCheck;

/*
 * A role that is declared nowhere may still exist on the server, so it is a warning here; the plan,
 * which sees the server, makes it an error. What the policy says is checked against the server
 * only.
 */
static void
check_reference(ReferenceCheck *check, SourcePos pos, const char *name, const char *what,
                const char *of)
{
    const char *quote = *of == '\0' ? "" : "\"";
    gpointer found = NULL;
    int since = 0;
    int version = check->primary->version;

    if (source_pos_is_policy(pos))
        return;
    if (g_hash_table_lookup_extended(check->declared, name, NULL, &found)) {
        const RoleDecl *role = found;

        if (role != NULL && role->absent && role->until.state != UNTIL_PASSED)
            findings_add(check->binder->findings, &FINDING_ROLE_ABSENT, pos, NULL,
                         "role \"%s\", %s%s%s%s, is declared absent at %s", name, what, quote, of,
                         quote, pos_text(check->binder->arena, role->pos));
        return;
    }
    since = predefined_role_since(name);
    if (since > version)
        findings_add(check->binder->findings, &FINDING_ROLE_UNSUPPORTED, pos, NULL,
                     "role \"%s\", %s%s%s%s, exists from PostgreSQL %d on and pg_version is %d",
                     name, what, quote, of, quote, since, version);
    else if (since == 0)
        findings_add(check->binder->findings, &FINDING_ROLE_UNDECLARED, pos,
                     "declare it in pg_users, or leave this if the server has it already",
                     "role \"%s\", %s%s%s%s, is not declared", name, what, quote, of, quote);
}

static void
check_text(ReferenceCheck *check, OptText name, const char *what, const char *of)
{
    if (name.value != NULL && *name.value != '\0')
        check_reference(check, name.pos, name.value, what, of);
}

/* AddRoleMems() in user.c refuses them. */
static void
check_members(ReferenceCheck *check, const MembershipDecl *membership, const char *member)
{
    if (strcmp(membership->role, "pg_database_owner") == 0)
        findings_add(check->binder->findings, &FINDING_MEMBERSHIP_IMPOSSIBLE, membership->pos,
                     "make the role the owner of the database, or grant it what it needs",
                     "\"%s\" cannot be granted to \"%s\": its only member is the owner of the "
                     "database",
                     membership->role, member);
}

/* Absent roles may still name groups that are gone, too. */
static void
check_roles(ReferenceCheck *check, const List *roles)
{
    LIST_FOREACH (const RoleDecl, role, roles) {
        LIST_FOREACH (const MembershipDecl, membership, &role->memberships) {
            if (membership->absent || role->absent)
                continue;
            check_reference(check, membership->pos, membership->role, "granted to ", role->name);
            check_members(check, membership, role->name);
        }
        check_text(check, role->reassign_to, "reassign_to of ", role->name);
    }
}

/* A revoke also names roles: revoking from a role that does not exist is usually a typo. */
static void
check_grants(ReferenceCheck *check, const List *grants, const char *what, const char *of)
{
    LIST_FOREACH (const GrantDecl, grant, grants) {
        LIST_FOREACH (const GrantText, grantee, &grant->to) {
            if (grantee->text != NULL)
                check_reference(check, grantee->pos, grantee->text, what, of);
        }
        LIST_FOREACH (const GrantText, creator, &grant->future)
            check_reference(check, creator->pos, creator->text, what, of);
        if (grant->owner != NULL)
            check_reference(check, grant->owner_pos, grant->owner, what, of);
    }
}

/* Databases that are declared absent may name whom they like. */
static void
check_databases(ReferenceCheck *check, const List *databases)
{
    LIST_FOREACH (const DatabaseDecl, database, databases) {
        if (database->state == DATABASE_ABSENT)
            continue;
        check_text(check, database->owner, "owner of database ", database->name);
        LIST_FOREACH (const SchemaDecl, schema, &database->schemas) {
            if (!schema->absent)
                check_text(check, schema->owner, "owner of schema ", schema->name);
        }
        check_grants(check, &database->grants, "named in grants of ", database->name);
        check_grants(check, &database->owners, "named in owners of ", database->name);
    }
}

static void
check_system_user(ReferenceCheck *check, SourcePos pos, const char *name, const char *what)
{
    if (name != NULL)
        check_reference(check, pos, name, what, "");
}

/* A system user that the author renames needs an entry of that name. */
static void
check_system_users(ReferenceCheck *check)
{
    const SystemUsers *users = &check->primary->users;

    check_system_user(check, users->replication_pos, users->replication, "the replication user");
    check_system_user(check, users->monitor_pos, users->monitor, "the monitor user");
    check_system_user(check, users->admin_pos, users->admin, "the admin user");
}

/* The system users count as declared: the policy knows them, and a person may name them. */
void
roles_check_references(Binder *binder, const Cluster *cluster, const Instance *primary)
{
    g_autoptr(GHashTable) declared = g_hash_table_new(g_str_hash, g_str_equal);
    ReferenceCheck check = { .binder = binder, .declared = declared, .primary = primary };

    LIST_FOREACH (const RoleDecl, role, &cluster->roles)
        g_hash_table_insert(declared, (gpointer)role->name, (gpointer)role);
    g_hash_table_insert(declared, (gpointer)primary->users.dbsu, NULL);
    check_system_users(&check);
    for (unsigned i = 0; i < SYSTEM_USER_COUNT; i++) {
        const char *name = system_user_name(&primary->users, (SystemUser)i);

        if (name != NULL)
            g_hash_table_insert(declared, (gpointer)name, NULL);
    }
    check_roles(&check, &cluster->roles);
    check_databases(&check, &cluster->databases);
    check_grants(&check, &cluster->cluster_grants, "named in pg_grants", "");
    LIST_FOREACH (const SchemaDecl, schema, &cluster->default_schemas)
        check_text(&check, schema->owner, "owner of schema ", schema->name);
    LIST_FOREACH (const DefaultPrivilegeDecl, privilege, &cluster->default_privileges) {
        LIST_FOREACH (const char, grantee, &privilege->grantees) {
            if (grantee != NULL)
                check_reference(&check, privilege->pos, grantee, "named in pg_default_privileges",
                                "");
        }
    }
}
