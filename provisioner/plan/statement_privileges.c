/* Grants, revokes and owners: of one object, or of as many as one statement should name. */
#include "provisioner/plan/grant_text.h"
#include "inventory/model/server_feature.h"
#include "provisioner/plan/statement_writer.h"

/* A statement for each object would be as many round trips through the parser, one for all of them
 * a text of megabytes in the server's log. */
#define OBJECTS_PER_STATEMENT 500
/* What a plan for people shows of them. */
#define OBJECTS_SHOWN 6

bool
statement_is_long(const Change *change)
{
    return change_identities(change)->count > OBJECTS_SHOWN;
}

/* FOR ROLE is always named, so the statement does not depend on who runs it. */
static void
write_default(Writer *writer, const char *path)
{
    const DefaultAclChange *change = change_default_acl(writer->change);
    const char *in_schema = NULL;

    if (change->schema != NAME_NONE)
        in_schema =
            arena_printf(writer->arena, "IN SCHEMA %s",
                         sql_identifier(writer->arena, writer_name(writer, change->schema)));
    writer_emit(
        writer, path,
        (SqlValue[]){ { "creators", writer_role_list(writer, &change->creators) },
                      { "in_schema", in_schema },
                      { "privileges", privilege_set_text(writer->arena, change->privileges) },
                      { "kind", default_acl_type_keyword(change->type) },
                      { "grantees", writer_role_list(writer, &change->grantees) },
                      { "grant_option", change->grant_option ? "WITH GRANT OPTION" : NULL },
                      { "option_for", change->grant_option ? "GRANT OPTION FOR" : NULL },
                      { 0 } });
}

void
write_default_grant(Writer *writer)
{
    write_default(writer, "statement/grant_default.sql");
}

void
write_default_revoke(Writer *writer)
{
    write_default(writer, "statement/revoke_default.sql");
}

/* The functions of pg_catalog that the policy grants, or the one object with a plain name. */
static const char *
plain_object_list(Writer *writer)
{
    const List *functions = &change_acl(writer->change)->functions;
    g_autoptr(GString) out = g_string_new(NULL);

    if (functions->count == 0)
        return sql_identifier(writer->arena, writer_name(writer, writer->change->name));
    for (size_t i = 0; i < functions->count; i++)
        g_string_append_printf(out, "%spg_catalog.%s", i > 0 ? ", " : "",
                               (const char *)functions->items[i]);
    return arena_strdup(writer->arena, out->str);
}

/* The brief form is for people: a statement may name thousands of objects. */
static const char *
object_list(Writer *writer, size_t from, size_t count)
{
    g_autoptr(GString) out = g_string_new(NULL);
    size_t shown = writer->length == STATEMENT_BRIEF ? MIN(count, (size_t)OBJECTS_SHOWN) : count;

    for (size_t i = 0; i < shown; i++)
        g_string_append_printf(out, "%s%s", i > 0 ? ", " : "",
                               (const char *)writer->objects.items[from + i]);
    if (shown < count)
        g_string_append_printf(out, " and %zu more", count - shown);
    return arena_strdup(writer->arena, out->str);
}

static void
write_one(Writer *writer, const char *path, const char *kind, const char *objects)
{
    const AclChange *change = change_acl(writer->change);

    writer_emit(
        writer, path,
        (SqlValue[]){ { "privileges", grant_text_privileges(writer->arena, change->privileges,
                                                            &change->columns) },
                      { "kind", kind },
                      { "objects", objects },
                      { "grantees", writer_role_list(writer, &change->grantees) },
                      { "grant_option", change->grant_option ? "WITH GRANT OPTION" : NULL },
                      { "option_for", change->grant_option ? "GRANT OPTION FOR" : NULL },
                      { 0 } });
}

/*
 * Long lists are cut into several statements, since a statement of megabytes is hard on logs and on
 * pg_stat_statements. Each still grants to all grantees at once: ExecGrant_Relation() rewrites an
 * object's ACL once for each statement.
 */
static void
write_objects(Writer *writer, const char *path)
{
    const AclChange *change = change_acl(writer->change);
    size_t per_statement =
        writer->length == STATEMENT_BRIEF ? change->identities.count : OBJECTS_PER_STATEMENT;

    if (change->target != ACL_TARGET_OBJECTS) {
        write_one(writer, path, object_kind_keyword(change->object_kind),
                  plain_object_list(writer));
        return;
    }
    for (size_t from = 0; from < change->identities.count; from += per_statement) {
        size_t count = MIN(per_statement, change->identities.count - from);

        write_one(writer, path, object_group_grant_keyword(change->grant_kind),
                  object_list(writer, from, count));
    }
}

static void
emit_helper(Writer *writer, const char *path, const SqlValue *values)
{
    writer_add_helper(writer, sql_render(writer->arena, path, values));
}

/* For the length of the transaction, which nobody else sees into. */
static void
write_usage(Writer *writer, const ActingRole *acting, const char *path)
{
    g_autoptr(GString) schemas = g_string_new(NULL);

    for (size_t i = 0; i < acting->schemas.count; i++) {
        if (i > 0)
            g_string_append(schemas, ", ");
        sql_append_identifier(schemas, writer_name(writer, acting->schemas.items[i]));
    }
    if (schemas->len == 0)
        return;
    emit_helper(writer, path,
                (SqlValue[]){ { "privileges", "USAGE" },
                              { "kind", object_kind_keyword(OBJECT_KIND_SCHEMA) },
                              { "objects", schemas->str },
                              { "grantees",
                                sql_identifier(writer->arena, writer_name(writer, acting->role)) },
                              { "grant_option", NULL },
                              { "option_for", NULL },
                              { 0 } });
}

static void
emit_membership(Writer *writer, const char *path, NameId role, const char *options)
{
    emit_helper(
        writer, path,
        (SqlValue[]){ { "groups", sql_identifier(writer->arena, writer_name(writer, role)) },
                      { "member", writer_name(writer, writer->session_role) },
                      { "options", options },
                      { "option_for", NULL },
                      { "granted_by", NULL },
                      { 0 } });
}

/* Nobody else sees the membership, which ends in the same transaction. */
static void
write_join(Writer *writer, NameId role, ActingJoin join)
{
    bool has_options = server_has(writer->major_version, SERVER_MEMBERSHIP_OPTIONS);

    if (join == ACTING_JOIN_SET)
        emit_membership(writer, "statement/grant_membership.sql", role, "WITH SET TRUE");
    else if (join == ACTING_JOIN_MEMBER)
        emit_membership(writer, "statement/grant_membership.sql", role,
                        has_options ? "WITH INHERIT FALSE, SET TRUE" : NULL);
}

static void
write_parting(Writer *writer, NameId role, ActingJoin join)
{
    if (join == ACTING_JOIN_SET)
        emit_membership(writer, "statement/grant_membership.sql", role, "WITH SET FALSE");
    else if (join == ACTING_JOIN_MEMBER)
        emit_membership(writer, "statement/revoke_membership.sql", role, NULL);
}

/*
 * A revoke has to run as the grantor whose entry it removes: select_best_grantor() would choose the
 * owner otherwise and find nothing to revoke. SET LOCAL ends with the transaction even if a later
 * statement fails.
 */
void
write_as_role(Writer *writer, const ActingRole *acting, StatementWriter *write)
{
    ActingJoin join = ACTING_JOIN_NOT;

    if (acting->role == NAME_NONE) {
        write(writer);
        return;
    }
    join = acting_roles_join(writer->acting_roles, acting->role);
    write_usage(writer, acting, "statement/grant.sql");
    write_join(writer, acting->role, join);
    emit_helper(writer, "statement/set_local_role.sql",
                (SqlValue[]){ { "role", writer_name(writer, acting->role) }, { 0 } });
    write(writer);
    if (writer->set_role != NULL)
        emit_helper(writer, "statement/set_local_role.sql",
                    (SqlValue[]){ { "role", writer->set_role }, { 0 } });
    else
        emit_helper(writer, "statement/reset_local_role.sql", (SqlValue[]){ { 0 } });
    write_parting(writer, acting->role, join);
    write_usage(writer, acting, "statement/revoke.sql");
}

static void
write_plain_grant(Writer *writer)
{
    write_objects(writer, "statement/grant.sql");
}

void
write_grant(Writer *writer)
{
    write_as_role(writer, &change_acl(writer->change)->acting, write_plain_grant);
}

static void
write_plain_revoke(Writer *writer)
{
    write_objects(writer, "statement/revoke.sql");
}

/*
 * RESTRICT is the default, and it is meant: the order of the changes makes CASCADE unnecessary, and
 * where that fails the plan is wrong and should stop.
 */
void
write_revoke(Writer *writer)
{
    write_as_role(writer, &change_acl(writer->change)->acting, write_plain_revoke);
}

void
write_schema_owner(Writer *writer)
{
    writer_emit(writer, "statement/alter_schema_owner.sql",
                (SqlValue[]){ { "schema", writer_name(writer, writer->change->name) },
                              { "owner", writer_name(writer, change_owner(writer->change)->role) },
                              { 0 } });
}

/* ALTER ... OWNER TO takes one object in a statement, unlike GRANT. */
void
write_object_owner(Writer *writer)
{
    const ObjectOwnerChange *change = change_object_owner(writer->change);
    size_t shown = writer->length == STATEMENT_BRIEF
                       ? MIN(change->identities.count, (size_t)OBJECTS_SHOWN)
                       : change->identities.count;

    for (size_t i = 0; i < shown; i++)
        writer_emit(writer, "statement/alter_object_owner.sql",
                    (SqlValue[]){ { "kind", object_group_alter_keyword(change->grant_kind) },
                                  { "object", writer->objects.items[i] },
                                  { "owner", writer_name(writer, change->role) },
                                  { 0 } });
    if (shown < change->identities.count)
        writer_add_helper(writer, arena_printf(writer->arena, "-- and likewise for %zu more",
                                               change->identities.count - shown));
}
