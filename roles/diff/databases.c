/* Databases: created, owned, limited, who may connect, hardened; and what lies inside. */
#include "roles/diff/databases.h"

#include <string.h>

#include "roles/diff/acl_edit.h"
#include "roles/diff/default_privileges.h"
#include "roles/diff/existing.h"
#include "roles/diff/grants.h"
#include "roles/diff/hardening.h"
#include "roles/diff/open_privileges.h"
#include "roles/diff/owners.h"
#include "roles/diff/parameter_edit.h"
#include "roles/diff/required_role.h"
#include "roles/diff/schema_edit.h"
#include "roles/diff/uncovered_creators.h"
#include "roles/diff/undeclared_privileges.h"
#include "roles/diff/wide_acls.h"

/*
 * A text that is not given and '' mean the same for every option of a database. Pigsty's templates
 * treat an empty value as absent; CREATE DATABASE ... TABLESPACE '' would be an error.
 */
static const char *
given_text(const OptText *text)
{
    return text->value != NULL && *text->value != '\0' ? text->value : NULL;
}

static SourcePos
pos_or(SourcePos pos, SourcePos otherwise)
{
    return pos.file != NULL ? pos : otherwise;
}

/*
 * What template0 holds: a schema public as initdb leaves it. Nobody can connect there to look, and
 * a database made from it is the one that gets none of template1's privileges.
 */
static void
fill_like_template0(Diff *diff, StateDatabase *database)
{
    const int public_closed_since = 15;
    AccessState *state = diff->state;
    NameId dbsu = state->bootstrap_superuser;
    NameId public_owner = state->major_version >= public_closed_since
                              ? names_intern(diff->names, "pg_database_owner")
                              : dbsu;
    Acl public_acl =
        acl_default(diff->arena, OBJECT_KIND_SCHEMA, public_owner, state->major_version);
    Acl catalog_acl = acl_default(diff->arena, OBJECT_KIND_SCHEMA, dbsu, state->major_version);
    AclEntry to_public = { .grantee = NAME_PUBLIC,
                           .grantor = public_owner,
                           .privileges = PRIVILEGE_BIT(PRIVILEGE_USAGE) };

    if (state->major_version < public_closed_since)
        to_public.privileges |= PRIVILEGE_BIT(PRIVILEGE_CREATE);
    acl_grant(diff->arena, &public_acl, &to_public);
    to_public = (AclEntry){ .grantee = NAME_PUBLIC,
                            .grantor = dbsu,
                            .privileges = PRIVILEGE_BIT(PRIVILEGE_USAGE) };
    acl_grant(diff->arena, &catalog_acl, &to_public);
    state_database_add_schema(state, database, names_intern(diff->names, "public"), public_owner,
                              public_acl);
    state_database_add_schema(state, database, names_intern(diff->names, "pg_catalog"), dbsu,
                              catalog_acl);
    state_database_add_schema(state, database, names_intern(diff->names, "information_schema"),
                              dbsu, acl_copy(diff->arena, &catalog_acl));
    database->content_known = true;
}

/*
 * CREATE DATABASE cannot run in a transaction. What the policy does to new databases only, in the
 * transaction after it, would be lost if the program died in between: the next plan could not tell
 * this database from one that somebody else made. So it starts with a connection limit that limits
 * nobody and that nobody would write (DATABASE_LIMIT_UNFINISHED), and loses it at the end of that
 * transaction. On Citus the primary database may have no entry, and nothing to finish.
 */
static bool
needs_finishing(const Diff *diff, const DatabaseDecl *decl)
{
    const Policy *policy = diff->context->policy;

    return !decl->from_policy &&
           ((decl->comment.value == NULL && policy->database_comment.value != NULL) ||
            (policy->flags & POLICY_CLOSES_PUBLIC) != 0);
}

/*
 * createdb() in dbcommands.c copies the template block by block, so the new database starts with
 * the template's schemas, default privileges and object ACLs. The database's own ACL and settings
 * are not copied. Objects are unknown until somebody reads the template.
 */
static StateDatabase *
create_database(Diff *diff, const DatabaseDecl *decl, NameId owner)
{
    const char *template_name = given_text(&decl->template_name);
    NameId name = names_intern(diff->names, decl->name);
    const StateDatabase *template_database = NULL;
    StateDatabase *database = NULL;
    Change change = { .kind = CHANGE_DATABASE_CREATE,
                      .declared_at = decl->pos,
                      .database = NAME_NONE,
                      .name = name,
                      .database_create = { .decl = decl,
                                           .owner = owner,
                                           .is_unfinished = needs_finishing(diff, decl) } };

    if (template_name == NULL)
        template_name = "template1";
    template_database =
        access_state_database(diff->state, names_intern(diff->names, template_name));
    if (template_database == NULL) {
        findings_add(diff->notes, &FINDING_DATABASE_NOT_FOUND, decl->template_name.pos, NULL,
                     "database \"%s\": its template \"%s\" is neither declared before it nor on "
                     "the server",
                     decl->name, template_name);
        return NULL;
    }
    if (!diff_allows(diff, &change, NULL))
        return NULL;
    diff_request(diff, &change);
    database = access_state_add_database(diff->state, name,
                                         owner != NAME_NONE ? owner : diff->scope->creator);
    database->objects_unknown = true;
    database->is_new = true;
    database->is_template = decl->is_template.given && decl->is_template.value;
    if (given_text(&decl->tablespace) != NULL)
        database->tablespace = decl->tablespace.value;
    if (change.database_create.is_unfinished)
        database->connection_limit = DATABASE_LIMIT_UNFINISHED;
    else if (decl->connection_limit.given)
        database->connection_limit = decl->connection_limit.value;
    if (strcmp(template_name, "template0") == 0)
        fill_like_template0(diff, database);
    else
        state_database_copy_content(diff->state, database, template_database);
    return database;
}

/*
 * The new owner gets its privileges back explicitly: an ACL that once was revoked from the old
 * owner moves as it is (aclnewowner()) and would leave the new one without CONNECT.
 */
static void
converge_owner(Diff *diff, const DatabaseWork *work)
{
    const DatabaseDecl *decl = work->decl;
    StateDatabase *database = work->database;
    NameId owner = work->owner;
    AclTarget target;

    if (owner == NAME_NONE)
        return;
    if (database->owner != owner) {
        diff_request(diff, &(Change){ .kind = CHANGE_DATABASE_OWNER,
                                      .declared_at = decl->owner.pos,
                                      .database = database->name,
                                      .name = database->name,
                                      .owner = { owner } });
        acl_change_owner(&database->acl, database->owner, owner);
        acl_change_owner(&database->base, database->owner, owner);
        database->owner = owner;
    }
    target = acl_target_of_database(database);
    acl_edit_grant(diff, &target,
                   (AclEntry){ .grantee = owner,
                               .privileges = object_kind_all(OBJECT_KIND_DATABASE,
                                                             diff->state->major_version) },
                   decl->owner.pos);
}

/* The policy's comment is skipped where the session role may not set it. */
static SourcePos
comment_pos(const DatabaseDecl *decl)
{
    return decl->comment.value != NULL ? decl->comment.pos : declared_for(decl->pos, ORIGIN_POLICY);
}

/* The limit of an unfinished database goes in the transaction that finishes it. */
static void
converge_connection_limit(Diff *diff, const DatabaseDecl *decl, StateDatabase *database)
{
    const int64_t no_limit = -1;
    bool is_unfinished = database->connection_limit == DATABASE_LIMIT_UNFINISHED;
    int64_t wanted = decl->connection_limit.given ? decl->connection_limit.value : no_limit;

    if ((!decl->connection_limit.given && !is_unfinished) || database->connection_limit == wanted)
        return;
    database->connection_limit = wanted;
    diff_request(diff, &(Change){ .kind = CHANGE_DATABASE_CONNECTION_LIMIT,
                                  .declared_at = pos_or(decl->connection_limit.pos, decl->pos),
                                  .database = database->name,
                                  .name = database->name,
                                  .connection_limit = { database->connection_limit } });
}

/*
 * A comment that the inventory does not have is the policy's or none; a NULL comment and an empty
 * one are the same to COMMENT ON, which deletes the row of pg_shdescription for both.
 */
static void
converge_properties(Diff *diff, const DatabaseWork *work)
{
    const DatabaseDecl *decl = work->decl;
    StateDatabase *database = work->database;
    const char *wanted =
        decl->comment.value != NULL
            ? decl->comment.value
            : policy_comment(diff->arena, diff->context->policy->database_comment.value,
                             decl->name);
    const char *comment = wanted != NULL && *wanted != '\0' ? wanted : NULL;

    converge_connection_limit(diff, decl, database);
    if (decl->is_template.given && database->is_template != decl->is_template.value) {
        database->is_template = decl->is_template.value;
        diff_request(diff, &(Change){ .kind = CHANGE_DATABASE_IS_TEMPLATE,
                                      .declared_at = decl->is_template.pos,
                                      .database = database->name,
                                      .name = database->name,
                                      .is_template = { database->is_template } });
    }
    parameter_edit_declared(diff, &decl->parameters, NAME_NONE, database->name);
    /* The comment of a database that was there before is its owner's note. */
    if (wanted != NULL && (database->is_new || decl->comment.value != NULL) &&
        g_strcmp0(comment, database->comment) != 0) {
        database->comment = comment;
        diff_request(diff, &(Change){ .kind = CHANGE_DATABASE_COMMENT,
                                      .declared_at = comment_pos(decl),
                                      .database = database->name,
                                      .name = database->name,
                                      .comment = { comment } });
    }
}

/* CONNECT for these roles comes from the policy, whoever wrote revokeconn. */
static void
grant_connect(Diff *diff, const AclTarget *target, const PolicyRole *role, SourcePos declared_at)
{
    const PrivilegeSet connect = PRIVILEGE_BIT(PRIVILEGE_CONNECT);
    NameId grantee = required_policy_role(diff, role, "CONNECT for the system users");

    if (grantee != NAME_NONE)
        acl_edit_grant(diff, target,
                       (AclEntry){ .grantee = grantee,
                                   .privileges = connect,
                                   .grantable = role->grantable ? connect : 0 },
                       declared_at);
}

/*
 * Revoking CONNECT from PUBLIC would lock out the tools of the cluster; so the policy's roles and
 * the owner get it in the same transaction.
 */
static void
converge_connect(Diff *diff, const DatabaseWork *work)
{
    const DatabaseDecl *decl = work->decl;
    NameId owner = work->owner;
    const PrivilegeSet connect = PRIVILEGE_BIT(PRIVILEGE_CONNECT);
    unsigned flags = diff->context->policy->flags;
    AclTarget target = acl_target_of_database(work->database);
    SourcePos declared_at = pos_or(decl->revoke_connect.pos, decl->owner.pos);
    AclEntry to_public = { .grantee = NAME_PUBLIC, .privileges = connect };

    if (!decl->revoke_connect.given &&
        ((flags & POLICY_OWNER_REVOKES_CONNECT) == 0 || owner == NAME_NONE))
        return;
    if (decl->revoke_connect.given && !decl->revoke_connect.value) {
        acl_edit_grant(diff, &target, to_public, declared_at);
        return;
    }
    acl_edit_revoke(diff, &target, to_public, declared_at);
    LIST_FOREACH (const PolicyRole, role, &diff->context->policy->connect)
        grant_connect(diff, &target, role, declared_at);
    if (owner != NAME_NONE)
        acl_edit_grant(diff, &target,
                       (AclEntry){ .grantee = owner, .privileges = connect, .grantable = connect },
                       declared_at);
}

/*
 * By the policy CREATE is for its roles, the owner and superusers instead of everybody. CREATE on a
 * database lets a role make schemas, and before 15 PUBLIC could create in schema public
 * (CVE-2018-1058); the policy gives both to named roles instead.
 */
static void
harden(Diff *diff, const DatabaseWork *work, const AclTarget *target, const char *what)
{
    const PrivilegeSet create = PRIVILEGE_BIT(PRIVILEGE_CREATE);

    if ((diff->context->policy->flags & POLICY_CLOSES_PUBLIC) == 0)
        return;
    if (hardening_may_take(diff, target, what, work->database->is_new, work->decl->pos))
        acl_edit_revoke(diff, target, (AclEntry){ .grantee = NAME_PUBLIC, .privileges = create },
                        diff->context->policy->create_for_pos);
    LIST_FOREACH (const PolicyRole, role, &diff->context->policy->create_for) {
        g_autofree char *purpose =
            g_strdup_printf("CREATE for %s", policy_role_name(role, diff->context->users));
        NameId grantee = required_policy_role(diff, role, purpose);

        if (grantee != NAME_NONE)
            acl_edit_grant(diff, target, (AclEntry){ .grantee = grantee, .privileges = create },
                           role->pos);
    }
}

static void
harden_database(Diff *diff, const DatabaseWork *work)
{
    AclTarget target = acl_target_of_database(work->database);
    g_autofree char *what = g_strdup_printf("database \"%s\"", work->decl->name);

    harden(diff, work, &target, what);
}

static void
harden_public(Diff *diff, const DatabaseWork *work)
{
    const DatabaseDecl *decl = work->decl;
    const StateDatabase *database = work->database;
    StateSchema *public = state_database_schema(database, names_intern(diff->names, "public"));
    g_autofree char *what = NULL;
    AclTarget target;

    if (public == NULL && (diff->context->policy->flags & POLICY_CLOSES_PUBLIC) == 0)
        return;
    if (public == NULL) {
        findings_add(diff->notes, &FINDING_PUBLIC_SCHEMA_MISSING, decl->pos, NULL,
                     "database \"%s\" has no schema \"public\" to harden", decl->name);
        return;
    }
    target = acl_target_of_schema(database, public);
    what = g_strdup_printf("schema \"public\" of database \"%s\"", decl->name);
    harden(diff, work, &target, what);
}

/*
 * ALTER DATABASE ... SET TABLESPACE copies all files and needs the database empty of sessions,
 * which no plan should do in passing.
 */
static void
report_unmanaged(Diff *diff, const DatabaseWork *work)
{
    const DatabaseDecl *decl = work->decl;
    const StateDatabase *database = work->database;
    const char *tablespace = given_text(&decl->tablespace);

    if (tablespace != NULL && g_strcmp0(tablespace, database->tablespace) != 0)
        findings_add(diff->notes, &FINDING_TABLESPACE_DIFFERS, decl->tablespace.pos, NULL,
                     "database \"%s\" stays in tablespace \"%s\"", decl->name,
                     database->tablespace);
    if (decl->extensions.count > 0) {
        const ExtensionDecl *first = decl->extensions.items[0];

        findings_add(diff->notes, &FINDING_EXTENSION_UNMANAGED, first->pos, NULL,
                     "extensions are not managed (%zu declared for database \"%s\")",
                     decl->extensions.count, decl->name);
    }
    if (given_text(&decl->baseline) != NULL)
        findings_add(diff->notes, &FINDING_BASELINE_IGNORED, decl->baseline.pos, NULL,
                     "baseline \"%s\" of database \"%s\" is not run", decl->baseline.value,
                     decl->name);
}

static void
converge_connections(Diff *diff, const DatabaseWork *work)
{
    const DatabaseDecl *decl = work->decl;
    StateDatabase *database = work->database;
    bool wanted = decl->allow_connections.value;

    if (!decl->allow_connections.given || database->allow_connections == wanted)
        return;
    database->allow_connections = wanted;
    /* The server refuses this inside the database itself: it is done from another. */
    diff_request(diff, &(Change){ .kind = wanted ? CHANGE_DATABASE_ALLOW_CONNECTIONS
                                                 : CHANGE_DATABASE_REFUSE_CONNECTIONS,
                                  .declared_at = decl->allow_connections.pos,
                                  .name = database->name });
}

static const char *const protected_databases[] = { "template0", "template1", "postgres", NULL };

/* Noted, and with --prune dropped. */
static void
drop_database(Diff *diff, const DatabaseDecl *decl, const StateDatabase *database)
{
    if (!diff->context->input->prune) {
        findings_add(diff->notes, &FINDING_DATABASE_ABSENT_KEPT, decl->pos, NULL,
                     "database \"%s\" is kept", decl->name);
        return;
    }
    if (g_strv_contains(protected_databases, decl->name)) {
        findings_add(diff->notes, &FINDING_DATABASE_PROTECTED, decl->pos,
                     "remove state: absent from the inventory",
                     "database \"%s\" is never dropped: the server needs it", decl->name);
        return;
    }
    diff_request(diff, &(Change){ .kind = CHANGE_DATABASE_DROP,
                                  .declared_at = decl->pos,
                                  .name = database->name,
                                  .database_drop = { .is_template = database->is_template } });
}

/*
 * A database that was made before the policy, or from template0, lacks what template1 has since:
 * one inventory has one outcome, whoever made the database.
 */
static void
apply_to_policy_creators(Diff *diff, StateDatabase *database, DefaultPrivilegeReach reach)
{
    Origin origin = diff->context->mode == ACCESS_MODE_ADDITIVE ? ORIGIN_POLICY : ORIGIN_PERSON;

    LIST_FOREACH (const PolicyRole, role, &diff->context->policy->creators) {
        const char *name = policy_role_name(role, diff->context->users);
        NameId creator = scope_policy_role_is_dbsu(role) ? diff->scope->creator
                         : name == NULL                  ? NAME_NONE
                                                         : names_find(diff->names, name);

        if (creator != NAME_NONE && access_state_role(diff->state, creator) != NULL)
            default_privileges_apply(diff, database, &diff->context->cluster->default_privileges,
                                     reach, creator, origin);
    }
}

/* Adopt and strict: the owners of all declared databases, as they may create in each. */
static void
apply_to_all_owners(Diff *diff, StateDatabase *database, DefaultPrivilegeReach reach)
{
    LIST_FOREACH (const DatabaseDecl, decl, &diff->context->cluster->databases) {
        const char *owner = given_text(&decl->owner);
        NameId creator = owner == NULL ? NAME_NONE : names_find(diff->names, owner);

        if (decl->state != DATABASE_ABSENT && creator != NAME_NONE &&
            access_state_role(diff->state, creator) != NULL)
            default_privileges_apply(diff, database,
                                     &diff->context->cluster->owner_default_privileges, reach,
                                     creator, ORIGIN_PERSON);
    }
}

/* In additive those of the policy's creators and of the declared owner. */
static void
converge_defaults_of(Diff *diff, const DatabaseWork *work, DefaultPrivilegeReach reach)
{
    if (work->owner != NAME_NONE)
        default_privileges_apply(diff, work->database,
                                 &diff->context->cluster->owner_default_privileges, reach,
                                 work->owner, ORIGIN_PERSON);
    apply_to_policy_creators(diff, work->database, reach);
    if (diff->context->mode != ACCESS_MODE_ADDITIVE)
        apply_to_all_owners(diff, work->database, reach);
}

static void
converge_global_defaults(Diff *diff, const DatabaseWork *work)
{
    converge_defaults_of(diff, work, DEFAULT_PRIVILEGES_GLOBAL);
}

static void
converge_schema_defaults(Diff *diff, const DatabaseWork *work)
{
    converge_defaults_of(diff, work, DEFAULT_PRIVILEGES_IN_SCHEMA);
}

static void
converge_schemas(Diff *diff, const DatabaseWork *work)
{
    schema_edit_declared(diff, work->database, &work->decl->schemas, ORIGIN_PERSON);
}

static void
mark_objects(Diff *diff, const DatabaseWork *work)
{
    recorder_mark_objects(diff->recorder, work->database);
}

static void
report_closed(Diff *diff, const DatabaseWork *work)
{
    if (!work->database->allow_connections)
        findings_add(diff->notes, &FINDING_DATABASE_CLOSED, work->decl->pos,
                     "set allowconn: true to have the next plan read its contents",
                     "database \"%s\" does not accept connections; its contents are left unchanged",
                     work->decl->name);
    else if (work->database->is_new)
        findings_add(diff->notes, &FINDING_TEMPLATE_UNREAD, work->decl->pos,
                     "apply again afterwards, or let the session role connect to the template",
                     "database \"%s\" is made from a template that cannot be read; what is "
                     "declared inside it is left to the next plan",
                     work->decl->name);
}

typedef struct DatabasePhase {
    void (*run)(Diff *diff, const DatabaseWork *work);
    const char *why; /* it stands where it stands */
} DatabasePhase;

static const DatabasePhase database_phases[] = {
    { converge_owner, "first: every grant is recorded in the owner's name" },
    { converge_properties, "settings and limits depend on nothing else" },
    { converge_connect, "who may connect, before grants that may widen it" },
    { harden_database, "CREATE leaves PUBLIC before a grant may give it to somebody" },
    { harden_public, "the same for schema public" },
    { converge_global_defaults,
      "before schemas: what is created after them gets these privileges" },
    { converge_schemas, "before whatever is in them" },
    { converge_schema_defaults, "after schemas: those IN SCHEMA may name one that is made here" },
    { diff_owners, "before grants: an ACL is kept in the owner's name" },
    { mark_objects, "before schemas lose anything: who revokes in one has to see into it" },
    { diff_grants, "what is declared, before anything is found undeclared" },
    { diff_existing, "after grants: a grant says more than a default privilege for all" },
    { diff_undeclared_privileges, "after all that declares" },
    { diff_uncovered_creators, "a note on the default privileges as they are now" },
    { diff_wide_acls, "a note on the ACLs as they are now" },
    { diff_open_privileges, "the same" },
    { converge_connections, "last: a closed database cannot be entered" },
    { report_unmanaged, "notes only" },
};

/* Of a database that cannot be entered: what is done from another one. */
static const DatabasePhase closed_database_phases[] = {
    { converge_connections, "first: it may be what opens the database" },
    { converge_owner, "as above" },
    { converge_properties, "as above" },
    { converge_connect, "as above" },
    { harden_database, "as above" },
    { diff_grants, "those on the database itself" },
    { diff_undeclared_privileges, "of the database itself, after all that declares" },
    { report_closed, "what is left, if it stays closed" },
};

static void
run_phases(Diff *diff, const DatabaseWork *work)
{
    const bool is_open = work->database->content_known;
    const DatabasePhase *phases = is_open ? database_phases : closed_database_phases;
    size_t count = is_open ? G_N_ELEMENTS(database_phases) : G_N_ELEMENTS(closed_database_phases);

    for (size_t i = 0; i < count; i++)
        phases[i].run(diff, work);
}

/* False after a finding: nothing can be planned without the owner. */
static bool
find_owner(Diff *diff, const DatabaseDecl *decl, NameId *ret_owner)
{
    g_autofree char *purpose = g_strdup_printf("owner of database \"%s\"", decl->name);

    *ret_owner = NAME_NONE;
    if (given_text(&decl->owner) == NULL)
        return true;
    *ret_owner = required_role(diff, decl->owner.value, decl->owner.pos, purpose);
    return *ret_owner != NAME_NONE;
}

/*
 * DROP DATABASE marks it before files go (dropdb() in dbcommands.c); after an interruption the
 * server refuses each connection and each ALTER, and only another DROP helps.
 */
static bool
is_invalid(Diff *diff, const DatabaseDecl *decl, const StateDatabase *database)
{
    if (database == NULL || database->connection_limit != DATABASE_LIMIT_INVALID)
        return false;
    findings_add(diff->notes, &FINDING_DATABASE_INVALID, decl->pos,
                 "run DROP DATABASE, then plan again to create it anew",
                 "database \"%s\" is invalid, because DROP DATABASE was interrupted; nothing is "
                 "planned for it",
                 decl->name);
    return true;
}

static void
converge_database(Diff *diff, const DatabaseDecl *decl)
{
    DatabaseWork work = {
        .decl = decl,
        .database = access_state_database(diff->state, names_intern(diff->names, decl->name)),
    };

    if (decl->state == DATABASE_ABSENT) {
        if (work.database != NULL)
            drop_database(diff, decl, work.database);
        return;
    }
    if (decl->state == DATABASE_RECREATE)
        findings_add(diff->notes, &FINDING_DATABASE_RECREATE_IGNORED, decl->pos,
                     "drop it manually if intended",
                     "database \"%s\" is created if missing and never dropped first", decl->name);
    if (is_invalid(diff, decl, work.database) || !find_owner(diff, decl, &work.owner))
        return;
    if (work.database != NULL)
        work.database->is_new = work.database->connection_limit == DATABASE_LIMIT_UNFINISHED;
    else
        work.database = create_database(diff, decl, work.owner);
    if (work.database != NULL)
        run_phases(diff, &work);
}

/* On Citus the primary database is made whether an entry names it or not. */
static void
create_primary_database(Diff *diff)
{
    const char *name = diff->context->cluster->primary_db;
    DatabaseDecl *made = NULL;

    if (name == NULL || strcmp(name, "postgres") == 0 ||
        access_state_database(diff->state, names_intern(diff->names, name)) != NULL)
        return;
    LIST_FOREACH (const DatabaseDecl, decl, &diff->context->cluster->databases) {
        if (strcmp(decl->name, name) == 0)
            return;
    }
    made = ARENA_NEW(diff->arena, DatabaseDecl);
    *made = (DatabaseDecl){ .pos = diff->context->policy_pos, .name = name, .from_policy = true };
    create_database(diff, made, NAME_NONE);
}

void
diff_databases(Diff *diff)
{
    create_primary_database(diff);
    LIST_FOREACH (const DatabaseDecl, decl, &diff->context->cluster->databases)
        converge_database(diff, decl);
    diff_grants_of_no_database(diff);
    diff_undeclared_shared_privileges(diff);
}
