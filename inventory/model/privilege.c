/* The tables of privileges. */
#include "inventory/model/privilege.h"

#include <glib.h>
#include <string.h>

static const struct {
    const char *keyword;
    int since; /* major version; 0: always there */
} privileges[] = {

#define PRIVILEGE(name, keyword, letter, since) [PRIVILEGE_##name] = { keyword, since },
#include "inventory/model/privilege.def"
#undef PRIVILEGE
};

#define P(name) PRIVILEGE_BIT(PRIVILEGE_##name)

static const struct {
    const char *keyword;
    PrivilegeSet all;
} types[] = {
    [DEFAULT_ACL_TABLES] = { "TABLES", P(SELECT) | P(INSERT) | P(UPDATE) | P(DELETE) | P(TRUNCATE) |
                                           P(REFERENCES) | P(TRIGGER) | P(MAINTAIN) },
    [DEFAULT_ACL_SEQUENCES] = { "SEQUENCES", P(USAGE) | P(SELECT) | P(UPDATE) },
    [DEFAULT_ACL_FUNCTIONS] = { "FUNCTIONS", P(EXECUTE) },
    [DEFAULT_ACL_TYPES] = { "TYPES", P(USAGE) },
    [DEFAULT_ACL_SCHEMAS] = { "SCHEMAS", P(USAGE) | P(CREATE) },
    [DEFAULT_ACL_LARGE_OBJECTS] = { "LARGE OBJECTS", P(SELECT) | P(UPDATE) },
};

_Static_assert(G_N_ELEMENTS(privileges) == PRIVILEGE_COUNT, "a row for each privilege");
_Static_assert(G_N_ELEMENTS(types) == DEFAULT_ACL_TYPE_COUNT, "a row for each type");

const char *
privilege_keyword(Privilege privilege)
{
    return privileges[privilege].keyword;
}

PrivilegeSet
privilege_from_keyword(const char *keyword)
{
    if (g_ascii_strcasecmp(keyword, "TEMP") == 0)
        return P(TEMPORARY);
    for (unsigned i = 0; i < PRIVILEGE_COUNT; i++) {
        if (g_ascii_strcasecmp(privileges[i].keyword, keyword) == 0)
            return PRIVILEGE_BIT(i);
    }
    return 0;
}

const char *
privilege_set_text(Arena *arena, PrivilegeSet set)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (unsigned i = 0; i < PRIVILEGE_COUNT; i++) {
        if ((set & PRIVILEGE_BIT(i)) != 0)
            g_string_append_printf(out, "%s%s", out->len > 0 ? ", " : "", privileges[i].keyword);
    }
    return arena_strdup(arena, out->str);
}

PrivilegeSet
privileges_of_version(PrivilegeSet set, int major_version)
{
    for (unsigned i = 0; i < PRIVILEGE_COUNT; i++) {
        if (privileges[i].since > major_version)
            set &= ~PRIVILEGE_BIT(i);
    }
    return set;
}

PrivilegeSet
default_acl_type_all(DefaultAclType type, int major_version)
{
    return privileges_of_version(types[type].all, major_version);
}

const char *
default_acl_type_keyword(DefaultAclType type)
{
    return types[type].keyword;
}
