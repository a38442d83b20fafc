/* The mapping `policy:` of a policy file: what a policy does beside giving defaults. */
#include "inventory/decl/policy_fields.h"

#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/decl/declaration.h"
#include "inventory/findings.h"

static void *
member_of(const FieldDef *field, void *target)
{
    return (char *)target + field->offset;
}

/* A name is not interned or looked up here: a policy is read once and used for many clusters. */
static bool
read_role(Binder *binder, const FieldDef *field, const Node *value, PolicyRole *role)
{
    const char *text = value_text(binder, field->key, value);

    role->pos = value->pos;
    if (text == NULL)
        return false;
    /* The same words as in HBA rules, so that a policy is written in one language. */
    role->user = system_user_from_word(text);
    if (role->user < SYSTEM_USER_COUNT)
        return true;
    role->name = text;
    return value_check_name(binder, value->pos, text, NAME_OF_ROLE);
}

/* PolicyRole *: one role. */
static bool
field_policy_role(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    PolicyRole *role = ARENA_NEW(binder->arena, PolicyRole);

    *(PolicyRole **)member_of(field, target) = role;
    return read_role(binder, field, value, role);
}

typedef struct GrantableRole {
    PolicyRole *role;
    OptBool grantable;
} GrantableRole;

static const FieldDef grantable_fields[] = {
    { "role", field_policy_role, offsetof(GrantableRole, role), FIELD_REQUIRED, NULL },
    { "grantable", field_bool, offsetof(GrantableRole, grantable), 0, NULL },
    { 0 },
};

/*
 * List of PolicyRole: texts; where extra is set also { role, grantable }. The order of roles is the
 * order of the statements that they lead to.
 */
static bool
field_policy_roles(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    List *roles = member_of(field, target);
    bool ok = true;

    if (!value_is_list(binder, field->key, value))
        return false;
    for (size_t i = 0; i < value->count; i++) {
        const Node *item = value->items[i];
        PolicyRole *role = ARENA_NEW(binder->arena, PolicyRole);

        if (field->extra != NULL && item->kind == NODE_MAPPING) {
            GrantableRole grantable = { 0 };

            if (!bind_mapping(binder, item, field->extra, UNKNOWN_KEYS_REFUSED,
                              "an entry of connect", &grantable)) {
                ok = false;
                continue;
            }
            *role = *grantable.role;
            role->grantable = grantable.grantable.value;
        } else if (!read_role(binder, field, item, role)) {
            ok = false;
            continue;
        }
        list_add(binder->arena, roles, role);
    }
    return ok;
}

/* A list of mappings, each bound by a table of its own. */
typedef struct EntryKind {
    const FieldDef *fields;
    const char *object;
    size_t size;
} EntryKind;

/* Entries of different kinds share this loop; their tables say where each member is. */
static bool
field_entries(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    const EntryKind *kind = field->extra;
    List *entries = member_of(field, target);
    bool ok = true;

    if (!value_is_list(binder, field->key, value))
        return false;
    for (size_t i = 0; i < value->count; i++) {
        char *entry = ARENA_NEW_ARRAY(binder->arena, char, kind->size);

        /* Each kind of entry begins with its place. */
        *(SourcePos *)(void *)entry = value->items[i]->pos;
        if (bind_mapping(binder, value->items[i], kind->fields, UNKNOWN_KEYS_REFUSED, kind->object,
                         entry))
            list_add(binder->arena, entries, entry);
        else
            ok = false;
    }
    return ok;
}

static bool
field_texts(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    return value_text_list(binder, field->key, value, member_of(field, target));
}

_Static_assert(offsetof(PolicySchema, pos) == 0 && offsetof(PolicySetting, pos) == 0 &&
                   offsetof(PolicyFunctions, pos) == 0,
               "field_entries() writes the place of an entry");

static const FieldDef schema_fields[] = {
    { "name", field_name, offsetof(PolicySchema, name), FIELD_REQUIRED, NULL },
    { "usage", field_policy_roles, offsetof(PolicySchema, usage), 0, NULL },
    { 0 },
};

static const FieldDef setting_fields[] = {
    { "role", field_policy_role, offsetof(PolicySetting, role), FIELD_REQUIRED, NULL },
    { "parameters", field_parameters, offsetof(PolicySetting, parameters), FIELD_REQUIRED,
      role_list_parameters },
    { 0 },
};

static const FieldDef functions_fields[] = {
    { "role", field_policy_role, offsetof(PolicyFunctions, role), FIELD_REQUIRED, NULL },
    { "execute", field_texts, offsetof(PolicyFunctions, signatures), FIELD_REQUIRED, NULL },
    { 0 },
};

static const EntryKind schema_kind = { schema_fields, "a schema of the policy",
                                       sizeof(PolicySchema) };
static const EntryKind setting_kind = { setting_fields, "a setting of the policy",
                                        sizeof(PolicySetting) };
static const EntryKind functions_kind = { functions_fields, "functions of the policy",
                                          sizeof(PolicyFunctions) };

typedef struct PolicyBinding {
    Policy policy;
    OptBool owner_revokes_connect;
    OptBool hba_sections;
    OptBool reset_dbsu_password;
    OptBool closes_public;
} PolicyBinding;

static const FieldDef comment_fields[] = {
    { "role", field_opt_text, offsetof(PolicyBinding, policy.role_comment), 0, NULL },
    { "database", field_opt_text, offsetof(PolicyBinding, policy.database_comment), 0, NULL },
    { 0 },
};

/* Comments are templates: ${name} is the only placeholder, and any other text stays as it is. */
static bool
field_comments(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    (void)field;
    return bind_mapping(binder, value, comment_fields, UNKNOWN_KEYS_REFUSED,
                        "the comments of the policy", target);
}

/* An empty list closes to everybody but owners and superusers; no key leaves PUBLIC its CREATE. */
static bool
field_create_for(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    PolicyBinding *binding = target;

    binding->closes_public = (OptBool){ .given = true, .value = true, .pos = value->pos };
    binding->policy.create_for_pos = value->pos;
    return field_policy_roles(binder, field, value, target);
}

#define BINDING(member) offsetof(PolicyBinding, member)

static const FieldDef policy_fields[] = {
    { "owner_revokes_connect", field_bool, BINDING(owner_revokes_connect), 0, NULL },
    { "hba_sections", field_bool, BINDING(hba_sections), 0, NULL },
    { "reset_dbsu_password", field_bool, BINDING(reset_dbsu_password), 0, NULL },
    { "creators", field_policy_roles, BINDING(policy.creators), 0, NULL },
    { "create_for", field_create_for, BINDING(policy.create_for), 0, NULL },
    { "connect", field_policy_roles, BINDING(policy.connect), 0, grantable_fields },
    { "schemas", field_entries, BINDING(policy.schemas), 0, &schema_kind },
    { "settings", field_entries, BINDING(policy.settings), 0, &setting_kind },
    { "functions", field_entries, BINDING(policy.functions), 0, &functions_kind },
    { "published_passwords", field_texts, BINDING(policy.published_passwords), 0, NULL },
    { "comments", field_comments, 0, 0, NULL },
    { 0 },
};

/* Every key is optional: an empty mapping is a policy that does nothing. */
bool
policy_bind(Binder *binder, const Node *mapping, Policy *ret_policy)
{
    PolicyBinding binding = { .policy = { .pos = mapping->pos } };

    if (!bind_mapping(binder, mapping, policy_fields, UNKNOWN_KEYS_REFUSED, "a policy", &binding))
        return false;
    binding.policy.flags =
        (binding.owner_revokes_connect.value ? POLICY_OWNER_REVOKES_CONNECT : 0) |
        (binding.hba_sections.value ? POLICY_HBA_SECTIONS : 0) |
        (binding.reset_dbsu_password.value ? POLICY_RESET_DBSU_PASSWORD : 0) |
        (binding.closes_public.value ? POLICY_CLOSES_PUBLIC : 0);
    *ret_policy = binding.policy;
    return true;
}
