/* Kinds as SQL calls them, and groups taken apart. */
#include "roles/acl/object_group.h"

#include <fnmatch.h>
#include <string.h>

#include "inventory/sql/sql_fragment.h"

typedef struct KindRow {
    const char *grant_keyword;
    const char *alter_keyword;
    ObjectKind acl_kind;
    DefaultAclType default_type;
} KindRow;

#define NO_DEFAULT DEFAULT_ACL_TYPE_COUNT

/*
 * GRANT and ALTER use different words for one kind: views and materialized views are TABLE for
 * GRANT, aggregates are FUNCTION for GRANT and ROUTINE for ALTER. The kind of ACL decides which
 * privileges exist, and default privileges know fewer kinds still (gram.y,
 * defacl_privilege_target).
 */
static const KindRow rows[] = {
    [GRANT_KIND_TABLE] = { "TABLE", "TABLE", OBJECT_KIND_TABLE, DEFAULT_ACL_TABLES },
    [GRANT_KIND_RELATION] = { "TABLE", "TABLE", OBJECT_KIND_TABLE, DEFAULT_ACL_TABLES },
    [GRANT_KIND_VIEW] = { "TABLE", "VIEW", OBJECT_KIND_TABLE, DEFAULT_ACL_TABLES },
    [GRANT_KIND_MATVIEW] = { "TABLE", "MATERIALIZED VIEW", OBJECT_KIND_TABLE, DEFAULT_ACL_TABLES },
    [GRANT_KIND_SEQUENCE] = { "SEQUENCE", "SEQUENCE", OBJECT_KIND_SEQUENCE, DEFAULT_ACL_SEQUENCES },
    [GRANT_KIND_FUNCTION] = { "FUNCTION", "FUNCTION", OBJECT_KIND_FUNCTION, DEFAULT_ACL_FUNCTIONS },
    [GRANT_KIND_PROCEDURE] = { "PROCEDURE", "PROCEDURE", OBJECT_KIND_FUNCTION,
                               DEFAULT_ACL_FUNCTIONS },
    [GRANT_KIND_AGGREGATE] = { "FUNCTION", "ROUTINE", OBJECT_KIND_FUNCTION, DEFAULT_ACL_FUNCTIONS },
    [GRANT_KIND_ROUTINE] = { "ROUTINE", "ROUTINE", OBJECT_KIND_FUNCTION, DEFAULT_ACL_FUNCTIONS },
    [GRANT_KIND_TYPE] = { "TYPE", "TYPE", OBJECT_KIND_TYPE, DEFAULT_ACL_TYPES },
    [GRANT_KIND_DOMAIN] = { "TYPE", "DOMAIN", OBJECT_KIND_TYPE, DEFAULT_ACL_TYPES },
    [GRANT_KIND_DATABASE] = { "DATABASE", "DATABASE", OBJECT_KIND_DATABASE, NO_DEFAULT },
    [GRANT_KIND_SCHEMA] = { "SCHEMA", "SCHEMA", OBJECT_KIND_SCHEMA, DEFAULT_ACL_SCHEMAS },
    [GRANT_KIND_LANGUAGE] = { "LANGUAGE", "LANGUAGE", OBJECT_KIND_LANGUAGE, NO_DEFAULT },
    [GRANT_KIND_FDW] = { "FOREIGN DATA WRAPPER", "FOREIGN DATA WRAPPER", OBJECT_KIND_FDW,
                         NO_DEFAULT },
    [GRANT_KIND_SERVER] = { "FOREIGN SERVER", "SERVER", OBJECT_KIND_SERVER, NO_DEFAULT },
    [GRANT_KIND_TABLESPACE] = { "TABLESPACE", "TABLESPACE", OBJECT_KIND_TABLESPACE, NO_DEFAULT },
    [GRANT_KIND_PARAMETER] = { "PARAMETER", NULL, OBJECT_KIND_PARAMETER, NO_DEFAULT },
    [GRANT_KIND_LARGE_OBJECT] = { "LARGE OBJECT", "LARGE OBJECT", OBJECT_KIND_LARGE_OBJECT,
                                  DEFAULT_ACL_LARGE_OBJECTS },
};

_Static_assert(G_N_ELEMENTS(rows) == GRANT_KIND_COUNT, "a row for each kind");

AclEntry
acl_declared_for(const AclDeclarations *declared, NameId grantee)
{
    AclEntry found = { .grantee = grantee };

    LIST_FOREACH (const AclDeclaration, declaration, &declared->present) {
        if (declaration->entry.grantee != grantee)
            continue;
        found.privileges |= declaration->entry.privileges;
        found.grantable |= declaration->entry.grantable;
    }
    return found;
}

const char *
object_group_grant_keyword(GrantKind kind)
{
    return rows[kind].grant_keyword;
}

const char *
object_group_alter_keyword(GrantKind kind)
{
    return rows[kind].alter_keyword;
}

ObjectKind
object_group_acl_kind(GrantKind kind)
{
    return rows[kind].acl_kind;
}

DefaultAclType
object_group_default_type(GrantKind kind)
{
    return rows[kind].default_type;
}

/*
 * ROUTINE in GRANT means functions, procedures and aggregates; TABLE means tables, views,
 * materialized views and foreign tables (aclchk.c objectNamesToOids()), which are the kinds with
 * columns. Each group still has the kind of its own.
 */
bool
object_kind_covers(GrantKind wanted, GrantKind kind)
{
    const unsigned classes = GRANT_KIND_IS_ROUTINE | GRANT_KIND_HAS_COLUMNS;
    unsigned flags = grant_kind_info(wanted)->flags;

    if ((flags & GRANT_KIND_IS_UNION) != 0)
        return (flags & grant_kind_info(kind)->flags & classes) != 0;
    return wanted == kind;
}

/* A type written without a schema means the one of that name, wherever it lies. */
static bool
type_matches(const SqlTypeName *actual, const SqlTypeName *wanted)
{
    return strcmp(actual->name, wanted->name) == 0 && actual->is_array == wanted->is_array &&
           (wanted->schema == NULL || strcmp(actual->schema, wanted->schema) == 0);
}

/*
 * A name without an argument list matches every overload: an author who writes one name usually
 * does not know how many there are, and the alternative, an error, would appear when somebody adds
 * an overload.
 */
bool
object_identity_matches(const ObjectIdentity *identity, const GrantName *name)
{
    if (fnmatch(name->pattern, identity->name, 0) != 0)
        return false;
    if (!name->has_arguments)
        return true;
    if (identity->arguments.count != name->arguments.count)
        return false;
    for (size_t i = 0; i < name->arguments.count; i++) {
        if (!type_matches(identity->arguments.items[i], name->arguments.items[i]))
            return false;
    }
    return true;
}

ObjectGroup *
object_group_copy(Arena *arena, const ObjectGroup *group, NameId read_from)
{
    ObjectGroup *copy = ARENA_NEW(arena, ObjectGroup);

    *copy = *group;
    copy->read_from = read_from;
    copy->identities = list_duplicate(arena, &group->identities);
    copy->acl = acl_copy(arena, &group->acl);
    copy->base = acl_copy(arena, &group->base);
    copy->declared.present = list_duplicate(arena, &group->declared.present);
    copy->declared.absent = list_duplicate(arena, &group->declared.absent);
    copy->provenance = list_duplicate(arena, &group->provenance);
    return copy;
}

/*
 * What is split off goes to the end of the list. Loops over the list meet it again and find that it
 * matches completely or not at all, so nobody needs to restart the loop.
 */
ObjectGroup *
object_group_split(Arena *arena, List *groups, ObjectGroup *group, ObjectIdentityTest *test,
                   const void *data)
{
    List inside = { 0 };
    List outside = { 0 };
    ObjectGroup *part = NULL;

    g_assert(group->is_named);
    LIST_FOREACH (const ObjectIdentity, identity, &group->identities)
        list_add(arena, test(identity, data) ? &inside : &outside, identity);
    if (inside.count == 0)
        return NULL;
    if (outside.count == 0)
        return group;
    part = object_group_copy(arena, group, group->read_from);
    part->identities = inside;
    part->count = inside.count;
    group->identities = outside;
    group->count = outside.count;
    list_add(arena, groups, part);
    return part;
}

typedef struct Selection {
    const GrantDecl *grant;
    bool *used;
} Selection;

/*
 * Every pattern is tried even when one has matched: a pattern that is never used is reported as a
 * name that does not exist.
 */
static bool
is_selected(const ObjectIdentity *identity, const void *data)
{
    const Selection *selection = data;
    const GrantDecl *grant = selection->grant;
    bool selected = grant->names.count == 0;

    LIST_FOREACH (const GrantName, name, &grant->except) {
        if (object_identity_matches(identity, name))
            return false;
    }
    for (size_t i = 0; i < grant->names.count; i++) {
        if (!object_identity_matches(identity, grant->names.items[i]))
            continue;
        selection->used[i] = true;
        selected = true;
    }
    return selected;
}

ObjectGroup *
object_group_select(Arena *arena, List *groups, ObjectGroup *group, const GrantDecl *grant,
                    bool *used)
{
    const Selection selection = { .grant = grant, .used = used };

    if (grant->names.count == 0 && grant->except.count == 0)
        return group;
    return object_group_split(arena, groups, group, is_selected, &selection);
}
