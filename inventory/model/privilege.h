/*
 * Privileges and the kinds of object that default privileges speak of, as PostgreSQL names them. A
 * set of privileges is a bit mask of PRIVILEGE_BIT()s.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"

typedef enum Privilege {
#define PRIVILEGE(name, keyword, letter, since) PRIVILEGE_##name,
#include "inventory/model/privilege.def"
#undef PRIVILEGE
    PRIVILEGE_COUNT,
} Privilege;

typedef uint32_t PrivilegeSet;

#define PRIVILEGE_BIT(privilege) ((PrivilegeSet)1 << (privilege))

/* The object types of ALTER DEFAULT PRIVILEGES (pg_default_acl.defaclobjtype). */
typedef enum DefaultAclType {
    DEFAULT_ACL_TABLES,
    DEFAULT_ACL_SEQUENCES,
    DEFAULT_ACL_FUNCTIONS,
    DEFAULT_ACL_TYPES,
    DEFAULT_ACL_SCHEMAS,
    DEFAULT_ACL_LARGE_OBJECTS, /* server 18 on */
    DEFAULT_ACL_TYPE_COUNT,
} DefaultAclType;

/* "SELECT" and the like; "" never. */
const char *privilege_keyword(Privilege privilege);
/* 0 where the keyword is not a privilege; case is ignored; TEMP is TEMPORARY. */
PrivilegeSet privilege_from_keyword(const char *keyword);
/* "SELECT, INSERT": the keywords in the order of privilege.def. */
const char *privilege_set_text(Arena *arena, PrivilegeSet set);
/* Those of the set that a server of that major version knows. */
PrivilegeSet privileges_of_version(PrivilegeSet set, int major_version);
/* All privileges that exist for objects of that type on that major version (ALL PRIVILEGES). */
PrivilegeSet default_acl_type_all(DefaultAclType type, int major_version);
/* "TABLES" and the like. */
const char *default_acl_type_keyword(DefaultAclType type);
