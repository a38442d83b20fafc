/* grants and pg_grants: which ACLs an entry means, and what it comes to there. */
#include "roles/diff/grants.h"

#include <fnmatch.h>
#include <string.h>

#include "inventory/model/server_feature.h"
#include "roles/diff/acl_edit.h"
#include "roles/diff/column_conflicts.h"
#include "roles/diff/missing.h"
#include "roles/diff/required_role.h"
#include "roles/diff/uncovered_views.h"
#include "roles/state/schema_pattern.h"

/* One entry on its way through a database. */
typedef struct GrantRun {
    Diff *diff;
    StateDatabase *database;
    const GrantDecl *grant;
    PrivilegeSet privileges;
    NameIdVector grantees;
    List schemas;         /* StateSchema: those of the database that are meant */
    GHashTable *is_meant; /* NameId of the same */
    bool *used;           /* for each of grant->names */
    size_t matched;
} GrantRun;

/* What the privileges are on this server; 0 (and a note) when it has none of them. */
static PrivilegeSet
privileges_of(Diff *diff, const GrantDecl *grant)
{
    int version = diff->state->major_version;
    ObjectKind kind = object_group_acl_kind(grant->kind);
    PrivilegeSet known =
        grant->columns.count > 0 ? grant_column_privileges() : object_kind_all(kind, version);
    PrivilegeSet wanted = grant->privileges | (grant->all_privileges ? known : 0);

    if (grant->kind == GRANT_KIND_PARAMETER && !server_has(version, SERVER_PARAMETER_PRIVILEGES))
        known = 0;
    if ((wanted & ~known) != 0)
        findings_add(diff->notes, &FINDING_FEATURE_UNSUPPORTED, grant->pos, NULL,
                     "grant on %s: privileges not supported by PostgreSQL %d are skipped",
                     grant_describe(diff->arena, grant), version);
    return wanted & known;
}

/* Whom nobody knows cannot hold anything: a grant to him is an error, taking it away is done. */
static void
resolve_grantees(GrantRun *work)
{
    Diff *diff = work->diff;

    LIST_FOREACH (const GrantText, grantee, &work->grant->to) {
        NameId id = NAME_PUBLIC;

        if (grantee->text != NULL && work->grant->absent) {
            id = names_find(diff->names, grantee->text);
        } else if (grantee->text != NULL) {
            g_autofree char *purpose =
                g_strdup_printf("grant on %s", grant_describe(diff->arena, work->grant));

            id = required_role(diff, grantee->text, grantee->pos, purpose);
        }
        if (id != NAME_NONE)
            name_id_vector_add(diff->arena, &work->grantees, id);
    }
}

static bool
has_ended(const GrantDecl *grant)
{
    return grant->until.state == UNTIL_PASSED;
}

/* What has ended leaves what another entry still gives. diff_grants() takes such entries last. */
static void
leave_present(const AclTarget *target, AclEntry *entry)
{
    if (target->declared == NULL)
        return;
    LIST_FOREACH (const AclDeclaration, declaration, &target->declared->present) {
        if (declaration->entry.grantee != entry->grantee)
            continue;
        entry->privileges &= ~declaration->entry.privileges;
        entry->grantable &= ~declaration->entry.grantable;
    }
}

/* Present and absent for the same ACL, by patterns that only meet here. */
static void
check_contradiction(GrantRun *work, const AclTarget *target, const AclEntry *entry)
{
    const List *others =
        work->grant->absent ? &target->declared->present : &target->declared->absent;

    LIST_FOREACH (const AclDeclaration, declaration, others) {
        if (declaration->entry.grantee != entry->grantee ||
            source_pos_is_policy(declaration->declared_at) ||
            (declaration->entry.privileges & (entry->privileges | entry->grantable)) == 0)
            continue;
        findings_add(work->diff->notes, &FINDING_GRANT_CONFLICTING_OBJECTS, work->grant->pos,
                     "remove one of the two entries, or add an \"except\"",
                     "grant on %s: declared %s for \"%s\", but %s at %s:%u",
                     grant_describe(work->diff->arena, work->grant),
                     work->grant->absent ? "absent" : "present",
                     diff_grantee_text(work->diff, entry->grantee),
                     work->grant->absent ? "present" : "absent", declaration->declared_at.file,
                     declaration->declared_at.line);
        return;
    }
}

/*
 * A grant that is met twice, by two patterns, changes nothing the second time: the ACL of the state
 * moves with each call.
 */
static void
apply_to(GrantRun *work, const AclTarget *target)
{
    const GrantDecl *grant = work->grant;
    AclTarget acl = *target;

    acl.ended = has_ended(grant);
    for (size_t i = 0; i < work->grantees.count; i++) {
        AclEntry entry = { .grantee = work->grantees.items[i], .privileges = work->privileges };

        if (grant->grantable)
            entry.grantable = work->privileges;
        /* `grantable: true` that is absent takes the grant option and leaves the privilege. */
        if (grant->absent && grant->grantable)
            entry.privileges = 0;
        if (has_ended(grant))
            leave_present(&acl, &entry);
        else
            check_contradiction(work, &acl, &entry);
        if (grant->absent)
            acl_edit_revoke(work->diff, &acl, entry, grant->pos);
        else
            acl_edit_grant(work->diff, &acl, entry, grant->pos);
    }
    work->matched++;
}

/*
 * Whether a column exists is asked of the database that the table is read from: the tables of a
 * database that is yet to be created are still its template's.
 */
static void
apply_to_columns(GrantRun *work, ObjectGroup *group)
{
    AccessState *state = work->diff->state;

    LIST_FOREACH (const ObjectIdentity, table, &group->identities) {
        LIST_FOREACH (const GrantText, column, &work->grant->columns) {
            AclTarget target;
            NameId read_from =
                group->read_from != NAME_NONE ? group->read_from : work->database->name;
            const char *key = state_column_key(work->diff->arena, read_from, table->schema,
                                               table->name, column->text);

            if (!g_hash_table_contains(state->known_columns, key)) {
                findings_add(work->diff->notes,
                             work->grant->missing_is_error ? &FINDING_GRANT_NOT_FOUND
                                                           : &FINDING_GRANT_UNMATCHED,
                             column->pos, NULL, "%s \"%s\".\"%s\" has no column \"%s\"",
                             grant_kind_info(group->kind)->singular,
                             names_text(work->diff->names, table->schema), table->name,
                             column->text);
                continue;
            }
            target = acl_target_of_column(
                work->database,
                state_database_column(state, work->database, group, table, column->text));
            apply_to(work, &target);
        }
    }
    work->matched += group->count;
}

/* One name, as most grants have it, is looked up: a thousand grants meet a thousand schemas. */
static void
resolve_schemas(GrantRun *work)
{
    const List *patterns = &work->grant->schemas;
    const GrantText *first = patterns->count == 0 ? NULL : patterns->items[0];
    StateSchema *only = NULL;

    if (patterns->count == 1 && grant_pattern_is_plain(first->text)) {
        only = state_database_schema(work->database, names_find(work->diff->names, first->text));
        if (only != NULL)
            list_add(work->diff->arena, &work->schemas, only);
    } else {
        LIST_FOREACH (StateSchema, schema, &work->database->schemas) {
            if (schema_matches_patterns(patterns, names_text(work->diff->names, schema->name)))
                list_add(work->diff->arena, &work->schemas, schema);
        }
    }
    LIST_FOREACH (const StateSchema, schema, &work->schemas)
        g_hash_table_add(work->is_meant, GUINT_TO_POINTER(schema->name));
}

static bool
group_is_meant(const GrantRun *work, const ObjectGroup *group)
{
    return object_kind_covers(work->grant->kind, group->kind) &&
           (group->schema == NAME_NONE ||
            g_hash_table_contains(work->is_meant, GUINT_TO_POINTER(group->schema)));
}

/*
 * A column grant on a whole group would need one ACL for each table and column, so it is applied
 * identity by identity; all other grants keep the group as one.
 */
static void
apply_to_groups(GrantRun *work, List *groups)
{
    Diff *diff = work->diff;

    /* Groups split here are appended and visited later in this loop; they match as a whole then, or
     * not at all. */
    LIST_FOREACH (ObjectGroup, group, groups) {
        ObjectGroup *meant = NULL;
        AclTarget target;

        if (!group_is_meant(work, group))
            continue;
        meant = object_group_select(diff->arena, groups, group, work->grant, work->used);
        if (meant == NULL || meant != group)
            continue;
        if (work->grant->columns.count > 0) {
            apply_to_columns(work, meant);
            continue;
        }
        target = acl_target_of_group(work->database, meant);
        apply_to(work, &target);
    }
}

static void
apply_to_schemas(GrantRun *work)
{
    LIST_FOREACH (StateSchema, schema, &work->schemas) {
        AclTarget target = acl_target_of_schema(work->database, schema);

        target.revoke_kind = CHANGE_REVOKE;
        apply_to(work, &target);
    }
}

/*
 * `future`: default privileges of the creators in the schemas. In-schema rows of pg_default_acl add
 * to the global ones (get_user_default_acl() in aclchk.c), so `future` can be written schema by
 * schema without touching what the creator grants elsewhere.
 */
static void
apply_to_default(GrantRun *work, NameId creator, NameId schema)
{
    const GrantKindInfo *info = grant_kind_info(work->grant->kind);
    StateDefaultAcl *row = state_database_default_acl(work->diff->state, work->database, creator,
                                                      schema, info->future);
    AclTarget target = acl_target_of_default(work->database, row);

    apply_to(work, &target);
}

/*
 * `future: owners` means whoever owns objects in the schema today. Members of extensions do not
 * count: their owner ran CREATE EXTENSION and need not create anything else there.
 */
static void
apply_to_owners(GrantRun *work, NameId schema)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

    LIST_FOREACH (const ObjectGroup, group, &work->database->groups) {
        if (group->schema == schema && (group->flags & OBJECT_GROUP_IS_MEMBER) == 0 &&
            g_hash_table_add(seen, GUINT_TO_POINTER(group->owner)))
            apply_to_default(work, group->owner, schema);
    }
}

/*
 * Large objects lie in no schema, and IN SCHEMA is an error for them and for schemas themselves
 * (aclchk.c ExecAlterDefaultPrivilegesStmt()).
 */
static void
apply_to_future(GrantRun *work)
{
    const GrantDecl *grant = work->grant;
    Diff *diff = work->diff;
    bool in_schema = (grant_kind_info(grant->kind)->flags & GRANT_KIND_IN_SCHEMA) != 0;

    if (grant_kind_info(grant->kind)->future == DEFAULT_ACL_LARGE_OBJECTS &&
        !server_has(diff->state->major_version, SERVER_LARGE_OBJECT_DEFAULTS))
        return;
    LIST_FOREACH (const GrantText, creator, &grant->future) {
        NameId id = required_role(diff, creator->text, creator->pos, "future");

        if (id != NAME_NONE && !in_schema)
            apply_to_default(work, id, NAME_NONE);
        LIST_FOREACH (const StateSchema, schema, &work->schemas) {
            if (id != NAME_NONE && in_schema)
                apply_to_default(work, id, schema->name);
        }
    }
    LIST_FOREACH (const StateSchema, schema, &work->schemas) {
        if (grant->future_owners && in_schema)
            apply_to_owners(work, schema->name);
    }
}

/*
 * Tablespaces and parameters belong to the cluster; they are in the state once, and grants of every
 * database move the same ACL.
 */
static void
apply_grant(Diff *diff, StateDatabase *database, const GrantDecl *grant)
{
    g_autoptr(GHashTable) is_meant = g_hash_table_new(NULL, NULL);
    GrantRun work = {
        .diff = diff,
        .database = database,
        .grant = grant,
        .is_meant = is_meant,
        .privileges = privileges_of(diff, grant),
        .used = ARENA_NEW_ARRAY(diff->arena, bool, grant->names.count + 1),
    };
    AclTarget target;

    if (work.privileges == 0)
        return;
    resolve_grantees(&work);
    resolve_schemas(&work);
    switch (grant->kind) {
    case GRANT_KIND_DATABASE:
        target = acl_target_of_database(database);
        target.revoke_kind = CHANGE_REVOKE;
        apply_to(&work, &target);
        break;
    case GRANT_KIND_SCHEMA:
        apply_to_schemas(&work);
        break;
    case GRANT_KIND_TABLESPACE:
    case GRANT_KIND_PARAMETER:
        apply_to_groups(&work, &diff->state->shared_groups);
        break;
    default:
        apply_to_groups(&work, &database->groups);
    }
    apply_to_future(&work);
    if (work.grantees.count > 0)
        report_missing(diff, database, grant, work.used, work.matched);
}

static bool
reaches(const GrantDecl *grant, const char *database)
{
    if (grant->databases.count == 0)
        return true;
    LIST_FOREACH (const GrantText, pattern, &grant->databases) {
        if (fnmatch(pattern->text, database, 0) == 0)
            return true;
    }
    return false;
}

static bool
lies_in_no_database(const GrantDecl *grant)
{
    return grant->kind == GRANT_KIND_TABLESPACE || grant->kind == GRANT_KIND_PARAMETER;
}

/*
 * Of a database whose contents are not known: grants on what lies outside it. The others find
 * nothing there, which is an error only where an entry says so.
 */
static List
take_outside(Diff *diff, const StateDatabase *database, const List *grants)
{
    List outside = { 0 };

    LIST_FOREACH (const GrantDecl, grant, grants) {
        if (grant->kind == GRANT_KIND_DATABASE || lies_in_no_database(grant))
            list_add(diff->arena, &outside, grant);
        else if (grant->missing_is_error && !grant->absent)
            findings_add(diff->notes, &FINDING_GRANT_NOT_FOUND, grant->pos,
                         "the entry has missing: error; without it this is not an error",
                         "grant on %s: the contents of database \"%s\" are not known",
                         grant_describe(diff->arena, grant),
                         names_text(diff->names, database->name));
    }
    return outside;
}

/*
 * Grants of the cluster come first so that an entry of the database, being more specific, is
 * applied after them and has the last word.
 */
void
diff_grants(Diff *diff, const DatabaseWork *work)
{
    StateDatabase *database = work->database;
    List expanded = { 0 };

    LIST_FOREACH (const GrantDecl, grant, &diff->context->cluster->cluster_grants) {
        if (reaches(grant, names_text(diff->names, database->name)))
            grant_expand(diff->arena, grant, &diff->context->cluster->profiles, &expanded);
    }
    LIST_FOREACH (const GrantDecl, grant, &work->decl->grants)
        grant_expand(diff->arena, grant, &diff->context->cluster->profiles, &expanded);
    if (!database->content_known)
        expanded = take_outside(diff, database, &expanded);
    LIST_FOREACH (const GrantDecl, grant, &expanded) {
        if (!has_ended(grant))
            apply_grant(diff, database, grant);
    }
    LIST_FOREACH (const GrantDecl, grant, &expanded) {
        if (has_ended(grant))
            apply_grant(diff, database, grant);
    }
    diff_column_conflicts(diff, database);
    if (database->content_known)
        diff_uncovered_views(diff, database, &expanded);
}

static bool
reaches_declared_database(const Diff *diff, const GrantDecl *grant)
{
    LIST_FOREACH (const DatabaseDecl, decl, &diff->context->cluster->databases) {
        if (decl->state != DATABASE_ABSENT && reaches(grant, decl->name))
            return true;
    }
    return false;
}

static void
report_no_database(Diff *diff, const GrantDecl *grant)
{
    const GrantText *pattern = grant->databases.count == 0 ? NULL : grant->databases.items[0];

    findings_add(diff->notes,
                 grant->missing_is_error ? &FINDING_GRANT_NOT_FOUND : &FINDING_GRANT_UNMATCHED,
                 pattern == NULL ? grant->pos : pattern->pos, "pg_databases declares them",
                 "grant on %s: no declared database %s%s%s", grant_describe(diff->arena, grant),
                 pattern == NULL ? "has it" : "matches \"", pattern == NULL ? "" : pattern->text,
                 pattern == NULL ? "" : "\"");
}

/* In the name of postgres, as every cluster has it. */
void
diff_grants_of_no_database(Diff *diff)
{
    StateDatabase *postgres =
        access_state_database(diff->state, names_intern(diff->names, "postgres"));

    LIST_FOREACH (const GrantDecl, grant, &diff->context->cluster->cluster_grants) {
        List expanded = { 0 };

        if (reaches_declared_database(diff, grant))
            continue;
        if (!lies_in_no_database(grant) || grant->databases.count > 0 || postgres == NULL) {
            report_no_database(diff, grant);
            continue;
        }
        grant_expand(diff->arena, grant, &diff->context->cluster->profiles, &expanded);
        LIST_FOREACH (const GrantDecl, one, &expanded)
            apply_grant(diff, postgres, one);
    }
}
