/* Reading single values. */
#include "inventory/bind/value.h"

#include <inttypes.h>
#include <string.h>

#include "base/printable.h"
#include "base/suggest.h"
#include "inventory/findings.h"
#include "inventory/vault/sealed.h"

#define NAME_LENGTH_MAX ((size_t)63)
/* Of a longer one a message quotes this much. */
#define NAME_SHOWN_MAX ((size_t)200)

/*
 * Only what is a secret to pgcharter as well may be one in the inventory: names, comments and
 * settings stand in plans, and the server shows them to everybody.
 */
static bool
report_sealed(Binder *binder, const Node *value)
{
    if (sealed_is_vault_only(value))
        findings_add(binder->findings, &FINDING_VAULT_UNSUPPORTED, value->pos,
                     "write it in the clear, or encrypt the whole file",
                     "an encrypted value stands where it would be shown in a plan; a password, "
                     "pg_conninfo and HBA rules can be encrypted");
    else
        findings_add(binder->findings, &FINDING_JINJA_UNSUPPORTED, value->pos,
                     "use a literal value",
                     "lookup() is understood in a password and in pg_conninfo only");
    return false;
}

/* What no message quotes: the value was encrypted. */
const char *
value_quoted(const Binder *binder, const Node *value)
{
    return value->flags & NODE_SECRET ? "<secret>"
                                      : arena_printf(binder->arena, "\"%s\"", value->text);
}

/*
 * A value that could not be resolved, or that is encrypted, is reported here, by whoever needs it.
 */
bool
value_usable(Binder *binder, const Node *value)
{
    if (value->seal != SEAL_NONE)
        return report_sealed(binder, value);
    if (value->problem == NULL)
        return true;
    findings_add(binder->findings, value->problem->kind, value->pos, value->problem->hint, "%s",
                 value->problem->message);
    return false;
}

bool
value_may_be_shown(Binder *binder, const char *key, const Node *value)
{
    if ((value->flags & NODE_OF_SECRET) == 0)
        return true;
    findings_add(binder->findings, &FINDING_SECRET_EXPOSED, value->pos,
                 "only a password, pg_conninfo and HBA rules may refer to it; a variable that "
                 "holds no secret needs another name",
                 "%s refers to a variable that holds a password, and would be shown",
                 value_label(binder, key));
    return false;
}

const char *
value_label(const Binder *binder, const char *key)
{
    if (*binder->object == '\0')
        return arena_printf(binder->arena, "\"%s\"", key);
    return arena_printf(binder->arena, "\"%s\" of %s", key, binder->object);
}

/*
 * A single value is not accepted as a list of one: Pigsty iterates over a string letter by letter.
 */
bool
value_is_list(Binder *binder, const char *key, const Node *value)
{
    if (!value_usable(binder, value))
        return false;
    if (value->kind == NODE_SEQUENCE)
        return true;
    findings_add(binder->findings, &FINDING_VALUE_TYPE_INVALID, value->pos,
                 value->kind == NODE_SCALAR ? "write a one-element list as [ value ]" : NULL,
                 "%s must be a list, found %s", value_label(binder, key), node_describe(value));
    return false;
}

/*
 * C0 and C1 control characters: PostgreSQL accepts them in names, but a terminal or a log does not
 * show them, and a newline in a name would end an HBA line.
 */
static bool
has_control_characters(const char *text, size_t length)
{
    for (const char *at = text; at < text + length; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);

        if (character < 0x20 || (character >= 0x7f && character < 0xa0))
            return true;
    }
    return false;
}

/*
 * A plain `no`, `on` or `~` is a boolean or null in YAML 1.1. Where a name is expected this is
 * always a mistake, and one that is hard to see: a role named `no` would become False.
 */
const char *
value_text(Binder *binder, const char *key, const Node *value)
{
    return value_usable(binder, value) && value_may_be_shown(binder, key, value)
               ? value_secret_text(binder, key, value)
               : NULL;
}

const char *
value_secret_text(Binder *binder, const char *key, const Node *value)
{
    if (!value_usable(binder, value))
        return NULL;
    if (value->kind != NODE_SCALAR) {
        findings_add(binder->findings, &FINDING_VALUE_TYPE_INVALID, value->pos, NULL,
                     "%s must be a text, found %s", value_label(binder, key), node_describe(value));
        return NULL;
    }
    if (value->type == SCALAR_NULL && value->length == 0) {
        findings_add(binder->findings, &FINDING_VALUE_UNQUOTED, value->pos, "omit the key instead",
                     "%s has no value", value_label(binder, key));
        return NULL;
    }
    if (value->type == SCALAR_NULL || value->type == SCALAR_BOOL) {
        findings_add(binder->findings, &FINDING_VALUE_UNQUOTED, value->pos,
                     "quote it to use it as a string", "%s must be a text, and a plain %s is %s",
                     value_label(binder, key), value_quoted(binder, value), node_describe(value));
        return NULL;
    }
    if (strlen(value->text) != value->length) {
        findings_add(binder->findings, &FINDING_TEXT_INVALID, value->pos, NULL,
                     "%s contains a NUL byte", value_label(binder, key));
        return NULL;
    }
    return value->text;
}

/*
 * PostgreSQL takes them in names. Two names that look alike, or a line in another order than it is
 * read in, deceive whoever reviews a file (Unicode's UTR #36).
 */
static void
warn_of_hidden(Binder *binder, SourcePos pos, const char *name)
{
    for (const char *at = name; *at != '\0'; at = g_utf8_next_char(at)) {
        if (!printable_is_hidden(g_utf8_get_char(at)))
            continue;
        findings_add(binder->findings, &FINDING_NAME_HIDDEN, pos,
                     "type the name anew; copied text may bring such marks along",
                     "the name \"%s\" contains a mark that changes the direction of text", name);
        return;
    }
}

/*
 * The server truncates longer names with a notice only (truncate_identifier() in scansup.c), so two
 * names of 64 bytes could become one role. `public` and `none` are refused
 * by the grammar (RoleId in gram.y), and new names that begin with pg_ by IsReservedName().
 */
bool
value_check_name(Binder *binder, SourcePos pos, const char *name, NameUse use)
{
    size_t length = strlen(name);

    if (length == 0 || length > NAME_LENGTH_MAX) {
        bool is_short = length <= NAME_SHOWN_MAX;

        findings_add(binder->findings, &FINDING_NAME_INVALID, pos, NULL,
                     "a name has 1 to %zu bytes, \"%.*s%s\" has %zu", NAME_LENGTH_MAX,
                     (int)(is_short ? length : NAME_SHOWN_MAX), name, is_short ? "" : "...",
                     length);
        return false;
    }
    if (has_control_characters(name, length)) {
        findings_add(binder->findings, &FINDING_NAME_INVALID, pos, NULL,
                     "the name \"%s\" contains control characters", name);
        return false;
    }
    warn_of_hidden(binder, pos, name);
    if ((use == NAME_OF_ROLE || use == NAME_OF_NEW_ROLE) &&
        (strcmp(name, "public") == 0 || strcmp(name, "none") == 0)) {
        findings_add(binder->findings, &FINDING_NAME_RESERVED, pos, NULL,
                     "\"%s\" is a reserved role name", name);
        return false;
    }
    if (use == NAME_OF_NEW_ROLE && g_str_has_prefix(name, "pg_")) {
        findings_add(binder->findings, &FINDING_NAME_RESERVED, pos,
                     "predefined roles need no declaration to be granted",
                     "the role name \"%s\" begins with pg_, which is reserved by PostgreSQL", name);
        return false;
    }
    return true;
}

const char *
value_name(Binder *binder, const char *key, const Node *value, NameUse use)
{
    const char *name = value_text(binder, key, value);

    if (name == NULL || !value_check_name(binder, value->pos, name, use))
        return NULL;
    return name;
}

/* The text is quoted in the message: "flase" is easier to see than "a text". */
static bool
report_not_boolean(Binder *binder, const char *key, const Node *value, const char *hint)
{
    if (value->kind == NODE_SCALAR)
        findings_add(binder->findings, &FINDING_BOOLEAN_INVALID, value->pos, hint,
                     "%s must be true or false, found %s", value_label(binder, key),
                     value_quoted(binder, value));
    else
        findings_add(binder->findings, &FINDING_BOOLEAN_INVALID, value->pos, hint,
                     "%s must be true or false, found %s", value_label(binder, key),
                     node_describe(value));
    return false;
}

/* The texts that Pigsty's `|bool` takes for true, and their opposites; others mean nothing. */
static bool
switch_from_text(const char *text, bool *ret_value)
{
    static const char *const on[] = { "true", "yes", "on", "1" };
    static const char *const off[] = { "false", "no", "off", "0" };

    for (size_t i = 0; i < G_N_ELEMENTS(on); i++) {
        if (g_ascii_strcasecmp(text, on[i]) == 0 || g_ascii_strcasecmp(text, off[i]) == 0) {
            *ret_value = g_ascii_strcasecmp(text, on[i]) == 0;
            return true;
        }
    }
    return false;
}

/* A typo is never true: Python would take any text that is not empty for true. */
bool
value_bool(Binder *binder, const char *key, const Node *value, bool *ret_value)
{
    bool ignored = false;

    if (!value_usable(binder, value))
        return false;
    if (value->kind == NODE_SCALAR && value->type == SCALAR_BOOL) {
        *ret_value = value->value.integer != 0;
        return true;
    }
    /* As for Jinja; another number is a typing error more often than a truth. */
    if (value->kind == NODE_SCALAR && value->type == SCALAR_INT && !(value->flags & NODE_HUGE) &&
        (value->value.integer == 0 || value->value.integer == 1)) {
        *ret_value = value->value.integer == 1;
        return true;
    }
    return report_not_boolean(
        binder, key, value,
        value->kind == NODE_SCALAR && value->type == SCALAR_TEXT &&
                switch_from_text(value->text, &ignored)
            ? "write it without quotes: any quoted text counts as true to Pigsty"
            : NULL);
}

/* A quoted "no" is not true: Ansible's bool filter accepts the words, and only these. */
bool
value_switch(Binder *binder, const char *key, const Node *value, bool *ret_value)
{
    if (!value_usable(binder, value))
        return false;
    if (value->kind == NODE_SCALAR &&
        (value->type == SCALAR_BOOL || (value->type == SCALAR_INT && !(value->flags & NODE_HUGE) &&
                                        (uint64_t)value->value.integer <= 1))) {
        *ret_value = value->value.integer != 0;
        return true;
    }
    if (value->kind == NODE_SCALAR && value->type == SCALAR_TEXT &&
        switch_from_text(value->text, ret_value))
        return true;
    return report_not_boolean(binder, key, value, NULL);
}

/*
 * Quoted digits are accepted where Pigsty applies the int filter; anything else would become 0
 * there, and a connection limit of 0 locks a role out.
 */
bool
value_int(Binder *binder, const char *key, const Node *value, IntRange range, int64_t *ret_value)
{
    gint64 number = 0;
    bool ok = false;
    const char *label = NULL;
    g_autofree char *limits = NULL;

    if (!value_usable(binder, value))
        return false;
    if (value->kind == NODE_SCALAR && value->type == SCALAR_INT && !(value->flags & NODE_HUGE)) {
        number = value->value.integer;
        ok = true;
    } else if (value->kind == NODE_SCALAR && value->type == SCALAR_TEXT) {
        /* Quoted digits are a number to Pigsty's |int. */
        ok = g_ascii_string_to_signed(value->text, 10, G_MININT64, G_MAXINT64, &number, NULL);
    }
    if (ok && number >= range.min && number <= range.max) {
        *ret_value = number;
        return true;
    }
    label = value_label(binder, key);
    if (range.max < G_MAXINT32 || (ok && number > range.max))
        limits = g_strdup_printf("from %" PRId64 " to %" PRId64, range.min, range.max);
    else
        limits = g_strdup_printf("of at least %" PRId64, range.min);
    if (value->kind != NODE_SCALAR)
        findings_add(binder->findings, &FINDING_INTEGER_INVALID, value->pos, NULL,
                     "%s must be an integer %s, found %s", label, limits, node_describe(value));
    else
        findings_add(binder->findings, &FINDING_INTEGER_INVALID, value->pos, NULL,
                     "%s must be an integer %s, found %s", label, limits,
                     value_quoted(binder, value));
    return false;
}

/* The list of words is in the message when none of them is close to what was written. */
bool
value_word(Binder *binder, const char *key, const Node *value, const WordDef words[],
           int *ret_value)
{
    const char *text = value_text(binder, key, value);
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    g_autofree char *list = NULL;
    g_autofree char *hint = NULL;
    const char *nearest = NULL;

    if (text == NULL)
        return false;
    for (const WordDef *word = words; word->word != NULL; word++) {
        if (strcmp(word->word, text) == 0) {
            *ret_value = word->value;
            return true;
        }
        g_ptr_array_add(known, (gpointer)word->word);
    }
    g_ptr_array_add(known, NULL);
    list = g_strjoinv(", ", (char **)known->pdata);
    nearest = suggest_nearest(text, (const char *const *)known->pdata);
    if (nearest != NULL)
        hint = g_strdup_printf("did you mean \"%s\"?", nearest);
    findings_add(binder->findings, &FINDING_VALUE_UNKNOWN, value->pos, hint,
                 "%s must be one of %s, found %s", value_label(binder, key), list,
                 value_quoted(binder, value));
    return false;
}

/* Positions of items are kept by callers that need them; this one only needs the texts. */
bool
value_text_list(Binder *binder, const char *key, const Node *value, List *ret_texts)
{
    bool ok = true;

    if (!value_usable(binder, value))
        return false;
    if (value->kind == NODE_SCALAR) {
        const char *text = value_text(binder, key, value);

        if (text != NULL)
            list_add(binder->arena, ret_texts, text);
        return text != NULL;
    }
    if (!value_is_list(binder, key, value))
        return false;
    for (size_t i = 0; i < value->count; i++) {
        const char *text = value_text(binder, key, value->items[i]);

        if (text != NULL)
            list_add(binder->arena, ret_texts, text);
        ok = ok && text != NULL;
    }
    return ok;
}
