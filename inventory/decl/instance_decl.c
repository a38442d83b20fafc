/* One row for each variable that pgcharter knows. */
#include "inventory/decl/instance_decl.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/decl/declaration.h"
#include "inventory/findings.h"
#include "inventory/model/server_feature.h"
#include "inventory/vault/sealed.h"

static const WordDef pg_roles[] = {
#define PG_ROLE(name, word) { word, PG_ROLE_##name },
#include "inventory/model/pg_role.def"
#undef PG_ROLE
    { 0 },
};
static const WordDef access_modes[] = {
#define ACCESS_MODE(name, word) { word, ACCESS_MODE_##name },
#include "inventory/model/access_mode.def"
#undef ACCESS_MODE
    { 0 },
};
static const WordDef hba_installs[] = {
#define HBA_INSTALL(name, word) { word, HBA_INSTALL_##name },
#include "inventory/model/hba_install.def"
#undef HBA_INSTALL
    { 0 },
};
/* Pigsty's kernels and what it makes of them: of its docs "PGSQL Kernel", 3.0 to 4.x. */
static const WordDef pg_modes[] = {
    { "pgsql", 0 },  { "citus", 0 },      { "gpsql", 0 },  { "mssql", 0 },  { "mysql", 0 },
    { "ivory", 0 },  { "polar", 0 },      { "oracle", 0 }, { "oriole", 0 }, { "agens", 0 },
    { "pgedge", 0 }, { "cloudberry", 0 }, { 0 },
};
/* password_encryption of PostgreSQL 10 and later; on and off were for older ones. */
static const WordDef password_encryptions[] = { { "scram-sha-256", 0 }, { "md5", 0 }, { 0 } };
static const IntRange ports = { 1, 65535 };
/* Forks count on their own versions (Greenplum 6); what is too old is reported when connecting. */
static const IntRange major_versions = { 6, 99 };

/* Pigsty's own check; the name becomes part of file names and of a directory. */
static bool
field_cluster_name(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    InstanceBinding *binding = target;
    const char *name = value_text(binder, field->key, value);

    if (name == NULL)
        return false;
    if (*name == '\0' || strcmp(name, "root") == 0 ||
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") !=
            strlen(name)) {
        findings_add(binder->findings, &FINDING_CLUSTER_NAME_INVALID, value->pos,
                     "letters, digits and hyphens make a cluster's name, and it is not \"root\"",
                     "\"%s\" cannot be the name of a cluster", name);
        return false;
    }
    binding->cluster_name = (OptText){ .value = name, .pos = value->pos };
    return true;
}

/* It becomes part of the names of roles, which may have 63 bytes: pgcharter_disabled_NAME. */
static bool
field_inventory_name(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    const size_t length_max = 40;
    InstanceBinding *binding = target;
    const char *name = value_text(binder, field->key, value);

    if (name == NULL)
        return false;
    if (*name == '\0' || strlen(name) > length_max ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != strlen(name)) {
        findings_add(binder->findings, &FINDING_INVENTORY_NAME_INVALID, value->pos,
                     "up to 40 small letters, digits, hyphens and underscores make its name",
                     "\"%s\" cannot be the name of an inventory", name);
        return false;
    }
    binding->inventory = (OptText){ .value = name, .pos = value->pos };
    return true;
}

/* Digits; printed as Jinja prints them, they make the instance's name. */
static bool
field_seq(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    static const IntRange all = { 0, G_MAXINT32 };
    InstanceBinding *binding = target;

    if (!value_int(binder, field->key, value, all, &binding->seq.value))
        return false;
    binding->seq.given = true;
    binding->seq.pos = value->pos;
    binding->seq_text = node_print(binder->arena, value);
    return true;
}

static bool
field_pg_role(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    InstanceBinding *binding = target;

    if (!value_word(binder, field->key, value, pg_roles, &binding->role))
        return false;
    binding->role_pos = value->pos;
    return true;
}

/* Only an address: it is written into rules, where a host name would need a reverse lookup. */
static bool
field_admin_ip(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    InstanceBinding *binding = target;
    const char *text = value_text(binder, field->key, value);
    unsigned char address[sizeof(struct in6_addr)];

    if (text == NULL)
        return false;
    if (inet_pton(AF_INET, text, address) != 1 && inet_pton(AF_INET6, text, address) != 1) {
        findings_add(binder->findings, &FINDING_ADDRESS_INVALID, value->pos, NULL,
                     "admin_ip \"%s\" is not an IP address", text);
        return false;
    }
    binding->admin_ip = (OptText){ .value = text, .pos = value->pos };
    return true;
}

/* The name of a system user, and where it stands. */
static const struct {
    const char *key;
    size_t name;
    size_t pos;
} system_users[] = {
    { "pg_dbsu", offsetof(SystemUsers, dbsu), offsetof(SystemUsers, dbsu_pos) },
    { "pg_replication_username", offsetof(SystemUsers, replication),
      offsetof(SystemUsers, replication_pos) },
    { "pg_monitor_username", offsetof(SystemUsers, monitor), offsetof(SystemUsers, monitor_pos) },
    { "pg_admin_username", offsetof(SystemUsers, admin), offsetof(SystemUsers, admin_pos) },
};

/* The name is kept with its position: a system user that nothing declares is reported there. */
static bool
field_system_user(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    InstanceBinding *binding = target;
    char *users = (char *)&binding->draft.users;
    const char *name = value_name(binder, field->key, value, NAME_OF_NEW_ROLE);

    for (size_t i = 0; i < G_N_ELEMENTS(system_users); i++) {
        if (strcmp(system_users[i].key, field->key) != 0)
            continue;
        *(const char **)(void *)(users + system_users[i].name) = name;
        *(SourcePos *)(void *)(users + system_users[i].pos) = value->pos;
    }
    return name != NULL;
}

/* '' is Pigsty's way to say that dbsu has none. */
static bool
field_dbsu_password(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    InstanceBinding *binding = target;
    PasswordDecl *password = &binding->draft.users.dbsu_password;

    if (!field_password(binder, field, value, target))
        return false;
    if (password->kind == PASSWORD_CLEAR)
        password->kind = PASSWORD_NOT_GIVEN;
    return true;
}

/* "1.18" or "1.23.1". What does not say which version it is would make every rule of PgBouncer an
 * error: it knows nothing as version 0. */
static bool
field_pgbouncer_version(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    const char *text = value_text(binder, field->key, value);
    const char *at = text;
    unsigned parts = 0;

    if (text == NULL)
        return false;
    while (g_ascii_isdigit(*at)) {
        at += strspn(at, "0123456789");
        parts++;
        if (*at == '.')
            at++;
    }
    if (*at != '\0' || at == text || at[-1] == '.' || parts < 2) {
        findings_add(binder->findings, &FINDING_PGBOUNCER_VERSION, value->pos,
                     "write its major and minor version, such as 1.18",
                     "%s \"%s\" is not a version of PgBouncer", field->key, text);
        return false;
    }
    return field_opt_text(binder, field, value, target);
}

/* What is newer than this program is planned as the newest that it knows. */
static bool
field_version(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    const InstanceBinding *binding = target;

    if (!field_int(binder, field, value, target))
        return false;
    if (binding->version.value > SERVER_VERSION_NEWEST)
        findings_add(binder->findings, &FINDING_VERSION_UNSUPPORTED, value->pos,
                     "a newer pgcharter may know it",
                     "PostgreSQL %" PRId64 " is newer than this program knows: the rules of %d are "
                     "used",
                     binding->version.value, SERVER_VERSION_NEWEST);
    return true;
}

/* May hold a password of its own. Nobody reads it who makes no connection. */
static bool
field_conninfo(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    InstanceBinding *binding = target;
    OptText *conninfo = &binding->draft.conninfo;

    if (value->seal == SEAL_NONE) {
        conninfo->value = value_secret_text(binder, field->key, value);
        conninfo->pos = value->pos;
        return conninfo->value != NULL;
    }
    if (!binder->needs_connections)
        return sealed_check(binder->arena, value, binder->findings);
    conninfo->value = sealed_open(binder->arena, binder->passwords, value, binder->findings);
    conninfo->pos = value->pos;
    return conninfo->value != NULL;
}

static bool
field_access_mode(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    InstanceBinding *binding = target;

    return value_word(binder, field->key, value, access_modes, &binding->access_mode);
}

static bool
field_node(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    (void)binder;
    *(const Node **)(void *)((char *)target + field->offset) = value;
    return true;
}

/* value_text_list() checks the texts; a finding about one of them needs its place as well. */
static bool
field_ignored_findings(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    List *ignored = (List *)(void *)((char *)target + field->offset);
    List ids = { 0 };

    if (!value_text_list(binder, field->key, value, &ids))
        return false;
    for (size_t i = 0; i < ids.count; i++) {
        IgnoredFinding *one = ARENA_NEW(binder->arena, IgnoredFinding);

        one->id = ids.items[i];
        one->pos = value->kind == NODE_SCALAR ? value->pos : value->items[i]->pos;
        list_add(binder->arena, ignored, one);
    }
    return true;
}

static bool
field_intranet(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    InstanceBinding *binding = target;

    (void)field;
    binding->draft.intranet = *intranet_bind(binder, value);
    return true;
}

/* Two variables may fill one section, the classic name and today's: the rules follow each other. */
static bool
field_hba_rules(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    List *section = (List *)(void *)((char *)target + field->offset);
    const List *rules = hba_rules_bind(binder, field->key, value);
    List both = { 0 };

    if (section->count == 0) {
        *section = *rules;
        return true;
    }
    LIST_FOREACH (const HbaRuleDecl, rule, section)
        list_add(binder->arena, &both, rule);
    LIST_FOREACH (const HbaRuleDecl, rule, rules)
        list_add(binder->arena, &both, rule);
    *section = both;
    return true;
}

#define BINDING(member) offsetof(InstanceBinding, member)
#define USERS(member)   offsetof(InstanceBinding, draft.users.member)
#define HBA(list, part) offsetof(InstanceBinding, draft.list.sections[HBA_SECTION_##part])

/* In the order in which `show` prints them. */
static const FieldDef variable_fields[] = {
    { "pg_policy", NULL, 0, 0, NULL }, /* decides what the others default to: read before them */
    { "pg_cluster", field_cluster_name, 0, FIELD_REQUIRED, NULL },
    { "pg_seq", field_seq, 0, FIELD_REQUIRED, NULL },
    { "pg_role", field_pg_role, 0, FIELD_REQUIRED, NULL },
    { "pg_offline_query", field_switch, BINDING(offline_query), FIELD_REQUIRED, NULL },
    { "pg_host", field_opt_text, BINDING(address), 0, NULL },
    { "pg_port", field_int, BINDING(port), FIELD_REQUIRED, &ports },
    { "pg_localhost", field_opt_text, BINDING(localhost), FIELD_REQUIRED, NULL },
    { "pg_version", field_version, BINDING(version), FIELD_REQUIRED, &major_versions },
    { "pg_data", field_opt_text, BINDING(data), 0, NULL },
    { "pg_upstream", field_opt_text, BINDING(upstream), 0, NULL },
    { "pg_mode", field_opt_word, BINDING(mode), 0, pg_modes },
    { "pg_primary_db", field_opt_text, BINDING(primary_db), 0, NULL },
    { "pg_conninfo", field_conninfo, BINDING(draft.conninfo), 0, NULL },
    { "pg_env", field_opt_text, BINDING(env), 0, NULL },
    { "pg_pwd_enc", field_opt_word, BINDING(password_encryption), 0, password_encryptions },
    { "pg_provision", field_switch, BINDING(provision), FIELD_REQUIRED, NULL },
    { "pg_access_mode", field_access_mode, 0, FIELD_REQUIRED, NULL },
    { "pg_managed", field_node, BINDING(managed), 0, NULL },
    { "pg_inventory", field_inventory_name, 0, 0, NULL },
    { "pg_ignore_findings", field_ignored_findings, BINDING(ignored_findings), 0, NULL },
    { "admin_ip", field_admin_ip, 0, 0, NULL },
    { "node_firewall_intranet", field_intranet, 0, FIELD_REQUIRED, NULL },
    { "pg_dbsu", field_system_user, 0, FIELD_REQUIRED, NULL },
    { "pg_dbsu_password", field_dbsu_password, USERS(dbsu_password), 0, NULL },
    { "pg_replication_username", field_system_user, 0, FIELD_NULL_COUNTS, NULL },
    { "pg_replication_password", field_password, USERS(replication_password), 0, NULL },
    { "pg_monitor_username", field_system_user, 0, FIELD_NULL_COUNTS, NULL },
    { "pg_monitor_password", field_password, USERS(monitor_password), 0, NULL },
    { "pg_admin_username", field_system_user, 0, FIELD_NULL_COUNTS, NULL },
    { "pg_admin_password", field_password, USERS(admin_password), 0, NULL },
    { "pg_default_roles", field_node, BINDING(default_roles), 0, NULL },
    { "pg_users", field_node, BINDING(users), 0, NULL },
    { "pg_databases", field_node, BINDING(databases), 0, NULL },
    { "pg_default_privileges", field_node, BINDING(default_privileges), 0, NULL },
    { "pg_revoke_public", field_switch, BINDING(revoke_public), 0, NULL },
    { "pg_harden_existing", field_bool, BINDING(harden_existing), 0, NULL },
    { "pg_default_privileges_existing", field_bool, BINDING(default_privileges_existing), 0, NULL },
    { "pg_default_schemas", field_node, BINDING(default_schemas), 0, NULL },
    { "pg_default_extensions", field_node, BINDING(default_extensions), 0, NULL },
    { "pg_grants", field_node, BINDING(grants), 0, NULL },
    { "pg_privilege_profiles", field_node, BINDING(profiles), 0, NULL },
    { "pg_hba_install", field_word, BINDING(hba_install), 0, hba_installs },
    { "pg_default_hba_rules", field_hba_rules, HBA(pg_hba, DEFAULT), 0, NULL },
    { "pg_hba_rules", field_hba_rules, HBA(pg_hba, RULES), 0, NULL },
    { "pg_hba_rules_extra", field_hba_rules, HBA(pg_hba, EXTRA), 0, NULL },
    { "pgbouncer_enabled", field_switch, BINDING(pgbouncer_enabled), FIELD_REQUIRED, NULL },
    { "pgbouncer_version", field_pgbouncer_version, BINDING(pgbouncer_version), 0, NULL },
    { "pgb_default_hba_rules", field_hba_rules, HBA(pgbouncer_hba, DEFAULT), 0, NULL },
    { "pgb_hba_rules", field_hba_rules, HBA(pgbouncer_hba, RULES), 0, NULL },
    { "pgbouncer_hba_rules", field_hba_rules, HBA(pgbouncer_hba, RULES), 0, NULL },
    { "pgbouncer_hba_rules_extra", field_hba_rules, HBA(pgbouncer_hba, EXTRA), 0, NULL },
    { "pg_sources", NULL, 0, 0, NULL },
    { "pg_overrides", NULL, 0, 0, NULL },
    { "pg_environments", NULL, 0, 0, NULL },
    { "pg_capabilities", NULL, 0, 0, NULL },
    { "pg_password_provider", NULL, 0, 0, NULL },
    { "pg_container", NULL, 0, 0, NULL },
};

const char *const *
instance_variable_names(Arena *arena)
{
    const char **names = ARENA_NEW_ARRAY(arena, const char *, G_N_ELEMENTS(variable_fields) + 1);

    for (size_t i = 0; i < G_N_ELEMENTS(variable_fields); i++)
        names[i] = variable_fields[i].key;
    return names;
}

static bool
report_missing(Binder *binder, const Variables *variables, const FieldDef *field)
{
    findings_add(binder->findings, &FINDING_IDENTITY_MISSING, variables->host->pos, NULL,
                 "host \"%s\" has pg_cluster but no %s", variables->host->name, field->key);
    return false;
}

/*
 * Binds each variable that is set and keeps what it is for `show`. Every variable is bound even
 * after an error, so that one run reports all findings of an instance; what show prints is
 * collected on the way.
 */
static bool
bind_variables(Binder *binder, const Variables *variables, InstanceBinding *binding)
{
    Node *mapping = ARENA_NEW(binder->arena, Node);
    const unsigned refuses_null = FIELD_REQUIRED | FIELD_NULL_COUNTS; /* these readers say why */
    bool ok = true;

    mapping->kind = NODE_MAPPING;
    mapping->pos = variables->host->pos;
    mapping->entries = ARENA_NEW_ARRAY(binder->arena, NodeEntry, G_N_ELEMENTS(variable_fields));
    for (size_t i = 0; i < G_N_ELEMENTS(variable_fields); i++) {
        const FieldDef *field = &variable_fields[i];
        VariableOrigin origin = VARIABLE_NOWHERE;
        const Node *value = variables_get(variables, field->key, &origin);

        if (value == NULL) {
            if (field->flags & FIELD_REQUIRED)
                ok = report_missing(binder, variables, field);
            continue;
        }
        mapping->entries[mapping->count++] = (NodeEntry){
            .key = binder_key(binder, field->key),
            .value = value,
        };
        if (strcmp(field->key, "pg_conninfo") == 0)
            binding->draft.conninfo_is_own = origin == VARIABLE_FROM_HOST;
        if (field->read == NULL || (node_is_null(value) && (field->flags & refuses_null) == 0))
            continue;
        ok = field->read(binder, field, value, binding) && ok;
    }
    binding->draft.variables = mapping;
    return ok;
}

static const char *
text_or(OptText text, const char *otherwise)
{
    return text.value == NULL || *text.value == '\0' ? otherwise : text.value;
}

/*
 * Without a cluster name, a number and a role an instance has no name, and nothing else about it
 * could be reported usefully.
 */
bool
instance_bind(Binder *binder, const Variables *variables, InstanceBinding *binding)
{
    Instance *draft = &binding->draft;

    bind_variables(binder, variables, binding);
    if (binding->cluster_name.value == NULL || !binding->seq.given || binding->role_pos.line == 0)
        return false;
    draft->pos = variables->host->pos;
    draft->host = variables->host->name;
    draft->name =
        arena_printf(binder->arena, "%s-%s", binding->cluster_name.value, binding->seq_text);
    draft->seq = binding->seq.value;
    draft->role = (PgRole)binding->role;
    draft->offline_query = binding->offline_query.value;
    draft->address = text_or(binding->address, draft->host);
    draft->port = (int)binding->port.value;
    draft->localhost = binding->localhost.value;
    draft->data = binding->data.value;
    draft->env = binding->env.value;
    draft->version = (int)binding->version.value;
    draft->password_is_md5 = g_strcmp0(binding->password_encryption.value, "md5") == 0;
    draft->pgbouncer_version = text_or(binding->pgbouncer_version, "1.18");
    draft->admin_ip = binding->admin_ip.value;
    draft->admin_ip_pos = binding->admin_ip.pos;
    draft->hba_install = (HbaInstallMethod)binding->hba_install;
    return true;
}
