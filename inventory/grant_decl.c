/* Checking the keys of grants, owners and profiles. */
#include "inventory/grant_decl.h"

#include <string.h>

#include "inventory/findings.h"
#include "inventory/privilege.h"
#include "inventory/value.h"

#define P(name) PRIVILEGE_BIT(PRIVILEGE_##name)
#define TABLE_PRIVILEGES                                                                           \
    (P(SELECT) | P(INSERT) | P(UPDATE) | P(DELETE) | P(TRUNCATE) | P(REFERENCES) | P(TRIGGER) |    \
     P(MAINTAIN))

enum {
    IN_SCHEMA = 1 << 0,
    HAS_COLUMNS = 1 << 1,
    HAS_OWNER = 1 << 2,
    NAMED_BY_SCHEMA = 1 << 3,
    HAS_NAME = 1 << 4,
};

typedef struct GrantKind {
    const char *singular;
    const char *plural;
    PrivilegeSet privileges;
    unsigned flags;
} GrantKind;

static const GrantKind grant_kinds[] = {
#define GRANT_KIND(singular, plural, privileges, flags) { singular, plural, privileges, flags },
#include "inventory/grant_kind.def"
#undef GRANT_KIND
};

#define COLUMN_PRIVILEGES (P(SELECT) | P(INSERT) | P(UPDATE) | P(REFERENCES))

static const WordDef states[] = { { "present", 0 }, { "absent", 1 }, { 0 } };
static const WordDef missing_words[] = { { "warn", 0 }, { "error", 1 }, { 0 } };

/* What an entry says, as far as its shape goes. */
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
} GrantBinding;

/* A text or a list of texts that is looked at later. */
static bool
field_texts(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    List texts = { 0 };

    if (!value_text_list(binder, field->key, value, &texts))
        return false;
    *(const Node **)(void *)((char *)target + field->offset) = value;
    if (texts.count > 0)
        return true;
    findings_add(binder->findings, &FINDING_BAD_GRANT, value->pos, NULL, "%s is empty",
                 value_label(binder, field->key));
    return false;
}

#define TEXTS(key)                                                                                 \
    {                                                                                              \
#key, field_texts, offsetof(GrantBinding, key), 0, NULL                                    \
    }
#define OWNER_FIELD                                                                                \
    {                                                                                              \
        "owner", field_opt_role, offsetof(GrantBinding, owner), FIELD_REQUIRED, NULL               \
    }
#define COMMON_FIELDS                                                                              \
    TEXTS(kind), TEXTS(schema), TEXTS(name), TEXTS(except),                                        \
    {                                                                                              \
        "missing", field_word, offsetof(GrantBinding, missing), 0, missing_words                   \
    }
#define GRANT_FIELDS                                                                               \
    COMMON_FIELDS, TEXTS(privileges), TEXTS(columns), TEXTS(future),                               \
        { "grantable", field_bool, offsetof(GrantBinding, grantable), 0, NULL },                   \
    {                                                                                              \
        "state", field_word, offsetof(GrantBinding, state), 0, states                              \
    }

static const FieldDef profile_fields[] = { GRANT_FIELDS, { 0 } };
static const FieldDef database_grant_fields[] = { GRANT_FIELDS, TEXTS(to), TEXTS(profile), { 0 } };
static const FieldDef cluster_grant_fields[] = {
    GRANT_FIELDS, TEXTS(to), TEXTS(profile), TEXTS(database), { 0 },
};
static const FieldDef owner_fields[] = { COMMON_FIELDS, OWNER_FIELD, { 0 } };

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
    findings_add(binder->findings, &FINDING_BAD_GRANT, at->pos, NULL, "%s: %s", binder->object,
                 message);
    return false;
}

static const GrantKind *
find_kind(const char *word, bool *ret_plural)
{
    for (size_t i = 0; i < G_N_ELEMENTS(grant_kinds); i++) {
        *ret_plural = g_strcmp0(grant_kinds[i].plural, word) == 0;
        if (*ret_plural || strcmp(grant_kinds[i].singular, word) == 0)
            return &grant_kinds[i];
    }
    return NULL;
}

static const GrantKind *
bind_kind(Binder *binder, const Node *kind, bool *ret_plural)
{
    WordDef words[G_N_ELEMENTS(grant_kinds) * 2 + 1] = { 0 };
    size_t count = 0;
    int ignored = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(grant_kinds); i++) {
        words[count++].word = grant_kinds[i].singular;
        if (grant_kinds[i].plural != NULL)
            words[count++].word = grant_kinds[i].plural;
    }
    if (!value_word(binder, "kind", kind, words, &ignored))
        return NULL;
    return find_kind(kind->text, ret_plural);
}

static const Node *
text_at(const Node *texts, size_t i)
{
    if (texts->kind == NODE_SCALAR)
        return i == 0 ? texts : NULL;
    return i < texts->count ? texts->items[i] : NULL;
}

static bool
check_privileges(Binder *binder, const GrantBinding *grant, const GrantKind *kind)
{
    PrivilegeSet possible = grant->columns != NULL ? COLUMN_PRIVILEGES : kind->privileges;
    const Node *text = NULL;
    bool ok = true;

    for (size_t i = 0; (text = text_at(grant->privileges, i)) != NULL; i++) {
        if (g_ascii_strcasecmp(text->text, "ALL") == 0 ||
            (privilege_from_keyword(text->text) & possible) != 0)
            continue;
        findings_add(binder->findings, &FINDING_UNKNOWN_PRIVILEGE, text->pos, NULL,
                     "\"%s\" is no privilege for a %s%s", text->text,
                     grant->columns != NULL ? "column of a " : "", kind->singular);
        ok = false;
    }
    return ok;
}

static bool
check_names(Binder *binder, const Node *names, NameUse use)
{
    const Node *text = NULL;
    bool ok = true;

    for (size_t i = 0; names != NULL && (text = text_at(names, i)) != NULL; i++)
        ok = value_check_name(binder, text->pos, text->text, use) && ok;
    return ok;
}

/* Which keys go with which kind. */
static bool
check_keys(Binder *binder, const GrantBinding *grant, const GrantKind *kind, bool plural)
{
    if ((kind->flags & (IN_SCHEMA | NAMED_BY_SCHEMA)) == 0 && grant->schema != NULL)
        return bad_grant(binder, grant->schema, "objects of this kind lie in no schema");
    if (plural && grant->name != NULL)
        return bad_grant(binder, grant->name,
                         "a plural kind means every object; with names the kind is singular");
    if (!plural && (kind->flags & (IN_SCHEMA | HAS_NAME)) && grant->name == NULL)
        return bad_grant(binder, grant->kind, "a singular kind needs a name");
    if (grant->columns != NULL && (kind->flags & HAS_COLUMNS) == 0)
        return bad_grant(binder, grant->columns, "objects of this kind have no columns");
    if (grant->columns != NULL && grant->future != NULL)
        return bad_grant(binder, grant->future, "columns of objects to come cannot be granted");
    if (grant->future != NULL && !plural && strcmp(kind->singular, "schema") != 0)
        return bad_grant(binder, grant->future, "future goes with a plural kind");
    return true;
}

static bool
check_profile_use(Binder *binder, const GrantBinding *grant)
{
    const Node *const others[] = { grant->privileges, grant->kind, grant->name, grant->columns };

    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        if (others[i] != NULL)
            return bad_grant(binder, others[i], "a profile says itself what is granted");
    }
    return true;
}

static bool
check_grant(Binder *binder, GrantListKind list_kind, const Node *entry, const GrantBinding *grant)
{
    bool is_owner = list_kind == GRANT_LIST_OWNERS;
    const GrantKind *kind = NULL;
    bool plural = false;

    if (!is_owner && list_kind != GRANT_LIST_OF_PROFILE && grant->to == NULL)
        return bad_grant(binder, entry, "it has no \"to\"");
    if (grant->profile != NULL)
        return check_profile_use(binder, grant);
    if (grant->kind == NULL || grant->kind->kind != NODE_SCALAR)
        return bad_grant(binder, entry, "it needs one \"kind\"");
    if (!is_owner && grant->privileges == NULL)
        return bad_grant(binder, entry, "it has no \"privileges\"");
    kind = bind_kind(binder, grant->kind, &plural);
    if (kind == NULL || !check_keys(binder, grant, kind, plural))
        return false;
    if (is_owner)
        return (kind->flags & HAS_OWNER) != 0 ||
               bad_grant(binder, grant->kind, "objects of this kind have no owner to set here");
    if (list_kind != GRANT_LIST_OF_PROFILE && (kind->flags & (IN_SCHEMA | NAMED_BY_SCHEMA)) &&
        grant->schema == NULL)
        return bad_grant(binder, entry, "it has no \"schema\"");
    return check_privileges(binder, grant, kind);
}

/* Globs and signatures are no names of PostgreSQL: only roles are checked as names. */
static bool
bind_entry(Binder *binder, GrantListKind kind, const Node *entry)
{
    GrantBinding grant = { 0 };
    const char *outer = binder->object;
    bool ok = bind_mapping(binder, entry, list_kinds[kind].fields, UNKNOWN_KEYS_REFUSED,
                           list_kinds[kind].object, &grant);

    binder->object = list_kinds[kind].object;
    ok = ok && check_names(binder, grant.to, NAME_OF_GRANTEE) &&
         check_names(binder, grant.future, NAME_OF_ROLE) &&
         check_grant(binder, kind, entry, &grant);
    binder->object = outer;
    return ok;
}

const List *
grants_bind(Binder *binder, GrantListKind kind, const Node *list)
{
    const List *known = binder_recall(binder, BINDING_GRANTS, list);
    List grants = { 0 };

    if (known != NULL)
        return known;
    if (!node_is_null(list) && value_is_list(binder, list_kinds[kind].key, list)) {
        for (size_t i = 0; i < list->count; i++) {
            if (bind_entry(binder, kind, list->items[i]))
                list_add(binder->arena, &grants, list->items[i]);
        }
    }
    return binder_remember(binder, BINDING_GRANTS, list, &grants);
}

bool
profiles_bind(Binder *binder, const Node *profiles)
{
    bool ok = true;

    if (node_is_null(profiles) || binder_recall(binder, BINDING_PROFILES, profiles) != NULL)
        return true;
    if (!value_usable(binder, profiles))
        return false;
    if (profiles->kind != NODE_MAPPING) {
        findings_add(binder->findings, &FINDING_WRONG_KIND, profiles->pos, NULL,
                     "\"pg_privilege_profiles\" must be a mapping, found %s",
                     node_describe(profiles));
        return false;
    }
    for (size_t i = 0; i < profiles->count; i++) {
        const Node *value = profiles->entries[i].value;

        ok = grants_bind(binder, GRANT_LIST_OF_PROFILE, value)->count == value->count && ok;
    }
    binder_remember(binder, BINDING_PROFILES, profiles, &(List){ 0 });
    return ok;
}

void
grants_check_profiles(Binder *binder, const List *grants, const Node *profiles)
{
    LIST_FOREACH (const Node, entry, grants) {
        const Node *profile = node_get(entry, "profile");
        const Node *text = NULL;

        for (size_t i = 0; profile != NULL && (text = text_at(profile, i)) != NULL; i++) {
            if (profiles == NULL || node_get(profiles, text->text) == NULL)
                findings_add(binder->findings, &FINDING_UNKNOWN_PROFILE, text->pos, NULL,
                             "there is no profile \"%s\" in pg_privilege_profiles", text->text);
        }
    }
}

static void
add_roles(Binder *binder, const Node *names, List *roles)
{
    const Node *text = NULL;

    for (size_t i = 0; names != NULL && (text = text_at(names, i)) != NULL; i++) {
        HbaText *role = NULL;

        if (strcmp(text->text, "PUBLIC") == 0 || strcmp(text->text, "public") == 0)
            continue;
        role = ARENA_NEW(binder->arena, HbaText);
        role->pos = text->pos;
        role->text = text->text;
        list_add(binder->arena, roles, role);
    }
}

List
grant_roles(Binder *binder, const Node *entry)
{
    const Node *future = node_get(entry, "future");
    List roles = { 0 };

    add_roles(binder, node_get(entry, "to"), &roles);
    add_roles(binder, node_get(entry, "owner"), &roles);
    /* `future: owners` stands for whoever owns objects there. */
    if (future != NULL && (future->kind != NODE_SCALAR || strcmp(future->text, "owners") != 0))
        add_roles(binder, future, &roles);
    return roles;
}
