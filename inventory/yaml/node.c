/* Looking things up in nodes, comparing and printing them. */
#include "inventory/yaml/node.h"

#include <glib.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * Inventories are looked up by key far more often than they are read: a mapping of a thousand hosts
 * is asked for each of some sixty variables. Small mappings have no index, because a scan of a
 * dozen keys is faster than a hash.
 */
const NodeEntry *
node_get_entry(const Node *mapping, const char *key)
{
    if (mapping == NULL || mapping->kind != NODE_MAPPING)
        return NULL;
    if (mapping->index != NULL) {
        size_t slot = g_str_hash(key) & mapping->index_mask;

        for (; mapping->index[slot] != 0; slot = (slot + 1) & mapping->index_mask) {
            const NodeEntry *entry = &mapping->entries[mapping->index[slot] - 1];

            if (strcmp(entry->key->text, key) == 0)
                return entry;
        }
        return NULL;
    }
    for (size_t i = 0; i < mapping->count; i++) {
        if (strcmp(mapping->entries[i].key->text, key) == 0)
            return &mapping->entries[i];
    }
    return NULL;
}

const Node *
node_get(const Node *mapping, const char *key)
{
    const NodeEntry *entry = node_get_entry(mapping, key);

    return entry == NULL ? NULL : entry->value;
}

bool
node_is_null(const Node *node)
{
    return node->kind == NODE_SCALAR && node->type == SCALAR_NULL;
}

/*
 * Numbers are compared by value, so that 0x10 and 16 are the same, as they are to Ansible, which
 * has read both before it compares. A number that does not fit into int64_t is compared as it was
 * written.
 */
static bool
scalar_equal(const Node *a, const Node *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case SCALAR_NULL:
        return true;
    case SCALAR_BOOL:
        return a->value.integer == b->value.integer;
    case SCALAR_INT:
        if (((a->flags | b->flags) & NODE_HUGE) == 0)
            return a->value.integer == b->value.integer;
        break;
    default:
        break;
    }
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/*
 * Two entries of one name that are equal are a warning, two that differ are an error. The order of
 * keys plays no part, as YAML gives none to a mapping.
 */
bool
node_equal(const Node *a, const Node *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind)
        return false;
    if (a->kind == NODE_SCALAR)
        return scalar_equal(a, b);
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const Node *left = a->kind == NODE_SEQUENCE ? a->items[i] : a->entries[i].value;
        const Node *right =
            a->kind == NODE_SEQUENCE ? b->items[i] : node_get(b, a->entries[i].key->text);

        if (right == NULL || !node_equal(left, right))
            return false;
    }
    return true;
}

/*
 * Messages name the type that YAML 1.1 found, because an author who wrote a plain yes does not know
 * that it is a boolean.
 */
const char *
node_describe(const Node *node)
{
    static const char *const type_names[] = {
        [SCALAR_TEXT] = "a text",  [SCALAR_NULL] = "null",      [SCALAR_BOOL] = "a boolean",
        [SCALAR_INT] = "a number", [SCALAR_FLOAT] = "a number", [SCALAR_TIMESTAMP] = "a date",
    };

    _Static_assert(G_N_ELEMENTS(type_names) == SCALAR_TYPE_COUNT, "a name for each type");
    if (node->kind == NODE_SCALAR)
        return type_names[node->type];
    return node->kind == NODE_SEQUENCE ? "a list" : "a mapping";
}

/*
 * Python's repr(), which Jinja uses: the shortest digits that read back as the same number, in
 * scientific notation below 1e-4 and from 1e16 on. Pigsty's templates print parameters this way, so
 * a value has to come out with the same digits or the plan would never be empty.
 */
static const char *
print_float(Arena *arena, double number)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE] = { 0 };
    int exponent = 0;
    char *mark = NULL;

    if (isnan(number))
        return "nan";
    if (isinf(number))
        return number < 0 ? "-inf" : "inf";
    for (int precision = 0; precision <= 16; precision++) {
        char format[8] = { 0 };

        g_snprintf(format, sizeof format, "%%.%de", precision);
        g_ascii_formatd(digits, sizeof digits, format, number);
        if (g_ascii_strtod(digits, NULL) == number)
            break;
    }
    mark = strchr(digits, 'e');
    exponent = (int)g_ascii_strtoll(mark + 1, NULL, 10);
    if (exponent < -4 || exponent >= 16)
        return arena_printf(arena, "%.*se%s%02d", (int)(mark - digits), digits,
                            exponent < 0 ? "-" : "+", abs(exponent));
    {
        char format[8] = { 0 };
        int significant = (int)(mark - digits) - (digits[0] == '-') - 1;
        int decimals = MAX(MAX(significant, 1) - 1 - exponent, 1);
        char fixed[64] = { 0 };

        g_snprintf(format, sizeof format, "%%.%df", decimals);
        g_ascii_formatd(fixed, sizeof fixed, format, number);
        return arena_strdup(arena, fixed);
    }
}

/* What str() gives in Python, and so what a template that contains the value becomes. */
const char *
node_print(Arena *arena, const Node *scalar)
{
    switch (scalar->type) {
    case SCALAR_NULL:
        return "None";
    case SCALAR_BOOL:
        return scalar->value.integer ? "True" : "False";
    case SCALAR_INT:
        if (scalar->flags & NODE_HUGE)
            break;
        return arena_printf(arena, "%" PRId64, scalar->value.integer);
    case SCALAR_FLOAT:
        return print_float(arena, scalar->value.number);
    default:
        break;
    }
    return scalar->text;
}

/*
 * A place inside a string is known only where the file contains the string character by character:
 * no escapes, no folding. Elsewhere the whole value has to do. A quoted string begins one column
 * after its quote.
 */
SourcePos
node_pos_inside(const Node *scalar, size_t offset)
{
    SourcePos pos = scalar->pos;

    if ((scalar->flags & NODE_VERBATIM) == 0)
        return pos;
    pos.column += (uint32_t)g_utf8_strlen(scalar->text, (gssize)MIN(offset, scalar->length));
    if ((scalar->flags & NODE_PLAIN) == 0)
        pos.column++;
    return pos;
}

const Node *
node_new_text(Arena *arena, SourcePos pos, const char *text)
{
    Node *node = ARENA_NEW(arena, Node);

    node->pos = pos;
    node->kind = NODE_SCALAR;
    node->type = SCALAR_TEXT;
    node->weight = 1;
    node->text = text;
    node->length = strlen(text);
    return node;
}

const Node *
node_new_sequence(Arena *arena, SourcePos pos, const List *items)
{
    Node *node = ARENA_NEW(arena, Node);

    node->pos = pos;
    node->kind = NODE_SEQUENCE;
    node->count = items->count;
    node->weight = (uint32_t)items->count + 1;
    node->items = (const Node **)items->items;
    return node;
}

/*
 * PyYAML takes the last of two equal keys without a word, so what the author wrote first is lost.
 */
void
node_report_own_duplicates(const Node *mapping, const FindingKind *kind, Findings *findings)
{
    if ((mapping->flags & NODE_DUPLICATES) == 0)
        return;
    for (size_t i = 0; i < mapping->count; i++) {
        const NodeEntry *entry = &mapping->entries[i];

        if (entry->first_key != NULL)
            findings_add(findings, kind, entry->key->pos, "remove one of the two",
                         "key \"%s\" is given twice, first at %s", entry->key->text,
                         pos_text(findings->arena, entry->first_key->pos));
    }
}

/* The flag is inherited from children, so a file without duplicates costs one test and no walk. */
void
node_report_duplicates(const Node *node, const FindingKind *kind, Findings *findings)
{
    if ((node->flags & NODE_DUPLICATES) == 0)
        return;
    if (node->kind == NODE_MAPPING)
        node_report_own_duplicates(node, kind, findings);
    for (size_t i = 0; i < node->count; i++)
        node_report_duplicates(
            node->kind == NODE_SEQUENCE ? node->items[i] : node->entries[i].value, kind, findings);
}
