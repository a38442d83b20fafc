/* The words of a state file, which its writer and its reader share. */
#pragma once

#include "inventory/model/inventory.h"
#include "roles/acl/object_group.h"

/* "tables" and the like; the table ends at DEFAULT_ACL_TYPE_COUNT. */
const char *state_word_of_default(DefaultAclType type);
/* DEFAULT_ACL_TYPE_COUNT where the word is none of them. */
DefaultAclType state_default_from_word(const char *word);

/* "extension_member", "initial_acl", "security_definer": of one bit of ObjectGroupFlags. */
const char *state_word_of_flag(unsigned flag);
/* 0 where the word is none of them. */
unsigned state_flag_from_word(const char *word);

/* "login" and the like; with "no" before it where the attribute is off. */
const char *state_word_of_attribute(RoleAttribute attribute);
bool state_attribute_from_word(const char *word, RoleAttribute *ret_attribute, bool *ret_value);

/* Whether each object of the kind is a group of its own, as the catalog reader makes them. */
bool state_kind_is_single(GrantKind kind);
