/* pg_default_privileges: SQL fragments, read by PostgreSQL's grammar. */
#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/decl/declaration.h"
#include "inventory/findings.h"
#include "inventory/sql/sql_fragment.h"

static const DefaultAclType acl_types[] = {
    [SQL_OBJECT_TABLES] = DEFAULT_ACL_TABLES,
    [SQL_OBJECT_SEQUENCES] = DEFAULT_ACL_SEQUENCES,
    [SQL_OBJECT_FUNCTIONS] = DEFAULT_ACL_FUNCTIONS,
    [SQL_OBJECT_TYPES] = DEFAULT_ACL_TYPES,
    [SQL_OBJECT_SCHEMAS] = DEFAULT_ACL_SCHEMAS,
    [SQL_OBJECT_LARGE_OBJECTS] = DEFAULT_ACL_LARGE_OBJECTS,
};

/* The newest version decides what is a privilege at all; the plan leaves out what a server lacks.
 */
#define NEWEST_VERSION 18

/*
 * The grammar accepts any word as a privilege; that it is one, and one for that type of object, is
 * checked by the server only when the statement runs (ExecGrantStmt).
 */
static bool
bind_privileges(Binder *binder, const Node *item, const SqlDefaultPrivilege *parsed,
                DefaultPrivilegeDecl *declaration)
{
    PrivilegeSet possible = default_acl_type_all(declaration->type, NEWEST_VERSION);

    declaration->all_privileges = parsed->privileges.count == 0;
    LIST_FOREACH (const char, keyword, &parsed->privileges) {
        PrivilegeSet privilege = privilege_from_keyword(keyword);

        if ((privilege & possible) == 0) {
            /* The grammar has folded what the author wrote. */
            g_autofree char *word = g_ascii_strup(keyword, -1);

            findings_add(binder->findings, &FINDING_PRIVILEGE_UNKNOWN, item->pos, NULL,
                         "\"%s\" is not a valid privilege for %s", word,
                         default_acl_type_keyword(declaration->type));
            return false;
        }
        declaration->privileges |= privilege;
    }
    return true;
}

static bool
bind_names(Binder *binder, const Node *item, const List *names, NameUse use)
{
    LIST_FOREACH (const char, name, names) {
        if (name != NULL && !value_check_name(binder, item->pos, name, use))
            return false;
    }
    return true;
}

/* The position of a grammar error is turned into a position in the inventory, inside the string. */
static const DefaultPrivilegeDecl *
bind_fragment(Binder *binder, const Node *item)
{
    DefaultPrivilegeDecl *declaration = NULL;
    SqlDefaultPrivilege parsed = { 0 };
    SqlError error = { 0 };
    const char *text = value_text(binder, "pg_default_privileges", item);

    if (text == NULL)
        return NULL;
    if (!sql_default_privilege_parse(binder->arena, text, &parsed, &error)) {
        findings_add(
            binder->findings, &FINDING_DEFAULT_PRIVILEGE_INVALID,
            node_pos_inside(item, error.offset),
            "an entry is GRANT privileges ON TABLES TO role, or its REVOKE, and may begin with IN SCHEMA",
            "%s", error.message);
        return NULL;
    }
    declaration = ARENA_NEW(binder->arena, DefaultPrivilegeDecl);
    declaration->pos = item->pos;
    declaration->text = text;
    declaration->is_revoke = parsed.is_revoke;
    declaration->grant_option = parsed.grant_option;
    declaration->cascade = parsed.cascade;
    declaration->type = acl_types[parsed.type];
    declaration->schemas = parsed.schemas;
    declaration->grantees = parsed.grantees;
    if (!bind_privileges(binder, item, &parsed, declaration) ||
        !bind_names(binder, item, &parsed.schemas, NAME_OF_OBJECT) ||
        !bind_names(binder, item, &parsed.grantees, NAME_OF_GRANTEE))
        return NULL;
    return declaration;
}

const List *
default_privileges_bind(Binder *binder, const Node *list)
{
    const List *known = binder_recall(binder, BINDING_DEFAULT_PRIVILEGES, list);
    List declarations = { 0 };

    if (known != NULL)
        return known;
    if (!node_is_null(list) && value_is_list(binder, "pg_default_privileges", list)) {
        for (size_t i = 0; i < list->count; i++) {
            const DefaultPrivilegeDecl *declaration = bind_fragment(binder, list->items[i]);

            if (declaration != NULL)
                list_add(binder->arena, &declarations, declaration);
        }
    }
    return binder_remember(binder, BINDING_DEFAULT_PRIVILEGES, list, &declarations);
}
