/* What GRANT and REVOKE list, as SQL: privileges and roles. */
#pragma once

#include "base/list.h"
#include "base/names.h"
#include "inventory/model/privilege.h"

/* SELECT, UPDATE, or with columns (const char) SELECT ("a", "b"), UPDATE ("a", "b"). */
const char *grant_text_privileges(Arena *arena, PrivilegeSet privileges, const List *columns);
/* "dave" or PUBLIC. */
const char *grant_text_role(Arena *arena, const Names *names, NameId role);
