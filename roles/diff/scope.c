/* Flags of roles, taken once. */
#include "roles/diff/scope.h"

#include <fnmatch.h>
#include <string.h>

#include "roles/state/schema_pattern.h"

typedef enum ScopeFlags {
    SCOPE_IS_KNOWN = 1 << 0, /* on the server, or declared and so about to be */
    SCOPE_IS_PROTECTED = 1 << 1,
    SCOPE_IS_SYSTEM_USER = 1 << 2,
    SCOPE_IS_COVERED = 1 << 3, /* by pg_managed */
} ScopeFlags;

/* An empty list means no limit, as pg_managed is optional. */
static bool
matches_any(const List *globs, const char *name)
{
    if (globs->count == 0)
        return true;
    LIST_FOREACH (const char, glob, globs) {
        if (fnmatch(glob, name, 0) == 0)
            return true;
    }
    return false;
}

static unsigned
flags_of(const Scope *scope, NameId role)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(scope->roles, GUINT_TO_POINTER(role)));
}

/*
 * Protected are the roles without which nobody could repair anything: the bootstrap superuser,
 * dbsu, the one that this session uses, and predefined roles, which the server pins (pg_shdepend.c
 * checkSharedDependencies()).
 */
static void
add_role(Scope *scope, NameId role)
{
    const AccessState *state = scope->state;
    const SystemUsers *users = &scope->cluster->primary->users;
    const StateRole *state_role = access_state_role(state, role);
    const char *name = names_text(state->names, role);
    unsigned flags = SCOPE_IS_KNOWN;

    if (role == state->session_role || role == state->bootstrap_superuser ||
        strcmp(name, users->dbsu) == 0 || (state_role != NULL && state_role->is_predefined))
        flags |= SCOPE_IS_PROTECTED;
    if (system_users_have(users, name))
        flags |= SCOPE_IS_SYSTEM_USER;
    if (matches_any(&scope->cluster->managed_roles, name))
        flags |= SCOPE_IS_COVERED;
    g_hash_table_insert(scope->roles, GUINT_TO_POINTER(role), GUINT_TO_POINTER(flags));
}

static void
add_declared(Scope *scope)
{
    Names *names = scope->state->names;

    LIST_FOREACH (const RoleDecl, decl, &scope->cluster->roles) {
        NameId role = names_intern(names, decl->name);

        if (decl->absent)
            continue;
        g_hash_table_insert(scope->declared_roles, GUINT_TO_POINTER(role), (gpointer)decl);
        add_role(scope, role);
    }
    LIST_FOREACH (const DatabaseDecl, decl, &scope->cluster->databases) {
        if (decl->state != DATABASE_ABSENT &&
            matches_any(&scope->cluster->managed_databases, decl->name))
            g_hash_table_add(scope->databases, GUINT_TO_POINTER(names_intern(names, decl->name)));
    }
}

Scope *
scope_new(const AccessState *state, const Cluster *cluster, AccessMode mode)
{
    Scope *scope = g_new0(Scope, 1);

    *scope = (Scope){
        .cluster = cluster,
        .state = state,
        .mode = mode,
        .marks = marks_read(state, cluster),
        .roles = g_hash_table_new(NULL, NULL),
        .declared_roles = g_hash_table_new(NULL, NULL),
        .databases = g_hash_table_new(NULL, NULL),
        .departed_index = g_hash_table_new(NULL, NULL),
        .creators = g_hash_table_new(NULL, NULL),
        .policy_creators = g_hash_table_new(NULL, NULL),
    };
    LIST_FOREACH (const StateRole, role, &state->roles)
        add_role(scope, role->name);
    add_declared(scope);
    return scope;
}

void
scope_free(Scope *scope)
{
    if (scope == NULL)
        return;
    g_hash_table_destroy(scope->roles);
    g_hash_table_destroy(scope->declared_roles);
    g_hash_table_destroy(scope->databases);
    g_hash_table_destroy(scope->departed_index);
    g_hash_table_destroy(scope->creators);
    g_hash_table_destroy(scope->policy_creators);
    g_free(scope);
}

/*
 * Where the policy names dbsu, whoever runs the statements stands in for it: default privileges of
 * a role that creates nothing would be of no use.
 */
static void
choose_policy_creators(Scope *scope)
{
    const SystemUsers *users = &scope->cluster->primary->users;

    LIST_FOREACH (const PolicyRole, role, &scope->cluster->primary->policy->creators) {
        const char *name = policy_role_name(role, users);
        NameId creator = scope->creator;

        if (!scope_policy_role_is_dbsu(role))
            creator = name == NULL ? NAME_NONE : names_intern(scope->state->names, name);
        if (creator != NAME_NONE)
            g_hash_table_add(scope->policy_creators, GUINT_TO_POINTER(creator));
    }
}

/* dbsu when its role is a superuser, else the session role; what we make ourselves is dbsu's only
 * where its role can be taken. */
void
scope_choose_creators(Scope *scope, bool runs_as_superuser)
{
    const AccessState *state = scope->state;
    NameId dbsu = names_intern(state->names, scope->cluster->primary->users.dbsu);
    const StateRole *role = access_state_role(state, dbsu);
    bool is_superuser = role != NULL && role->attributes[ROLE_ATTRIBUTE_SUPERUSER];

    scope->default_creator = is_superuser ? dbsu : state->session_role;
    scope->creator = runs_as_superuser ? scope->default_creator : state->session_role;
    g_hash_table_remove_all(scope->policy_creators);
    g_hash_table_remove_all(scope->creators);
    choose_policy_creators(scope);
    LIST_FOREACH (const DatabaseDecl, decl, &scope->cluster->databases) {
        if (decl->state != DATABASE_ABSENT && decl->owner.value != NULL)
            g_hash_table_add(scope->creators,
                             GUINT_TO_POINTER(names_intern(state->names, decl->owner.value)));
    }
}

void
scope_add_departed(Scope *scope, DepartedRole *departed)
{
    list_add(scope->state->arena, &scope->departed, departed);
    g_hash_table_insert(scope->departed_index, GUINT_TO_POINTER(departed->role), departed);
}

const RoleDecl *
scope_declaration(const Scope *scope, NameId role)
{
    return g_hash_table_lookup(scope->declared_roles, GUINT_TO_POINTER(role));
}

const DepartedRole *
scope_departed(const Scope *scope, NameId role)
{
    return g_hash_table_lookup(scope->departed_index, GUINT_TO_POINTER(role));
}

bool
scope_is_protected(const Scope *scope, NameId role)
{
    return (flags_of(scope, role) & SCOPE_IS_PROTECTED) != 0;
}

bool
scope_is_system_user(const Scope *scope, NameId role)
{
    return (flags_of(scope, role) & SCOPE_IS_SYSTEM_USER) != 0;
}

bool
scope_is_of_another(const Scope *scope, NameId role)
{
    return scope_declaration(scope, role) == NULL && scope_departed(scope, role) == NULL &&
           marks_of_another(&scope->marks, role) != NAME_NONE;
}

bool
scope_speaks_of_role(const Scope *scope, NameId role)
{
    return (flags_of(scope, role) & SCOPE_IS_COVERED) != 0;
}

/*
 * Adopt manages declared roles only; strict also those that nobody declares, except system users
 * and protected roles.
 */
bool
scope_manages_role_in(const Scope *scope, NameId role, AccessMode mode)
{
    /* A departed role loses only LOGIN, so that it can be restored. A role that is gone, and is
     * only a number in an ACL, has no flags: no statement could name it. */
    if (mode == ACCESS_MODE_ADDITIVE || (flags_of(scope, role) & SCOPE_IS_KNOWN) == 0 ||
        scope_departed(scope, role) != NULL)
        return false;
    /* With pg_provision: false the inventory does not say who there is. */
    if (scope_declaration(scope, role) == NULL &&
        (mode != ACCESS_MODE_STRICT || !scope->cluster->provision ||
         scope_is_protected(scope, role) || scope_is_system_user(scope, role) ||
         marks_is_own_role(scope->state, role) ||
         marks_of_another(&scope->marks, role) != NAME_NONE))
        return false;
    return scope_speaks_of_role(scope, role);
}

bool
scope_manages_role(const Scope *scope, NameId role)
{
    return scope_manages_role_in(scope, role, scope->mode);
}

bool
scope_completes(const Scope *scope, const RoleDecl *decl, NameId role, unsigned thing)
{
    return scope->mode == ACCESS_MODE_STRICT && (decl->leaves & (1U << thing)) == 0 &&
           !scope_is_protected(scope, role) && scope_manages_role(scope, role);
}

bool
scope_manages_database_in(const Scope *scope, NameId database, AccessMode mode)
{
    return mode != ACCESS_MODE_ADDITIVE &&
           g_hash_table_contains(scope->databases, GUINT_TO_POINTER(database));
}

bool
scope_manages_database(const Scope *scope, NameId database)
{
    return scope_manages_database_in(scope, database, scope->mode);
}

bool
scope_is_policy_creator(const Scope *scope, NameId role)
{
    return g_hash_table_contains(scope->policy_creators, GUINT_TO_POINTER(role));
}

bool
scope_is_creator(const Scope *scope, NameId role)
{
    return scope_is_policy_creator(scope, role) ||
           g_hash_table_contains(scope->creators, GUINT_TO_POINTER(role));
}

bool
scope_policy_role_is_dbsu(const PolicyRole *role)
{
    return role->name == NULL && role->user == SYSTEM_USER_DBSU;
}

/* Schemas of the policy (monitor and the like) have their own rules in template1. */
bool
scope_is_ordinary_schema(const Scope *scope, NameId schema)
{
    const char *name = names_text(scope->state->names, schema);

    return !schema_is_system(name) && !policy_has_schema(scope->cluster->primary->policy, name);
}
