/* Lists code, and refuses to give it to superusers. */
#include "provisioner/plan/code_owner.h"

#include <string.h>

#include "provisioner/catalog/prune_catalog.h"
#include "provisioner/findings.h"
#include "provisioner/plan/guards.h"
#include "provisioner/plan/object_text.h"
#include "provisioner/server/sql_text.h"
#include "roles/state/superuser_reach.h"

/* Nobody reads thousands of functions in a plan. */
#define CODE_SHOWN 50

/* A superuser's own code could do everything before. */
static bool
gains_rights(const PruneInput *input, NameId old_owner, NameId new_owner)
{
    return role_reaches_superuser(input->state, new_owner) &&
           !role_reaches_superuser(input->state, old_owner);
}

/* "view s.v; trigger t on s.u; 3 more"; NULL for none. */
static const char *
words_of(Arena *arena, const List *words)
{
    g_autoptr(GString) out = g_string_new(NULL);

    for (size_t i = 0; i < MIN(words->count, CODE_SHOWN); i++)
        g_string_append_printf(out, "%s%s", i == 0 ? "" : "; ", (const char *)words->items[i]);
    if (words->count > CODE_SHOWN)
        g_string_append_printf(out, "; %zu more", words->count - CODE_SHOWN);
    return words->count == 0 ? NULL : arena_strdup(arena, out->str);
}

static void
refuse(const PruneInput *input, const char *role, NameId database, NameId new_owner,
       const char *words)
{
    const Names *names = input->state->names;

    guards_refuse(input->arena, input->plan, &FINDING_CODE_TO_SUPERUSER, "--allow-superuser-code",
                  arena_printf(input->arena,
                               "in database \"%s\", code of role \"%s\" would run with the rights "
                               "of superuser \"%s\": %s",
                               names_text(names, database), role, names_text(names, new_owner),
                               words));
}

void
code_owner_check_drop(const PruneInput *input, const Change *drop, NameId database,
                      const List *code)
{
    const Names *names = input->state->names;
    NameId new_owner = change_role_drop(drop)->reassign_to;
    const char *role = names_text(names, drop->name);
    const char *words = NULL;
    List own = { 0 };

    LIST_FOREACH (const OwnedCode, one, code) {
        if (one->role == drop->name)
            list_add(input->arena, &own, one->words);
    }
    words = words_of(input->arena, &own);
    if (words == NULL)
        return;
    if (gains_rights(input, drop->name, new_owner) && !input->allow_superuser_code)
        refuse(input, role, database, new_owner, words);
    else
        findings_add(input->notes, &FINDING_PRUNE_CODE, drop->declared_at,
                     "read it before you give it to a role that may do more",
                     "in database \"%s\", code of role \"%s\" is reassigned to \"%s\": %s",
                     names_text(names, database), role, names_text(names, new_owner), words);
}

static bool
is_routine_or_view(GrantKind kind)
{
    return (grant_kind_info(kind)->flags & GRANT_KIND_IS_ROUTINE) != 0 || kind == GRANT_KIND_VIEW ||
           kind == GRANT_KIND_MATVIEW;
}

static void
add_objects(const PruneInput *input, const ObjectOwnerChange *owner, List *words)
{
    LIST_FOREACH (const ObjectIdentity, identity, &owner->identities)
        list_add(input->arena, words,
                 arena_printf(input->arena, "%s %s", grant_kind_info(owner->grant_kind)->singular,
                              object_label(input->arena, input->state->names, identity)));
}

static bool
belongs_to(const OwnedCode *code, const ObjectOwnerChange *owner)
{
    LIST_FOREACH (const ObjectIdentity, identity, &owner->identities) {
        if (code->schema == identity->schema && strcmp(code->relation, identity->name) == 0)
            return true;
    }
    return false;
}

/* Triggers, rules, policies and expressions come along with their table. */
static bool
add_code_of_tables(const PruneInput *input, SessionPool *sessions, const Change *change,
                   List *words, GError **error)
{
    const ObjectOwnerChange *owner = change_object_owner(change);
    AccessState *state = input->state;
    const char *database = names_text(state->names, change->database);
    g_autoptr(GString) role = g_string_new(NULL);
    Session *session = input->session;
    List code = { 0 };
    bool ok = false;

    if (strcmp(database, PQdb(session->connection)) != 0)
        session = session_pool_take(sessions, input->connection, database, error);
    sql_append_literal(role, names_text(state->names, owner->old_role));
    ok = session != NULL && prune_read_code(session, state, role->str, &code, error);
    if (session != input->session)
        session_pool_give(sessions, session);
    LIST_FOREACH (const OwnedCode, one, &code) {
        if (one->relation != NULL && belongs_to(one, owner))
            list_add(input->arena, words, one->words);
    }
    return ok;
}

static bool
check_change(const PruneInput *input, SessionPool *sessions, const Change *change, GError **error)
{
    const ObjectOwnerChange *owner = change_object_owner(change);
    List words = { 0 };

    if (!gains_rights(input, owner->old_role, owner->role))
        return true;
    if (is_routine_or_view(owner->grant_kind))
        add_objects(input, owner, &words);
    /* In a database that is still to be made there is nobody's code. */
    else if (input->session != NULL && owner->grant_kind == GRANT_KIND_TABLE &&
             !access_state_database(input->state, change->database)->is_new &&
             !add_code_of_tables(input, sessions, change, &words, error))
        return false;
    if (words.count > 0)
        refuse(input, names_text(input->state->names, owner->old_role), change->database,
               owner->role, words_of(input->arena, &words));
    return true;
}

bool
code_owner_check_changes(const PruneInput *input, SessionPool *sessions, const List *changes,
                         GError **error)
{
    if (input->allow_superuser_code)
        return true;
    LIST_FOREACH (const Change, change, changes) {
        if (change->kind == CHANGE_OBJECT_OWNER && !check_change(input, sessions, change, error))
            return false;
    }
    return true;
}
