/* One row for each option that the grammar gives. */
#include "inventory/decl/role_options.h"

#include <inttypes.h>
#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/decl/declaration.h"
#include "inventory/findings.h"
#include "inventory/sql/sql_fragment.h"

typedef struct OptionUse {
    Binder *binder;
    const Node *node;
    SourcePos pos;
    const SqlOption *option;
    RoleDecl *role;
} OptionUse;

typedef struct OptionDef {
    const char *name;
    const char *key; /* the key of today's dialect */
    bool (*apply)(const OptionUse *use, const struct OptionDef *def);
    RoleAttribute attribute;
} OptionDef;

/*
 * Both dialects may be mixed in one entry as long as they agree. Where they do not, taking either
 * would be a guess.
 */
static bool
report_conflict(const OptionUse *use, const OptionDef *def)
{
    findings_add(use->binder->findings, &FINDING_KEY_CONFLICTING, use->pos, "remove one of the two",
                 "options of %s contradict its \"%s\"", use->binder->object, def->key);
    return false;
}

static bool
apply_attribute(const OptionUse *use, const OptionDef *def)
{
    OptBool *attribute = &use->role->attributes[def->attribute];
    bool value = use->option->integer != 0;

    if (attribute->given && attribute->value != value)
        return report_conflict(use, def);
    *attribute = (OptBool){ .given = true, .value = value, .pos = use->pos };
    return true;
}

/*
 * -1 means no limit; CreateRole() and AlterRole() in user.c refuse lower numbers.
 */
static bool
apply_connection_limit(const OptionUse *use, const OptionDef *def)
{
    OptInt *limit = &use->role->connection_limit;

    if (limit->given && limit->value != use->option->integer)
        return report_conflict(use, def);
    if (use->option->integer < -1) {
        findings_add(use->binder->findings, &FINDING_INTEGER_INVALID, use->pos, NULL,
                     "CONNECTION LIMIT of %s must be at least -1, found %" PRId64,
                     use->binder->object, use->option->integer);
        return false;
    }
    *limit = (OptInt){ .given = true, .value = use->option->integer, .pos = use->pos };
    return true;
}

/* A text inside the options goes the way it would go as a key of its own. */
static bool
apply_text(const OptionUse *use, FieldReader *read, size_t offset, const char *key)
{
    const FieldDef field = { .key = key, .read = read, .offset = offset };
    const char *text = use->option->text == NULL ? "" : use->option->text;

    return read(use->binder, &field, node_new_text(use->binder->arena, use->pos, text), use->role);
}

static bool
apply_expiry(const OptionUse *use, const OptionDef *def)
{
    if (use->role->expire_at.value != NULL || use->role->expire_in.given)
        return report_conflict(use, def);
    return apply_text(use, field_expiry, offsetof(RoleDecl, expire_at), def->key);
}

static bool
apply_password(const OptionUse *use, const OptionDef *def)
{
    if (use->role->password.kind != PASSWORD_NOT_GIVEN)
        return report_conflict(use, def);
    return apply_text(use, field_password, offsetof(RoleDecl, password), def->key);
}

/* CREATE ROLE x IN ROLE a, b: "addroleto" in PostgreSQL's grammar (gram.y). */
static bool
apply_memberships(const OptionUse *use, const OptionDef *def)
{
    (void)def;
    LIST_FOREACH (const char, name, &use->option->roles) {
        MembershipDecl *membership = ARENA_NEW(use->binder->arena, MembershipDecl);

        if (name == NULL || !value_check_name(use->binder, use->pos, name, NAME_OF_ROLE))
            return false;
        membership->pos = use->pos;
        membership->role = name;
        list_add(use->binder->arena, &use->role->memberships, membership);
    }
    return true;
}

/* ROLE and ADMIN lists grant the role to others, whose own entries would not mention it. */
static bool
refuse(const OptionUse *use, const OptionDef *def)
{
    findings_add(use->binder->findings, &FINDING_ROLE_OPTIONS_INVALID, use->pos, def->key,
                 "options of %s contain an option that is not supported here", use->binder->object);
    return false;
}

/* The names are those of DefElem in PostgreSQL's gram.y, AlterOptRoleElem and CreateOptRoleElem. */
static const OptionDef option_defs[] = {
    { "canlogin", "login", apply_attribute, ROLE_ATTRIBUTE_LOGIN },
    { "superuser", "superuser", apply_attribute, ROLE_ATTRIBUTE_SUPERUSER },
    { "createdb", "createdb", apply_attribute, ROLE_ATTRIBUTE_CREATEDB },
    { "createrole", "createrole", apply_attribute, ROLE_ATTRIBUTE_CREATEROLE },
    { "inherit", "inherit", apply_attribute, ROLE_ATTRIBUTE_INHERIT },
    { "isreplication", "replication", apply_attribute, ROLE_ATTRIBUTE_REPLICATION },
    { "bypassrls", "bypassrls", apply_attribute, ROLE_ATTRIBUTE_BYPASSRLS },
    { "connectionlimit", "connlimit", apply_connection_limit, ROLE_ATTRIBUTE_COUNT },
    { "validUntil", "expire_at", apply_expiry, ROLE_ATTRIBUTE_COUNT },
    { "password", "password", apply_password, ROLE_ATTRIBUTE_COUNT },
    { "addroleto", "roles", apply_memberships, ROLE_ATTRIBUTE_COUNT },
    { "rolemembers", "write the membership into the member's roles", refuse, ROLE_ATTRIBUTE_COUNT },
    { "adminmembers", "write the membership into the member's roles", refuse,
      ROLE_ATTRIBUTE_COUNT },
    { "sysid", "remove SYSID; PostgreSQL has ignored it since 8.1", refuse, ROLE_ATTRIBUTE_COUNT },
};

static bool
apply_option(const OptionUse *use)
{
    for (size_t i = 0; i < G_N_ELEMENTS(option_defs); i++) {
        if (strcmp(option_defs[i].name, use->option->name) == 0)
            return option_defs[i].apply(use, &option_defs[i]);
    }
    findings_add(use->binder->findings, &FINDING_ROLE_OPTIONS_INVALID, use->pos, NULL,
                 "options of %s contain the unknown option \"%s\"", use->binder->object,
                 use->option->name);
    return false;
}

/* What options came to; remembered by their text. */
typedef struct ParsedOptions {
    List options; /* SqlOption */
    SqlError error;
    bool ok;
} ParsedOptions;

/* Inventories repeat the same options for hundreds of roles; parsing them once is enough. */
static const ParsedOptions *
parse(Binder *binder, const char *text)
{
    g_autofree char *key = g_strconcat("CREATE ROLE ", text, NULL);
    ParsedOptions *parsed = g_hash_table_lookup(binder->fragments, key);

    if (parsed != NULL)
        return parsed;
    parsed = ARENA_NEW(binder->arena, ParsedOptions);
    parsed->ok = sql_role_options_parse(binder->arena, text, &parsed->options, &parsed->error);
    g_hash_table_insert(binder->fragments, arena_strdup(binder->arena, key), parsed);
    return parsed;
}

/* The grammar's message quotes the fragment; near a password it may quote the password. */
static bool
may_hold_secret(const char *options)
{
    g_autofree char *upper = g_ascii_strup(options, -1);

    return strstr(upper, "PASSWORD") != NULL;
}

/* All options are applied even after one failed, so that one run reports everything. */
static bool
bind_options(Binder *binder, const Node *options, RoleDecl *role)
{
    const ParsedOptions *parsed = parse(binder, options->text);
    bool ok = true;

    if (!parsed->ok) {
        bool secret = may_hold_secret(options->text);

        findings_add(binder->findings, &FINDING_ROLE_OPTIONS_INVALID,
                     node_pos_inside(options, parsed->error.offset), NULL, "options of %s: %s",
                     binder->object, secret ? "syntax error" : parsed->error.message);
        return false;
    }
    LIST_FOREACH (const SqlOption, option, &parsed->options) {
        const OptionUse use = {
            .binder = binder,
            .node = options,
            .pos = node_pos_inside(options, option->offset),
            .option = option,
            .role = role,
        };

        ok = apply_option(&use) && ok;
    }
    return ok;
}

bool
role_options_bind(Binder *binder, const char *object, const Node *options, RoleDecl *role)
{
    const char *outer = binder->object;
    bool ok = false;

    binder->object = object;
    ok = bind_options(binder, options, role);
    binder->object = outer;
    return ok;
}
