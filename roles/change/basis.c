/* Texts by key, taken before anything moves. */
#include "roles/change/basis.h"

#include <math.h>
#include <string.h>

struct Basis {
    const AccessState *state;
    GHashTable *texts; /* key -> text, both the arena's */
};

static const char *
digest(Arena *arena, const char *text)
{
    g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);

    return arena_printf(arena, "sha256:%s", sum);
}

/* What a key is made of; the same function makes it for the state and for a change. */
static const char *
key_of(const Basis *basis, const char *what, NameId a, NameId b, const char *name)
{
    g_autofree char *folded = g_ascii_strdown(name, -1);

    return arena_printf(basis->state->arena, "%s %u %u %s", what, a, b, folded);
}

static void
keep(Basis *basis, const char *key, const char *text)
{
    const char *before = g_hash_table_lookup(basis->texts, key);

    if (before != NULL)
        text = arena_printf(basis->state->arena, "%s; %s", before, text);
    g_hash_table_insert(basis->texts, (gpointer)key, (gpointer)text);
}

static void
keep_comment(Basis *basis, const char *key, const char *comment)
{
    if (comment != NULL)
        keep(basis, key, digest(basis->state->arena, comment));
}

static const char *
text_of_role(const Basis *basis, const StateRole *role)
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
    return arena_strdup(basis->state->arena, out->str);
}

/*
 * Of SCRAM-SHA-256$<iterations>:<salt>$<keys> the part before the keys: the server sends it to
 * everybody who begins to log in, and a password that was set again has another salt. Nothing of an
 * MD5 password may be kept: it could be guessed from any digest.
 */
static const char *
text_of_password(const Basis *basis, const char *verifier)
{
    Arena *arena = basis->state->arena;
    const char *salt = strchr(verifier, '$');
    const char *keys = salt == NULL ? NULL : strchr(salt + 1, '$');

    if (keys == NULL || !g_str_has_prefix(verifier, "SCRAM-SHA-256$"))
        return "a password that is no SCRAM verifier";
    return digest(arena, arena_strndup(arena, verifier, (size_t)(keys - verifier)));
}

static void
keep_roles(Basis *basis)
{
    LIST_FOREACH (const StateRole, role, &basis->state->roles) {
        keep(basis, key_of(basis, "role", role->name, NAME_NONE, ""), text_of_role(basis, role));
        keep_comment(basis, key_of(basis, "comment", role->name, NAME_NONE, ""), role->comment);
        if (role->verifier != NULL)
            keep(basis, key_of(basis, "password", role->name, NAME_NONE, ""),
                 text_of_password(basis, role->verifier));
    }
}

static void
keep_memberships(Basis *basis)
{
    LIST_FOREACH (const StateMembership, row, &basis->state->memberships)
        keep(basis, key_of(basis, "membership", row->role, row->member, ""),
             arena_printf(basis->state->arena, "by \"%s\"%s%s%s",
                          names_text(basis->state->names, row->grantor), row->admin ? " ADMIN" : "",
                          row->inherit ? " INHERIT" : "", row->set ? " SET" : ""));
}

static void
keep_settings(Basis *basis)
{
    GHashTableIter iterator;
    gpointer settings = NULL;

    g_hash_table_iter_init(&iterator, basis->state->setting_index);
    while (g_hash_table_iter_next(&iterator, NULL, &settings)) {
        LIST_FOREACH (const StateSetting, setting, (const List *)settings)
            keep(basis, key_of(basis, "setting", setting->role, setting->database, setting->name),
                 digest(basis->state->arena, setting->value));
    }
}

static void
keep_databases(Basis *basis)
{
    LIST_FOREACH (const StateDatabase, database, &basis->state->databases) {
        keep(basis, key_of(basis, "database", NAME_NONE, database->name, ""),
             arena_printf(basis->state->arena,
                          "OWNER \"%s\" CONNECTION LIMIT %" G_GINT64_FORMAT
                          " IS_TEMPLATE %s ALLOW_CONNECTIONS %s",
                          names_text(basis->state->names, database->owner),
                          database->connection_limit, database->is_template ? "true" : "false",
                          database->allow_connections ? "true" : "false"));
        keep_comment(basis, key_of(basis, "comment", NAME_NONE, database->name, ""),
                     database->comment);
    }
}

Basis *
basis_new(const AccessState *state)
{
    Basis *basis = g_new0(Basis, 1);

    basis->state = state;
    basis->texts = g_hash_table_new(g_str_hash, g_str_equal);
    keep_roles(basis);
    keep_memberships(basis);
    keep_settings(basis);
    keep_databases(basis);
    return basis;
}

void
basis_free(Basis *basis)
{
    if (basis == NULL)
        return;
    g_hash_table_destroy(basis->texts);
    g_free(basis);
}

static void
add(const Basis *basis, Change *change, const char *key)
{
    const char *text = g_hash_table_lookup(basis->texts, key);

    if (text != NULL)
        list_add(basis->state->arena, &change->basis, text);
}

static void
add_memberships(const Basis *basis, Change *change)
{
    for (size_t i = 0; i < change->groups.count; i++)
        add(basis, change,
            key_of(basis, "membership", GPOINTER_TO_UINT(change->groups.items[i]), change->name,
                   ""));
}

static void
fill_change(const Basis *basis, Change *change)
{
    switch (change->kind) {
    case CHANGE_ROLE_ALTER:
    case CHANGE_ROLE_DISABLE:
    case CHANGE_ROLE_DROP:
        add(basis, change, key_of(basis, "role", change->name, NAME_NONE, ""));
        break;
    case CHANGE_ROLE_PASSWORD:
        add(basis, change, key_of(basis, "password", change->name, NAME_NONE, ""));
        break;
    case CHANGE_ROLE_COMMENT:
        add(basis, change, key_of(basis, "comment", change->name, NAME_NONE, ""));
        break;
    case CHANGE_ROLE_SETTING:
        add(basis, change,
            key_of(basis, "setting", change->name, change->database, change->parameter->name));
        break;
    case CHANGE_MEMBERSHIP_GRANT:
    case CHANGE_MEMBERSHIP_REVOKE:
        add_memberships(basis, change);
        break;
    case CHANGE_DATABASE_OWNER:
    case CHANGE_DATABASE_CONNECTION_LIMIT:
    case CHANGE_DATABASE_IS_TEMPLATE:
    case CHANGE_DATABASE_ALLOW_CONNECTIONS:
    case CHANGE_DATABASE_REFUSE_CONNECTIONS:
    case CHANGE_DATABASE_DROP:
        add(basis, change, key_of(basis, "database", NAME_NONE, change->name, ""));
        break;
    case CHANGE_DATABASE_SETTING:
        add(basis, change,
            key_of(basis, "setting", NAME_NONE, change->database, change->parameter->name));
        break;
    case CHANGE_DATABASE_COMMENT:
        add(basis, change, key_of(basis, "comment", NAME_NONE, change->name, ""));
        break;
    default:
        /* Privileges have theirs; what makes something starts from nothing. */
        break;
    }
}

void
basis_fill(const Basis *basis, const List *changes)
{
    LIST_FOREACH (Change, change, changes)
        fill_change(basis, change);
}

static int
compare_texts(const void *a, const void *b)
{
    return strcmp(a, b);
}

const char *
basis_of_acl(Arena *arena, const Names *names, const Acl *acl)
{
    g_autoptr(GString) out = g_string_new(NULL);
    List items = { 0 };

    for (size_t i = 0; i < acl->count; i++) {
        const Acl one = { .entries = &acl->entries[i], .count = 1 };
        const char *text = acl_render(arena, names, &one);

        /* Without the braces of a list. */
        list_add(arena, &items, arena_strndup(arena, text + 1, strlen(text) - 2));
    }
    list_sort(&items, compare_texts);
    LIST_FOREACH (const char, item, &items)
        g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "", item);
    return arena_strdup(arena, out->str);
}
