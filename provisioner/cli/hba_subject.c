/* From options to rules and roles. */
#include "provisioner/cli/hba_subject.h"

#include <stdlib.h>
#include <string.h>

#include "hba/read/file.h"
#include "inventory/bind/binder.h"
#include "inventory/yaml/yaml_reader.h"
#include "provisioner/catalog/hba_server.h"
#include "provisioner/findings.h"
#include "provisioner/server/connection.h"

#define VERSION_DEFAULT   18
#define PGBOUNCER_DEFAULT 118

void
hba_subject_clear(HbaSubject *subject)
{
    g_clear_pointer(&subject->roles, hba_role_set_free);
    g_clear_pointer(&subject->databases, g_hash_table_destroy);
}

/*
 * "16" is PostgreSQL's major; "1.18" is PgBouncer's. Without --pg-version the newest server is
 * assumed, as a file alone does not say who reads it.
 */
static bool
read_version(CommandContext *context, const CommandOptions *options, HbaSubject *subject)
{
    bool is_pgbouncer = subject->program == HBA_PROGRAM_PGBOUNCER;
    char *end = NULL;
    long major = 0;
    long minor = 0;

    subject->version = is_pgbouncer ? PGBOUNCER_DEFAULT : VERSION_DEFAULT;
    if (options->server_version == NULL)
        return true;
    major = strtol(options->server_version, &end, 10);
    if (*end == '.')
        minor = strtol(end + 1, &end, 10);
    if (*end != '\0' || major < 1 || major > 99 || minor < 0 || minor > 99)
        return command_refuse_usage(
            context, "--pg-version takes a version such as 16, or 1.18 for PgBouncer");
    subject->version = (int)(is_pgbouncer ? major * 100 + minor : major);
    return true;
}

static HbaProgram
dialect_of(const CommandOptions *options)
{
    return (HbaProgram)option_or(options->dialect, HBA_PROGRAM_POSTGRESQL);
}

/* ---- ROLES.yml ---- */

typedef struct ListedRole {
    const char *name;
    OptBool superuser; /* read and not used: superusers are members of what they are granted only */
    List groups;       /* const char */
} ListedRole;

/* A number or `true` without quotes is refused, as it is not certain which name was meant. */
static bool
read_groups(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    List *groups = (List *)(void *)((char *)target + field->offset);
    bool ok = value->kind == NODE_SEQUENCE;

    for (size_t i = 0; ok && i < value->count; i++) {
        ok = value->items[i]->kind == NODE_SCALAR && value->items[i]->type == SCALAR_TEXT;
        if (ok)
            list_add(binder->arena, groups, value->items[i]->text);
    }
    if (!ok)
        findings_add(binder->findings, &FINDING_ROLE_LIST_INVALID, value->pos, NULL,
                     "\"%s\" of a role takes a list of names", field->key);
    return ok;
}

static const FieldDef listed_role_fields[] = {
    { "name", field_name, offsetof(ListedRole, name), FIELD_REQUIRED, NULL },
    { "superuser", field_bool, offsetof(ListedRole, superuser), 0, NULL },
    { "roles", read_groups, offsetof(ListedRole, groups), 0, NULL },
    { 0 },
};

/*
 * Unknown keys are refused: the format is pgcharter's own, so a key that it does not have is a
 * mistake.
 */
static void
read_role_list(CommandContext *context, const char *path, HbaRoleSet *roles)
{
    g_autoptr(Binder) binder = binder_new(context->arena, context->findings);
    const Node *root = yaml_read_file(context->arena, path, context->findings);
    const Node *list = root == NULL ? NULL : node_get(root, "roles");

    if (root == NULL)
        return;
    if (list == NULL || list->kind != NODE_SEQUENCE) {
        findings_add(context->findings, &FINDING_ROLE_LIST_INVALID, root->pos,
                     "write roles: [{name: alice, roles: [readers]}]",
                     "a list of roles is a mapping with the key \"roles\"");
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        ListedRole role = { 0 };

        if (!bind_mapping(binder, list->items[i], listed_role_fields, UNKNOWN_KEYS_REFUSED, "role",
                          &role))
            continue;
        hba_role_set_add(roles, role.name);
        LIST_FOREACH (const char, group, &role.groups)
            hba_role_set_grant(roles, group, role.name);
    }
}

/* ---- a file ---- */

/*
 * For a file: dialect and version must have been read. `enabled` is set, since everything in a file
 * is in force.
 */
static HbaCheck
file_check(CommandContext *context, const HbaSubject *subject)
{
    return (HbaCheck){
        .arena = context->arena,
        .findings = context->findings,
        .program = subject->program,
        .version = subject->version,
        .server = subject->program == HBA_PROGRAM_PGBOUNCER
                      ? arena_printf(context->arena, "PgBouncer %d.%d", subject->version / 100,
                                     subject->version % 100)
                      : arena_printf(context->arena, "PostgreSQL %d", subject->version),
        .enabled = true,
    };
}

bool
hba_subject_check(CommandContext *context, const CommandOptions *options, HbaCheck *ret_check)
{
    HbaSubject subject = { .program = dialect_of(options) };

    if (!read_version(context, options, &subject))
        return false;
    *ret_check = file_check(context, &subject);
    return true;
}

/*
 * Whether roles are known decides what the lint may say: without a list every +role stays an open
 * question.
 */
static bool
load_file(CommandContext *context, const CommandOptions *options, HbaSubject *subject)
{
    HbaCheck check = { 0 };
    GError *error = NULL;

    if (options->live)
        return command_refuse_usage(context, "--live goes with an instance, not with --file");
    if (!read_version(context, options, subject))
        return false;
    check = file_check(context, subject);
    subject->name = options->file;
    subject->roles_known = options->roles_file != NULL;
    if (options->roles_file != NULL)
        read_role_list(context, options->roles_file, subject->roles);
    if (!hba_file_read(&check, &hba_file_source_local, options->file, &subject->rules, &error)) {
        context->exit_code = command_fail(context, error);
        return false;
    }
    return true;
}

/* ---- an instance ---- */

typedef struct PredefinedRole {
    const char *name;
    int since;
} PredefinedRole;

static const PredefinedRole predefined_roles[] = {
#define PREDEFINED_ROLE(name, since) { name, since },
#include "inventory/model/predefined_role.def"
#undef PREDEFINED_ROLE
};

/* The system users and the predefined roles exist on every server without being declared. */
static void
take_declared_roles(const Instance *instance, HbaRoleSet *roles)
{
    const SystemUsers *users = &instance->users;
    const char *const system_users[] = { users->dbsu, users->replication, users->monitor,
                                         users->admin };

    LIST_FOREACH (const RoleDecl, role, &instance->cluster->roles) {
        if (role->absent)
            continue;
        hba_role_set_add(roles, role->name);
        LIST_FOREACH (const MembershipDecl, membership, &role->memberships) {
            if (!membership->absent)
                hba_role_set_grant(roles, membership->role, role->name);
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(system_users); i++) {
        if (system_users[i] != NULL)
            hba_role_set_add(roles, system_users[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(predefined_roles); i++) {
        if (instance->version >= predefined_roles[i].since)
            hba_role_set_add(roles, predefined_roles[i].name);
    }
}

/*
 * initdb makes three, and PgBouncer answers as a fourth on its console. Where pg_provision is off,
 * others declare them.
 */
static void
take_declared_databases(const Instance *instance, HbaSubject *subject)
{
    static const char *const always[] = { "postgres", "template0", "template1" };

    if (!instance->cluster->provision)
        return;
    subject->databases = g_hash_table_new(g_str_hash, g_str_equal);
    for (size_t i = 0; i < G_N_ELEMENTS(always); i++)
        g_hash_table_add(subject->databases, (gpointer)always[i]);
    if (subject->program == HBA_PROGRAM_PGBOUNCER)
        g_hash_table_add(subject->databases, (gpointer) "pgbouncer");
    LIST_FOREACH (const DatabaseDecl, database, &instance->cluster->databases) {
        if (database->state != DATABASE_ABSENT)
            g_hash_table_add(subject->databases, (gpointer)database->name);
    }
}

/* What was made or granted by hand is in no inventory, so --live asks the server. */
static bool
take_live_names(CommandContext *context, HbaSubject *subject)
{
    ConnectionParameters parameters = { 0 };
    g_autoptr(Session) session = NULL;
    GError *error = NULL;

    subject->databases = g_hash_table_new(g_str_hash, g_str_equal);
    if (subject->program == HBA_PROGRAM_PGBOUNCER)
        g_hash_table_add(subject->databases, (gpointer) "pgbouncer");
    if (connection_resolve_instance(context->arena, subject->instance, context->options.conninfos,
                                    &parameters, &error) &&
        (session = session_open(&parameters, "postgres", &error)) != NULL &&
        hba_server_read_roles(context->arena, session, subject->roles, &error) &&
        hba_server_read_databases(context->arena, session, subject->databases, &error))
        return true;
    context->exit_code = command_fail(context, error);
    return false;
}

/*
 * Version and roles follow from the instance; accepting them as options as well would allow
 * contradictions.
 */
bool
hba_subject_instances(CommandContext *context, const CommandOptions *options, List *ret_instances)
{
    const Inventory *inventory = NULL;

    if (options->roles_file != NULL || options->server_version != NULL)
        return command_refuse_usage(context, "--roles and --pg-version go with --file");
    /* hba diff reads the installed rules from the server. */
    if (!options->live && command_id(context->command) != COMMAND_HBA_DIFF)
        context->inventory_flags |= INVENTORY_NO_CONNECTIONS;
    inventory = command_load_inventory(context);
    if (inventory == NULL)
        return false;
    *ret_instances = command_select_instances(context, inventory);
    return ret_instances->count > 0 ||
           command_refuse_usage(context, "no instance of the inventory matches -N, -R and -E");
}

bool
hba_subject_of_instance(CommandContext *context, const CommandOptions *options,
                        const Instance *instance, HbaSubject *ret_subject)
{
    *ret_subject = (HbaSubject){
        .program = dialect_of(options),
        .name = instance->name,
        .roles = hba_role_set_new(context->arena),
        .roles_known = true,
        .instance = instance,
    };
    ret_subject->version =
        hba_check_new(context->arena, context->findings, instance, ret_subject->program).version;
    if (options->live && !take_live_names(context, ret_subject))
        return false;
    if (!options->live) {
        take_declared_roles(instance, ret_subject->roles);
        take_declared_databases(instance, ret_subject);
    }
    ret_subject->rules = hba_renderings_rules(context->renderings, instance, ret_subject->program);
    return true;
}

#define NAMES_SHOWN_MAX 8

/* "select one instance with -N" and which there are. */
static bool
refuse_several(CommandContext *context, const List *instances)
{
    g_autoptr(GString) hint = g_string_new("the selected ones are ");

    for (size_t i = 0; i < instances->count && i < NAMES_SHOWN_MAX; i++)
        g_string_append_printf(hint, "%s%s", i == 0 ? "" : ", ",
                               ((const Instance *)instances->items[i])->name);
    if (instances->count > NAMES_SHOWN_MAX)
        g_string_append_printf(hint, " and %zu more", instances->count - NAMES_SHOWN_MAX);
    command_fail_usage_with_hint(context, "select one instance with -N, or a file with --file",
                                 hint->str);
    return false;
}

static bool
load_one_instance(CommandContext *context, const CommandOptions *options, HbaSubject *subject)
{
    List instances = { 0 };

    if (!hba_subject_instances(context, options, &instances))
        return false;
    if (instances.count != 1)
        return refuse_several(context, &instances);
    return hba_subject_of_instance(context, options, instances.items[0], subject);
}

bool
hba_subject_load(CommandContext *context, const CommandOptions *options, HbaSubject *ret_subject)
{
    bool ok = false;

    if (options->file == NULL)
        return load_one_instance(context, options, ret_subject) && command_accept_findings(context);
    ret_subject->roles = hba_role_set_new(context->arena);
    ret_subject->program = dialect_of(options);
    ok = load_file(context, options, ret_subject);
    return ok && command_accept_findings(context);
}

HbaEvaluator
hba_subject_evaluator(const HbaSubject *subject, Arena *arena)
{
    return (HbaEvaluator){
        .arena = arena,
        .program = subject->program,
        .version = subject->version,
        .roles = subject->roles,
    };
}

KnownNames
hba_subject_known_names(const HbaSubject *subject)
{
    return (KnownNames){
        .roles = subject->roles_known ? subject->roles : NULL,
        .databases = subject->databases,
    };
}
