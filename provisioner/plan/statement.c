/* One function for each kind of change; the words come from templates/statement. */
#include "provisioner/plan/statement.h"

#include <inttypes.h>

#include "provisioner/plan/object_text.h"
#include "provisioner/plan/statement_writer.h"
#include "roles/state/access_state.h"

typedef struct RoleWord {
    const char *on;
    const char *off;
} RoleWord;

static const RoleWord role_words[] = {
    [ROLE_ATTRIBUTE_LOGIN] = { "LOGIN", "NOLOGIN" },
    [ROLE_ATTRIBUTE_SUPERUSER] = { "SUPERUSER", "NOSUPERUSER" },
    [ROLE_ATTRIBUTE_CREATEDB] = { "CREATEDB", "NOCREATEDB" },
    [ROLE_ATTRIBUTE_CREATEROLE] = { "CREATEROLE", "NOCREATEROLE" },
    [ROLE_ATTRIBUTE_INHERIT] = { "INHERIT", "NOINHERIT" },
    [ROLE_ATTRIBUTE_REPLICATION] = { "REPLICATION", "NOREPLICATION" },
    [ROLE_ATTRIBUTE_BYPASSRLS] = { "BYPASSRLS", "NOBYPASSRLS" },
};

static const char *const membership_words[] = {
    [MEMBERSHIP_OPTION_ADMIN] = "ADMIN",
    [MEMBERSHIP_OPTION_INHERIT] = "INHERIT",
    [MEMBERSHIP_OPTION_SET] = "SET",
};

_Static_assert(G_N_ELEMENTS(role_words) == ROLE_ATTRIBUTE_COUNT, "words for each attribute");
_Static_assert(G_N_ELEMENTS(membership_words) == MEMBERSHIP_OPTION_COUNT, "a word for each option");

/* COMMENT ... IS NULL removes the comment, and is the one place where NULL is not a literal. */
static const char *
literal_or_null(Writer *writer, const char *text)
{
    return text == NULL ? "NULL" : sql_literal(writer->arena, text);
}

/*
 * Only what changes: ALTER ROLE leaves options that it does not name as they are, and naming them
 * would ask for privileges that the change does not need.
 */
static const char *
role_options(Writer *writer)
{
    const RoleChange *role = change_role(writer->change);
    g_autoptr(GString) out = g_string_new(NULL);

    for (unsigned i = 0; i < ROLE_ATTRIBUTE_COUNT; i++) {
        if (role->attribute_changes[i])
            g_string_append_printf(out, " %s",
                                   role->attributes[i] ? role_words[i].on : role_words[i].off);
    }
    if (role->connection_limit_changes)
        g_string_append_printf(out, " CONNECTION LIMIT %" PRId64, role->connection_limit);
    if (role->valid_until != NULL) {
        g_string_append(out, " VALID UNTIL ");
        sql_append_literal(out, role->valid_until);
    }
    return arena_strdup(writer->arena, out->len > 0 ? out->str + 1 : "");
}

/*
 * CREATE ROLE and ALTER ROLE share their list of options (gram.y, OptRoleList and
 * AlterOptRoleList).
 */
static void
write_role(Writer *writer, const char *path)
{
    writer_emit(writer, path,
                (SqlValue[]){ { "role", writer_name(writer, writer->change->name) },
                              { "options", role_options(writer) },
                              { 0 } });
}

static void
write_role_create(Writer *writer)
{
    write_role(writer, "statement/create_role.sql");
}

static void
write_role_alter(Writer *writer)
{
    write_role(writer, "statement/alter_role.sql");
}

/*
 * Always a verifier or NULL, never a plaintext: the statement may reach the server's log or
 * pg_stat_activity, and the server stores a verifier as it is (crypt.c encrypt_password()).
 */
static void
write_role_password(Writer *writer)
{
    const Change *change = writer->change;
    const PasswordChange *password = change_password(change);
    const SqlValue values[] = { { "role", writer_name(writer, change->name) }, { 0 } };
    SqlPart verifier = { .kind = SQL_PART_TEXT, .text = "NULL" };

    if (password->deferred != NULL)
        verifier = (SqlPart){ .kind = SQL_PART_DEFERRED, .deferred = password->deferred };
    else if (password->verifier != NULL)
        verifier = (SqlPart){ .kind = SQL_PART_SECRET,
                              .text = sql_literal(writer->arena, password->verifier) };
    list_add(writer->arena, &writer->statements,
             sql_statement_around(
                 writer->arena,
                 sql_render_around(writer->arena, "statement/set_password.sql", values, "verifier"),
                 verifier));
}

static void
write_role_comment(Writer *writer)
{
    writer_emit(
        writer, "statement/comment_on_role.sql",
        (SqlValue[]){ { "role", writer_name(writer, writer->change->name) },
                      { "comment", literal_or_null(writer, change_comment(writer->change)->text) },
                      { 0 } });
}

/*
 * ALTER ROLE ... SET search_path = 'a, b' would be one schema with that name; a list parameter
 * (GUC_LIST_QUOTE) takes its elements as separate literals.
 */
static const char *
parameter_value(Writer *writer, const ParameterDecl *parameter)
{
    g_autoptr(GString) out = g_string_new(NULL);

    if (!parameter->is_list)
        return sql_literal(writer->arena, parameter->value);
    for (size_t i = 0; i < parameter->elements.count; i++) {
        if (i > 0)
            g_string_append(out, ", ");
        sql_append_literal(out, parameter->elements.items[i]);
    }
    /* An empty list is written as one empty element: search_path = ''. */
    return out->len > 0 ? arena_strdup(writer->arena, out->str) : "''";
}

/*
 * ALTER ROLE ... IN DATABASE and ALTER DATABASE write the same catalog, pg_db_role_setting; the
 * statement differs with who may run it.
 */
static void
write_setting(Writer *writer, const char *owner_variable, const char *set_path,
              const char *reset_path)
{
    const ParameterDecl *parameter = change_setting(writer->change)->parameter;
    bool reset = parameter->value == NULL;
    const char *in_database = NULL;

    if (writer->change->kind == CHANGE_ROLE_DATABASE_SETTING)
        in_database = arena_printf(
            writer->arena, "IN DATABASE %s",
            sql_identifier(writer->arena, writer_name(writer, writer->change->database)));
    writer_emit(writer, reset ? reset_path : set_path,
                (SqlValue[]){ { owner_variable, writer_name(writer, writer->change->name) },
                              { "in_database", in_database },
                              { "parameter", parameter->name },
                              { "value", reset ? NULL : parameter_value(writer, parameter) },
                              { 0 } });
}

static void
write_role_setting(Writer *writer)
{
    write_setting(writer, "role", "statement/set_role_parameter.sql",
                  "statement/reset_role_parameter.sql");
}

static void
write_database_setting(Writer *writer)
{
    write_setting(writer, "database", "statement/set_database_parameter.sql",
                  "statement/reset_database_parameter.sql");
}

/*
 * Without GRANTED BY the server chooses (user.c check_role_grantor()), which is what a new
 * membership should get; named only where one certain row is meant.
 */
static const char *
granted_by(Writer *writer)
{
    NameId grantor = change_membership(writer->change)->grantor;

    if (grantor == NAME_NONE)
        return NULL;
    return arena_printf(writer->arena, "GRANTED BY %s",
                        sql_identifier(writer->arena, writer_name(writer, grantor)));
}

/*
 * WITH ADMIN TRUE, INHERIT FALSE; before 16 there is only WITH ADMIN OPTION. Before 16 INHERIT and
 * SET are syntax errors, and switching ADMIN off is a REVOKE.
 */
static const char *
membership_options(Writer *writer)
{
    const int options_since = 16;
    const MembershipChange *change = change_membership(writer->change);
    g_autoptr(GString) out = g_string_new(NULL);

    if (writer->major_version < options_since)
        return change->options[MEMBERSHIP_OPTION_ADMIN].given ? "WITH ADMIN OPTION" : NULL;
    for (unsigned i = 0; i < MEMBERSHIP_OPTION_COUNT; i++) {
        if (change->options[i].given)
            g_string_append_printf(out, "%s%s %s", out->len > 0 ? ", " : "WITH ",
                                   membership_words[i],
                                   change->options[i].value ? "TRUE" : "FALSE");
    }
    return out->len > 0 ? arena_strdup(writer->arena, out->str) : NULL;
}

static void
write_membership_grant(Writer *writer)
{
    writer_emit(writer, "statement/grant_membership.sql",
                (SqlValue[]){ { "groups", writer_role_list(
                                              writer, &change_membership(writer->change)->groups) },
                              { "member", writer_name(writer, writer->change->name) },
                              { "options", membership_options(writer) },
                              { "granted_by", granted_by(writer) },
                              { 0 } });
}

/* REVOKE ADMIN OPTION FOR leaves the membership; plain REVOKE ends it. */
static void
write_membership_revoke(Writer *writer)
{
    bool admin_only = change_membership(writer->change)->options[MEMBERSHIP_OPTION_ADMIN].given;

    writer_emit(writer, "statement/revoke_membership.sql",
                (SqlValue[]){ { "option_for", admin_only ? "ADMIN OPTION FOR" : NULL },
                              { "groups", writer_role_list(
                                              writer, &change_membership(writer->change)->groups) },
                              { "member", writer_name(writer, writer->change->name) },
                              { "granted_by", granted_by(writer) },
                              { 0 } });
}

typedef struct CreateOption {
    const char *keyword;
    size_t offset; /* of an OptText in DatabaseDecl */
    int since;
    bool is_identifier;
} CreateOption;

static const CreateOption create_options[] = {
    { "TEMPLATE", offsetof(DatabaseDecl, template_name), 0, true },
    { "ENCODING", offsetof(DatabaseDecl, encoding), 0, false },
    { "LOCALE", offsetof(DatabaseDecl, locale), 0, false },
    { "LC_COLLATE", offsetof(DatabaseDecl, lc_collate), 0, false },
    { "LC_CTYPE", offsetof(DatabaseDecl, lc_ctype), 0, false },
    { "TABLESPACE", offsetof(DatabaseDecl, tablespace), 0, true },
    { "STRATEGY", offsetof(DatabaseDecl, strategy), 15, false },
    { "LOCALE_PROVIDER", offsetof(DatabaseDecl, locale_provider), 15, false },
    { "ICU_LOCALE", offsetof(DatabaseDecl, icu_locale), 15, false },
    { "ICU_RULES", offsetof(DatabaseDecl, icu_rules), 16, false },
    { "BUILTIN_LOCALE", offsetof(DatabaseDecl, builtin_locale), 17, false },
};

/*
 * Options that came with a later version are left out on older servers, where they would be a
 * syntax error.
 */
static void
append_create_option(Writer *writer, GString *out, const CreateOption *option)
{
    const DatabaseDecl *decl = change_database_create(writer->change)->decl;
    const OptText *text = (const OptText *)(const void *)((const char *)decl + option->offset);

    if (text->value == NULL || *text->value == '\0' || writer->major_version < option->since)
        return;
    g_string_append_printf(out, " %s ", option->keyword);
    if (option->is_identifier)
        sql_append_identifier(out, text->value);
    else
        sql_append_literal(out, text->value);
}

/*
 * Connection limit and template flag go into CREATE DATABASE itself: a limit set afterwards leaves
 * a moment in which anybody may connect. That moment is there, as it is for revokeconn, where the
 * limit has to say that the database is unfinished. The comment and the settings need their own
 * statements.
 */
static void
write_database_create(Writer *writer)
{
    const DatabaseCreateChange *create = change_database_create(writer->change);
    const DatabaseDecl *decl = create->decl;
    g_autoptr(GString) out = g_string_new(NULL);

    if (create->owner != NAME_NONE) {
        g_string_append(out, " OWNER ");
        sql_append_identifier(out, writer_name(writer, create->owner));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(create_options); i++)
        append_create_option(writer, out, &create_options[i]);
    if (create->is_unfinished || decl->connection_limit.given)
        g_string_append_printf(out, " CONNECTION LIMIT %" PRId64,
                               create->is_unfinished ? DATABASE_LIMIT_UNFINISHED
                                                     : decl->connection_limit.value);
    if (decl->is_template.given && decl->is_template.value)
        g_string_append(out, " IS_TEMPLATE true");
    writer_emit(writer, "statement/create_database.sql",
                (SqlValue[]){ { "database", writer_name(writer, writer->change->name) },
                              { "options", out->len > 0 ? out->str + 1 : NULL },
                              { 0 } });
}

static void
write_database_owner(Writer *writer)
{
    writer_emit(writer, "statement/alter_database_owner.sql",
                (SqlValue[]){ { "database", writer_name(writer, writer->change->name) },
                              { "owner", writer_name(writer, change_owner(writer->change)->role) },
                              { 0 } });
}

static void
write_database_options(Writer *writer, const char *options)
{
    writer_emit(writer, "statement/alter_database_options.sql",
                (SqlValue[]){ { "database", writer_name(writer, writer->change->name) },
                              { "options", options },
                              { 0 } });
}

static void
write_connection_limit(Writer *writer)
{
    write_database_options(writer, arena_printf(writer->arena, "CONNECTION LIMIT %" PRId64,
                                                change_connection_limit(writer->change)->limit));
}

/*
 * IS_TEMPLATE also decides who may copy the database (dbcommands.c createdb()), so it is an access
 * change.
 */
static void
write_is_template(Writer *writer)
{
    write_database_options(writer, change_is_template(writer->change)->wanted
                                       ? "IS_TEMPLATE true"
                                       : "IS_TEMPLATE false");
}

static void
write_allow_connections(Writer *writer)
{
    write_database_options(writer, "ALLOW_CONNECTIONS true");
}

/* Existing sessions stay; the server only refuses new ones (postinit.c CheckMyDatabase()). */
static void
write_refuse_connections(Writer *writer)
{
    write_database_options(writer, "ALLOW_CONNECTIONS false");
}

static void
write_database_comment(Writer *writer)
{
    writer_emit(
        writer, "statement/comment_on_database.sql",
        (SqlValue[]){ { "database", writer_name(writer, writer->change->name) },
                      { "comment", literal_or_null(writer, change_comment(writer->change)->text) },
                      { 0 } });
}

static void
write_schema_create(Writer *writer)
{
    writer_emit(writer, "statement/create_schema.sql",
                (SqlValue[]){ { "schema", writer_name(writer, writer->change->name) },
                              { "owner", writer_name(writer, change_owner(writer->change)->role) },
                              { 0 } });
}

static StatementWriter *const writers[] = {
#define CHANGE(name, payload, words, permission, precondition, phase, action, kind, stage,         \
               transaction, effect, writer)                                                        \
    [CHANGE_##name] = write_##writer,
#include "roles/change/change.def"
#undef CHANGE
};

static GrantKind
grant_kind_of(const Change *change)
{
    return change_has(change, CHANGE_PAYLOAD_OBJECT_OWNER) ? change_object_owner(change)->grant_kind
                                                           : change_acl(change)->grant_kind;
}

/*
 * Sorted, because the catalogs give them in an order of their own and a reader looks for a name. A
 * statement on many objects means the same in any order.
 */
List
statement_objects(const StatementContext *context, const Change *change)
{
    List objects = { 0 };

    LIST_FOREACH (const ObjectIdentity, identity, change_identities(change)) {
        g_autoptr(GString) object = g_string_new(NULL);

        object_append_sql(object, context->names, grant_kind_of(change), identity);
        list_add(context->arena, &objects, arena_strdup(context->arena, object->str));
    }
    list_sort_texts(&objects);
    return objects;
}

List
statement_render(const StatementContext *context, const Change *change, List objects,
                 StatementLength length)
{
    Writer writer = {
        .arena = context->arena,
        .names = context->names,
        .change = change,
        .major_version = context->major_version,
        .set_role = context->set_role,
        .acting_roles = context->acting_roles,
        .session_role = context->session_role,
        .length = length,
        .objects = objects,
    };

    writers[change->kind](&writer);
    return writer.statements;
}
