/*
 * Privileges that open a server wider than most people expect, and that no entry declares. adopt
 * and strict leave PUBLIC, pg_catalog and parameters alone, so without a warning nobody would see
 * them.
 */
#include "roles/diff/open_privileges.h"

#include <string.h>

#include "roles/state/file_functions.h"
#include "roles/state/schema_pattern.h"

#define BIT(name) PRIVILEGE_BIT(PRIVILEGE_##name)

/* TEMPORARY is left out: PUBLIC has it in every database from the start, and it ends with the
 * session. So is REFERENCES, which writes nothing. */
static PrivilegeSet
creating_or_writing(ObjectKind kind)
{
    switch (kind) {
    case OBJECT_KIND_DATABASE:
    case OBJECT_KIND_SCHEMA:
        return BIT(CREATE);
    case OBJECT_KIND_TABLE:
        return BIT(INSERT) | BIT(UPDATE) | BIT(DELETE) | BIT(TRUNCATE) | BIT(TRIGGER);
    case OBJECT_KIND_COLUMN:
        return BIT(INSERT) | BIT(UPDATE);
    case OBJECT_KIND_SEQUENCE:
        return BIT(UPDATE) | BIT(USAGE);
    case OBJECT_KIND_LARGE_OBJECT:
        return BIT(UPDATE);
    default:
        return 0;
    }
}

/* What of it PUBLIC has after the plan, and nobody declares. */
static PrivilegeSet
open_to_public(const Acl *acl, const AclDeclarations *declared, ObjectKind kind)
{
    return acl_held_by(acl, NAME_PUBLIC).privileges & creating_or_writing(kind) &
           ~acl_declared_for(declared, NAME_PUBLIC).privileges;
}

static void
warn_of_public(Diff *diff, const DatabaseWork *work, PrivilegeSet privileges, const char *what)
{
    findings_add(diff->notes, &FINDING_PUBLIC_PRIVILEGE_UNDECLARED, work->decl->pos,
                 "revoke it with an entry that has state: absent, or declare it with to: PUBLIC",
                 "every role has %s on %s through PUBLIC, which no entry declares",
                 privilege_set_text(diff->arena, privileges), what);
}

/*
 * The hardening looks at these two, and says so where it may not take them
 * (public-not-hardened); who sets pg_revoke_public to false has decided that they stay.
 */
static bool
belongs_to_hardening(const Diff *diff)
{
    return !diff->context->cluster->revoke_public || diff->context->policy->create_for.count > 0;
}

static void
look_at_database(Diff *diff, const DatabaseWork *work)
{
    const StateDatabase *database = work->database;
    PrivilegeSet open = open_to_public(&database->acl, &database->declared, OBJECT_KIND_DATABASE);

    if (open != 0 && !belongs_to_hardening(diff))
        warn_of_public(diff, work, open,
                       arena_printf(diff->arena, "database \"%s\"", work->decl->name));
}

/* Before 15 initdb itself gives PUBLIC CREATE on schema public: that is open, too. */
static bool
is_left_alone(unsigned flags, bool is_public)
{
    return (flags & OBJECT_GROUP_IS_MEMBER) != 0 ||
           (!is_public && (flags & OBJECT_GROUP_IS_INITIAL) != 0);
}

static void
look_at_schemas(Diff *diff, const DatabaseWork *work)
{
    LIST_FOREACH (const StateSchema, schema, &work->database->schemas) {
        const char *name = names_text(diff->names, schema->name);
        bool is_public = strcmp(name, "public") == 0;
        PrivilegeSet open = open_to_public(&schema->acl, &schema->declared, OBJECT_KIND_SCHEMA);

        if (open == 0 || schema_is_system(name) || is_left_alone(schema->flags, is_public) ||
            (is_public && belongs_to_hardening(diff)))
            continue;
        warn_of_public(
            diff, work, open,
            arena_printf(diff->arena, "schema \"%s\" of database \"%s\"", name, work->decl->name));
    }
}

/* pg_default_acl: what will be open as soon as it is made. */
static void
look_at_defaults(Diff *diff, const DatabaseWork *work)
{
    LIST_FOREACH (const StateDefaultAcl, row, &work->database->default_acls) {
        PrivilegeSet open =
            open_to_public(&row->acl, &row->declared, object_kind_of_default(row->type));
        g_autofree char *what = NULL;

        if (open == 0)
            continue;
        what = g_ascii_strdown(default_acl_type_keyword(row->type), -1);
        warn_of_public(diff, work, open,
                       arena_printf(diff->arena, "%s that role \"%s\" creates in database \"%s\"",
                                    what, names_text(diff->names, row->creator), work->decl->name));
    }
}

static void
look_at_objects(Diff *diff, const DatabaseWork *work)
{
    LIST_FOREACH (const ObjectGroup, group, &work->database->groups) {
        ObjectKind kind = object_group_acl_kind(group->kind);
        PrivilegeSet open = open_to_public(&group->acl, &group->declared, kind);

        if (open != 0 && !diff_schema_is_system(diff, group->schema) &&
            !is_left_alone(group->flags, false))
            warn_of_public(diff, work, open, diff_describe_group(diff, work->database, group));
    }
    LIST_FOREACH (const StateColumn, column, &work->database->columns) {
        PrivilegeSet open = open_to_public(&column->acl, &column->declared, OBJECT_KIND_COLUMN);

        if (open != 0 && !diff_schema_is_system(diff, column->table->schema) &&
            !is_left_alone(column->flags, false))
            warn_of_public(diff, work, open, diff_describe_column(diff, work->database, column));
    }
}

static const char *
describe_grantee(const Diff *diff, NameId grantee)
{
    return grantee == NAME_PUBLIC
               ? "every role"
               : arena_printf(diff->arena, "role \"%s\"", names_text(diff->names, grantee));
}

/* ---- functions that reach the server's files ---- */

static bool
policy_grants(const Diff *diff, const char *signature, NameId grantee)
{
    LIST_FOREACH (const PolicyFunctions, functions, &diff->context->policy->functions) {
        const char *role = policy_role_name(functions->role, diff->context->users);

        if (role == NULL || names_find(diff->names, role) != grantee)
            continue;
        LIST_FOREACH (const char, granted, &functions->signatures) {
            if (strcmp(granted, signature) == 0)
                return true;
        }
    }
    return false;
}

/* A grant of an inventory on one of its overloads speaks of the function. */
static bool
entry_grants(const Diff *diff, const StateDatabase *database, const char *signature, NameId grantee)
{
    size_t length = strcspn(signature, "(");

    LIST_FOREACH (const ObjectGroup, group, &database->groups) {
        if (group->kind != GRANT_KIND_FUNCTION || !diff_schema_is_system(diff, group->schema) ||
            acl_declared_for(&group->declared, grantee).privileges == 0)
            continue;
        if (!group->is_named)
            return true;
        LIST_FOREACH (const ObjectIdentity, identity, &group->identities) {
            if (strlen(identity->name) == length && strncmp(identity->name, signature, length) == 0)
                return true;
        }
    }
    return false;
}

/* Superusers may read files anyway; predefined roles have what initdb gave them. */
static bool
is_of_interest(const Diff *diff, const StateFunction *function, NameId grantee)
{
    const StateRole *role = grantee == NAME_PUBLIC ? NULL : access_state_role(diff->state, grantee);

    return grantee != function->owner &&
           (role == NULL || !(role->is_predefined || role->attributes[ROLE_ATTRIBUTE_SUPERUSER]));
}

static void
look_at_functions(Diff *diff, const DatabaseWork *work)
{
    LIST_FOREACH (const StateFunction, function, &work->database->functions) {
        if (!file_function_is(function->signature))
            continue;
        for (size_t i = 0; i < function->acl.count; i++) {
            NameId grantee = function->acl.entries[i].grantee;

            if (!is_of_interest(diff, function, grantee) ||
                policy_grants(diff, function->signature, grantee) ||
                entry_grants(diff, work->database, function->signature, grantee))
                continue;
            findings_add(diff->notes, &FINDING_FILE_FUNCTION_UNDECLARED, work->decl->pos,
                         "revoke it, or declare it: kind: function, schema: pg_catalog",
                         "%s may execute %s in database \"%s\", which reaches the server's files "
                         "and which no entry declares",
                         describe_grantee(diff, grantee), function->signature, work->decl->name);
        }
    }
}

void
diff_open_privileges(Diff *diff, const DatabaseWork *work)
{
    look_at_database(diff, work);
    look_at_schemas(diff, work);
    look_at_defaults(diff, work);
    look_at_objects(diff, work);
    look_at_functions(diff, work);
}

void
diff_open_parameters(Diff *diff)
{
    LIST_FOREACH (const ObjectGroup, group, &diff->state->shared_groups) {
        const ObjectIdentity *parameter = group->identities.items[0];

        if (group->kind != GRANT_KIND_PARAMETER)
            continue;
        for (size_t i = 0; i < group->acl.count; i++) {
            const AclEntry *entry = &group->acl.entries[i];
            PrivilegeSet open =
                entry->privileges & ~acl_declared_for(&group->declared, entry->grantee).privileges;

            if (entry->grantee == group->owner || open == 0)
                continue;
            findings_add(diff->notes, &FINDING_PARAMETER_PRIVILEGE_UNDECLARED,
                         diff->context->cluster->pos, "revoke it, or declare it: kind: parameter",
                         "%s has %s on parameter %s, which no entry declares",
                         describe_grantee(diff, entry->grantee),
                         privilege_set_text(diff->arena, open), parameter->name);
        }
    }
}
