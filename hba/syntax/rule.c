/* The tables of words, and equality of rules. */
#include "hba/syntax/rule.h"

#include <string.h>

/*
 * Bit sets for the columns of the tables. The include lines are last in HbaType, so that every bit
 * below HBA_TYPE_INCLUDE is a connection type.
 */
#define TYPE_BIT(name)       (1u << HBA_TYPE_##name)
#define HBA_TYPES_LOCAL      TYPE_BIT(LOCAL)
#define HBA_TYPES_SSL        TYPE_BIT(HOSTSSL)
#define HBA_TYPES_ANY        ((1u << HBA_TYPE_INCLUDE) - 1)
#define HBA_TYPES_NETWORK    (HBA_TYPES_ANY & ~HBA_TYPES_LOCAL)
#define HBA_METHOD_BIT(name) (1u << HBA_METHOD_##name)
#define HBA_METHODS_ANY      ((1u << HBA_METHOD_COUNT) - 1)
#define HBA_METHODS_KERBEROS (HBA_METHOD_BIT(GSS) | HBA_METHOD_BIT(SSPI))
#define HBA_METHODS_MAPPED                                                                         \
    (HBA_METHOD_BIT(IDENT) | HBA_METHOD_BIT(PEER) | HBA_METHODS_KERBEROS | HBA_METHOD_BIT(CERT) |  \
     HBA_METHOD_BIT(OAUTH))

const HbaTypeInfo hba_types[] = {
#define HBA_TYPE(name, keyword, kind, since, pgbouncer_since)                                      \
    [HBA_TYPE_##name] = { keyword, kind, { since, pgbouncer_since } },
#include "hba/syntax/connection_type.def"
#undef HBA_TYPE
};
const HbaMethodInfo hba_methods[] = {
#define HBA_METHOD(name, keyword, types, since, pgbouncer_since, complaint)                        \
    [HBA_METHOD_##name] = { keyword, types, { since, pgbouncer_since }, complaint },
#include "hba/syntax/method.def"
#undef HBA_METHOD
};
const HbaOptionInfo hba_options[] = {
#define HBA_OPTION(name, keyword, methods, since, pgbouncer_since, needs_ssl)                      \
    [HBA_OPTION_##name] = { keyword, methods, { since, pgbouncer_since }, needs_ssl },
#include "hba/syntax/option.def"
#undef HBA_OPTION
};
const HbaRuleRoleInfo hba_rule_roles[] = {
#define HBA_RULE_ROLE(name, keyword, everywhere, pg_role)                                          \
    [HBA_RULE_ROLE_##name] = { keyword, everywhere, pg_role },
#include "hba/syntax/rule_role.def"
#undef HBA_RULE_ROLE
};

const char *const hba_type_words[] = {
#define HBA_TYPE(name, keyword, kind, since, pgbouncer_since) keyword,
#include "hba/syntax/connection_type.def"
#undef HBA_TYPE
    NULL,
};
const char *const hba_method_words[] = {
#define HBA_METHOD(name, keyword, types, since, pgbouncer_since, complaint) keyword,
#include "hba/syntax/method.def"
#undef HBA_METHOD
    NULL,
};
const char *const hba_option_words[] = {
#define HBA_OPTION(name, keyword, methods, since, pgbouncer_since, needs_ssl) keyword,
#include "hba/syntax/option.def"
#undef HBA_OPTION
    NULL,
};
const char *const hba_rule_role_words[] = {
#define HBA_RULE_ROLE(name, keyword, everywhere, pg_role) keyword,
#include "hba/syntax/rule_role.def"
#undef HBA_RULE_ROLE
    NULL,
};

/* A linear search: no table has more than about thirty words. */
size_t
hba_word_index(const char *const *words, const char *word)
{
    size_t index = 0;

    while (words[index] != NULL && strcmp(words[index], word) != 0)
        index++;
    return index;
}

/*
 * The order counts. A server does not care about it, but equality is used to prove that a line
 * survives rendering and reading, and import, without any change.
 */
static bool
tokens_equal(const List *a, const List *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const HbaToken *left = a->items[i];
        const HbaToken *right = b->items[i];

        if (left->kind != right->kind || strcmp(left->text, right->text) != 0)
            return false;
    }
    return true;
}

/*
 * parse_hba_auth_opt() keeps the last of two options with the same name, so the order has a
 * meaning.
 */
bool
hba_options_equal(const List *a, const List *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const HbaOption *left = a->items[i];
        const HbaOption *right = b->items[i];

        if (left->name != right->name || strcmp(left->value, right->value) != 0)
            return false;
    }
    return true;
}

/*
 * Positions and `raw` are left out: a rule written by hand and one made from an alias rule are
 * equal when a server reads them alike.
 */
bool
hba_rule_equal(const HbaRule *a, const HbaRule *b)
{
    if (a->is_comment || b->is_comment)
        return a->is_comment && b->is_comment;
    if (a->type != b->type)
        return false;
    if (hba_types[a->type].kind == HBA_LINE_INCLUDE)
        return g_strcmp0(a->include, b->include) == 0;
    return tokens_equal(&a->databases, &b->databases) && tokens_equal(&a->users, &b->users) &&
           hba_address_equal(&a->address, &b->address) && a->method == b->method &&
           hba_options_equal(&a->options, &b->options);
}
