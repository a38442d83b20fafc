/* Asking for verifiers and writing them the way PgBouncer reads them. */
#include "provisioner/hba_deploy/render_userlist.h"

#include <string.h>

#include "base/doubled_quotes.h"
#include "inventory/yaml/node.h"
#include "provisioner/findings.h"
#include "provisioner/server/answer.h"

typedef struct User {
    const char *name;
    SourcePos pos;
} User;

static void
add_user(Arena *arena, List *users, const char *name, SourcePos pos)
{
    User *user = NULL;

    LIST_FOREACH (const User, known, users) {
        if (strcmp(known->name, name) == 0)
            return;
    }
    user = ARENA_NEW(arena, User);
    *user = (User){ .name = name, .pos = pos };
    list_add(arena, users, user);
}

/*
 * With auth_query PgBouncer asks the server for verifiers, so only the users that it connects as
 * itself have to be in the file.
 */
static bool
asks_server(const Instance *instance)
{
    const Node *value =
        instance->variables == NULL ? NULL : node_get(instance->variables, "pgbouncer_auth_query");

    return value != NULL && value->kind == NODE_SCALAR && value->type == SCALAR_BOOL &&
           value->value.integer != 0;
}

static List
users_of(Arena *arena, const Instance *instance)
{
    List users = { 0 };

    if (instance->users.monitor != NULL)
        add_user(arena, &users, instance->users.monitor, instance->users.monitor_pos);
    if (instance->users.admin != NULL)
        add_user(arena, &users, instance->users.admin, instance->users.admin_pos);
    LIST_FOREACH (const RoleDecl, role, &instance->cluster->roles) {
        /* pg_default_roles has no say here, as in Pigsty. */
        if (role->pgbouncer.given && role->pgbouncer.value && !role->absent && !role->from_policy &&
            !asks_server(instance))
            add_user(arena, &users, role->name, role->pos);
    }
    return users;
}

/*
 * PgBouncer doubles quotes inside quotes and knows no other escape (load_auth_file() in its
 * loader.c).
 */
static void
append_user(GString *out, const char *name, const char *verifier)
{
    doubled_quotes_append(out, name, '"');
    g_string_append_c(out, ' ');
    doubled_quotes_append(out, verifier, '"');
    g_string_append_c(out, '\n');
}

/*
 * Name -> verifier; a role without a password maps to "". Copied as they are: SCRAM pass-through
 * works only if PgBouncer has the very verifier of the server.
 */
static GHashTable *
read_verifiers(Arena *arena, Session *session, const List *users, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);
    g_autoptr(PGresult) result = NULL;
    GHashTable *verifiers = NULL;

    LIST_FOREACH (const User, user, users) {
        if (names->len > 0)
            g_string_append(names, ", ");
        sql_append_literal(names, user->name);
    }
    result = answer_ask(arena, session, "catalog/verifiers.sql",
                        (SqlValue[]){ { "roles", names->str }, { 0 } }, error);
    if (result == NULL)
        return NULL;
    verifiers = g_hash_table_new(g_str_hash, g_str_equal);
    for (int row = 0; row < PQntuples(result); row++) {
        const char *verifier = session_text(result, row, "rolpassword");

        g_hash_table_insert(verifiers, arena_strdup(arena, session_text(result, row, "rolname")),
                            arena_strdup(arena, verifier == NULL ? "" : verifier));
    }
    return verifiers;
}

bool
render_userlist(Arena *arena, Findings *findings, Session *session, const Instance *instance,
                List *ret_files, GError **error)
{
    List users = users_of(arena, instance);
    g_autoptr(GHashTable) verifiers = read_verifiers(arena, session, &users, error);
    g_autoptr(GString) out = g_string_new(NULL);
    RenderedFile *file = NULL;

    if (verifiers == NULL)
        return false;
    append_user(out, instance->users.dbsu, "");
    LIST_FOREACH (const User, user, &users) {
        const char *verifier = g_hash_table_lookup(verifiers, user->name);

        if (verifier == NULL || *verifier == '\0')
            findings_add(findings, &FINDING_USERLIST_PASSWORD_MISSING, user->pos,
                         verifier == NULL ? "apply the inventory first" : "give it a password",
                         "userlist of %s: role \"%s\" %s and is left out", instance->name,
                         user->name, verifier == NULL ? "is not on the server" : "has no password");
        else
            append_user(out, user->name, verifier);
    }
    file = ARENA_NEW(arena, RenderedFile);
    *file = (RenderedFile){
        .kind = RENDERED_USERLIST,
        .name = arena_printf(arena, "%s.userlist.txt", instance->name),
        .bytes = arena_strndup(arena, out->str, out->len),
        .length = out->len,
    };
    list_add(arena, ret_files, file);
    return true;
}
