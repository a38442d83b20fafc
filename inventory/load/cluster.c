/* From hosts to clusters. */
#include "inventory/load/cluster.h"

#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/decl/declaration.h"
#include "inventory/decl/grant_decl.h"
#include "inventory/decl/published_password.h"
#include "inventory/decl/role_check.h"
#include "inventory/decl/role_merge.h"
#include "inventory/decl/schema_check.h"
#include "inventory/findings.h"

/* The hosts of one cluster, before their variables are bound. */
typedef struct Draft {
    Cluster *cluster;
    List hosts;    /* const Host */
    List bindings; /* InstanceBinding of those whose identity is known */
} Draft;

static int
compare_by_seq(const void *a, const void *b)
{
    const Instance *left = a;
    const Instance *right = b;

    return left->seq == right->seq ? 0 : left->seq < right->seq ? -1 : 1;
}

/* Clusters appear in the order in which the inventory first mentions one of their hosts. */
static Draft *
get_draft(ClusterBuild *build, GHashTable *by_name, List *drafts, const char *name, SourcePos pos)
{
    Draft *draft = g_hash_table_lookup(by_name, name);

    if (draft != NULL)
        return draft;
    draft = ARENA_NEW(build->binder->arena, Draft);
    draft->cluster = ARENA_NEW(build->binder->arena, Cluster);
    draft->cluster->name = name;
    draft->cluster->pos = pos;
    g_hash_table_insert(by_name, (gpointer)name, draft);
    list_add(build->binder->arena, drafts, draft);
    return draft;
}

/*
 * A host is an instance where pg_cluster is defined for it, wherever that comes from. Variables
 * decide about membership, so pg_cluster may come from a group, a file of variables or a template
 * like any other.
 */
static void
gather_hosts(ClusterBuild *build, List *ret_drafts)
{
    g_autoptr(GHashTable) by_name = g_hash_table_new(g_str_hash, g_str_equal);

    LIST_FOREACH (const Host, host, &build->tree->hosts) {
        const Variables variables = { .resolver = build->resolver, .host = host };
        const Node *name = variables_get(&variables, "pg_cluster", NULL);
        Draft *draft = NULL;
        const char *text = NULL;

        if (name == NULL)
            continue;
        text = value_text(build->binder, "pg_cluster", name);
        if (text == NULL)
            continue;
        draft = get_draft(build, by_name, ret_drafts, text, name->pos);
        list_add(build->binder->arena, &draft->hosts, host);
    }
}

/*
 * The policy decides what the other variables default to, so it is read first. After an error the
 * default policy is used, so that the rest of the inventory is still checked.
 */
static const LoadedPolicy *
policy_of(ClusterBuild *build, const Variables *variables)
{
    const Node *named = variables_get(variables, "pg_policy", NULL);
    const LoadedPolicy *policy = NULL;

    if (named != NULL && !node_is_null(named))
        policy = policies_get(build->policies, build->binder, named);
    if (policy == NULL)
        policy = policies_get_builtin(build->policies, build->binder, POLICY_DEFAULT);
    return policy;
}

/*
 * pg_instance can be referred to by other variables, so it has to be known before they are bound.
 * Printed as Jinja prints it, so that pg_seq 01 in quotes and 1 give different names, as in Pigsty.
 */
static const char *
instance_name(ClusterBuild *build, const Variables *variables, const char *cluster_name)
{
    const Node *seq = variables_get(variables, "pg_seq", NULL);

    if (seq == NULL || seq->kind != NODE_SCALAR || seq->problem != NULL)
        return NULL;
    return arena_printf(build->binder->arena, "%s-%s", cluster_name,
                        node_print(build->binder->arena, seq));
}

/*
 * libpq sends a password to whatever host the string names. Who keeps another file of the folder
 * may not be meant to decide that.
 */
static void
check_conninfo(Binder *binder, const InstanceBinding *binding)
{
    const OptText *conninfo = &binding->draft.conninfo;
    const OptText *cluster = &binding->cluster_name;

    if (conninfo->value == NULL || g_strcmp0(conninfo->pos.file, cluster->pos.file) == 0)
        return;
    findings_add(binder->findings, &FINDING_CONNINFO_FOREIGN, conninfo->pos,
                 "set it in the file that sets pg_cluster",
                 "pg_conninfo of cluster \"%s\", which %s:%u declares, stands in another file: who "
                 "may edit that decides where the password goes",
                 cluster->value, cluster->pos.file, cluster->pos.line);
}

/*
 * A host that cannot be bound is left out of its cluster; what is wrong with it has been reported.
 */
static void
bind_host(ClusterBuild *build, Draft *draft, const Host *host, const Node *members)
{
    Binder *binder = build->binder;
    InstanceBinding *binding = ARENA_NEW(binder->arena, InstanceBinding);
    Variables variables = {
        .resolver = build->resolver,
        .host = host,
        .facts = { .cluster_members = members },
    };
    const LoadedPolicy *policy = NULL;

    variables.facts.instance = instance_name(build, &variables, draft->cluster->name);
    policy = policy_of(build, &variables);
    if (policy == NULL)
        return;
    variables.policy = policy->vars;
    if (!instance_bind(binder, &variables, binding))
        return;
    check_conninfo(binder, binding);
    binding->instance = ARENA_NEW(binder->arena, Instance);
    binding->draft.cluster = draft->cluster;
    binding->draft.policy = &policy->policy;
    binding->policy_default_privileges = node_get(policy->vars, "pg_default_privileges");
    binding->draft.infra_addresses = *build->infra;
    *binding->instance = binding->draft;
    list_add(binder->arena, &draft->bindings, binding);
}

/*
 * Members are sorted by their names, as Jinja's sort filter does, because rules with `cluster` list
 * them in that order.
 */
static void
bind_instances(ClusterBuild *build, Draft *draft)
{
    Arena *arena = build->binder->arena;
    List addresses = { 0 };
    List items = { 0 };
    const Node *members = NULL;

    LIST_FOREACH (const Host, host, &draft->hosts)
        list_add(arena, &addresses, host->name);
    list_sort_texts(&addresses);
    LIST_FOREACH (const char, address, &addresses)
        list_add(arena, &items, node_new_text(arena, (SourcePos){ 0 }, address));
    members = node_new_sequence(arena, draft->cluster->pos, &items);
    LIST_FOREACH (const Host, host, &draft->hosts)
        bind_host(build, draft, host, members);
    LIST_FOREACH (const InstanceBinding, binding, &draft->bindings) {
        binding->instance->cluster_addresses = addresses;
        list_add(arena, &draft->cluster->instances, binding->instance);
    }
    list_sort(&draft->cluster->instances, compare_by_seq);
}

/* pg_seq makes the instance's name, and with it the names of its files. */
static void
check_seqs(Binder *binder, const Draft *draft)
{
    g_autoptr(GHashTable) by_seq = g_hash_table_new(g_int64_hash, g_int64_equal);

    LIST_FOREACH (const InstanceBinding, binding, &draft->bindings) {
        const InstanceBinding *first = g_hash_table_lookup(by_seq, &binding->seq.value);

        if (first == NULL)
            g_hash_table_insert(by_seq, (gpointer)&binding->seq.value, (gpointer)binding);
        else
            findings_add(binder->findings, &FINDING_SEQ_DUPLICATE, binding->seq.pos, NULL,
                         "hosts \"%s\" and \"%s\" are both instance \"%s\", first at %s",
                         first->draft.host, binding->draft.host, binding->draft.name,
                         pos_text(binder->arena, first->seq.pos));
    }
}

/*
 * Exactly one instance is the primary; NULL where none is. Two primaries would get two plans for
 * one set of roles; the second one is reported, the first one is used to check the rest.
 */
static const InstanceBinding *
find_primary(Binder *binder, const Draft *draft)
{
    const InstanceBinding *primary = NULL;

    LIST_FOREACH (const InstanceBinding, binding, &draft->bindings) {
        if (binding->draft.role != PG_ROLE_PRIMARY)
            continue;
        if (primary == NULL)
            primary = binding;
        else
            findings_add(binder->findings, &FINDING_PRIMARY_DUPLICATE, binding->role_pos,
                         "keep pg_role: primary on exactly one host",
                         "cluster \"%s\" has two primaries, \"%s\" and \"%s\", first at %s",
                         draft->cluster->name, primary->draft.name, binding->draft.name,
                         pos_text(binder->arena, primary->role_pos));
    }
    /* Without all roles known, the missing one may be the primary. */
    if (primary == NULL && draft->bindings.count == draft->hosts.count)
        findings_add(binder->findings, &FINDING_PRIMARY_MISSING, draft->cluster->pos,
                     "give one of its hosts pg_role: primary", "cluster \"%s\" has no primary",
                     draft->cluster->name);
    return primary;
}

static const Node *
variable(const InstanceBinding *binding, const char *name)
{
    return node_get(binding->draft.variables, name);
}

/*
 * The same lists and system users give the same merged list, shared by all who have them. The key
 * consists of the identities of the lists and of the variables that change the result, so ten
 * thousand instances with the same lists merge once.
 */
static const List *
merged_roles(ClusterBuild *build, const InstanceBinding *binding)
{
    static const char *const sources[] = {
        "pg_replication_username", "pg_replication_password", "pg_monitor_username",
        "pg_monitor_password",     "pg_admin_username",       "pg_admin_password",
    };
    Binder *binder = build->binder;
    const List none = { 0 };
    const List *defaults = &none;
    const List *users = NULL;
    g_autoptr(GString) key = g_string_new(NULL);
    List *roles = NULL;

    if (binding->default_roles != NULL)
        defaults = roles_bind(binder, BINDING_DEFAULT_ROLES, binding->default_roles);
    if (binding->users != NULL && binding->provision.value)
        users = roles_bind(binder, BINDING_USERS, binding->users);
    g_string_printf(key, "%p %p", (const void *)binding->default_roles, (const void *)users);
    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++)
        g_string_append_printf(key, " %p", (const void *)variable(binding, sources[i]));
    roles = g_hash_table_lookup(build->merged, key->str);
    if (roles != NULL)
        return roles;
    roles = ARENA_NEW(binder->arena, List);
    *roles = roles_merge(binder->arena, defaults, users, &binding->draft.users);
    roles_check_loops(binder, roles);
    roles_check_published(binder, roles, &binding->draft);
    g_hash_table_insert(build->merged, g_strdup(key->str), roles);
    return roles;
}

/* PgBouncer's [users] section has only users that differ from the defaults. */
static List
pool_roles(Arena *arena, const List *roles)
{
    List pool = { 0 };

    LIST_FOREACH (const RoleDecl, role, roles) {
        if (role->pool_mode.value != NULL || role->pool_connection_limit.given)
            list_add(arena, &pool, role);
    }
    return pool;
}

typedef struct ManagedBinding {
    List roles;
    List databases;
} ManagedBinding;

/*
 * No glob at all would be as if the key was not there: everything. pg_managed narrows what adopt
 * and strict may touch: an empty list would read as "nothing" and be taken for "everything".
 */
static bool
field_globs(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    List *globs = (List *)(void *)((char *)target + field->offset);

    if (!value_text_list(binder, field->key, value, globs))
        return false;
    if (globs->count > 0)
        return true;
    findings_add(binder->findings, &FINDING_GRANT_INVALID, value->pos,
                 "'*' means every one; to manage none is what pg_access_mode: additive is for",
                 "%s is empty", value_label(binder, field->key));
    return false;
}

static const FieldDef managed_fields[] = {
    { "roles", field_globs, offsetof(ManagedBinding, roles), FIELD_NULL_COUNTS, NULL },
    { "databases", field_globs, offsetof(ManagedBinding, databases), FIELD_NULL_COUNTS, NULL },
    { 0 },
};

/* Once for each list, after profiles are known. */
static void
check_grants(Binder *binder, const Cluster *cluster, const List *grants)
{
    grants_check_profiles(binder, grants, &cluster->profiles);
    grants_check_contradictions(binder, grants, &cluster->profiles);
}

/* Modes and grants come from the primary, because roles and privileges exist once for a cluster. */
static void
bind_access(ClusterBuild *build, const InstanceBinding *primary, Cluster *cluster)
{
    Binder *binder = build->binder;
    ManagedBinding managed = { 0 };
    const Node *mode = variable(primary, "pg_access_mode");

    cluster->mode = (AccessMode)primary->access_mode;
    if (mode != NULL)
        cluster->mode_pos = mode->pos;
    if (primary->managed != NULL)
        cluster->managed_pos = primary->managed->pos;
    if (primary->managed != NULL)
        bind_mapping(binder, primary->managed, managed_fields, UNKNOWN_KEYS_REFUSED, "pg_managed",
                     &managed);
    cluster->inventory_name = primary->inventory.value;
    cluster->managed_roles = managed.roles;
    cluster->managed_databases = managed.databases;
    cluster->ignored_findings = primary->ignored_findings;
    if (primary->profiles != NULL)
        cluster->profiles = *profiles_bind(binder, primary->profiles);
    if (primary->grants != NULL)
        cluster->cluster_grants = *grants_bind(binder, GRANT_LIST_OF_CLUSTER, primary->grants);
    check_grants(binder, cluster, &cluster->cluster_grants);
    LIST_FOREACH (const DatabaseDecl, database, &cluster->databases)
        check_grants(binder, cluster, &database->grants);
}

/* Pigsty treats '' as not given for these variables. */
static const char *
given_text(OptText text)
{
    return text.value == NULL || *text.value == '\0' ? NULL : text.value;
}

/* What the primary declares is what the cluster gets: Pigsty provisions only there. */
static void
bind_cluster(ClusterBuild *build, const InstanceBinding *primary, Cluster *cluster)
{
    Binder *binder = build->binder;
    bool is_citus = g_strcmp0(primary->mode.value, "citus") == 0;

    cluster->upstream = given_text(primary->upstream);
    cluster->provision = primary->provision.value;
    cluster->pgbouncer_enabled = primary->pgbouncer_enabled.value;
    cluster->revoke_public = !primary->revoke_public.given || primary->revoke_public.value;
    cluster->harden_existing = primary->harden_existing.value;
    cluster->default_privileges_existing = primary->default_privileges_existing.value;
    cluster->primary_db = is_citus ? given_text(primary->primary_db) : NULL;
    cluster->roles = *merged_roles(build, primary);
    if (primary->databases != NULL && cluster->provision)
        cluster->databases = *databases_bind(binder, primary->databases);
    if (primary->default_privileges != NULL)
        cluster->default_privileges = *default_privileges_bind(binder, primary->default_privileges);
    cluster->owner_default_privileges = cluster->default_privileges;
    if (cluster->default_privileges.count == 0 && primary->policy_default_privileges != NULL)
        cluster->owner_default_privileges =
            *default_privileges_bind(binder, primary->policy_default_privileges);
    if (primary->default_schemas != NULL)
        cluster->default_schemas =
            *schemas_bind(binder, "pg_default_schemas", primary->default_schemas);
    if (primary->default_extensions != NULL)
        cluster->default_extensions =
            *extensions_bind(binder, "pg_default_extensions", primary->default_extensions);
    bind_access(build, primary, cluster);
}

static const char *
text_or_none(const char *text)
{
    return text == NULL ? "" : text;
}

/*
 * Clusters that share everything that names roles need to be checked once. The key is made of
 * pointers: bindings are shared, so the same lists have the same items.
 */
static void
check_references(ClusterBuild *build, const InstanceBinding *primary, const Cluster *cluster)
{
    g_autofree char *key = g_strdup_printf(
        "%p %p %p %p %p %d %s %s %s %s", (const void *)cluster->roles.items,
        (const void *)cluster->databases.items, (const void *)cluster->default_privileges.items,
        (const void *)cluster->default_schemas.items, (const void *)cluster->cluster_grants.items,
        primary->draft.version, primary->draft.users.dbsu,
        text_or_none(primary->draft.users.replication), text_or_none(primary->draft.users.monitor),
        text_or_none(primary->draft.users.admin));

    if (!g_hash_table_add(build->checked, g_steal_pointer(&key)))
        return;
    roles_check_references(build->binder, cluster, primary->instance);
    schemas_check_absent(build->binder, cluster, primary->instance->policy);
}

/*
 * Without a primary, the first instance stands in, so that the same run reports what is wrong with
 * roles and databases as well.
 */
static void
build_cluster(ClusterBuild *build, Draft *draft, Inventory *inventory)
{
    Binder *binder = build->binder;
    const InstanceBinding *primary = NULL;

    bind_instances(build, draft);
    if (draft->bindings.count == 0)
        return;
    check_seqs(binder, draft);
    primary = find_primary(binder, draft);
    if (primary != NULL)
        draft->cluster->primary = primary->instance;
    else
        /* What is wrong with roles and databases is reported even so. */
        primary = draft->bindings.items[0];
    bind_cluster(build, primary, draft->cluster);
    LIST_FOREACH (const InstanceBinding, binding, &draft->bindings)
        binding->instance->pool_roles = pool_roles(binder->arena, merged_roles(build, binding));
    /* dbsu's name is NULL only after an error. */
    if (primary->draft.users.dbsu != NULL)
        check_references(build, primary, draft->cluster);
    list_add(binder->arena, &inventory->clusters, draft->cluster);
}

/*
 * All hosts are assigned to clusters before any is bound: addresses of all members are facts of
 * each.
 */
void
clusters_build(ClusterBuild *build, Inventory *inventory)
{
    List drafts = { 0 };

    gather_hosts(build, &drafts);
    LIST_FOREACH (Draft, draft, &drafts)
        build_cluster(build, draft, inventory);
}
