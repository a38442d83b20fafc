/* A schema that goes while a grant, an owner or a default privilege needs it. */
#include "inventory/decl/schema_check.h"

#include <fnmatch.h>
#include <string.h>

#include "inventory/findings.h"
#include "inventory/model/grant.h"

/* One schema that is declared absent, and the list that says so. */
typedef struct AbsentSchema {
    Binder *binder;
    const Cluster *cluster;
    const Policy *policy;
    const DatabaseDecl *database; /* NULL: pg_default_schemas */
    const SchemaDecl *schema;
} AbsentSchema;

static void
report(const AbsentSchema *absent, SourcePos needed_at, const char *needs)
{
    Arena *arena = absent->binder->arena;
    const char *where = absent->database == NULL
                            ? ""
                            : arena_printf(arena, " of database \"%s\"", absent->database->name);

    findings_add(absent->binder->findings, &FINDING_SCHEMA_CONFLICTING, absent->schema->pos,
                 "remove state: absent, or the other entry",
                 "schema \"%s\"%s is declared absent, but %s at %s", absent->schema->name, where,
                 needs, pos_text(arena, needed_at));
}

/* A glob means the schemas that there are; only a name says that there has to be one. */
static const GrantText *
named_in(const List *schemas, const char *name)
{
    LIST_FOREACH (const GrantText, schema, schemas) {
        if (grant_pattern_is_plain(schema->text) && strcmp(schema->text, name) == 0)
            return schema;
    }
    return NULL;
}

/* What is revoked from a schema may be gone with it. */
static void
check_grants(const AbsentSchema *absent, const List *grants, const char *needs)
{
    LIST_FOREACH (const GrantDecl, grant, grants) {
        const GrantText *named = named_in(&grant->schemas, absent->schema->name);

        if (named != NULL && !grant->absent)
            report(absent, named->pos, needs);
    }
}

static bool
reaches_database(const GrantDecl *grant, const char *database)
{
    LIST_FOREACH (const GrantText, pattern, &grant->databases) {
        if (fnmatch(pattern->text, database, 0) == 0)
            return true;
    }
    return grant->databases.count == 0;
}

static List
grants_of(const AbsentSchema *absent)
{
    Arena *arena = absent->binder->arena;
    List expanded = { 0 };

    LIST_FOREACH (const GrantDecl, grant, &absent->cluster->cluster_grants) {
        if (reaches_database(grant, absent->database->name))
            grant_expand(arena, grant, &absent->cluster->profiles, &expanded);
    }
    LIST_FOREACH (const GrantDecl, grant, &absent->database->grants)
        grant_expand(arena, grant, &absent->cluster->profiles, &expanded);
    return expanded;
}

/* ALTER DEFAULT PRIVILEGES IN SCHEMA is an error without the schema, GRANT and REVOKE alike. */
static void
check_default_privileges(const AbsentSchema *absent)
{
    LIST_FOREACH (const DefaultPrivilegeDecl, privilege, &absent->cluster->default_privileges) {
        LIST_FOREACH (const char, name, &privilege->schemas) {
            if (strcmp(name, absent->schema->name) == 0)
                report(absent, privilege->pos, "a default privilege names it");
        }
    }
}

/* What the policy makes in template1 and postgres may well be dropped elsewhere. */
static bool
is_provisioned(const AbsentSchema *absent)
{
    return absent->database == NULL || strcmp(absent->database->name, "template1") == 0 ||
           strcmp(absent->database->name, "postgres") == 0;
}

static void
check_made_again(const AbsentSchema *absent)
{
    LIST_FOREACH (const SchemaDecl, other, &absent->cluster->default_schemas) {
        if (!other->absent && strcmp(other->name, absent->schema->name) == 0 &&
            (is_provisioned(absent) || !source_pos_is_policy(other->pos)))
            report(absent, other->pos, "pg_default_schemas declares it");
    }
    if (!is_provisioned(absent))
        return;
    LIST_FOREACH (const PolicySchema, other, &absent->policy->schemas) {
        if (strcmp(other->name, absent->schema->name) == 0)
            report(absent, other->pos, "the policy creates it");
    }
}

static void
check_schemas(AbsentSchema *absent, const List *schemas)
{
    LIST_FOREACH (const SchemaDecl, schema, schemas) {
        absent->schema = schema;
        if (!schema->absent)
            continue;
        if (absent->database != NULL) {
            List grants = grants_of(absent);

            check_grants(absent, &grants, "a grant names it");
            check_grants(absent, &absent->database->owners, "an entry of owners names it");
        }
        check_default_privileges(absent);
        check_made_again(absent);
    }
}

/*
 * The plan would drop the schema with --prune and create it again, or fail on it in the middle;
 * without --prune it would grant on something that is to go.
 */
void
schemas_check_absent(Binder *binder, const Cluster *cluster, const Policy *policy)
{
    AbsentSchema absent = { .binder = binder, .cluster = cluster, .policy = policy };

    check_schemas(&absent, &cluster->default_schemas);
    LIST_FOREACH (const DatabaseDecl, database, &cluster->databases) {
        absent.database = database;
        if (database->state != DATABASE_ABSENT)
            check_schemas(&absent, &database->schemas);
    }
}
