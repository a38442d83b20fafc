/* aclitem[] as text: {grantee=privileges/grantor,...}, read and written as the server does. */
#include <string.h>

#include "base/doubled_quotes.h"
#include "base/list.h"
#include "roles/acl/acl.h"

static const char privilege_letters[] = {
#define PRIVILEGE(name, keyword, letter, since) [PRIVILEGE_##name] = letter,
#include "inventory/model/privilege.def"
#undef PRIVILEGE
};

_Static_assert(G_N_ELEMENTS(privilege_letters) == PRIVILEGE_COUNT, "a letter for each privilege");

/* A name inside an aclitem: bare, or in double quotes with "" for a quote (putid() in the server).
 */
static bool
read_name(const char **at, GString *name)
{
    const char *position = *at;
    bool quoted = false;

    g_string_truncate(name, 0);
    for (;; position++) {
        if (*position == '\0') {
            if (quoted)
                return false;
            break;
        }
        if (*position == '"') {
            if (quoted && position[1] == '"')
                g_string_append_c(name, *++position);
            else
                quoted = !quoted;
        } else if (!quoted && (*position == '=' || *position == '/')) {
            break;
        } else {
            g_string_append_c(name, *position);
        }
    }
    *at = position;
    return true;
}

/*
 * A letter that this version does not know may be a privilege of a later server. The entry is kept
 * without it and the status says so, so that the plan reports that it saw only a part.
 */
static bool
read_letters(const char **at, AclEntry *entry)
{
    bool known = true;
    PrivilegeSet last = 0;

    for (; **at != '/' && **at != '\0'; ++*at) {
        const char *found = NULL;

        if (**at == '*') {
            entry->grantable |= last;
            continue;
        }
        found = memchr(privilege_letters, **at, sizeof privilege_letters);
        last = found == NULL ? 0 : PRIVILEGE_BIT(found - privilege_letters);
        known = known && found != NULL;
        entry->privileges |= last;
    }
    return known;
}

/*
 * aclparse() in acl.c reads grantee=privileges/grantor; an empty grantee is PUBLIC, and the server
 * always writes the grantor.
 */
static AclTextStatus
parse_item(Names *names, const char *text, GString *name, AclEntry *ret_entry)
{
    bool known = false;

    if (!read_name(&text, name) || *text != '=')
        return ACL_TEXT_MALFORMED;
    ret_entry->grantee = name->len == 0 ? NAME_PUBLIC : names_intern(names, name->str);
    text++;
    known = read_letters(&text, ret_entry);
    if (*text != '/')
        return ACL_TEXT_MALFORMED;
    text++;
    if (!read_name(&text, name) || *text != '\0' || name->len == 0)
        return ACL_TEXT_MALFORMED;
    ret_entry->grantor = names_intern(names, name->str);
    return known ? ACL_TEXT_OK : ACL_TEXT_UNKNOWN_LETTERS;
}

/*
 * One element of the array's text, unquoted into item; false at a malformed place. array_in() in
 * arrayfuncs.c: an element is bare or in double quotes, and a backslash takes the next byte as it
 * is in both.
 */
static bool
read_element(const char **at, GString *item)
{
    const char *position = *at;
    bool quoted = *position == '"';

    g_string_truncate(item, 0);
    if (quoted)
        position++;
    for (;; position++) {
        if (*position == '\\' && position[1] != '\0')
            g_string_append_c(item, *++position);
        else if (*position == '\0')
            return false;
        else if (quoted ? *position == '"' : *position == ',' || *position == '}')
            break;
        else
            g_string_append_c(item, *position);
    }
    *at = quoted ? position + 1 : position;
    return **at == ',' || **at == '}';
}

AclTextStatus
acl_parse(Arena *arena, Names *names, const char *text, Acl *ret_acl)
{
    g_autoptr(GString) item = g_string_new(NULL);
    g_autoptr(GString) name = g_string_new(NULL);
    AclTextStatus status = ACL_TEXT_OK;
    Acl acl = { 0 };

    if (*text != '{')
        return ACL_TEXT_MALFORMED;
    text++;
    if (*text == '}' && text[1] == '\0') {
        *ret_acl = acl;
        return ACL_TEXT_OK;
    }
    for (;; text++) {
        AclEntry entry = { 0 };
        AclTextStatus item_status = ACL_TEXT_OK;

        if (!read_element(&text, item))
            return ACL_TEXT_MALFORMED;
        item_status = parse_item(names, item->str, name, &entry);
        if (item_status == ACL_TEXT_MALFORMED)
            return ACL_TEXT_MALFORMED;
        status = MAX(status, item_status);
        acl_grant(arena, &acl, &entry);
        if (*text == '}')
            break;
    }
    if (text[1] != '\0')
        return ACL_TEXT_MALFORMED;
    *ret_acl = acl;
    return status;
}

/*
 * putid() in acl.c leaves letters, digits and underscores bare. Bytes beyond ASCII are quoted here
 * in every case, which the server reads just as well, whatever its locale calls a letter.
 */
static void
append_name(GString *out, const char *name)
{
    bool safe = *name != '\0';

    for (const char *at = name; safe && *at != '\0'; at++)
        safe = g_ascii_isalnum(*at) || *at == '_';
    if (safe) {
        g_string_append(out, name);
        return;
    }
    doubled_quotes_append(out, name, '"');
}

/*
 * array_out() quotes for the same characters; NULL as a word cannot occur, since an item contains
 * '='.
 */
static void
append_element(GString *out, const char *item)
{
    if (strpbrk(item, "\"\\{}, \t\n\r\v\f") == NULL) {
        g_string_append(out, item);
        return;
    }
    g_string_append_c(out, '"');
    for (const char *at = item; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *at);
    }
    g_string_append_c(out, '"');
}

/* app=ar*w */
static void
append_privileges(GString *out, const Names *names, const AclEntry *entry)
{
    if (entry->grantee != NAME_PUBLIC)
        append_name(out, names_text(names, entry->grantee));
    g_string_append_c(out, '=');
    for (unsigned bit = 0; bit < PRIVILEGE_COUNT; bit++) {
        if (entry->privileges & PRIVILEGE_BIT(bit))
            g_string_append_c(out, privilege_letters[bit]);
        if (entry->grantable & PRIVILEGE_BIT(bit))
            g_string_append_c(out, '*');
    }
}

char *
acl_render(Arena *arena, const Names *names, const Acl *acl)
{
    g_autoptr(GString) out = g_string_new("{");
    g_autoptr(GString) item = g_string_new(NULL);

    for (size_t i = 0; i < acl->count; i++) {
        g_string_truncate(item, 0);
        append_privileges(item, names, &acl->entries[i]);
        g_string_append_c(item, '/');
        append_name(item, names_text(names, acl->entries[i].grantor));
        if (i > 0)
            g_string_append_c(out, ',');
        append_element(out, item->str);
    }
    g_string_append_c(out, '}');
    return arena_strdup(arena, out->str);
}

/* Sorted: the server's order means nothing. */
char *
acl_access(Arena *arena, const Names *names, const Acl *acl)
{
    g_autoptr(GString) out = g_string_new("{");
    Acl merged = { 0 };
    List items = { 0 };

    for (size_t i = 0; i < acl->count; i++) {
        AclEntry entry = acl->entries[i];

        entry.grantor = NAME_NONE;
        acl_grant(arena, &merged, &entry);
    }
    for (size_t i = 0; i < merged.count; i++) {
        g_autoptr(GString) item = g_string_new(NULL);

        append_privileges(item, names, &merged.entries[i]);
        list_add(arena, &items, arena_strdup(arena, item->str));
    }
    list_sort_texts(&items);
    LIST_FOREACH (const char, item, &items)
        g_string_append_printf(out, "%s%s", out->len > 1 ? ", " : "", item);
    g_string_append_c(out, '}');
    return arena_strdup(arena, out->str);
}
