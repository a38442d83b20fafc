/* Words of a state file and what they stand for. */
#include "roles/state/state_words.h"

#include <string.h>

static const char *const default_words[] = {
    [DEFAULT_ACL_TABLES] = "tables",       [DEFAULT_ACL_SEQUENCES] = "sequences",
    [DEFAULT_ACL_FUNCTIONS] = "functions", [DEFAULT_ACL_TYPES] = "types",
    [DEFAULT_ACL_SCHEMAS] = "schemas",     [DEFAULT_ACL_LARGE_OBJECTS] = "large_objects",
};

_Static_assert(G_N_ELEMENTS(default_words) == DEFAULT_ACL_TYPE_COUNT,
               "a word for each type of default privilege");

static const char *const attribute_words[] = {
    [ROLE_ATTRIBUTE_LOGIN] = "login",         [ROLE_ATTRIBUTE_SUPERUSER] = "superuser",
    [ROLE_ATTRIBUTE_CREATEDB] = "createdb",   [ROLE_ATTRIBUTE_CREATEROLE] = "createrole",
    [ROLE_ATTRIBUTE_INHERIT] = "inherit",     [ROLE_ATTRIBUTE_REPLICATION] = "replication",
    [ROLE_ATTRIBUTE_BYPASSRLS] = "bypassrls",
};

_Static_assert(G_N_ELEMENTS(attribute_words) == ROLE_ATTRIBUTE_COUNT, "a word for each attribute");

static const struct {
    unsigned flag;
    const char *word;
} flag_words[] = {
    { OBJECT_GROUP_IS_MEMBER, "extension_member" },
    { OBJECT_GROUP_IS_INITIAL, "initial_acl" },
    { OBJECT_GROUP_IS_SECURITY_DEFINER, "security_definer" },
};

const char *
state_word_of_default(DefaultAclType type)
{
    return default_words[type];
}

DefaultAclType
state_default_from_word(const char *word)
{
    unsigned type = 0;

    while (type < DEFAULT_ACL_TYPE_COUNT && strcmp(default_words[type], word) != 0)
        type++;
    return (DefaultAclType)type;
}

const char *
state_word_of_flag(unsigned flag)
{
    for (size_t i = 0; i < G_N_ELEMENTS(flag_words); i++) {
        if (flag_words[i].flag == flag)
            return flag_words[i].word;
    }
    return NULL;
}

unsigned
state_flag_from_word(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(flag_words); i++) {
        if (strcmp(flag_words[i].word, word) == 0)
            return flag_words[i].flag;
    }
    return 0;
}

const char *
state_word_of_attribute(RoleAttribute attribute)
{
    return attribute_words[attribute];
}

bool
state_attribute_from_word(const char *word, RoleAttribute *ret_attribute, bool *ret_value)
{
    *ret_value = !g_str_has_prefix(word, "no");
    if (!*ret_value)
        word += strlen("no");
    for (unsigned i = 0; i < ROLE_ATTRIBUTE_COUNT; i++) {
        if (strcmp(attribute_words[i], word) == 0) {
            *ret_attribute = (RoleAttribute)i;
            return true;
        }
    }
    return false;
}

bool
state_kind_is_single(GrantKind kind)
{
    return kind == GRANT_KIND_LANGUAGE || kind == GRANT_KIND_FDW || kind == GRANT_KIND_SERVER ||
           kind == GRANT_KIND_TABLESPACE || kind == GRANT_KIND_PARAMETER;
}
