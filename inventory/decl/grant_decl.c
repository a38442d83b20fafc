/* From nodes to grants: which keys, words and names go together. */
#include "inventory/decl/grant_decl.h"

#include <string.h>

#include "base/suggest.h"
#include "inventory/bind/value.h"
#include "inventory/decl/declaration.h"
#include "inventory/findings.h"
#include "inventory/sql/sql_fragment.h"

static const WordDef states[] = { { "present", 0 }, { "absent", 1 }, { 0 } };
static const WordDef missing_words[] = { { "note", 0 }, { "warn", 0 }, { "error", 1 }, { 0 } };

/* What an entry says, before its parts are put together. */
typedef struct GrantBinding {
    const Node *to;
    const Node *privileges;
    const Node *kind;
    const Node *schema;
    const Node *name;
    const Node *except;
    const Node *columns;
    const Node *future;
    const Node *profile;
    const Node *database;
    OptBool grantable;
    OptText owner;
    int state;
    int missing;
    Until until;
} GrantBinding;

/* A text or a list of texts that is looked at later. Without one of these keys a grant means more,
 * so that an empty value, or null, is a mistake and not as if the key was not there. */
static bool
field_texts(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    List texts = { 0 };

    if (!value_text_list(binder, field->key, value, &texts))
        return false;
    *(const Node **)(void *)((char *)target + field->offset) = value;
    if (texts.count > 0)
        return true;
    findings_add(binder->findings, &FINDING_GRANT_INVALID, value->pos, NULL, "%s is empty",
                 value_label(binder, field->key));
    return false;
}

/* The tables repeat rows: four lists of plain rows read better than macros that share them. */
static const FieldDef profile_fields[] = {
    { "kind", field_texts, offsetof(GrantBinding, kind), FIELD_NULL_COUNTS, NULL },
    { "schema", field_texts, offsetof(GrantBinding, schema), FIELD_NULL_COUNTS, NULL },
    { "name", field_texts, offsetof(GrantBinding, name), FIELD_NULL_COUNTS, NULL },
    { "except", field_texts, offsetof(GrantBinding, except), FIELD_NULL_COUNTS, NULL },
    { "missing", field_word, offsetof(GrantBinding, missing), 0, missing_words },
    { "privileges", field_texts, offsetof(GrantBinding, privileges), FIELD_NULL_COUNTS, NULL },
    { "columns", field_texts, offsetof(GrantBinding, columns), FIELD_NULL_COUNTS, NULL },
    { "future", field_texts, offsetof(GrantBinding, future), FIELD_NULL_COUNTS, NULL },
    { "grantable", field_bool, offsetof(GrantBinding, grantable), 0, NULL },
    { "state", field_word, offsetof(GrantBinding, state), 0, states },
    { "until", field_until, offsetof(GrantBinding, until), 0, NULL },
    { "expire_at", field_until, offsetof(GrantBinding, until), 0, NULL },
    { 0 },
};

static const FieldDef database_grant_fields[] = {
    { "kind", field_texts, offsetof(GrantBinding, kind), FIELD_NULL_COUNTS, NULL },
    { "schema", field_texts, offsetof(GrantBinding, schema), FIELD_NULL_COUNTS, NULL },
    { "name", field_texts, offsetof(GrantBinding, name), FIELD_NULL_COUNTS, NULL },
    { "except", field_texts, offsetof(GrantBinding, except), FIELD_NULL_COUNTS, NULL },
    { "missing", field_word, offsetof(GrantBinding, missing), 0, missing_words },
    { "privileges", field_texts, offsetof(GrantBinding, privileges), FIELD_NULL_COUNTS, NULL },
    { "columns", field_texts, offsetof(GrantBinding, columns), FIELD_NULL_COUNTS, NULL },
    { "future", field_texts, offsetof(GrantBinding, future), FIELD_NULL_COUNTS, NULL },
    { "grantable", field_bool, offsetof(GrantBinding, grantable), 0, NULL },
    { "state", field_word, offsetof(GrantBinding, state), 0, states },
    { "until", field_until, offsetof(GrantBinding, until), 0, NULL },
    { "expire_at", field_until, offsetof(GrantBinding, until), 0, NULL },
    { "to", field_texts, offsetof(GrantBinding, to), FIELD_NULL_COUNTS, NULL },
    { "profile", field_texts, offsetof(GrantBinding, profile), FIELD_NULL_COUNTS, NULL },
    { 0 },
};

static const FieldDef cluster_grant_fields[] = {
    { "kind", field_texts, offsetof(GrantBinding, kind), FIELD_NULL_COUNTS, NULL },
    { "schema", field_texts, offsetof(GrantBinding, schema), FIELD_NULL_COUNTS, NULL },
    { "name", field_texts, offsetof(GrantBinding, name), FIELD_NULL_COUNTS, NULL },
    { "except", field_texts, offsetof(GrantBinding, except), FIELD_NULL_COUNTS, NULL },
    { "missing", field_word, offsetof(GrantBinding, missing), 0, missing_words },
    { "privileges", field_texts, offsetof(GrantBinding, privileges), FIELD_NULL_COUNTS, NULL },
    { "columns", field_texts, offsetof(GrantBinding, columns), FIELD_NULL_COUNTS, NULL },
    { "future", field_texts, offsetof(GrantBinding, future), FIELD_NULL_COUNTS, NULL },
    { "grantable", field_bool, offsetof(GrantBinding, grantable), 0, NULL },
    { "state", field_word, offsetof(GrantBinding, state), 0, states },
    { "until", field_until, offsetof(GrantBinding, until), 0, NULL },
    { "expire_at", field_until, offsetof(GrantBinding, until), 0, NULL },
    { "to", field_texts, offsetof(GrantBinding, to), FIELD_NULL_COUNTS, NULL },
    { "profile", field_texts, offsetof(GrantBinding, profile), FIELD_NULL_COUNTS, NULL },
    { "database", field_texts, offsetof(GrantBinding, database), FIELD_NULL_COUNTS, NULL },
    { 0 },
};

static const FieldDef owner_fields[] = {
    { "kind", field_texts, offsetof(GrantBinding, kind), FIELD_NULL_COUNTS, NULL },
    { "schema", field_texts, offsetof(GrantBinding, schema), FIELD_NULL_COUNTS, NULL },
    { "name", field_texts, offsetof(GrantBinding, name), FIELD_NULL_COUNTS, NULL },
    { "except", field_texts, offsetof(GrantBinding, except), FIELD_NULL_COUNTS, NULL },
    { "missing", field_word, offsetof(GrantBinding, missing), 0, missing_words },
    { "owner", field_opt_role, offsetof(GrantBinding, owner), FIELD_REQUIRED, NULL },
    { 0 },
};

static const struct {
    const char *key;    /* of the list, for messages */
    const char *object; /* an entry, for messages */
    const FieldDef *fields;
} list_kinds[] = {
    [GRANT_LIST_OF_DATABASE] = { "grants", "a grant", database_grant_fields },
    [GRANT_LIST_OF_CLUSTER] = { "pg_grants", "a grant of pg_grants", cluster_grant_fields },
    [GRANT_LIST_OWNERS] = { "owners", "an entry of owners", owner_fields },
    [GRANT_LIST_OF_PROFILE] = { "pg_privilege_profiles", "a grant of a profile", profile_fields },
};

static bool
bad_grant(Binder *binder, const Node *at, const char *message)
{
    findings_add(binder->findings, &FINDING_GRANT_INVALID, at->pos, NULL, "%s: %s", binder->object,
                 message);
    return false;
}

/* The words are collected from the table of kinds, so that a new kind needs no change here. */
static bool
bind_kind(Binder *binder, const Node *kind, GrantDecl *grant)
{
    WordDef words[GRANT_KIND_COUNT * 2 + 1] = { 0 };
    size_t count = 0;
    int ignored = 0;

    for (unsigned i = 0; i < GRANT_KIND_COUNT; i++) {
        const GrantKindInfo *info = grant_kind_info((GrantKind)i);

        words[count++].word = info->singular;
        if (info->plural != NULL)
            words[count++].word = info->plural;
    }
    if (!value_word(binder, "kind", kind, words, &ignored))
        return false;
    grant->kind = grant_kind_from_word(kind->text, &grant->is_plural);
    return true;
}

/*
 * One text counts as a list of one in grants, which are ours: there is no other dialect to agree
 * with.
 */
static const Node *
text_at(const Node *texts, size_t i)
{
    if (texts->kind == NODE_SCALAR)
        return i == 0 ? texts : NULL;
    return i < texts->count ? texts->items[i] : NULL;
}

/* Every text keeps its own position: a finding about the third grantee points to it. */
static List
bind_texts(Binder *binder, const Node *texts)
{
    List list = { 0 };
    const Node *text = NULL;

    for (size_t i = 0; texts != NULL && (text = text_at(texts, i)) != NULL; i++) {
        GrantText *item = ARENA_NEW(binder->arena, GrantText);

        *item = (GrantText){ .pos = text->pos, .text = text->text };
        list_add(binder->arena, &list, item);
    }
    return list;
}

/*
 * PUBLIC in any case means everybody, as it does in PostgreSQL's grammar; a role cannot have that
 * name.
 */
static bool
bind_roles(Binder *binder, const Node *names, NameUse use, List *ret_roles)
{
    bool ok = true;

    *ret_roles = bind_texts(binder, names);
    LIST_FOREACH (GrantText, role, ret_roles) {
        ok = value_check_name(binder, role->pos, role->text, use) && ok;
        if (use == NAME_OF_GRANTEE && g_ascii_strcasecmp(role->text, "public") == 0)
            role->text = NULL;
    }
    return ok;
}

/* The nearest of the privileges that such an object has, or all of them. */
static const char *
privilege_hint(Arena *arena, const char *text, PrivilegeSet possible)
{
    const char *known[PRIVILEGE_COUNT + 1] = { NULL };
    g_autofree char *list = NULL;
    const char *nearest = NULL;
    size_t count = 0;

    for (unsigned i = 0; i < PRIVILEGE_COUNT; i++) {
        if ((possible & PRIVILEGE_BIT(i)) != 0)
            known[count++] = privilege_keyword(i);
    }
    nearest = suggest_nearest(text, known);
    list = g_strjoinv(", ", (char **)known);
    return nearest != NULL ? arena_printf(arena, "did you mean \"%s\"?", nearest)
                           : arena_printf(arena, "it has %s", list);
}

/* ALL is kept apart: what it means depends on the server's version and is decided by the plan. */
static bool
bind_privileges(Binder *binder, const GrantBinding *binding, GrantDecl *grant)
{
    const GrantKindInfo *info = grant_kind_info(grant->kind);
    PrivilegeSet possible = binding->columns != NULL ? grant_column_privileges() : info->privileges;
    const Node *text = NULL;
    bool ok = true;

    for (size_t i = 0; (text = text_at(binding->privileges, i)) != NULL; i++) {
        PrivilegeSet privilege = privilege_from_keyword(text->text);

        if (g_ascii_strcasecmp(text->text, "ALL") == 0) {
            grant->all_privileges = true;
            continue;
        }
        grant->privileges |= privilege;
        if ((privilege & possible) != 0)
            continue;
        findings_add(binder->findings, &FINDING_PRIVILEGE_UNKNOWN, text->pos,
                     privilege_hint(binder->arena, text->text, possible),
                     "\"%s\" is not a valid privilege for a %s%s", text->text,
                     binding->columns != NULL ? "column of a " : "", info->singular);
        ok = false;
    }
    return ok;
}

/* "refresh(int, text)": the types are read by PostgreSQL's grammar. */
static bool
bind_arguments(Binder *binder, const Node *text, GrantName *name)
{
    const char *open = strchr(text->text, '(');
    const char *types = NULL;
    SqlError error = { 0 };

    if (open == NULL || !g_str_has_suffix(text->text, ")"))
        return true;
    name->pattern = arena_strndup(binder->arena, text->text, (size_t)(open - text->text));
    types = arena_strndup(binder->arena, open + 1, strlen(open + 1) - 1);
    name->has_arguments = true;
    if (strcmp(types, "*") == 0 ||
        sql_argument_types_parse(binder->arena, types, &name->arguments, &error))
        return true;
    findings_add(binder->findings, &FINDING_GRANT_INVALID,
                 node_pos_inside(text, (size_t)(open + 1 - text->text) + error.offset),
                 "write the types of its input arguments, as in refresh(int, text)",
                 "%s: the argument types of \"%s\": %s", binder->object, text->text, error.message);
    return false;
}

static bool
bind_names(Binder *binder, const Node *names, const GrantDecl *grant, List *ret_names)
{
    bool is_routine = (grant_kind_info(grant->kind)->flags & GRANT_KIND_IS_ROUTINE) != 0;
    const Node *text = NULL;
    bool ok = true;

    for (size_t i = 0; names != NULL && (text = text_at(names, i)) != NULL; i++) {
        GrantName *name = ARENA_NEW(binder->arena, GrantName);

        *name = (GrantName){ .pos = text->pos, .text = text->text, .pattern = text->text };
        /* The server folds the names of parameters. */
        if (grant->kind == GRANT_KIND_PARAMETER) {
            g_autofree char *folded = g_ascii_strdown(text->text, -1);

            name->pattern = arena_strdup(binder->arena, folded);
        }
        ok = (!is_routine || bind_arguments(binder, text, name)) && ok;
        list_add(binder->arena, ret_names, name);
    }
    return ok;
}

/*
 * Which keys go with which kind. Each refusal names the key that is too much or missing. PostgreSQL
 * has columns only on relations, schemas only for some kinds, and default privileges only for the
 * types in pg_default_acl.
 */
static bool
check_keys(Binder *binder, const GrantBinding *binding, const GrantDecl *grant)
{
    const GrantKindInfo *info = grant_kind_info(grant->kind);
    const unsigned in_schema = GRANT_KIND_IN_SCHEMA | GRANT_KIND_NAMED_BY_SCHEMA;

    if ((info->flags & in_schema) == 0 && binding->schema != NULL)
        return bad_grant(binder, binding->schema, "objects of this kind are not in a schema");
    if (grant->is_plural && binding->name != NULL)
        return bad_grant(binder, binding->name,
                         "a plural kind covers every object; use the singular kind with names");
    if (!grant->is_plural && (info->flags & (GRANT_KIND_IN_SCHEMA | GRANT_KIND_HAS_NAME)) &&
        binding->name == NULL)
        return bad_grant(binder, binding->kind, "a singular kind needs a name");
    if ((info->flags & (GRANT_KIND_IN_SCHEMA | GRANT_KIND_HAS_NAME)) == 0 && binding->name != NULL)
        return bad_grant(binder, binding->name,
                         (info->flags & GRANT_KIND_NAMED_BY_SCHEMA) != 0
                             ? "name the schemas in \"schema\""
                             : "the entry applies to the database that contains it");
    if (binding->columns != NULL && (info->flags & GRANT_KIND_HAS_COLUMNS) == 0)
        return bad_grant(binder, binding->columns, "objects of this kind have no columns");
    if (binding->columns != NULL && binding->future != NULL)
        return bad_grant(binder, binding->future,
                         "column privileges cannot be granted on future objects");
    if (binding->future != NULL && !grant->is_plural)
        return bad_grant(binder, binding->future, "\"future\" requires a plural kind");
    if (binding->future != NULL && info->future == DEFAULT_ACL_TYPE_COUNT)
        return bad_grant(binder, binding->future,
                         "PostgreSQL has no default privileges for this kind alone: those on "
                         "tables reach views, those on routines reach procedures and aggregates");
    return true;
}

/* A profile has its own kinds and privileges; a grant that adds others would be ambiguous. */
static bool
check_profile_use(Binder *binder, const GrantBinding *binding)
{
    const Node *const others[] = { binding->privileges, binding->kind,   binding->name,
                                   binding->columns,    binding->except, binding->future };

    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        if (others[i] != NULL)
            return bad_grant(binder, others[i], "\"profile\" cannot be combined with this key");
    }
    return true;
}

static bool
bind_grantable(Binder *binder, const GrantBinding *binding, GrantDecl *grant)
{
    grant->grantable = binding->grantable.given && binding->grantable.value;
    LIST_FOREACH (const GrantText, grantee, &grant->to) {
        if (grant->grantable && !grant->absent && grantee->text == NULL) {
            findings_add(binder->findings, &FINDING_GRANT_INVALID, binding->grantable.pos, NULL,
                         "%s: grant options cannot be given to PUBLIC", binder->object);
            return false;
        }
    }
    return true;
}

/* `future: owners` stands for whoever owns objects there. */
static bool
bind_future(Binder *binder, const Node *future, GrantDecl *grant)
{
    grant->future_owners =
        future != NULL && future->kind == NODE_SCALAR && strcmp(future->text, "owners") == 0;
    return future == NULL || grant->future_owners ||
           bind_roles(binder, future, NAME_OF_ROLE, &grant->future);
}

/*
 * Default privileges know no names (manual, ALTER DEFAULT PRIVILEGES): a table that is made later
 * gets them, and only those of today are left out.
 */
static void
warn_of_except(Binder *binder, const GrantBinding *binding)
{
    if (binding->except != NULL && binding->future != NULL)
        findings_add(
            binder->findings, &FINDING_GRANT_EXCEPT_IGNORED, binding->except->pos,
            "put such objects into a schema of their own, or remove \"future\"",
            "\"except\" leaves out existing objects only: with \"future\", new objects get "
            "the privileges, whatever their names");
}

static bool
bind_what(Binder *binder, GrantListKind list_kind, const Node *entry, const GrantBinding *binding,
          GrantDecl *grant)
{
    bool is_owner = list_kind == GRANT_LIST_OWNERS;
    const GrantKindInfo *info = NULL;

    if (binding->kind == NULL || binding->kind->kind != NODE_SCALAR)
        return bad_grant(binder, entry, "it needs one \"kind\"");
    if (!is_owner && binding->privileges == NULL)
        return bad_grant(binder, entry, "it has no \"privileges\"");
    if (!bind_kind(binder, binding->kind, grant) || !check_keys(binder, binding, grant))
        return false;
    info = grant_kind_info(grant->kind);
    if (is_owner && (info->flags & GRANT_KIND_HAS_OWNER) == 0)
        return bad_grant(binder, binding->kind, "objects of this kind have no owner to set here");
    if (list_kind != GRANT_LIST_OF_PROFILE && binding->schema == NULL &&
        (info->flags & (GRANT_KIND_IN_SCHEMA | GRANT_KIND_NAMED_BY_SCHEMA)))
        return bad_grant(binder, entry, "it has no \"schema\"");
    warn_of_except(binder, binding);
    return (is_owner || bind_privileges(binder, binding, grant)) &&
           bind_names(binder, binding->name, grant, &grant->names) &&
           bind_names(binder, binding->except, grant, &grant->except);
}

/* `to` is checked last, so that an entry without it still gets its other findings. */
static bool
bind_parts(Binder *binder, GrantListKind list_kind, const Node *entry, const GrantBinding *binding,
           GrantDecl *grant)
{
    bool needs_grantee = list_kind != GRANT_LIST_OWNERS && list_kind != GRANT_LIST_OF_PROFILE;

    if (!bind_roles(binder, binding->to, NAME_OF_GRANTEE, &grant->to) ||
        !bind_future(binder, binding->future, grant))
        return false;
    grant->schemas = bind_texts(binder, binding->schema);
    grant->columns = bind_texts(binder, binding->columns);
    grant->databases = bind_texts(binder, binding->database);
    grant->profiles = bind_texts(binder, binding->profile);
    grant->absent = binding->state == 1 || binding->until.state == UNTIL_PASSED;
    grant->until = binding->until;
    grant->missing_is_error = binding->missing == 1;
    grant->owner = binding->owner.value;
    grant->owner_pos = binding->owner.pos;
    if (needs_grantee && binding->to == NULL)
        return bad_grant(binder, entry, "it has no \"to\"");
    if (!bind_grantable(binder, binding, grant) ||
        !until_agrees(binder, binder->object, &binding->until, binding->state == 1))
        return false;
    if (binding->profile != NULL)
        return check_profile_use(binder, binding);
    return bind_what(binder, list_kind, entry, binding, grant);
}

/* An entry with an error is left out as a whole: half a grant could give more than was meant. */
static const GrantDecl *
bind_entry(Binder *binder, GrantListKind kind, const Node *entry)
{
    GrantDecl *grant = ARENA_NEW(binder->arena, GrantDecl);
    GrantBinding binding = { 0 };
    const char *outer = binder->object;
    bool ok = bind_mapping(binder, entry, list_kinds[kind].fields, UNKNOWN_KEYS_REFUSED,
                           list_kinds[kind].object, &binding);

    binder->object = list_kinds[kind].object;
    grant->pos = entry->pos;
    ok = ok && bind_parts(binder, kind, entry, &binding, grant);
    binder->object = outer;
    return ok ? grant : NULL;
}

/* Bound once for each node: pg_grants of one inventory may be shared by thousands of clusters. */
const List *
grants_bind(Binder *binder, GrantListKind kind, const Node *list)
{
    const List *known = binder_recall(binder, BINDING_GRANTS, list);
    List grants = { 0 };

    if (known != NULL)
        return known;
    if (!node_is_null(list) && value_is_list(binder, list_kinds[kind].key, list)) {
        for (size_t i = 0; i < list->count; i++) {
            const GrantDecl *grant = bind_entry(binder, kind, list->items[i]);

            if (grant != NULL)
                list_add(binder->arena, &grants, grant);
        }
    }
    return binder_remember(binder, BINDING_GRANTS, list, &grants);
}

const List *
profiles_bind(Binder *binder, const Node *profiles)
{
    const List *known = binder_recall(binder, BINDING_PROFILES, profiles);
    List declarations = { 0 };

    if (known != NULL)
        return known;
    if (!node_is_null(profiles) && value_usable(binder, profiles)) {
        if (profiles->kind != NODE_MAPPING)
            findings_add(binder->findings, &FINDING_VALUE_TYPE_INVALID, profiles->pos, NULL,
                         "\"pg_privilege_profiles\" must be a mapping, found %s",
                         node_describe(profiles));
        for (size_t i = 0; profiles->kind == NODE_MAPPING && i < profiles->count; i++) {
            const NodeEntry *entry = &profiles->entries[i];
            ProfileDecl *profile = ARENA_NEW(binder->arena, ProfileDecl);

            profile->pos = entry->key->pos;
            profile->name = entry->key->text;
            profile->grants = *grants_bind(binder, GRANT_LIST_OF_PROFILE, entry->value);
            list_add(binder->arena, &declarations, profile);
        }
    }
    return binder_remember(binder, BINDING_PROFILES, profiles, &declarations);
}
