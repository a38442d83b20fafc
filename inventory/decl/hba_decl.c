/* HBA rules as written; hba/ says what they mean. */
#include <arpa/inet.h>
#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/decl/declaration.h"
#include "inventory/findings.h"
#include "inventory/vault/sealed.h"

/* null is not absent in a rule: Pigsty refuses it, or prints the name None. */
static bool
refuse_null(Binder *binder, const FieldDef *field, const Node *value)
{
    if (!node_is_null(value))
        return false;
    findings_add(binder->findings, &FINDING_VALUE_NULL, value->pos,
                 "leave the key out, or put the word in quotes", "%s is null",
                 value_label(binder, field->key));
    return true;
}

static bool
field_hba_text(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    return !refuse_null(binder, field, value) && field_opt_text(binder, field, value, target);
}

/* The file that is rendered has to hold the secret, ldapbindpasswd for one, so it is opened. A
 * lookup would make the file depend on where it is rendered, and is refused as elsewhere. */
static const char *
rule_text(Binder *binder, const char *key, const Node *value)
{
    if (value->seal != SEAL_NONE && sealed_is_vault_only(value))
        return sealed_open(binder->arena, binder->passwords, value, binder->findings);
    return value_secret_text(binder, key, value);
}

/* A text is HBA tokens, a list is names. */
static bool
field_hba_field(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    HbaField *member = (HbaField *)(void *)((char *)target + field->offset);
    bool ok = true;

    if (refuse_null(binder, field, value))
        return false;
    member->pos = value->pos;
    member->given = true;
    member->is_list = value->kind == NODE_SEQUENCE;
    if (!member->is_list) {
        member->text = rule_text(binder, field->key, value);
        return member->text != NULL;
    }
    for (size_t i = 0; i < value->count; i++) {
        HbaText *name = ARENA_NEW(binder->arena, HbaText);

        name->pos = value->items[i]->pos;
        name->text = rule_text(binder, field->key, value->items[i]);
        list_add(binder->arena, &member->names, name);
        ok = ok && name->text != NULL;
    }
    return ok;
}

/*
 * Pigsty sorts rules by `order` with Jinja's sort filter, that is, with Python's comparison:
 * numbers before texts is not an order there but an error, which hba/expand reports.
 */
static bool
field_hba_order(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    HbaRuleDecl *rule = target;

    rule->order_pos = value->pos;
    if (value->kind == NODE_SCALAR && value->problem == NULL) {
        switch (value->type) {
        case SCALAR_NULL:
            rule->order_kind = HBA_ORDER_NULL;
            return true;
        case SCALAR_BOOL: /* Python sorts True as 1 */
        case SCALAR_INT:
            rule->order_kind = HBA_ORDER_NUMBER;
            rule->order_number = (double)value->value.integer;
            return true;
        case SCALAR_FLOAT:
            rule->order_kind = HBA_ORDER_NUMBER;
            rule->order_number = value->value.number;
            return true;
        default:
            break;
        }
    }
    rule->order_kind = HBA_ORDER_TEXT;
    rule->order_text = value_text(binder, field->key, value);
    return rule->order_text != NULL;
}

static bool
field_raw_lines(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    HbaRuleDecl *rule = target;
    bool ok = true;

    if (refuse_null(binder, field, value) || !value_is_list(binder, field->key, value))
        return false;
    for (size_t i = 0; i < value->count; i++) {
        HbaText *line = ARENA_NEW(binder->arena, HbaText);

        line->pos = value->items[i]->pos;
        line->text = rule_text(binder, field->key, value->items[i]);
        list_add(binder->arena, &rule->raw_lines, line);
        ok = ok && line->text != NULL;
    }
    /* An empty list falls back to the other keys. */
    rule->is_raw = value->count > 0;
    return ok;
}

static const FieldDef rule_fields[] = {
    { "title", field_hba_text, offsetof(HbaRuleDecl, title), FIELD_NULL_COUNTS, NULL },
    { "role", field_hba_text, offsetof(HbaRuleDecl, role), FIELD_NULL_COUNTS, NULL },
    { "rules", field_raw_lines, 0, FIELD_NULL_COUNTS, NULL },
    { "user", field_hba_field, offsetof(HbaRuleDecl, user), FIELD_NULL_COUNTS, NULL },
    { "db", field_hba_field, offsetof(HbaRuleDecl, db), FIELD_NULL_COUNTS, NULL },
    { "addr", field_hba_field, offsetof(HbaRuleDecl, addr), FIELD_NULL_COUNTS, NULL },
    { "auth", field_hba_field, offsetof(HbaRuleDecl, auth), FIELD_NULL_COUNTS, NULL },
    { "order", field_hba_order, 0, FIELD_NULL_COUNTS, NULL },
    { 0 },
};

const List *
hba_rules_bind(Binder *binder, const char *key, const Node *list)
{
    const List *known = binder_recall(binder, BINDING_HBA_RULES, list);
    List rules = { 0 };

    if (known != NULL)
        return known;
    if (!node_is_null(list) && value_is_list(binder, key, list)) {
        for (size_t i = 0; i < list->count; i++) {
            HbaRuleDecl *rule = ARENA_NEW(binder->arena, HbaRuleDecl);

            rule->pos = list->items[i]->pos;
            if (bind_mapping(binder, list->items[i], rule_fields, UNKNOWN_KEYS_LEFT_ALONE,
                             arena_printf(binder->arena, "a rule of %s", key), rule))
                list_add(binder->arena, &rules, rule);
        }
    }
    return binder_remember(binder, BINDING_HBA_RULES, list, &rules);
}

/*
 * An IPv4 or IPv6 network with its mask. A mask with a leading zero is refused: other tools that
 * read the list take it for an octal number.
 */
static bool
is_network(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", -1);
    unsigned char address[sizeof(struct in6_addr)];
    guint64 max_mask = 0;

    if (g_strv_length(parts) != 2)
        return false;
    if (inet_pton(AF_INET, parts[0], address) == 1)
        max_mask = 32;
    else if (inet_pton(AF_INET6, parts[0], address) == 1)
        max_mask = 128;
    else
        return false;
    return g_ascii_isdigit(*parts[1]) && (*parts[1] != '0' || parts[1][1] == '\0') &&
           g_ascii_string_to_unsigned(parts[1], 10, 0, max_mask, NULL, NULL);
}

/* The networks are used as addresses of rules, so their order is kept: it is the order of lines. */
const List *
intranet_bind(Binder *binder, const Node *list)
{
    const List *known = binder_recall(binder, BINDING_INTRANET, list);
    List networks = { 0 };

    if (known != NULL)
        return known;
    if (!node_is_null(list) && value_is_list(binder, "node_firewall_intranet", list)) {
        for (size_t i = 0; i < list->count; i++) {
            const char *text = value_text(binder, "node_firewall_intranet", list->items[i]);
            HbaText *network = NULL;

            if (text == NULL)
                continue;
            if (!is_network(text)) {
                findings_add(binder->findings, &FINDING_ADDRESS_INVALID, list->items[i]->pos,
                             "write it as 10.0.0.0/8 or fd00::/8",
                             "\"%s\" in node_firewall_intranet is not a network in CIDR notation",
                             text);
                continue;
            }
            network = ARENA_NEW(binder->arena, HbaText);
            network->pos = list->items[i]->pos;
            network->text = text;
            list_add(binder->arena, &networks, network);
        }
    }
    return binder_remember(binder, BINDING_INTRANET, list, &networks);
}
