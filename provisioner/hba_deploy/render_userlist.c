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

/* What the server has of a user. */
typedef struct Account {
    const char *verifier; /* NULL: no password */
    bool may_login;
    bool is_expired;
} Account;

/*
 * Name -> Account. Verifiers are copied as they are: SCRAM pass-through works only if PgBouncer has
 * the very verifier of the server.
 */
static GHashTable *
read_accounts(Arena *arena, Session *session, const List *users, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);
    g_autoptr(PGresult) result = NULL;
    GHashTable *accounts = NULL;

    LIST_FOREACH (const User, user, users) {
        if (names->len > 0)
            g_string_append(names, ", ");
        sql_append_literal(names, user->name);
    }
    result = answer_ask(arena, session, "catalog/verifiers.sql",
                        (SqlValue[]){ { "roles", names->str }, { 0 } }, error);
    if (result == NULL)
        return NULL;
    accounts = g_hash_table_new(g_str_hash, g_str_equal);
    for (int row = 0; row < PQntuples(result); row++) {
        const char *verifier = session_text(result, row, "rolpassword");
        Account *account = ARENA_NEW(arena, Account);

        *account = (Account){
            .verifier = verifier == NULL ? NULL : arena_strdup(arena, verifier),
            .may_login = session_bool(result, row, "rolcanlogin"),
            .is_expired = session_bool(result, row, "is_expired"),
        };
        g_hash_table_insert(accounts, arena_strdup(arena, session_text(result, row, "rolname")),
                            account);
    }
    return accounts;
}

/*
 * PgBouncer compares the password itself and hands out a connection of that user that it still has,
 * so the server's LOGIN and VALID UNTIL would never be asked (PgBouncer closed the same hole in its
 * auth_query, CVE-2025-2291).
 */
static bool
has_login(Findings *findings, const Instance *instance, const User *user, const Account *account)
{
    const FindingKind *kind = &FINDING_USERLIST_PASSWORD_MISSING;
    const char *why = NULL;
    const char *hint = NULL;

    if (account == NULL) {
        why = "is not on the server";
        hint = "apply the inventory first";
    } else if (!account->may_login || account->is_expired) {
        kind = &FINDING_USERLIST_ROLE_DISABLED;
        why = account->may_login ? "has expired (VALID UNTIL)" : "is NOLOGIN";
        hint = "PgBouncer would let it in; enable the role on the server, or set pgbouncer: false";
    } else if (account->verifier == NULL || *account->verifier == '\0') {
        why = "has no password";
        hint = "give it a password";
    } else {
        return true;
    }
    findings_add(findings, kind, user->pos, hint, "userlist of %s: role \"%s\" %s and is left out",
                 instance->name, user->name, why);
    return false;
}

bool
render_userlist(Arena *arena, Findings *findings, Session *session, const Instance *instance,
                List *ret_files, GError **error)
{
    List users = users_of(arena, instance);
    g_autoptr(GHashTable) accounts = read_accounts(arena, session, &users, error);
    g_autoptr(GString) out = g_string_new(NULL);
    RenderedFile *file = NULL;

    if (accounts == NULL)
        return false;
    append_user(out, instance->users.dbsu, "");
    LIST_FOREACH (const User, user, &users) {
        const Account *account = g_hash_table_lookup(accounts, user->name);

        if (has_login(findings, instance, user, account))
            append_user(out, user->name, account->verifier);
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
