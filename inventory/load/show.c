/* Writing nodes as YAML. */
#include "inventory/load/show.h"

#include <string.h>

#include "inventory/yaml/node.h"
#include "inventory/yaml/yaml_scalar.h"

#define SECRET "<secret>"

/* Words in a key that say that its value is a secret. */
static const char *const secret_keys[] = { "password", "passwd", "secret" };
/* What stands before a secret inside a longer text: connection strings, HBA and role options. */
static const char *const secret_marks[] = {
    "password=", "password =", "passwd=", "radiussecrets=", "password ",
};

/*
 * The output of show is pasted into tickets, so it errs on the side of hiding: a value is a secret
 * when its key or its text says so.
 */
static bool
holds_any(const char *text, const char *const *words, size_t count)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);

    for (size_t i = 0; i < count; i++) {
        if (strstr(lower, words[i]) != NULL)
            return true;
    }
    return false;
}

/* scheme://user:password@host */
static bool
holds_url_password(const char *text)
{
    const char *authority = strstr(text, "://");
    const char *at = authority == NULL ? NULL : strchr(authority, '@');

    return at != NULL && memchr(authority + 3, ':', (size_t)(at - authority - 3)) != NULL;
}

static bool
is_secret(const char *key, const Node *scalar)
{
    /* A lookup is a reference, and what is encrypted is shown neither open nor closed. */
    if (scalar->seal == SEAL_ENV || scalar->seal == SEAL_FILE)
        return false;
    if (scalar->seal != SEAL_NONE || (scalar->flags & NODE_SECRET) != 0)
        return true;
    if (scalar->type == SCALAR_NULL || scalar->length == 0)
        return false;
    if (key != NULL && holds_any(key, secret_keys, G_N_ELEMENTS(secret_keys)))
        return true;
    return (g_strcmp0(key, "comment") != 0 && g_strcmp0(key, "title") != 0 &&
            holds_any(scalar->text, secret_marks, G_N_ELEMENTS(secret_marks))) ||
           holds_url_password(scalar->text);
}

/* Plain only where YAML 1.1 reads the same string back: "on", "010" and "1:30" need quotes. */
static bool
is_plain(const char *text, size_t length)
{
    Node scalar = { .kind = NODE_SCALAR, .text = text, .length = length };

    if (length == 0 || (!g_ascii_isalnum(*text) && *text != '_' && *text != '/') ||
        text[length - 1] == ' ')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!g_ascii_isalnum(text[i]) && strchr("_./+- @", text[i]) == NULL)
            return false;
    }
    yaml_scalar_resolve(&scalar);
    return scalar.type == SCALAR_TEXT;
}

/* Double quotes, the one style that can express every byte of a string. */
static void
append_text(GString *out, const char *text, size_t length)
{
    if (is_plain(text, length)) {
        g_string_append_len(out, text, (gssize)length);
        return;
    }
    g_string_append_c(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte == '"' || byte == '\\')
            g_string_append_printf(out, "\\%c", byte);
        else if (byte == '\n')
            g_string_append(out, "\\n");
        else if (byte < 0x20 || byte == 0x7f)
            g_string_append_printf(out, "\\x%02x", byte);
        else
            g_string_append_c(out, (char)byte);
    }
    g_string_append_c(out, '"');
}

/* Numbers are printed by value, as they are resolved: that is what the instance gets. */
static void
append_scalar(GString *out, const char *key, const Node *scalar)
{
    if (is_secret(key, scalar)) {
        g_string_append(out, SECRET);
        return;
    }
    switch (scalar->type) {
    case SCALAR_NULL:
        g_string_append(out, "null");
        return;
    case SCALAR_BOOL:
        g_string_append(out, scalar->value.integer ? "true" : "false");
        return;
    case SCALAR_INT:
        if (scalar->flags & NODE_HUGE)
            break;
        g_string_append_printf(out, "%" G_GINT64_FORMAT, (gint64)scalar->value.integer);
        return;
    case SCALAR_TEXT:
        /* Braces that are no template need the tag to stay none. */
        if (scalar->problem == NULL && scalar->seal == SEAL_NONE &&
            strstr(scalar->text, "{{") != NULL)
            g_string_append(out, "!unsafe ");
        append_text(out, scalar->text, scalar->length);
        return;
    default:
        break;
    }
    g_string_append(out, scalar->text);
}

static void
indent(GString *out, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        g_string_append(out, "  ");
}

static void append_entries(GString *out, const char *key, const Node *node, unsigned depth);

/* What follows `key:` or `-`. A mapping in a list begins on the line of its dash. */
static void
append_value(GString *out, const char *key, const Node *value, unsigned depth)
{
    if (value->kind == NODE_SCALAR) {
        g_string_append_c(out, ' ');
        append_scalar(out, key, value);
        g_string_append_c(out, '\n');
    } else if (value->count == 0) {
        g_string_append(out, value->kind == NODE_SEQUENCE ? " []\n" : " {}\n");
    } else {
        g_string_append_c(out, '\n');
        append_entries(out, key, value, depth + 1);
    }
}

static void
append_entry(GString *out, const Node *mapping, size_t at, unsigned depth)
{
    const NodeEntry *entry = &mapping->entries[at];

    append_text(out, entry->key->text, entry->key->length);
    g_string_append_c(out, ':');
    append_value(out, entry->key->text, entry->value, depth);
}

static void
append_item(GString *out, const char *key, const Node *item, unsigned depth)
{
    g_string_append_c(out, '-');
    if (item->kind != NODE_MAPPING || item->count == 0) {
        append_value(out, key, item, depth);
        return;
    }
    for (size_t i = 0; i < item->count; i++) {
        if (i == 0)
            g_string_append_c(out, ' ');
        else
            indent(out, depth + 1);
        append_entry(out, item, i, depth + 1);
    }
}

static void
append_entries(GString *out, const char *key, const Node *node, unsigned depth)
{
    for (size_t i = 0; i < node->count; i++) {
        indent(out, depth);
        if (node->kind == NODE_SEQUENCE)
            append_item(out, key, node->items[i], depth);
        else
            append_entry(out, node, i, depth);
    }
}

void
instance_show(const Instance *instance, GString *out)
{
    append_text(out, instance->name, strlen(instance->name));
    g_string_append(out, ":\n");
    append_entries(out, NULL, instance->variables, 1);
}
