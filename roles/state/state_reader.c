/* Values of a state file that many of its entries have. */
#include "roles/state/state_reader.h"

#include <string.h>

#include "base/suggest.h"
#include "inventory/bind/value.h"
#include "inventory/findings.h"
#include "roles/findings.h"
#include "roles/state/state_time.h"
#include "roles/state/state_words.h"

#define MEMBER(type, field, target) ((type *)(void *)((char *)(target) + (field)->offset))

bool
state_field_node(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    *MEMBER(const Node *, field, target) = value;
    return value_usable(binder, value);
}

/* The inventory's rules for names are for what is to be made; here they are there already. */
bool
state_field_name(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    const char *name = value_text(binder, field->key, value);

    if (name != NULL && *name == '\0') {
        findings_add(binder->findings, &FINDING_NAME_INVALID, value->pos, NULL, "%s is empty",
                     value_label(binder, field->key));
        return false;
    }
    *MEMBER(const char *, field, target) = name;
    return name != NULL;
}

const char *
state_entry_label(const StateReader *reader, const char *what, const Node *entry, const char *key)
{
    const Node *name = node_get(entry, key);

    if (name == NULL || name->kind != NODE_SCALAR)
        return arena_printf(reader->binder->arena, "an entry of %ss", what);
    return arena_printf(reader->binder->arena, "%s \"%s\"", what, name->text);
}

/* The identity is a text made by the caller, so one table serves entries of every kind. */
bool
state_entry_is_new(StateReader *reader, const char *identity, const char *label, const Node *entry)
{
    const Node *first = g_hash_table_lookup(reader->entries, identity);

    if (first == NULL) {
        g_hash_table_insert(reader->entries, arena_strdup(reader->binder->arena, identity),
                            (gpointer)entry);
        return true;
    }
    findings_add(reader->binder->findings, &FINDING_STATE_ENTRY_REPEATED, entry->pos, NULL,
                 "%s appears twice in the state, first at %s", label,
                 pos_text(reader->binder->arena, first->pos));
    return false;
}

const Node *
state_list(StateReader *reader, const char *key, const Node *node)
{
    static const Node none = { .kind = NODE_SEQUENCE };

    return node != NULL && value_is_list(reader->binder, key, node) ? node : &none;
}

static const char *
nearest_role(const StateReader *reader, const char *name)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();

    LIST_FOREACH (const StateRole, role, &reader->state->roles)
        g_ptr_array_add(known, (gpointer)names_text(reader->state->names, role->name));
    g_ptr_array_add(known, NULL);
    return suggest_nearest(name, (const char *const *)known->pdata);
}

/* With the nearest name: in a hand-written state this is nearly always a slip of the keyboard. */
bool
state_role_is_unknown(StateReader *reader, const Node *node, const char *name, const char *where)
{
    const char *nearest = nearest_role(reader, name);
    Arena *arena = reader->binder->arena;

    findings_add(reader->binder->findings, &FINDING_STATE_NAME_UNKNOWN, node->pos,
                 nearest == NULL ? NULL : arena_printf(arena, "did you mean \"%s\"?", nearest),
                 "%s names role \"%s\", which is not among the state's roles", where, name);
    return false;
}

NameId
state_role_named(StateReader *reader, const char *key, const Node *node)
{
    const char *name = value_text(reader->binder, key, node);
    NameId id = name == NULL ? NAME_NONE : names_find(reader->state->names, name);

    if (name == NULL)
        return NAME_NONE;
    if (id != NAME_NONE && access_state_role(reader->state, id) != NULL)
        return id;
    state_role_is_unknown(reader, node, name, value_label(reader->binder, key));
    return NAME_NONE;
}

/* For a role that somebody took out of pg_authid by hand the server prints its number. */
static bool
acl_role_is_known(StateReader *reader, const Node *node, NameId id)
{
    const char *name = NULL;

    if (id == NAME_PUBLIC || access_state_role(reader->state, id) != NULL)
        return true;
    name = names_text(reader->state->names, id);
    return strspn(name, "0123456789") == strlen(name) ||
           state_role_is_unknown(reader, node, name, value_label(reader->binder, "acl"));
}

/*
 * The server's own text is kept together with the parsed ACL: letters of a newer version would be
 * lost otherwise when the state is written again.
 */
bool
state_read_acl(StateReader *reader, const Node *node, ObjectKind kind, NameId owner,
               const char **ret_text, Acl *ret_acl)
{
    AccessState *state = reader->state;
    bool ok = true;

    *ret_text = NULL;
    if (node == NULL) {
        *ret_acl = acl_default(state->arena, kind, owner, state->major_version);
        return true;
    }
    *ret_text = value_text(reader->binder, "acl", node);
    if (*ret_text == NULL)
        return false;
    switch (acl_parse(state->arena, state->names, *ret_text, ret_acl)) {
    case ACL_TEXT_MALFORMED:
        findings_add(reader->binder->findings, &FINDING_STATE_VALUE_MALFORMED, node->pos,
                     "write it as the server prints an aclitem[], as in "
                     "{=U/postgres,app=ar*/postgres}",
                     "%s is not an ACL: \"%s\"", value_label(reader->binder, "acl"), *ret_text);
        return false;
    case ACL_TEXT_UNKNOWN_LETTERS:
        findings_add(reader->binder->findings, &FINDING_ACL_LETTER_UNKNOWN, node->pos, NULL,
                     "%s holds privileges that this program does not know: %s",
                     value_label(reader->binder, "acl"), *ret_text);
        break;
    case ACL_TEXT_OK:
        break;
    }
    for (size_t i = 0; i < ret_acl->count; i++)
        ok = acl_role_is_known(reader, node, ret_acl->entries[i].grantee) &&
             acl_role_is_known(reader, node, ret_acl->entries[i].grantor) && ok;
    return ok;
}

bool
state_word_is_unknown(StateReader *reader, const char *key, const Node *node, const char *hint)
{
    findings_add(reader->binder->findings, &FINDING_VALUE_UNKNOWN, node->pos, hint,
                 "%s does not take \"%s\"", value_label(reader->binder, key), node->text);
    return false;
}

bool
state_read_flags(StateReader *reader, const Node *node, unsigned *ret_flags)
{
    const Node *list = state_list(reader, "flags", node);

    for (size_t i = 0; i < list->count; i++) {
        const char *word = value_text(reader->binder, "flags", list->items[i]);
        unsigned flag = word == NULL ? 0 : state_flag_from_word(word);

        if (word == NULL)
            return false;
        if (flag == 0)
            return state_word_is_unknown(
                reader, "flags", list->items[i],
                "valid words are extension_member, initial_acl and security_definer");
        *ret_flags |= flag;
    }
    return true;
}

bool
state_malformed(StateReader *reader, SourcePos pos, const char *hint, const char *message)
{
    findings_add(reader->binder->findings, &FINDING_STATE_VALUE_MALFORMED, pos, hint, "%s",
                 message);
    return false;
}

/* Seconds since 1970 or an ISO text in UTC; infinity is a value of its own, as in timestamptz. */
bool
state_read_moment(StateReader *reader, const char *key, const Node *node, double *ret_seconds)
{
    const char *text = value_text(reader->binder, key, node);

    if (text == NULL)
        return false;
    if (state_time_parse(text, ret_seconds))
        return true;
    findings_add(reader->binder->findings, &FINDING_STATE_VALUE_MALFORMED, node->pos,
                 "write it as 2030-12-31T23:59:59Z, infinity or seconds since 1970",
                 "%s is not a timestamp: \"%s\"", value_label(reader->binder, key), text);
    return false;
}

/* All entries, so that one reading tells of everything that is wrong. */
bool
state_read_list(StateReader *reader, const char *key, const Node *node, StateEntryReader *read)
{
    const Node *list = state_list(reader, key, node);
    bool ok = node == NULL || list == node;

    for (size_t i = 0; i < list->count; i++)
        ok = read(reader, list->items[i]) && ok;
    return ok;
}
