/* Texts by key, taken before anything moves. */
#include "roles/change/precondition.h"

#include <math.h>
#include <string.h>

struct Preconditions {
    const AccessState *state;
    GHashTable *texts; /* key -> text, both the arena's */
};

static const char *
digest(Arena *arena, const char *text)
{
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

    return arena_printf(arena, "sha256:%s", sum);
}

/*
 * What a key is made of; the same function makes it for the state and for a change. Names of
 * parameters are compared without case, as guc.c does; the ids of roles and databases are those of
 * the run.
 */
static const char *
key_of(const Preconditions *preconditions, const char *what, NameId a, NameId b, const char *name)
{
    g_autofree char *folded = g_ascii_strdown(name, -1);

    return arena_printf(preconditions->state->arena, "%s %u %u %s", what, a, b, folded);
}

/*
 * A membership can have several rows from 16 on, one for each grantor; all of them are part of what
 * the change starts from.
 */
static void
keep(Preconditions *preconditions, const char *key, const char *text)
{
    const char *before = g_hash_table_lookup(preconditions->texts, key);

    if (before != NULL)
        text = arena_printf(preconditions->state->arena, "%s; %s", before, text);
    g_hash_table_insert(preconditions->texts, (gpointer)key, (gpointer)text);
}

/* As a digest: a comment may be long, and only whether it is the same matters. */
static void
keep_comment(Preconditions *preconditions, const char *key, const char *comment)
{
    if (comment != NULL)
        keep(preconditions, key, digest(preconditions->state->arena, comment));
}

/*
 * Numbers and not the server's text for VALID UNTIL: the text depends on TimeZone and DateStyle of
 * whoever reads it.
 */
static const char *
text_of_role(const Preconditions *preconditions, const StateRole *role)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (unsigned i = 0; i < ROLE_ATTRIBUTE_COUNT; i++)
        g_string_append_printf(out, "%s%s ", role->attributes[i] ? "" : "NO",
                               role_attribute_keyword((RoleAttribute)i));
    g_string_append_printf(out, "CONNECTION LIMIT %" G_GINT64_FORMAT, role->connection_limit);
    if (isinf(role->valid_until) != 0)
        g_string_append_printf(out, " VALID UNTIL %sinfinity", role->valid_until < 0 ? "-" : "");
    else if (!isnan(role->valid_until))
        g_string_append_printf(out, " VALID UNTIL %.6f", role->valid_until);
    return arena_strdup(preconditions->state->arena, out->str);
}

/*
 * Of SCRAM-SHA-256$<iterations>:<salt>$<keys> the part before the keys: the server sends it to
 * everybody who begins to log in, and a password that was set again has another salt. Nothing of an
 * MD5 password may be kept: it could be guessed from any digest.
 */
const char *
precondition_of_password(Arena *arena, const char *verifier)
{
    const char *salt = strchr(verifier, '$');
    const char *keys = salt == NULL ? NULL : strchr(salt + 1, '$');

    if (keys == NULL || !g_str_has_prefix(verifier, "SCRAM-SHA-256$"))
        return "a password that is not a SCRAM verifier";
    return digest(arena, arena_strndup(arena, verifier, (size_t)(keys - verifier)));
}

static void
keep_roles(Preconditions *preconditions)
{
    LIST_FOREACH (const StateRole, role, &preconditions->state->roles) {
        keep(preconditions, key_of(preconditions, "role", role->name, NAME_NONE, ""),
             text_of_role(preconditions, role));
        keep_comment(preconditions, key_of(preconditions, "comment", role->name, NAME_NONE, ""),
                     role->comment);
        if (role->verifier != NULL)
            keep(preconditions, key_of(preconditions, "password", role->name, NAME_NONE, ""),
                 precondition_of_password(preconditions->state->arena, role->verifier));
    }
}

/* Options of every row, since a changed ADMIN or INHERIT may be what made the step necessary. */
static void
keep_memberships(Preconditions *preconditions)
{
    LIST_FOREACH (const StateMembership, row, &preconditions->state->memberships)
        keep(preconditions, key_of(preconditions, "membership", row->role, row->member, ""),
             arena_printf(preconditions->state->arena, "by \"%s\"%s%s%s",
                          names_text(preconditions->state->names, row->grantor),
                          row->admin ? " ADMIN" : "", row->inherit ? " INHERIT" : "",
                          row->set ? " SET" : ""));
}

static void
keep_settings(Preconditions *preconditions)
{
    GHashTableIter iterator;
    gpointer settings = NULL;

    g_hash_table_iter_init(&iterator, preconditions->state->setting_index);
    while (g_hash_table_iter_next(&iterator, NULL, &settings)) {
        LIST_FOREACH (const StateSetting, setting, (const List *)settings)
            keep(preconditions,
                 key_of(preconditions, "setting", setting->role, setting->database, setting->name),
                 digest(preconditions->state->arena, setting->value));
    }
}

static void
keep_databases(Preconditions *preconditions)
{
    LIST_FOREACH (const StateDatabase, database, &preconditions->state->databases) {
        keep(preconditions, key_of(preconditions, "database", NAME_NONE, database->name, ""),
             arena_printf(preconditions->state->arena,
                          "OWNER \"%s\" CONNECTION LIMIT %" G_GINT64_FORMAT
                          " IS_TEMPLATE %s ALLOW_CONNECTIONS %s",
                          names_text(preconditions->state->names, database->owner),
                          database->connection_limit, database->is_template ? "true" : "false",
                          database->allow_connections ? "true" : "false"));
        keep_comment(preconditions, key_of(preconditions, "comment", NAME_NONE, database->name, ""),
                     database->comment);
    }
}

Preconditions *
preconditions_new(const AccessState *state)
{
    Preconditions *preconditions = g_new0(Preconditions, 1);

    preconditions->state = state;
    preconditions->texts = g_hash_table_new(g_str_hash, g_str_equal);
    keep_roles(preconditions);
    keep_memberships(preconditions);
    keep_settings(preconditions);
    keep_databases(preconditions);
    return preconditions;
}

void
preconditions_free(Preconditions *preconditions)
{
    if (preconditions == NULL)
        return;
    g_hash_table_destroy(preconditions->texts);
    g_free(preconditions);
}

/*
 * No text means that the thing did not exist when the plan was made, and then there is nothing to
 * hold on to.
 */
static void
add(const Preconditions *preconditions, Change *change, const char *key)
{
    const char *text = g_hash_table_lookup(preconditions->texts, key);

    if (text != NULL)
        list_add(preconditions->state->arena, &change->preconditions, text);
}

/* ---- one function for each precondition of change.def ---- */

/* Privileges get theirs while the diff moves; what makes something starts from nothing. */
static void
precondition_nothing(const Preconditions *preconditions, Change *change)
{
    (void)preconditions;
    (void)change;
}

static void
precondition_role(const Preconditions *preconditions, Change *change)
{
    add(preconditions, change, key_of(preconditions, "role", change->name, NAME_NONE, ""));
}

static void
precondition_password(const Preconditions *preconditions, Change *change)
{
    add(preconditions, change, key_of(preconditions, "password", change->name, NAME_NONE, ""));
}

static void
precondition_comment_on_role(const Preconditions *preconditions, Change *change)
{
    add(preconditions, change, key_of(preconditions, "comment", change->name, NAME_NONE, ""));
}

static void
precondition_role_setting(const Preconditions *preconditions, Change *change)
{
    add(preconditions, change,
        key_of(preconditions, "setting", change->name, change->database,
               change_setting(change)->parameter->name));
}

static void
precondition_memberships(const Preconditions *preconditions, Change *change)
{
    const NameIdVector *groups = &change_membership(change)->groups;

    for (size_t i = 0; i < groups->count; i++)
        add(preconditions, change,
            key_of(preconditions, "membership", groups->items[i], change->name, ""));
}

static void
precondition_database(const Preconditions *preconditions, Change *change)
{
    add(preconditions, change, key_of(preconditions, "database", NAME_NONE, change->name, ""));
}

static void
precondition_database_setting(const Preconditions *preconditions, Change *change)
{
    add(preconditions, change,
        key_of(preconditions, "setting", NAME_NONE, change->database,
               change_setting(change)->parameter->name));
}

static void
precondition_comment_on_database(const Preconditions *preconditions, Change *change)
{
    add(preconditions, change, key_of(preconditions, "comment", NAME_NONE, change->name, ""));
}

typedef void PreconditionFunction(const Preconditions *preconditions, Change *change);

static PreconditionFunction *const functions[] = {
#define CHANGE(name, payload, words, permission, precondition, ...)                                \
    [CHANGE_##name] = precondition_##precondition,
#include "roles/change/change.def"
#undef CHANGE
};

void
preconditions_fill(const Preconditions *preconditions, const List *changes)
{
    LIST_FOREACH (Change, change, changes)
        functions[change->kind](preconditions, change);
}

/*
 * Sorted, because the server's order of entries changes when an ACL is rewritten and means nothing.
 */
const char *
precondition_of_acl(Arena *arena, const Names *names, const Acl *acl)
{
    g_autoptr(GString) out = g_string_new(NULL);
    List items = { 0 };

    for (size_t i = 0; i < acl->count; i++) {
        const Acl one = { .entries = &acl->entries[i], .count = 1 };
        const char *text = acl_render(arena, names, &one);

        /* Without the braces of a list. */
        list_add(arena, &items, arena_strndup(arena, text + 1, strlen(text) - 2));
    }
    list_sort_texts(&items);
    LIST_FOREACH (const char, item, &items)
        g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "", item);
    return arena_strdup(arena, out->str);
}
