/*
 * Acl: the access control list of one object, as the server keeps it: for each pair of grantee and
 * grantor the privileges held and which of them may be granted on. An Acl is always written out: a
 * NULL in the catalog becomes acl_default() when it is read.
 *
 * Entries are unordered; no two have the same grantee and grantor, and none is without privileges.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/names.h"
#include "inventory/model/privilege.h"

/* PUBLIC is not a role: an id that names_intern() never gives. */
#define NAME_PUBLIC ((NameId)UINT32_MAX)

typedef enum ObjectKind {
#define OBJECT_KIND(name, keyword, owner, public) OBJECT_KIND_##name,
#include "roles/acl/object_kind.def"
#undef OBJECT_KIND
    OBJECT_KIND_COUNT,
} ObjectKind;

typedef struct AclEntry {
    NameId grantee; /* NAME_PUBLIC for PUBLIC */
    NameId grantor;
    PrivilegeSet privileges;
    PrivilegeSet grantable; /* a subset of privileges */
} AclEntry;

typedef struct Acl {
    AclEntry *entries;
    size_t count;
    size_t capacity;
} Acl;

/* "SCHEMA" and the like: the word after ON in GRANT. */
const char *object_kind_keyword(ObjectKind kind);
/* Every privilege that the kind has on that major version: what ALL PRIVILEGES means. */
PrivilegeSet object_kind_all(ObjectKind kind, int major_version);
/* The kind of object that a default privilege speaks of. */
ObjectKind object_kind_of_default(DefaultAclType type);

/* What a NULL ACL stands for (acldefault() in the server). */
Acl acl_default(Arena *arena, ObjectKind kind, NameId owner, int major_version);
Acl acl_copy(Arena *arena, const Acl *acl);
/* Adds the privileges to the entry of (grantee, grantor). */
void acl_grant(Arena *arena, Acl *acl, const AclEntry *entry);
/* Takes the entry's privileges, and with them their grant options, and its grantable bits alone. */
void acl_revoke(Acl *acl, const AclEntry *entry);
/* The same with all entries that rest on a grant option that the grantee has no more. */
void acl_revoke_cascade(Acl *acl, const AclEntry *entry);
/* What ALTER ... OWNER TO does to an ACL (aclnewowner() in the server): everywhere the new owner
   stands in for the old one, and entries that become equal are merged. */
void acl_change_owner(Acl *acl, NameId old_owner, NameId new_owner);
/* Adds every entry of the other ACL. */
void acl_merge(Arena *arena, Acl *acl, const Acl *other);
/* What the grantee holds by entries of its own, whoever granted them. */
AclEntry acl_held_by(const Acl *acl, NameId grantee);
/* The entry of that pair; one without privileges when there is none. */
AclEntry acl_entry_of(const Acl *acl, NameId grantee, NameId grantor);
/* The entries of those grantees alone. */
Acl acl_of_grantees(Arena *arena, const Acl *acl, const NameIdVector *grantees);
bool acl_equal(const Acl *a, const Acl *b);

/* What went wrong with a text that should be an aclitem[]. */
typedef enum AclTextStatus {
    ACL_TEXT_OK,
    ACL_TEXT_UNKNOWN_LETTERS, /* read; letters of a newer server were left out */
    ACL_TEXT_MALFORMED,
} AclTextStatus;

/* Reads what the server prints for an aclitem[], such as {=U/postgres,app=ar*w/postgres}. */
AclTextStatus acl_parse(Arena *arena, Names *names, const char *text, Acl *ret_acl);
/* What the ACL gives, whoever granted it: {app=ar*w, =r}, sorted, one item for each grantee. */
char *acl_access(Arena *arena, const Names *names, const Acl *acl);
/* The inverse: the text the server would print. */
char *acl_render(Arena *arena, const Names *names, const Acl *acl);
