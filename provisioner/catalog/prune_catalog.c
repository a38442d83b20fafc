/* The queries that prune asks, and the rows they give. */
#include "provisioner/catalog/prune_catalog.h"

#include <stdlib.h>
#include <string.h>

#include "inventory/model/server_feature.h"
#include "provisioner/catalog/catalog_objects.h"
#include "provisioner/catalog/catalog_query.h"
#include "provisioner/server/answer.h"

static PGresult *
ask(Arena *arena, Session *session, const char *path, const char *roles, GError **error)
{
    return answer_ask(arena, session, path, (SqlValue[]){ { "roles", roles }, { 0 } }, error);
}

static NameId
name_at(AccessState *state, const PGresult *result, int row, const char *column)
{
    return names_intern(state->names, session_text(result, row, column));
}

/* Sessions are counted so that the plan can say whom it would disconnect. */
bool
prune_read_sessions(Session *session, AccessState *state, GError **error)
{
    g_autoptr(PGresult) result = ask(state->arena, session, "catalog/sessions.sql", NULL, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        StateRole *role = access_state_role(state, name_at(state, result, row, "usename"));

        if (role != NULL)
            role->sessions = (unsigned)strtoul(session_text(result, row, "sessions"), NULL, 10);
    }
    return true;
}

/* pg_shdepend is shared, so one query covers every database, also those that cannot be entered. */
bool
prune_read_counts(Session *session, AccessState *state, const char *roles, List *ret_counts,
                  GError **error)
{
    g_autoptr(PGresult) result =
        ask(state->arena, session, "catalog/owned_summary.sql", roles, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        PruneCount *count = ARENA_NEW(state->arena, PruneCount);

        *count = (PruneCount){
            .role = name_at(state, result, row, "rolname"),
            .database = name_at(state, result, row, "datname"),
            .object_class = catalog_text(state->arena, result, row, "class"),
            .dependency = *session_text(result, row, "deptype"),
            .count = catalog_text(state->arena, result, row, "objects"),
        };
        list_add(state->arena, ret_counts, count);
    }
    return true;
}

typedef struct RelationWords {
    char kind;        /* of pg_class */
    const char *word; /* after ALTER: ALTER TABLE would do for most, but not in a message */
    GrantKind grant_kind;
} RelationWords;

static const RelationWords relation_words[] = {
    { 'v', "VIEW", GRANT_KIND_VIEW },           { 'm', "MATERIALIZED VIEW", GRANT_KIND_MATVIEW },
    { 'f', "FOREIGN TABLE", GRANT_KIND_TABLE }, { 'S', "SEQUENCE", GRANT_KIND_SEQUENCE },
    { 'c', "TYPE", GRANT_KIND_TYPE },           { 'r', "TABLE", GRANT_KIND_TABLE },
};

/* Any other kind is a table to ALTER and GRANT. */
static const RelationWords *
words_of_relation(char kind)
{
    const RelationWords *words = relation_words;

    while (words < &relation_words[G_N_ELEMENTS(relation_words) - 1] && words->kind != kind)
        words++;
    return words;
}

/*
 * With the number of locks that each needs: a table is locked with its indexes, its TOAST table and
 * its sequences.
 */
bool
prune_read_relations(Session *session, AccessState *state, const char *roles, List *ret_relations,
                     GError **error)
{
    g_autoptr(PGresult) result =
        ask(state->arena, session, "catalog/owned_relations.sql", roles, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        PruneRelation *relation = ARENA_NEW(state->arena, PruneRelation);
        const RelationWords *words = words_of_relation(*session_text(result, row, "relkind"));

        *relation = (PruneRelation){
            .role = name_at(state, result, row, "rolname"),
            .kind = words->word,
            .grant_kind = words->grant_kind,
            .schema = name_at(state, result, row, "nspname"),
            .name = catalog_text(state->arena, result, row, "relname"),
            .locks = (unsigned)strtoul(session_text(result, row, "locks"), NULL, 10),
        };
        list_add(state->arena, ret_relations, relation);
    }
    return true;
}

bool
prune_read_superuser_objects(Session *session, AccessState *state, const char *roles,
                             List *ret_objects, GError **error)
{
    g_autoptr(PGresult) result =
        ask(state->arena, session, "catalog/owned_by_superusers.sql", roles, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        PruneSuperuserObject *object = ARENA_NEW(state->arena, PruneSuperuserObject);

        *object = (PruneSuperuserObject){
            .role = name_at(state, result, row, "rolname"),
            .kind = catalog_text(state->arena, result, row, "kind"),
            .name = catalog_text(state->arena, result, row, "name"),
        };
        list_add(state->arena, ret_objects, object);
    }
    return true;
}

bool
prune_read_code(Session *session, AccessState *state, const char *roles, List *ret_code,
                GError **error)
{
    g_autoptr(PGresult) result = ask(state->arena, session, "catalog/owned_code.sql", roles, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        OwnedCode *code = ARENA_NEW(state->arena, OwnedCode);

        *code = (OwnedCode){
            .role = name_at(state, result, row, "rolname"),
            .schema = name_at(state, result, row, "nspname"),
            .relation = catalog_text(state->arena, result, row, "relname"),
            .words = catalog_text(state->arena, result, row, "words"),
        };
        list_add(state->arena, ret_code, code);
    }
    return true;
}

/* False: a large object without a number, which no query gives. */
static bool
read_identity(AccessState *state, const PGresult *result, int row, PruneAcl *acl)
{
    bool is_plural = false;

    acl->kind = grant_kind_from_word(session_text(result, row, "kind"), &is_plural);
    acl->identity.schema = name_at(state, result, row, "nspname");
    acl->identity.name = catalog_text(state->arena, result, row,
                                      acl->kind == GRANT_KIND_LARGE_OBJECT ? "number" : "name");
    acl->identity.arguments =
        catalog_read_arguments(state->arena, session_text(result, row, "arguments"));
    acl->column = catalog_text(state->arena, result, row, "attname");
    return acl->identity.name != NULL;
}

/*
 * What this program does not know of an ACL's text plays no part: a letter of a newer server stays
 * where the owner granted it, and goes with DROP OWNED elsewhere.
 */
bool
prune_read_acls(Session *session, AccessState *state, const char *roles, PruneGrantScope scope,
                List *ret_acls, GError **error)
{
    const char *path = scope == PRUNE_GRANTS_HERE ? "catalog/granted_on.sql"
                       : server_has(state->major_version, SERVER_PARAMETER_PRIVILEGES)
                           ? "catalog/granted_on_shared.sql"
                           : "catalog/granted_on_shared_14.sql";
    g_autoptr(PGresult) result = ask(state->arena, session, path, roles, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        PruneAcl *acl = ARENA_NEW(state->arena, PruneAcl);

        if (!read_identity(state, result, row, acl))
            continue;
        acl->owner = name_at(state, result, row, "owner");
        acl_parse(state->arena, state->names, session_text(result, row, "acl"), &acl->acl);
        list_add(state->arena, ret_acls, acl);
    }
    return true;
}

bool
prune_read_schemas(Session *session, AccessState *state, List *ret_acls, GError **error)
{
    g_autoptr(PGresult) result = ask(state->arena, session, "catalog/schemas.sql", NULL, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        PruneAcl *acl = ARENA_NEW(state->arena, PruneAcl);
        const char *text = session_text(result, row, "acl");

        acl->kind = GRANT_KIND_SCHEMA;
        acl->identity.name = catalog_text(state->arena, result, row, "nspname");
        acl->owner = name_at(state, result, row, "owner");
        if (text == NULL)
            acl->acl =
                acl_default(state->arena, OBJECT_KIND_SCHEMA, acl->owner, state->major_version);
        else
            acl_parse(state->arena, state->names, text, &acl->acl);
        list_add(state->arena, ret_acls, acl);
    }
    return true;
}

/*
 * Half of the lock table: the other half is for everybody else. Its size is
 * max_locks_per_transaction times the sum of connections and prepared transactions
 * (storage/lmgr/lock.c).
 */
bool
prune_read_lock_budget(Session *session, Arena *arena, unsigned *ret_locks, GError **error)
{
    g_autoptr(PGresult) result = ask(arena, session, "catalog/lock_table.sql", NULL, error);
    guint64 locks = 0;

    if (result == NULL)
        return false;
    locks = g_ascii_strtoull(session_text(result, 0, "locks"), NULL, 10);
    *ret_locks = (unsigned)MIN(locks / 2, (guint64)G_MAXUINT / 2);
    return true;
}
