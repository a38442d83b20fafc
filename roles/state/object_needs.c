/* Going over grants and owners for what they name. */
#include "roles/state/object_needs.h"

#include <string.h>

#include "roles/state/schema_pattern.h"

static void
add_text(Arena *arena, List *texts, const char *text)
{
    LIST_FOREACH (const char, known, texts) {
        if (strcmp(known, text) == 0)
            return;
    }
    list_add(arena, texts, text);
}

static void
add_grant(Arena *arena, const GrantDecl *grant, ObjectNeeds *needs)
{
    unsigned flags = grant_kind_info(grant->kind)->flags;
    /* Sequences of columns cannot change their owner: which they are is known with the names. */
    bool sequence_owner = grant->owner != NULL && grant->kind == GRANT_KIND_SEQUENCE;

    LIST_FOREACH (const GrantText, schema, &grant->schemas) {
        if (schema_is_system(schema->text))
            add_text(arena, &needs->system_schemas, schema->text);
    }
    if (grant->names.count > 0 || grant->except.count > 0 || grant->columns.count > 0 ||
        sequence_owner)
        list_add(arena, &needs->by_name, grant);
    if (grant->owner != NULL && object_kind_covers(grant->kind, GRANT_KIND_TABLE))
        list_add(arena, &needs->table_owners, grant);
    LIST_FOREACH (const GrantText, column, &grant->columns)
        add_text(arena, &needs->columns, column->text);
    /* A table's REVOKE, and a new owner, reach its columns. */
    if ((flags & GRANT_KIND_HAS_COLUMNS) != 0 &&
        (grant->columns.count > 0 || grant->absent || grant->owner != NULL))
        needs->column_acls = true;
    if (grant->kind == GRANT_KIND_LARGE_OBJECT)
        needs->large_objects = true;
}

static List
all_grants(Arena *arena, const Cluster *cluster, const DatabaseDecl *decl)
{
    List expanded = { 0 };

    LIST_FOREACH (const GrantDecl, grant, &cluster->cluster_grants)
        grant_expand(arena, grant, &cluster->profiles, &expanded);
    if (decl == NULL)
        return expanded;
    LIST_FOREACH (const GrantDecl, grant, &decl->grants)
        grant_expand(arena, grant, &cluster->profiles, &expanded);
    LIST_FOREACH (const GrantDecl, owner, &decl->owners)
        list_add(arena, &expanded, owner);
    return expanded;
}

bool
object_needs_add(Arena *arena, const Cluster *cluster, const DatabaseDecl *decl, ObjectNeeds *needs)
{
    List grants = all_grants(arena, cluster, decl);

    if (decl->state == DATABASE_ABSENT)
        return false;
    LIST_FOREACH (const GrantDecl, grant, &grants)
        add_grant(arena, grant, needs);
    /* In additive the plan says what adopt would take. */
    needs->column_acls = needs->large_objects = true;
    return true;
}

List
object_needs_shared(Arena *arena, const Cluster *cluster, GrantKind kind)
{
    List all = all_grants(arena, cluster, NULL);
    List found = { 0 };

    LIST_FOREACH (const DatabaseDecl, decl, &cluster->databases) {
        List grants = all_grants(arena, cluster, decl);

        LIST_FOREACH (const GrantDecl, grant, &grants)
            list_add(arena, &all, grant);
    }
    LIST_FOREACH (const GrantDecl, grant, &all) {
        if (grant->kind == kind)
            list_add(arena, &found, grant);
    }
    return found;
}

/*
 * pg_parameter_acl has a row only after a first grant, and the parameters of an extension that is
 * not loaded (names with a dot) are in no other catalog either. Those that the inventory names are
 * added with the ACL that a missing row stands for.
 */
void
object_needs_add_parameters(AccessState *state, const List *grants)
{
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);

    LIST_FOREACH (const ObjectGroup, group, &state->shared_groups)
        g_hash_table_add(known,
                         (gpointer)((const ObjectIdentity *)group->identities.items[0])->name);
    LIST_FOREACH (const GrantDecl, grant, grants) {
        LIST_FOREACH (const GrantName, name, &grant->names) {
            ObjectGroup *group = NULL;
            ObjectIdentity *identity = NULL;

            if (strchr(name->pattern, '.') == NULL || !grant_pattern_is_plain(name->pattern) ||
                !g_hash_table_add(known, (gpointer)name->pattern))
                continue;
            group = ARENA_NEW(state->arena, ObjectGroup);
            identity = ARENA_NEW(state->arena, ObjectIdentity);
            identity->name = name->pattern;
            *group = (ObjectGroup){ .kind = GRANT_KIND_PARAMETER,
                                    .owner = state->bootstrap_superuser,
                                    .old_owner = state->bootstrap_superuser,
                                    .count = 1,
                                    .is_named = true };
            group->acl = acl_default(state->arena, OBJECT_KIND_PARAMETER, group->owner,
                                     state->major_version);
            group->base = acl_copy(state->arena, &group->acl);
            list_add(state->arena, &group->identities, identity);
            list_add(state->arena, &state->shared_groups, group);
        }
    }
}

static bool
means_schema_of(const GrantDecl *grant, const Names *names, const ObjectGroup *group)
{
    return group->schema == NAME_NONE ||
           schema_matches_patterns(&grant->schemas, names_text(names, group->schema));
}

/* Sequences of columns have the owner of their table: those of the declared owner stay. */
static bool
may_follow(const GrantDecl *owner, const Names *names, const ObjectGroup *group)
{
    return group->kind == GRANT_KIND_SEQUENCE && means_schema_of(owner, names, group) &&
           strcmp(names_text(names, group->owner), owner->owner) != 0;
}

bool
object_needs_names(const ObjectNeeds *needs, const Names *names, const ObjectGroup *group)
{
    if (needs->everything)
        return true;
    LIST_FOREACH (const GrantDecl, grant, &needs->by_name) {
        if (object_kind_covers(grant->kind, group->kind) && means_schema_of(grant, names, group))
            return true;
    }
    LIST_FOREACH (const GrantDecl, owner, &needs->table_owners) {
        if (may_follow(owner, names, group))
            return true;
    }
    return false;
}
